"""Painted training sets: pictures on disk as one memory-mapped array, and what each shows.

Picture i of a set depends on the seed and on i alone, so a set can be grown, or painted by many processes at once
while others are trained on what is there.
"""

import json
import time
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from atelier2.canvas import WIDTH
from atelier2.subjects import SUBJECTS
from atelier2.world import ARTISTS, PERSONS, PHOTO, PLAIN_PAINTING, Picture, cast

CHUNK = 32
PERSON_SHARE = 0.035
PHOTO_SHARE = 0.16
PLAIN_SHARE = 0.10
LOOK_SECONDS = 5.0  # between two looks at what has been painted
PAIR_SHARE = 0.26  # of pictures with two subjects, where there could be two


@dataclass(frozen=True)
class PaintedSet:
    """images: (n, WIDTH, WIDTH, 3) uint8, memory-mapped. pictures: what each shows."""

    images: np.ndarray
    pictures: tuple[Picture, ...]


def sitting(seed: int, index: int) -> tuple[Picture, np.random.Generator]:
    """Which picture is number index of the set with this seed, and the generator to paint it with."""
    rng = np.random.default_rng([seed, index])
    share = rng.random()
    if share < PERSON_SHARE:
        return cast(PHOTO, PERSONS[rng.integers(len(PERSONS))], rng), rng
    if share < PERSON_SHARE + PHOTO_SHARE:
        rendering = PHOTO
    elif share < PERSON_SHARE + PHOTO_SHARE + PLAIN_SHARE:
        rendering = PLAIN_PAINTING
    else:
        rendering = ARTISTS[rng.integers(len(ARTISTS))].name
    return cast(rendering, SUBJECTS[rng.integers(len(SUBJECTS))].name, rng, PAIR_SHARE), rng


def _paint_chunk(folder: Path, seed: int, start: int, stop: int, capacity: int) -> int:
    import cv2

    from atelier2.painter import paint

    cv2.setNumThreads(1)
    images = np.memmap(folder / "images.u8", np.uint8, "r+", shape=(capacity, WIDTH, WIDTH, 3))
    for index in range(start, stop):
        images[index] = paint(*sitting(seed, index))
    images.flush()
    return stop


class Easel:
    """Paints a set in the background. Pictures are there in order: ready says how many, from the first on.

    with Easel(folder, count, seed, workers) as easel: easel.wait(1000); train(easel.painted())
    """

    def __init__(self, folder: Path, count: int, seed: int, workers: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.count, self.seed = folder, count, seed
        self._state = folder / "set.json"
        self._done = json.loads(self._state.read_text())["done"] if self._state.exists() else 0
        with open(folder / "images.u8", "r+b" if (folder / "images.u8").exists() else "w+b") as file:
            file.truncate(max(count, self._done) * WIDTH * WIDTH * 3)
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"))  # forking a threaded process can hang
        starts = range(self._done, count, CHUNK)
        self._chunks: list[Future[int]] = [
            self._pool.submit(_paint_chunk, folder, seed, start, min(start + CHUNK, count), count) for start in starts
        ]
        self._set, self._looked = PaintedSet(np.zeros((0, WIDTH, WIDTH, 3), np.uint8), ()), 0.0

    def __enter__(self) -> "Easel":
        return self

    def __exit__(self, *_: object) -> None:
        self.ready()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def ready(self) -> int:
        """How many pictures are painted, without a gap. Raises what the painter raised."""
        while self._chunks and self._chunks[0].done():
            self._done = self._chunks.pop(0).result()
            self._state.write_text(json.dumps({"seed": self.seed, "done": self._done}))
        return self._done

    def wait(self, count: int) -> int:
        """Until so many pictures are there, or all."""
        while self.ready() < min(count, self.count) and self._chunks:
            self._chunks[0].result()
        return self._done

    def painted(self) -> PaintedSet:
        """What is there by now, as of some seconds ago."""
        if time.monotonic() - self._looked > LOOK_SECONDS or not self._set.pictures:
            self._looked, count, known = time.monotonic(), self.ready(), len(self._set.pictures)
            if count > known:
                images = np.memmap(self.folder / "images.u8", np.uint8, "r", shape=(count, WIDTH, WIDTH, 3))
                new = tuple(sitting(self.seed, index)[0] for index in range(known, count))
                self._set = PaintedSet(images, self._set.pictures + new)
        return self._set


def open_set(folder: Path, count: int | None = None) -> PaintedSet:
    """The painted set in a folder. Raises FileNotFoundError if nothing was painted there."""
    state = json.loads((folder / "set.json").read_text())
    number = min(count or state["done"], state["done"])
    images = np.memmap(folder / "images.u8", np.uint8, "r", shape=(number, WIDTH, WIDTH, 3))
    return PaintedSet(images, tuple(sitting(state["seed"], index)[0] for index in range(number)))
