"""A folder of an evaluation's images, generated once: what is there already is not generated again.

<folder>/<which>/<case_number>_<n>.png, which being "original" or an edit's name. Knows nothing about
what the images are for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image

from uce_core.edits.edit import AnyEdit, Edit
from uce_core.evaluation.cases import ImageSpec
from uce_core.files import atomic_file
from uce_core.generation.generate import batch_size, generate
from uce_core.generation.spec import GenerationSpec
from uce_core.models.fits import check_fits
from uce_core.models.model import Model, applied
from uce_core.problems import Problem

ORIGINAL = "original"
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

    def missing(self, which: str) -> list[ImageSpec]:
        return [image_spec for image_spec in self.image_specs if not self.path(which, image_spec).is_file()]

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
    model: Model, image_folder: ImageFolder, edits: Sequence[tuple[str, AnyEdit]], on_image: OnImage | None = None
) -> None:
    """Generate what the folder lacks: originals, and the same with each edit. An interruption leaves whole images.

    The last bits of an image depend on how many are in its batch: so that it does not matter where it was interrupted,
    a batch of which images are missing is generated whole, and those that are there stay.
    """
    work: list[tuple[str, AnyEdit | None]] = [(ORIGINAL, None), *edits]
    total, done = sum(len(image_folder.missing(which)) for which, _ in work), 0
    for which, edit in work:
        by_text = cast(Edit, edit) if edit and edit.edits_text else None
        if by_text:
            check_fits(model, by_text)
        with applied(model, None if by_text else edit):
            for batch, lacking in _incomplete(image_folder, which, batch_size(model)):
                report = _reporter(on_image, done, len(lacking), total)
                specs = [image_folder.generation_spec(image_spec) for image_spec in batch]
                images = generate(model, specs, report, [by_text] * len(batch))
                for image_spec, image in zip(batch, images, strict=True):
                    if image_spec in lacking:
                        with atomic_file(image_folder.path(which, image_spec)) as part:
                            image.save(part, "png")
                done += len(lacking)


def _incomplete(
    image_folder: ImageFolder, which: str, size: int
) -> Iterator[tuple[Sequence[ImageSpec], set[ImageSpec]]]:
    """Batches of which images are missing, and those."""
    missing = set(image_folder.missing(which))
    for start in range(0, len(image_folder.image_specs), size):
        batch = image_folder.image_specs[start : start + size]
        if lacking := missing.intersection(batch):
            yield batch, lacking


def _reporter(on_image: OnImage | None, done: int, batch: int, total: int) -> Callable[[int, int], None]:
    def on_step(step: int, steps: int) -> None:
        if on_image:
            on_image(done + batch * step / steps, total)

    return on_step
