"""The images of a grid: each edit is solved once, its strengths are made of it, and no image is generated twice.

Edits that change the text are generated together with the originals, in as few batches as there can be; those of
each other one by themselves, as its weights take memory. Knows nothing about how images are put on a sheet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from PIL import Image

from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import MethodSpec
from uce_core.generation.generate import generate
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.plan import Cell, Grid
from uce_core.methods.erase import erase
from uce_core.models.fits import check_fits
from uce_core.models.model import Model
from uce_core.problems import Problem


@dataclass(frozen=True)
class Tiles:
    """rows: an image for each of the grid's cells. digests: of the edits that its specs became, in their order."""

    rows: tuple[tuple[Image.Image, ...], ...]
    digests: tuple[str, ...]


def tiles_of(model: Model, grid: Grid, saved: AnyEdit | None = None, on_step: OnStep | None = None) -> Tiles:
    """The model is left as it was. saved: the edit of a grid of a saved one. on_step: told of the denoising steps of
    every image, and as often while edits are solved; whatever it raises ends the work.

    Raises ValueError if the saved edit is not the grid's or does not fit the model, an edit cannot be solved, or for
    what generate refuses.
    """
    if grid.saved and (saved is None or saved.digest != grid.saved.digest):
        raise Problem(
            "grid_of_another_edit", "This grid is of a saved edit: use the edit file that it was first made with."
        )
    if saved:
        check_fits(model, saved)
    cells = tuple(dict.fromkeys(grid.cells))
    progress = _Progress(_steps(model, cells), on_step)
    together: dict[Cell, AnyEdit | None] = {cell: None for cell in cells if cell.is_original}
    found: dict[Cell, Image.Image] = {}
    digests = []
    specs: Sequence[MethodSpec | None] = (None,) if grid.saved else grid.specs
    for spec in specs:
        progress.still()
        edit = erase(model, spec, progress.still) if spec else cast(AnyEdit, saved)
        digests += [edit.digest] if spec else []
        of_edit = [cell for cell in cells if not cell.is_original and cell.spec == spec]
        scaled = {strength: edit.at_strength(strength) for strength in {cell.strength for cell in of_edit}}
        edited = {cell: scaled[cell.strength] for cell in of_edit}
        if edit.edits_text:
            together |= edited
        else:
            found |= _generated(model, edited, progress)
    found |= _generated(model, together, progress)
    return Tiles(tuple(tuple(found[cell] for cell in row) for row in grid.rows), tuple(digests))


def _generated(model: Model, cells: Mapping[Cell, AnyEdit | None], progress: "_Progress") -> dict[Cell, Image.Image]:
    """cells: each with its edit. Those that fit into one batch are neighbours."""
    ordered = sorted(cells, key=lambda cell: _batched_by(cell.generation.resolved(model.family)))
    on_step = progress.part(_steps(model, ordered))
    edits = [cells[cell] for cell in ordered]
    return dict(zip(ordered, generate(model, [cell.generation for cell in ordered], on_step, edits), strict=True))


def _batched_by(spec: GenerationSpec) -> tuple[object, ...]:
    """What the images of one batch have in common, of all that differs within a grid. spec: with steps and guidance
    scale."""
    return spec.steps, spec.guidance_scale, spec.sampler, bool(spec.negative_prompt)


def _steps(model: Model, cells: Sequence[Cell]) -> int:
    """Denoising steps of all images."""
    return sum(cell.generation.resolved(model.family).steps or 0 for cell in cells)


@dataclass
class _Progress:
    """How far several generations are together, in denoising steps of every image."""

    total: int
    tell: OnStep | None
    done: int = 0

    def still(self, *of: float) -> None:
        """Something else is done in the meantime."""
        if self.tell:
            self.tell(self.done, self.total)

    def part(self, steps: int) -> OnStep:
        """Of the next generation, which has so many."""
        before = self.done

        def on_step(done: int, total: int) -> None:
            self.done = before + steps * done // total
            self.still()

        return on_step
