"""python -m benchmarks.stacking: edits solved apart and stacked, against the same edits solved together, on Atelier.

Left: how much of the way from the erased to the guides is still to go, ‖(CMᵀ − G)Wᵀ‖ / ‖(C − G)Wᵀ‖.
Drift: ‖P(M − I)ᵀWᵀ‖ / ‖PWᵀ‖ of the retained. Frobenius norms over all vectors; means over projections.
"""

import torch
from torch import Tensor

from uce_core import Edit, EditSpec, Model, erase, load_model, stack
from uce_core.concepts import erasure_vectors
from uce_core.editing import retained_of

NUMBERS = (2, 4, 8)


def right_side(edit: Edit) -> Tensor:
    """M, (d, d) float64, to be multiplied onto a column vector."""
    return torch.eye(edit.width, dtype=torch.float64) + edit.u.T.double() @ edit.v.double()


def outcome(model: Model, edit: Edit, together: EditSpec) -> tuple[float, float]:
    """left and drift of the concepts that the spec of all names."""
    pairs = erasure_vectors(model.text, together.erase, together.guides, together.wording, together.span)
    c, g = (torch.cat(part).double() for part in zip(*pairs, strict=True))
    p = retained_of(model, together).double()
    m = right_side(edit)
    left, drift = [], []
    for weight in (master.double() for master in model.masters.values()):
        left.append(((c @ m.T - g) @ weight.T).norm() / ((c - g) @ weight.T).norm())
        drift.append(((p @ m.T - p) @ weight.T).norm() / (p @ weight.T).norm())
    return float(torch.stack(left).mean()), float(torch.stack(drift).mean())


def main() -> None:
    model = load_model("atelier")
    names = model.catalog
    print("| artists erased | how | left of the way to the guide | drift of the retained | ‖M apart − M together‖ |")
    print("|---|---|---|---|---|")
    for number in NUMBERS:
        spec = EditSpec(erase=names[:number], retain=names[number:])
        whole = erase(model, spec)
        alone = [erase(model, EditSpec(erase=(name,), retain=names[number:])) for name in names[:number]]
        spared = [erase(model, EditSpec(erase=(n,), retain=tuple(o for o in names if o != n))) for n in spec.erase]
        assert isinstance(whole, Edit)
        change = right_side(whole) - torch.eye(whole.width, dtype=torch.float64)
        for how, edit in (
            ("together", whole),
            ("apart, retaining the others", stack(*alone)),  # type: ignore[arg-type]
            ("apart, each retaining also those erased apart", stack(*spared)),  # type: ignore[arg-type]
        ):
            left, drift = outcome(model, edit, spec)
            away = float((right_side(edit) - right_side(whole)).norm() / change.norm())
            print(f"| {number} | {how} | {left:.3f} | {drift:.4f} | {away:.2f} of ‖M together − I‖ |")


if __name__ == "__main__":
    main()
