"""What an artist's originals look like, by any features, and how far other images are from that.

The references are the originals that ask for the artist's style; an image is never held against its own original.
Their sums are in files (measure.py writes them), of which an artist's are read when they are needed. Knows nothing
about where features come from.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from cachetools import LRUCache
from safetensors import safe_open
from torch import Tensor

from uce_core.checks import normalised, sound_json
from uce_core.evaluation.cases import ImageSpec

Features = Sequence[Tensor]  # for each layer (n, …), n images
Measure = Callable[[Features, Features], Tensor]  # of images and of what to hold each against: (n,)
REMEMBERED = 64  # artists, whose sums are the size of a few images
COUNTS = "counts"  # of the metadata of a file


def is_reference(image_spec: ImageSpec) -> bool:
    """Whether the original shows what the artist's style looks like."""
    return bool(image_spec.case.artist) and image_spec.case.facet in ("style", "")


@dataclass
class Sums:
    """Of the features of references, by artist; nothing of single images is kept."""

    def __post_init__(self) -> None:
        self.layers: dict[str, list[Tensor]] = {}
        self.counts: Counter[str] = Counter()

    def add(self, image_specs: Sequence[ImageSpec], features: Features) -> None:
        """Originals; those that are no references are left aside."""
        for i, image_spec in enumerate(image_specs):
            if is_reference(image_spec):
                artist, own = normalised(image_spec.case.artist), [layer[i] for layer in features]
                before = self.layers.get(artist)
                self.layers[artist] = [a + b for a, b in zip(before, own, strict=True)] if before else own
                self.counts[artist] += 1

    def named(self, name: str) -> dict[str, Tensor]:
        """As a file has them, in the order of counts. name: of the features."""
        return {
            key(name, number, layer): total
            for number, artist in enumerate(self.counts)
            for layer, total in enumerate(self.layers[artist])
        }


def key(name: str, number: int, layer: int) -> str:
    """Of a tensor in a file. number: of the artist among the file's."""
    return f"{name}/{number}/{layer}"


class References(Mapping[str, list[Tensor]]):
    """Mean features (1, …) by layer, by the artist's normalised name. name: of the features. files: with their sums."""

    def __init__(self, name: str, measure: Measure, files: Iterable[Path]) -> None:
        self.name, self.measure = name, measure
        self._places: dict[str, list[tuple[Path, int]]] = {}
        self._counts: Counter[str] = Counter()
        self._sums: LRUCache[str, list[Tensor]] = LRUCache(REMEMBERED)
        for path in files:
            with safe_open(path, "pt") as file:
                counts: dict[str, int] = sound_json(file.metadata()[COUNTS])
            for number, (artist, count) in enumerate(counts.items()):
                self._places.setdefault(artist, []).append((path, number))
                self._counts[artist] += count

    def __getitem__(self, artist: str) -> list[Tensor]:
        return [(total / self._counts[artist])[None] for total in self._sum(artist)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _sum(self, artist: str) -> list[Tensor]:
        if artist not in self._sums:
            parts = [self._read(*place) for place in self._places[artist]]
            self._sums[artist] = [sum(layers[1:], start=layers[0]) for layers in zip(*parts, strict=True)]
        return self._sums[artist]

    def _read(self, path: Path, number: int) -> list[Tensor]:
        with safe_open(path, "pt") as file:
            names = set(file.keys())
            layers = range(len(names))
            return [file.get_tensor(name) for one in layers if (name := key(self.name, number, one)) in names]

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
        return [(total - own * layer) / count for total, layer in zip(self._sum(artist), original, strict=True)]
