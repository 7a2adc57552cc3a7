"""The images of an evaluation, generated block by block: what is there already is not generated again.

Knows nothing about what the images are for, or who generates which block.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.blocks import WHOLE, Block, Shard, blocks_of
from uce_core.evaluation.cases import ImageSpec
from uce_core.evaluation.image_folder import ImageFolder
from uce_core.generation.generate import generate
from uce_core.models.fits import check_editable, check_fits
from uce_core.models.model import Model
from uce_core.problems import Problem

IN_A_ROW = 20  # images that fail, after which it is no longer tried
TRIES = 2  # of an image alone, after its batch failed
LONGEST_REASON = 300  # characters
FAILURES = (RuntimeError, ValueError, ArithmeticError)  # of generating: of this batch's, while others may work
OnImage = Callable[[float, int], None]  # (images done, images to generate); raise from it to stop at once


@dataclass
class Progress:
    """done, total: images. stopped: whether who is told raised something, which is no failure of an image."""

    tell: OnImage | None = None
    total: int = 0
    done: int = 0
    stopped: bool = False

    def begin(self, tell: OnImage | None, total: int) -> None:
        self.tell, self.total, self.done = tell, total, 0

    def finish(self, images: int) -> None:
        """So many more are done."""
        self.done += images
        self.add(0)

    def end(self) -> None:
        """All are done: those that a worker wrote before it died, or that were left out, nobody has told of."""
        if self.done < self.total:
            self.finish(self.total - self.done)

    def add(self, images: float) -> None:
        """Tell of so many more than are done."""
        if self.tell:
            self.stopped = True
            self.tell(self.done + images, self.total)
            self.stopped = False

    def within(self, images: int) -> Callable[[int, int], None]:
        """While so many images are generated."""
        return lambda step, steps: self.add(images * step / steps)


def missing(image_folder: ImageFolder, whiches: Sequence[str], size: int, shard: Shard = WHOLE) -> "Missing":
    """What the folder lacks of a shard, in blocks of so many images."""
    present = {which: image_folder.present(which) for which in whiches}
    return Missing(image_folder, whiches, size, shard, present)


@dataclass(frozen=True)
class Missing:
    """present: names of the files that were there, by edit."""

    image_folder: ImageFolder
    whiches: Sequence[str]
    size: int
    shard: Shard
    present: Mapping[str, set[str]]

    def __iter__(self) -> Iterator[Block]:
        blocks = blocks_of(self.whiches, len(self.image_folder.image_specs), self.size)
        return (block for block in self.shard.of(blocks) if self._count(block))

    @property
    def images(self) -> int:
        """How many are missing."""
        return sum(map(self._count, self))

    def _count(self, block: Block) -> int:
        there = self.present[block.which]
        return sum(one.file not in there for one in self.image_folder.image_specs[block.start : block.stop])


class Generator:
    """edits: by name; None for the originals."""

    def __init__(
        self,
        model: Model,
        image_folder: ImageFolder,
        edits: Mapping[str, AnyEdit | None],
        progress: Progress | None = None,
    ) -> None:
        self.model, self.image_folder, self.edits = model, image_folder, edits
        self.progress = progress or Progress()
        self._failed = 0  # the last images that could not be generated, one after the other

    def generate(self, block: Block) -> int:
        """What is missing of a block; returns how many images that was. An interruption leaves whole images.

        The last bits of an image depend on how many are in its batch: so that it does not matter who generates it and
        where it was interrupted, a batch of which images are missing is generated whole, and those that are there
        stay. An image that cannot be generated when it is tried again, alone, is left out, and the folder says why; so
        is one that shows nothing. Raises what the last try did where so many fail that the fault is not theirs.
        """
        lacking = self.image_folder.lacking(block)
        if not lacking:
            return 0
        edit = self.edits[block.which]
        if edit:  # what is wrong with it is no failure of an image
            check_fits(self.model, edit)
            if not edit.edits_text:
                check_editable(self.model)
        self._generate(block, lacking, edit)
        return len(lacking)

    def _generate(self, block: Block, lacking: set[ImageSpec], edit: AnyEdit | None) -> None:
        image_specs = self.image_folder.image_specs[block.start : block.stop]
        try:
            images = self._images(image_specs, edit, self.progress.within(len(lacking)))
        except FAILURES:
            if self.progress.stopped:
                raise
            logging.getLogger(__name__).info("block %s failed", block, exc_info=True)
            for image_spec in image_specs:
                if image_spec in lacking:
                    self._generate_alone(block.which, image_spec, edit)
        else:
            self._failed = 0
            found = zip(image_specs, images, strict=True)
            wanted = {image_spec: image for image_spec, image in found if image_spec in lacking}
            self.image_folder.write(block.which, wanted, self.model.hardware)

    def _generate_alone(self, which: str, image_spec: ImageSpec, edit: AnyEdit | None) -> None:
        for last in range(TRIES):
            try:
                [image] = self._images([image_spec], edit, None)
            except FAILURES as error:
                if last == TRIES - 1 and self._failed + 1 >= IN_A_ROW:
                    raise
                reason = str(error) if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
            else:
                self.image_folder.write(which, {image_spec: image}, self.model.hardware)
                self._failed = 0
                return
        self._failed += 1
        self.image_folder.leave_out(which, image_spec, " ".join(reason.split())[:LONGEST_REASON])

    def _images(
        self, image_specs: Sequence[ImageSpec], edit: AnyEdit | None, on_step: Callable[[int, int], None] | None
    ) -> list[Image.Image]:
        specs = [self.image_folder.generation_spec(image_spec) for image_spec in image_specs]
        return generate(self.model, specs, on_step, [edit] * len(specs))
