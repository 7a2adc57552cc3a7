"""What an artist's originals look like, by any features, and how far other images are from that.

The references are the originals that ask for the artist's style; an image is never held against its
own original. Knows nothing about where features come from.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from uce_core.checks import normalised
from uce_core.evaluation.cases import ImageSpec

Features = Sequence[Tensor]  # for each layer (n, …), n images
Measure = Callable[[Features, Features], Tensor]  # of images and of what to hold each against: (n,)


def is_reference(image_spec: ImageSpec) -> bool:
    """Whether the original shows what the artist's style looks like."""
    return bool(image_spec.case.artist) and image_spec.case.facet in ("style", "")


class References:
    """Sums of features for each artist; nothing of single images is kept."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self._sums: dict[str, list[Tensor]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, image_specs: Sequence[ImageSpec], features: Features) -> None:
        """Originals; those that are no references are left aside."""
        for i, image_spec in enumerate(image_specs):
            if is_reference(image_spec):
                artist, own = normalised(image_spec.case.artist), [layer[i] for layer in features]
                before = self._sums.get(artist)
                self._sums[artist] = [a + b for a, b in zip(before, own, strict=True)] if before else own
                self._counts[artist] += 1

    def means(self) -> dict[str, list[Tensor]]:
        """For each artist by normalised name, (1, …) by layer."""
        return {artist: [(total / self._counts[artist])[None] for total in sums] for artist, sums in self._sums.items()}

    def measured(
        self, image_specs: Sequence[ImageSpec], originals: Features, *sides: Features
    ) -> list[list[float | None]]:
        """For each side, of each image the measure against its artist's other originals; None without any."""
        known = [
            i
            for i, image_spec in enumerate(image_specs)
            if self._counts[normalised(image_spec.case.artist)] > is_reference(image_spec)
        ]
        found: list[list[float | None]] = [[None] * len(image_specs) for _ in sides]
        if known:
            rows = [self._others(image_specs[i], [layer[i] for layer in originals]) for i in known]
            others = [torch.stack(layers) for layers in zip(*rows, strict=True)]
            for values, side in zip(found, sides, strict=True):
                measured = self.measure([layer[known] for layer in side], others)
                for i, value in zip(known, measured.tolist(), strict=True):
                    values[i] = value
        return found

    def _others(self, image_spec: ImageSpec, original: Sequence[Tensor]) -> list[Tensor]:
        artist, own = normalised(image_spec.case.artist), is_reference(image_spec)
        count = self._counts[artist] - own
        return [(total - own * layer) / count for total, layer in zip(self._sums[artist], original, strict=True)]
