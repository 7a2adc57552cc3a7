"""Live previews of a comparison's pictures, a few in a second."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from uce_core import Model
from uce_core.generation.generate import OnLatents, StepState
from uce_core.generation.preview import Preview

APART = 0.3  # seconds


@dataclass(frozen=True)
class Draft:
    """What a picture is heading for. place: among originals and edited pictures in turn."""

    place: int
    picture: Image.Image


class Drafts:
    """The latest of each picture; none before it has begun."""

    def __init__(self) -> None:
        self._latest: dict[int, Draft] = {}
        self._made = 0.0  # when

    def begin(self, model: Model, originals: Sequence[Image.Image] | None = None) -> OnLatents:
        """A callback for compare. originals: where they are there already, so that the edited ones only are drawn."""
        self._preview, self._edited_only = Preview(model), bool(originals)
        self._latest = {2 * i: Draft(2 * i, picture) for i, picture in enumerate(originals or ())}
        return self._watch

    def _watch(self, unfinished: StepState) -> None:
        self._preview.see(unfinished)
        if time.monotonic() - self._made < APART:
            return
        for number, picture in enumerate(self._preview.pictures(), unfinished.first):
            self._made = time.monotonic()
            place = 2 * number + 1 if self._edited_only else number
            self._latest[place] = Draft(place, picture)

    @property
    def latest(self) -> tuple[Draft, ...]:
        return tuple(self._latest.values())
