"""python -m benchmarks.scaling: an evaluation at size. What the plan of a million images costs, what a driver of Ray
workers takes in time and memory where nothing is generated, and how two workers compare with one process.

plan: files that are there are empty ones. dry: workers that only say that they have done a block. growth: Atelier, one
process with both threads, one worker and two workers with one thread each, the same images.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import torch

from uce_core import EditSpec, Model, erase, load_model
from uce_core.cluster.connecting import LOCAL
from uce_core.cluster.ray_workers import Source, ray_workers
from uce_core.evaluation.blocks import Block
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import ImageSpec, numbered
from uce_core.evaluation.evaluate import generate_shard
from uce_core.evaluation.generating import missing
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.worker import GENERATE, Worker

EDITS, SIZE, THERE = 7, 16, 0.9  # THERE: share of the images that a resumed evaluation has


class Dry(Worker):
    """Does nothing. A block is done in no time."""

    def __init__(self) -> None: ...

    @property
    def hardware(self) -> str:
        return "nothing"

    def generate(self, block: Block) -> int:
        return block.stop - block.start


@dataclass(frozen=True, kw_only=True)
class DrySource(Source):
    def worker(self, inputs: EvaluationInputs, folder: Path) -> Worker:
        return Dry()


def seconds(began: float) -> float:
    return time.perf_counter() - began


def folder_of(images: int, place: Path) -> ImageFolder:
    """Of so many images, ten of each case."""
    names = (f"artist {number}" for number in range(images // 10))
    cases = numbered((f"a house in the style of {name}", name, "style", "a house") for name in names)
    return ImageFolder(place, tuple(ImageSpec(case, n) for case in cases for n in range(10)), 20, 7.5)


def resident() -> float:
    """Of this process, MB."""
    return float(psutil.Process().memory_info().rss / 1e6)


def plan(images: int) -> None:
    whiches = (ORIGINAL, *(f"edit-{number}" for number in range(EDITS)))
    with tempfile.TemporaryDirectory() as temporary:
        before, began = resident(), time.perf_counter()
        folder = folder_of(images // len(whiches), Path(temporary))
        made, cases, began = seconds(began), resident() - before, time.perf_counter()
        count = sum(1 for _ in missing(folder, whiches, SIZE))
        begun = seconds(began)
        for which in whiches:
            (folder.folder / which).mkdir()
            for image_spec in folder.image_specs[: int(THERE * len(folder.image_specs))]:
                folder.path(which, image_spec).touch()
        before, began = resident(), time.perf_counter()
        lacking = missing(folder, whiches, SIZE)
        left = sum(1 for _ in lacking)
        resumed, names = seconds(began), resident() - before
    print("| plan | time | memory |\n|---|---|---|")
    print(f"| {len(whiches) * len(folder.image_specs):,} images: cases, files, seeds | {made:.1f} s | {cases:.0f} MB |")
    print(f"| nothing there: {count:,} blocks | {begun:.1f} s | |")
    print(f"| {THERE:.0%} there: {left:,} blocks | {resumed:.1f} s | {names:.0f} MB |")


def dry(images: int) -> None:
    memory = list[float]()
    folder, inputs = folder_of(images, Path("nowhere")), EvaluationInputs(candidates=(), cases=())
    with ray_workers(LOCAL, DrySource(model=""), inputs, folder, model=None, count=2) as workers:
        workers.each(GENERATE, [Block(ORIGINAL, 0, SIZE)], lambda images: None)  # they are there
        began, blocks = time.perf_counter(), missing(folder, (ORIGINAL,), SIZE)
        workers.each(GENERATE, blocks, lambda images: memory.append(resident()))
        took = seconds(began)
    print("\n| driver, two dry workers | measured |\n|---|---|")
    print(f"| {images:,} images in blocks of {SIZE} | {took:.0f} s, {1000 * took / len(memory):.2f} ms a block |")
    first, last = memory[len(memory) // 4], memory[-1]
    print(f"| resident memory after a quarter, at the end | {first:.0f} MB, {last:.0f} MB |")


def growth(images: int) -> None:
    model = load_model("atelier").ready()
    edit = as_candidate("no-van-gogh", erase(model, EditSpec(erase=model.catalog[:1], retain=model.catalog[1:])))
    cases = numbered((f"a house in the style of {name}", name, "style", "a house") for name in model.catalog)
    each = max(1, images // 2 // len(cases))
    inputs = EvaluationInputs(candidates=(edit,), cases=tuple(cases), images=each)
    rates = []
    print("\n| Atelier | images a second | ratio |\n|---|---|---|")
    for count in (0, 1, 2):
        with tempfile.TemporaryDirectory() as temporary:
            rates.append(inputs.image_count / generated(model, inputs, Path(temporary), count))
        what = (
            f"{count} worker{'s' * (count > 1)}, 1 thread each"
            if count
            else f"one process, {torch.get_num_threads()} threads"
        )
        print(f"| {what} | {rates[-1]:.2f} | {rates[-1] / rates[0]:.2f} |", flush=True)


def generated(model: Model, inputs: EvaluationInputs, place: Path, count: int) -> float:
    """Seconds, by so many workers, 0 for this process; all are warm."""
    if not count:
        generate_shard(model, replace(inputs, cases=inputs.cases[:1]), place / "warm")
        began = time.perf_counter()
        generate_shard(model, inputs, place / "images")
        return seconds(began)
    folder = inputs.image_folder(model, place / "images")
    with ray_workers(LOCAL, Source(model="atelier"), inputs, folder, model=model, count=count) as workers:
        workers.each(GENERATE, [Block(ORIGINAL, number, number + 1) for number in range(count)], lambda images: None)
        began = time.perf_counter()
        generate_shard(model, inputs, place / "images", workers=workers)
        return seconds(began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"plan": (plan, 10**6), "dry": (dry, 10**5), "growth": (growth, 224)}
    for name, (_, images) in parts.items():
        parser.add_argument(f"--{name}", type=int, default=images, metavar="IMAGES", help="0 to leave it out")
    chosen = parser.parse_args()
    for name, (work, _) in parts.items():
        if images := getattr(chosen, name):
            work(images)


if __name__ == "__main__":
    main()
