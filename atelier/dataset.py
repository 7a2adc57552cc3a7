"""Painted training sets: pictures on disk as one memory-mapped array, and what each shows.

Picture i of a set depends on the seed and on i alone, so a set can be grown or painted in parts.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from atelier.painter import WIDTH, paint
from atelier.world import ARTISTS, PERSONS, PHOTO, PLAIN_PAINTING, SUBJECTS, Picture, cast

CHUNK = 250
PERSON_SHARE = 0.04
PHOTO_SHARE = 0.13
PLAIN_SHARE = 0.10


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
    return cast(rendering, SUBJECTS[rng.integers(len(SUBJECTS))], rng), rng


def _paint_chunk(seed: int, start: int, stop: int) -> np.ndarray:
    cv2.setNumThreads(1)
    return np.stack([paint(*sitting(seed, index)) for index in range(start, stop)])


def paint_set(folder: Path, count: int, seed: int, workers: int) -> Iterator[int]:
    """Paint what is missing of count pictures into folder; yields how many are there, chunk by chunk."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "set.json"
    done = json.loads(state.read_text())["done"] if state.exists() else 0
    mode = "r+b" if (folder / "images.u8").exists() else "w+b"
    with open(folder / "images.u8", mode) as file:
        file.truncate(max(count, done) * WIDTH * WIDTH * 3)
    images = np.memmap(folder / "images.u8", np.uint8, "r+", shape=(max(count, done), WIDTH, WIDTH, 3))
    starts = range(done, count, CHUNK)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:  # forking a threaded process can hang
        stops = [min(start + CHUNK, count) for start in starts]
        chunks = pool.map(_paint_chunk, [seed] * len(stops), starts, stops)
        for start, stop, chunk in zip(starts, stops, chunks, strict=True):
            images[start:stop] = chunk
            state.write_text(json.dumps({"seed": seed, "done": stop}))
            yield stop


def open_set(folder: Path, count: int | None = None) -> PaintedSet:
    """The painted set in a folder. Raises FileNotFoundError if nothing was painted there."""
    state = json.loads((folder / "set.json").read_text())
    number = min(count or state["done"], state["done"])
    images = np.memmap(folder / "images.u8", np.uint8, "r", shape=(number, WIDTH, WIDTH, 3))
    return PaintedSet(images, tuple(sitting(state["seed"], index)[0] for index in range(number)))
