"""python -m benchmarks.cure: why CURE leaves a style on Atelier (methods/cure.py): one artist erased, with projections
from soft to hard, nothing retained and five artists; and UCE of the same vectors.

Each artist is asked for in two prompts and two seeds. Of the one who is erased: how much of the vectors at all
positions is moved, by their norm, and the share of images that still show the style. Of the others: how much of their
vectors, and LPIPS to the original.
"""

import torch
from torch import Tensor

from benchmarks.captions import rows
from uce_core import Edit, EditSpec, Model, erase, load_model
from uce_core.edits.spec import ErasureSpec
from uce_core.methods.cure import CureSpec
from uce_core.methods.inputs import EditInputs

ALPHAS = (2.0, 20.0, 200.0, 10_000.0)
RETAINED = (0, 5)


def vectors(model: Model, artists: tuple[str, ...]) -> Tensor:
    """Of artists' names at all positions, (n, d)."""
    return EditInputs(model, EditSpec(erase=artists, span="all")).erased[0]


def moved(edit: Edit, of: Tensor) -> str:
    """‖Mc − c‖ over ‖c‖ of all vectors together."""
    return f"{float(((of @ edit.v.T) @ edit.u).norm() / of.norm()):.2f}"


def main() -> None:
    model = load_model("atelier")
    gone = model.catalog[:1]
    print("| retained | method | vectors moved | style left | others' vectors moved | others' LPIPS |")
    print("|---|---|---|---|---|---|")
    for count in RETAINED:
        kept = model.catalog[1 : 1 + count]
        common = {"erase": gone, "retain": kept, "span": "all", "retain_empty": False}
        specs: dict[str, ErasureSpec] = {"`uce`": EditSpec(**common)}  # type: ignore[arg-type]
        specs |= {f"`cure`, α = {alpha:g}": CureSpec(**common, alpha=alpha) for alpha in ALPHAS}  # type: ignore[arg-type]
        drawn = rows(model, list(specs.values()), model.catalog, gone)
        for (name, spec), (left, *_, lpips) in zip(specs.items(), drawn, strict=True):
            edit = erase(model, spec)
            assert isinstance(edit, Edit)
            own, others = moved(edit, vectors(model, gone)), moved(edit, vectors(model, model.catalog[1:]))
            print(f"| {count} | {name} | {own} | {left} | {others} | {lpips} |", flush=True)
    print(f"\n{torch.get_num_threads()} threads, {model.device.type}, {model.dtype}")


if __name__ == "__main__":
    main()
