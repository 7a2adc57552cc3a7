"""A grid of images over two axes, made for a visitor."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uce_core
from app.studio.request import EditRequest
from uce_core.generation.progress import OnStep
from uce_core.grids.plan import Grid

if TYPE_CHECKING:  # seconds to import
    from app.studio.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """png: the sheet as a file that holds its settings; size: its width and height in pixels. unknown: names that the
    model does not know. half: whether edits started from weights in half precision."""

    grid: Grid
    png: bytes
    size: tuple[int, int]
    seconds: float
    unknown: tuple[str, ...]
    half: bool


def sheet_of(studio: "Studio", edit: EditRequest, grid: Grid, on_step: OnStep) -> Sheet:
    """On the engine's thread. The arguments are those of Studio.grid."""
    began = time.monotonic()
    model = studio.models.load(edit.model)
    saved = studio.load(edit.saved, edit.visitor, edit.model) if grid.saved else None
    done = uce_core.run_grid(model, grid, saved, on_step)
    named = dict.fromkeys(name for spec in grid.edits for name in (*spec.edited, *spec.retain))
    return Sheet(
        grid=grid,
        png=done.png,
        size=done.sheet.size,
        seconds=time.monotonic() - began,
        unknown=tuple(model.unknown(tuple(named))),
        half=not model.has_fp32_source,
    )
