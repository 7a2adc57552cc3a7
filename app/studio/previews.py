"""Live previews of a comparison's images, a few in a second."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:  # seconds to import
    from uce_core import Model
    from uce_core.generation.generate import OnLatents, StepState

MIN_INTERVAL = 0.3  # seconds
NOTHING: Mapping[int, Sequence[Image.Image]] = {}


@dataclass(frozen=True)
class Preview:
    """What an image is heading for. place: row by row, each the original and the edited image of each column."""

    place: int
    image: Image.Image


class Previews:
    """The latest of each image; none before it has begun."""

    def __init__(self) -> None:
        self._latest: dict[int, Preview] = {}
        self._made = 0.0  # when
        self.columns: Sequence[str] = ()

    def begin(
        self, model: "Model", columns: Sequence[str] = (), there: Mapping[int, Sequence[Image.Image]] = NOTHING
    ) -> "OnLatents":
        """A callback for compare and compare_all. columns: titles of several edits. there: images that are not
        generated, by their column: 0 of the originals, 1 of the first edit."""
        from uce_core.generation.preview import LatentPreview

        self._latents, self.columns = LatentPreview(model), columns
        self._row = 1 + max(1, len(columns))
        self._generated = [0, *(column for column in range(1, self._row) if column not in there)]
        for column, images in there.items():
            for row, image in enumerate(images):
                self._show(row, column, image)
        return self._watch

    def _watch(self, state: "StepState") -> None:
        self._latents.see(state)
        if time.monotonic() - self._made < MIN_INTERVAL:
            return
        for place, image in self._latents.images().items():
            self._made = time.monotonic()
            row, number = divmod(place, len(self._generated))
            self._show(row, self._generated[number], image)

    def _show(self, row: int, column: int, image: Image.Image) -> None:
        place = self._row * row + column
        self._latest[place] = Preview(place, image)

    @property
    def latest(self) -> tuple[Preview, ...]:
        return tuple(self._latest.values())
