"""Live previews of a comparison's images, a few in a second."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:  # seconds to import
    from uce_core import Model
    from uce_core.generation.generate import OnLatents, StepState

MIN_INTERVAL = 0.3  # seconds


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
        self, model: "Model", originals: Sequence[Image.Image] | None = None, columns: Sequence[str] = ()
    ) -> "OnLatents":
        """A callback for compare and compare_all. originals: where they are there already, so that only the edited ones
        are generated. columns: titles of several edits."""
        from uce_core.generation.preview import LatentPreview

        self._latents, self.columns = LatentPreview(model), columns
        row = 1 + max(1, len(columns))
        self._latest = {row * i: Preview(row * i, image) for i, image in enumerate(originals or ())}
        return self._watch

    def _watch(self, state: "StepState") -> None:
        self._latents.see(state)
        if time.monotonic() - self._made < MIN_INTERVAL:
            return
        for place, image in self._latents.images().items():
            self._made = time.monotonic()
            self._latest[place] = Preview(place, image)

    @property
    def latest(self) -> tuple[Preview, ...]:
        return tuple(self._latest.values())
