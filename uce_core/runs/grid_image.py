"""A grid made: generated, put on a sheet, and written with all its settings into one PNG."""

from dataclasses import dataclass

from PIL import Image

from uce_core.edits.edit import AnyEdit
from uce_core.generation.progress import OnStep
from uce_core.grids.labels import heading, labels
from uce_core.grids.plan import Grid
from uce_core.grids.sheet import sheet
from uce_core.grids.tiles import tiles_of
from uce_core.models.model import Model
from uce_core.runs.grid_metadata import GridFacts
from uce_core.runs.parameters import parameters_of
from uce_core.runs.png_metadata import png_of
from uce_core.runs.record import environment, fingerprints


@dataclass(frozen=True)
class GridImage:
    """tiles: the image of each cell, row by row. sheet: all of them with their labels. png: the sheet as a file, with
    the facts in its metadata."""

    facts: GridFacts
    tiles: tuple[tuple[Image.Image, ...], ...]
    sheet: Image.Image
    png: bytes


def run_grid(model: Model, grid: Grid, saved: AnyEdit | None = None, on_step: OnStep | None = None) -> GridImage:
    """The arguments and errors are those of tiles_of."""
    tiles = tiles_of(model, grid, saved, on_step)
    common = grid.generation.resolved(model.family)
    drawn = sheet(tiles.rows, labels(grid.x), labels(grid.y), heading(grid, common, model.title))
    facts = GridFacts(**fingerprints(model), environment=environment(model), grid=grid, digests=tiles.digests)
    first = grid.cells[0].generation.resolved(model.family)
    parameters = parameters_of(first, model.title, model.sampler, tiles.rows[0][0].size)
    return GridImage(facts, tiles.rows, drawn, png_of(drawn, facts.to_json(), parameters))
