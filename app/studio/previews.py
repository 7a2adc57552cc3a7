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
    """What an image is heading for. place: among originals and edited images in turn."""

    place: int
    image: Image.Image


class Previews:
    """The latest of each image; none before it has begun."""

    def __init__(self) -> None:
        self._latest: dict[int, Preview] = {}
        self._made = 0.0  # when

    def begin(self, model: "Model", originals: Sequence[Image.Image] | None = None) -> "OnLatents":
        """A callback for compare. originals: where they are there already, so that only the edited ones are
        generated."""
        from uce_core.generation.preview import LatentPreview

        self._latents, self._edited_only = LatentPreview(model), bool(originals)
        self._latest = {2 * i: Preview(2 * i, image) for i, image in enumerate(originals or ())}
        return self._watch

    def _watch(self, state: "StepState") -> None:
        self._latents.see(state)
        if time.monotonic() - self._made < MIN_INTERVAL:
            return
        for number, image in self._latents.images().items():
            self._made = time.monotonic()
            place = 2 * number + 1 if self._edited_only else number
            self._latest[place] = Preview(place, image)

    @property
    def latest(self) -> tuple[Preview, ...]:
        return tuple(self._latest.values())
