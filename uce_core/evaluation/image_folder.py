"""A folder of an evaluation's images, and which of them are there.

<folder>/<which>/<case_number>_<n>.png, which being "original" or an edit's name. Knows nothing about
what the images are for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from uce_core.evaluation.blocks import Block
from uce_core.evaluation.cases import ImageSpec
from uce_core.files import atomic_file, write_text
from uce_core.generation.spec import GenerationSpec
from uce_core.problems import Problem
from uce_core.remote import for_each, names_in, readable, remove

ORIGINAL = "original"
LEFT_OUT = "left-out.txt"  # how the names of files end that say why an image is not measured
BLANK = "The image has one colour all over."  # as it has where numbers became infinite


@dataclass(frozen=True)
class ImageFolder:
    """steps, guidance_scale, sampler: with which all are generated, but for cases with a guidance scale of their own.
    sampler: "" for the model's own."""

    folder: Path
    image_specs: tuple[ImageSpec, ...]
    steps: int
    guidance_scale: float
    sampler: str = ""

    def path(self, which: str, image_spec: ImageSpec) -> Path:
        return self.folder / which / image_spec.file

    def read(self, which: str, image_specs: Iterable[ImageSpec]) -> list[Image.Image]:
        """RGB images, read to the end. Raises ValueError for one that is damaged."""
        return for_each(self.folder, lambda image_spec: _read(self.path(which, image_spec)), image_specs)

    def present(self, which: str) -> set[str]:
        """Names of the files that are there."""
        return names_in(self.folder / which)

    def lacking(self, block: Block) -> set[ImageSpec]:
        """Images of a block that are not there."""
        some = self.image_specs[block.start : block.stop]
        there = for_each(self.folder, lambda image_spec: self.path(block.which, image_spec).is_file(), some)
        return {image_spec for image_spec, is_there in zip(some, there, strict=True) if not is_there}

    def write(self, which: str, images: Mapping[ImageSpec, Image.Image], hardware: str) -> None:
        """One that shows nothing is there, and left out. hardware: which generated them, said in the files."""
        for_each(self.folder, lambda one: self._write(which, one, images[one], hardware), images)

    def _write(self, which: str, image_spec: ImageSpec, image: Image.Image, hardware: str) -> None:
        reason = self._reason(which, image_spec)
        remove(reason)
        if all(low == high for low, high in cast(tuple[tuple[int, int], ...], image.convert("RGB").getextrema())):
            write_text(reason, BLANK)
        said = PngInfo()
        said.add_text("hardware", hardware)
        with atomic_file(self.path(which, image_spec)) as part:
            image.save(part, "png", pnginfo=said)

    def leave_out(self, which: str, image_spec: ImageSpec, reason: str) -> None:
        write_text(self._reason(which, image_spec), reason)

    def _reason(self, which: str, image_spec: ImageSpec) -> Path:
        """The file that says why an image is left out."""
        path = self.path(which, image_spec)
        return path.with_name(f"{path.stem}.{LEFT_OUT}")

    def left_out(self, which: str) -> dict[str, str]:
        """Why images are, by their files' names."""
        found = sorted(name for name in names_in(self.folder / which) if name.endswith(f".{LEFT_OUT}"))
        return {
            f"{name.removesuffix(f'.{LEFT_OUT}')}.png": (self.folder / which / name).read_text(encoding="utf-8")
            for name in found
        }

    def generation_spec(self, image_spec: ImageSpec) -> GenerationSpec:
        return image_spec.case.generation_spec(image_spec.n, self.steps, self.guidance_scale, self.sampler)


def _read(path: Path) -> Image.Image:
    file = readable(path)
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except (OSError, SyntaxError) as error:
        raise Problem(
            "image_damaged",
            "{path} is damaged: delete it, and evaluate again, which generates it anew.",
            path=str(path),
        ) from error
