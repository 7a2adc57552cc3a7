"""What stands beside the images of a grid: a label for each column and row, and a heading. In English; prompts as they
are."""

from typing import Any

from uce_core.checks import unique
from uce_core.edits.spec import ErasureSpec, guided
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.axes import METHOD, STRENGTH, Axis, written
from uce_core.grids.plan import OF_IMAGES, ORIGINAL, Grid
from uce_core.methods import title_of

SYMBOLS = {"lam": "λ"}


def labels(axis: Axis | None) -> tuple[str, ...]:
    """One for each value; a single empty one without an axis."""
    return tuple(label(axis.name, value) for value in axis.values) if axis else ("",)


def label(name: str, value: Any) -> str:
    """Of an image for which the axis has this value."""
    if name not in OF_IMAGES and (value == ORIGINAL or (name == STRENGTH and not value)):
        return ORIGINAL
    if name == METHOD:
        return title_of(value)
    if name == "prompt":
        return str(value)
    return f"{SYMBOLS.get(name, name.replace('_', ' '))} {written(value) or 'none'}"


def heading(grid: Grid, generation: GenerationSpec, model: str) -> str:
    """What all images have in common, in lines. generation: with steps and guidance scale. model: its title."""
    same = {name: getattr(generation, name) for name in OF_IMAGES if not grid.asks(name)}
    prompt = same.pop("prompt", "")
    how = [label(name, value) for name, value in same.items() if value not in ("", None)]
    return "\n".join(line for line in (_edit_line(grid), prompt, " · ".join((model, *how))) if line)


def _edit_line(grid: Grid) -> str:
    """What is edited, and how, but for what an axis says of it."""
    parts = [_edited(grid) if grid.edits else "a saved edit"]
    if len(grid.edits) == 1 and grid.edits[0].kind and not grid.asks(METHOD):  # not of an unknown method
        parts.append(title_of(grid.edits[0].kind))
    if grid.strength != 1 and not grid.asks(STRENGTH):
        parts.append(label(STRENGTH, grid.strength))
    return " · ".join(parts)


def _edited(grid: Grid) -> str:
    """Concepts; of one edit with the guides that they become."""
    first, *others = grid.edits
    if not others and isinstance(first, ErasureSpec) and guided(type(first)) and not grid.asks("guide"):
        pairs = zip(first.erase, first.guides, strict=True)
        return ", ".join(f"{concept} → {guide or 'nothing'}" for concept, guide in pairs)
    concepts = unique(concept for spec in grid.edits for concept in spec.edited)
    return f"{', '.join(concepts)} {'erased' if first.erases else 'changed'}"
