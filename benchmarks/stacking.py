"""python -m benchmarks.stacking: edits solved apart and stacked, against the same edits solved together, on Atelier.

Left: how much of the way from the erased to the guides is still to go, ‖(CMᵀ − G)Wᵀ‖ / ‖(C − G)Wᵀ‖.
Drift: ‖P(M − I)ᵀWᵀ‖ / ‖PWᵀ‖ of the retained. Frobenius norms over all vectors; means over projections.
Prints the table and draws docs/stacking.png.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import torch
from torch import Tensor

from uce_core import Edit, EditSpec, Model, erase, load_model, stack
from uce_core.methods.inputs import EditInputs

FIGURE = Path(__file__).resolve().parent.parent / "docs" / "stacking.png"
NUMBERS = (1, 2, 4, 8)
TOGETHER, APART, SPARED = "together", "apart, retaining the others", "apart, each retaining also those erased apart"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """away: ‖M − M together‖ / ‖M together − I‖."""

    erased: int
    how: str
    left: float
    drift: float
    away: float


def right_side(edit: Edit) -> Tensor:
    """M, (d, d) float64, to be multiplied onto a column vector."""
    return torch.eye(edit.width, dtype=torch.float64) + edit.u.T.double() @ edit.v.double()


def left_and_drift(model: Model, m: Tensor, together: EditSpec) -> tuple[float, float]:
    """Of the concepts that the spec of all names."""
    vectors = EditInputs(model, together)
    c, g, p = (rows.double() for rows in (*vectors.erased, vectors.retained))
    left, drift = [], []
    for weight in (master.double() for master in model.masters.values()):
        left.append(((c @ m.T - g) @ weight.T).norm() / ((c - g) @ weight.T).norm())
        drift.append(((p @ m.T - p) @ weight.T).norm() / (p @ weight.T).norm())
    return float(torch.stack(left).mean()), float(torch.stack(drift).mean())


def solved(model: Model, *specs: EditSpec) -> Tensor:
    """M of one or several specs, each solved by itself, stacked."""
    return right_side(stack(*(erase(model, spec) for spec in specs)))


def outcomes(model: Model, number: int) -> Iterator[Outcome]:
    names = model.catalog
    erased, others = names[:number], names[number:]
    whole = EditSpec(erase=erased, retain=others)
    together = solved(model, whole)
    ways = {
        TOGETHER: together,
        APART: solved(model, *(EditSpec(erase=(name,), retain=others) for name in erased)),
        SPARED: solved(model, *(EditSpec(erase=(n,), retain=tuple(o for o in names if o != n)) for n in erased)),
    }
    size = (together - torch.eye(len(together), dtype=torch.float64)).norm()
    for how, m in ways.items():
        left, drift = left_and_drift(model, m, whole)
        away = float((m - together).norm() / size)
        yield Outcome(erased=number, how=how, left=left, drift=drift, away=away)


def plot(found: list[Outcome]) -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.6), dpi=120)
    labels = {"left": "left of the way to the guide", "drift": "drift of the retained"}
    for axes, (measure, label) in zip(panels, labels.items(), strict=True):
        for how, line in ((TOGETHER, "o-"), (APART, "s-"), (SPARED, "x--")):
            rows = [row for row in found if row.how == how]
            axes.plot([row.erased for row in rows], [getattr(row, measure) for row in rows], line, label=how)
        axes.set_xscale("log", base=2)
        axes.set_xticks(NUMBERS, [str(number) for number in NUMBERS])
        axes.set(xlabel="artists erased", ylabel=label, ylim=(0, None))
    panels[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(FIGURE)


def main() -> None:
    model = load_model("atelier")
    found = [row for number in NUMBERS for row in outcomes(model, number)]
    print("| artists erased | how | left of the way to the guide | drift of the retained | ‖M apart − M together‖ |")
    print("|---|---|---|---|---|")
    for row in found:
        print(f"| {row.erased} | {row.how} | {row.left:.3f} | {row.drift:.4f} | {row.away:.2f} of ‖M together − I‖ |")
    plot(found)


if __name__ == "__main__":
    main()
