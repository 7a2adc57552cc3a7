"""A folder of an evaluation's images, generated once: what is there already is not generated again.

<folder>/<which>/<case_number>_<n>.png, which being "original" or an edit's name. Knows nothing about
what the images are for.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import cast

from PIL import Image

from uce_core.edits.edit import AnyEdit, Edit
from uce_core.evaluation.blocks import WHOLE, Block, Shard, blocks_of
from uce_core.evaluation.cases import ImageSpec
from uce_core.files import atomic_file, write_text
from uce_core.generation.generate import batch_size, generate
from uce_core.generation.spec import GenerationSpec
from uce_core.models.fits import check_fits
from uce_core.models.model import Model, applied
from uce_core.problems import Problem

ORIGINAL = "original"
LEFT_OUT = "left-out.txt"  # how the names of files end that say why an image is not measured
BLANK = "The image has one colour all over."  # as it has where numbers became infinite
IN_A_ROW = 20  # images that fail, after which it is no longer tried
TRIES = 2  # of an image alone, after its batch failed
LONGEST_REASON = 300  # characters
FAILURES = (RuntimeError, ValueError, ArithmeticError)  # of generating: of this batch's, while others may work
OnImage = Callable[[float, int], None]  # (images done, images to generate); raise from it to stop at once


@dataclass(frozen=True)
class ImageFolder:
    """steps, guidance_scale: with which all are generated, but for cases with a guidance scale of their own."""

    folder: Path
    image_specs: tuple[ImageSpec, ...]
    steps: int
    guidance_scale: float

    def path(self, which: str, image_spec: ImageSpec) -> Path:
        return self.folder / which / image_spec.file

    def read(self, which: str, image_specs: Iterable[ImageSpec]) -> list[Image.Image]:
        """RGB images, read to the end. Raises ValueError for one that is damaged."""
        return [_read(self.path(which, image_spec)) for image_spec in image_specs]

    def lacking(self, block: Block) -> set[ImageSpec]:
        """Images of a block that are not there."""
        some = self.image_specs[block.start : block.stop]
        return {image_spec for image_spec in some if not self.path(block.which, image_spec).is_file()}

    def write(self, which: str, image_spec: ImageSpec, image: Image.Image) -> None:
        """One that shows nothing is there, and left out."""
        reason = self._reason(which, image_spec)
        reason.unlink(missing_ok=True)
        if all(low == high for low, high in cast(tuple[tuple[int, int], ...], image.convert("RGB").getextrema())):
            write_text(reason, BLANK)
        with atomic_file(self.path(which, image_spec)) as part:
            image.save(part, "png")

    def leave_out(self, which: str, image_spec: ImageSpec, reason: str) -> None:
        write_text(self._reason(which, image_spec), reason)

    def _reason(self, which: str, image_spec: ImageSpec) -> Path:
        """The file that says why an image is left out."""
        path = self.path(which, image_spec)
        return path.with_name(f"{path.stem}.{LEFT_OUT}")

    def left_out(self, which: str) -> dict[str, str]:
        """Why images are, by their files' names."""
        found = sorted((self.folder / which).glob(f"*.{LEFT_OUT}"))
        return {f"{path.name.removesuffix(f'.{LEFT_OUT}')}.png": path.read_text(encoding="utf-8") for path in found}

    def generation_spec(self, image_spec: ImageSpec) -> GenerationSpec:
        case = image_spec.case
        scale = self.guidance_scale if case.guidance_scale is None else case.guidance_scale
        return GenerationSpec(case.prompt, case.evaluation_seed + image_spec.n, self.steps, scale)


def _read(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, SyntaxError) as error:
        raise Problem(
            "image_damaged", "{path} is damaged: delete it, and evaluate again, which generates it anew.", path=path
        ) from error


def generate_missing(
    model: Model,
    image_folder: ImageFolder,
    edits: Sequence[tuple[str, AnyEdit]],
    on_image: OnImage | None = None,
    shard: Shard = WHOLE,
) -> None:
    """Generate what the folder lacks: originals, and the same with each edit. An interruption leaves whole images.

    shard: which part of it. The last bits of an image depend on how many are in its batch: so that it does not matter
    who generates it and where it was interrupted, a batch of which images are missing is generated whole, and those
    that are there stay. An image that cannot be generated when it is tried again, alone, is left out, and the folder
    says why; so is one that shows nothing.
    """
    by_name: dict[str, AnyEdit | None] = {ORIGINAL: None, **dict(edits)}
    blocks = blocks_of(list(by_name), len(image_folder.image_specs), batch_size(model))
    work = [(block, lacking) for block in shard.of(blocks) if (lacking := image_folder.lacking(block))]
    progress = Progress(on_image, sum(len(lacking) for _, lacking in work))
    for which, part in groupby(work, lambda one: one[0].which):
        edit = by_name[which]
        by_text = cast(Edit, edit) if edit and edit.edits_text else None
        if by_text:
            check_fits(model, by_text)
        with applied(model, None if by_text else edit):
            for block, lacking in part:
                _generate(model, image_folder, block, lacking, by_text, progress)


@dataclass
class Progress:
    """done, total: images. failed: the last ones that could not be generated, one after the other. stopped: whether
    who is told raised something, which is no failure of an image."""

    tell: OnImage | None
    total: int
    done: int = 0
    failed: int = 0
    stopped: bool = False

    def within(self, images: int) -> Callable[[int, int], None]:
        """While so many images are generated."""

        def on_step(step: int, steps: int) -> None:
            if self.tell:
                self.stopped = True
                self.tell(self.done + images * step / steps, self.total)
                self.stopped = False

        return on_step


def _generate(
    model: Model,
    image_folder: ImageFolder,
    block: Block,
    lacking: set[ImageSpec],
    edit: Edit | None,
    progress: Progress,
) -> None:
    image_specs = image_folder.image_specs[block.start : block.stop]
    try:
        images = _images(model, image_folder, image_specs, edit, progress.within(len(lacking)))
    except FAILURES:
        if progress.stopped:
            raise
        logging.getLogger(__name__).info("block %s failed", block, exc_info=True)
        for image_spec in image_specs:
            if image_spec in lacking:
                _generate_alone(model, image_folder, block.which, image_spec, edit, progress)
    else:
        progress.failed = 0
        for image_spec, image in zip(image_specs, images, strict=True):
            if image_spec in lacking:
                image_folder.write(block.which, image_spec, image)
    progress.done += len(lacking)


def _generate_alone(
    model: Model,
    image_folder: ImageFolder,
    which: str,
    image_spec: ImageSpec,
    edit: Edit | None,
    progress: Progress,
) -> None:
    """Raises what the last try did where so many fail that the fault is not theirs."""
    for last in range(TRIES):
        try:
            [image] = _images(model, image_folder, [image_spec], edit, None)
        except FAILURES as error:
            if last == TRIES - 1 and progress.failed + 1 >= IN_A_ROW:
                raise
            reason = str(error) if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
        else:
            image_folder.write(which, image_spec, image)
            progress.failed = 0
            return
    progress.failed += 1
    image_folder.leave_out(which, image_spec, " ".join(reason.split())[:LONGEST_REASON])


def _images(
    model: Model,
    image_folder: ImageFolder,
    image_specs: Sequence[ImageSpec],
    edit: Edit | None,
    on_step: Callable[[int, int], None] | None,
) -> list[Image.Image]:
    specs = [image_folder.generation_spec(image_spec) for image_spec in image_specs]
    return generate(model, specs, on_step, [edit] * len(specs))
