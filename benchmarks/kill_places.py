"""What the actions that benchmarks.kills interrupts have in common: what they begin with, where what they do is kept,
and how it is looked at afterwards.

An action tells of each thing when the call that does it has returned: from then on it must not be lost.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from PIL import Image

from app.studio.edit_library import Library
from app.studio.recording import Recording
from tests.tiny import save_scored
from uce_core import Edit, EditSpec, GenerationSpec, Model, erase, load_model
from uce_core.edits.edit import AnyEdit
from uce_core.generation.compare import Pair
from uce_core.review.tasks import SIDES
from uce_core.runs.record import Record, comparison_record
from uce_core.runs.run import UnreadableRun
from uce_core.runs.store import Store

PLENTY = 10**9  # bytes of recorded files
ALL = 10**6  # more runs than there are
Tell = Callable[[str], object]


class Bench:
    """What all actions need, made before anything is killed: a tiny random pipeline that has Atelier's scorers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        save_scored(folder / "model")
        self.model: Model = load_model(str(folder / "model"), "cpu", "fp32")
        self.edit: AnyEdit = erase(self.model, EditSpec(erase=("Claude Monet",), retain=("Edvard Munch",)))

    def record(self, number: int) -> Record:
        """Of a comparison that was never generated."""
        pair = Pair(GenerationSpec(f"a cat, number {number}", number, 2, 3.0), *painted(number), None)
        return comparison_record(self.model, self.edit, [pair])


class Place:
    """A folder with what an app keeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = Library(folder / "edits")

    @property
    def store(self) -> Store:
        return Store(self.folder / "runs")

    def broken(self) -> Iterator[str]:
        """What is listed and cannot be opened, or is not what it was."""
        yield from broken_runs(self.store)
        for name in self.library.names():
            try:
                self.library.read(name)
            except ValueError as error:
                yield str(error)

    def clean_up(self) -> None:
        """As the app does when it is started, hours later."""
        hours_ago = time.time() - 7200
        for path in self.folder.rglob("*"):
            if path.is_file():
                os.utime(path, (hours_ago, hours_ago))
        Recording(self.store, PLENTY).age_out()
        self.library.sweep()

    def orphans(self) -> list[Path]:
        """Files that nothing lists."""
        store = self.store
        known = {store.path(file) for run in (*store.page(limit=ALL), *store.soft_deleted()) for file in run.files}
        kept = [path for path in store.files.glob("*/*") if path not in known]
        return [*{*kept, *self.folder.rglob("*.part*")}]


def broken_runs(store: Store) -> Iterator[str]:
    for run in store.page(limit=ALL):
        if isinstance(run, UnreadableRun) or not run.files:
            yield f"run {run.id}"
        for file in run.files:
            path = store.path(file)
            if not path.is_file() or sha256(path.read_bytes()).hexdigest() != file.digest:
                yield f"{file.role} of {run.id}"
            elif file.role == "edit":
                Edit.load(path)
            elif file.role != "report":
                Image.open(path).load()


def painted(number: int) -> tuple[Image.Image, Image.Image]:
    return Image.new("RGB", (64, 64), (number % 256, 1, 7)), Image.new("RGB", (64, 64), (number % 256, 2, 7))


def pixels(image: Image.Image) -> str:
    return sha256(image.convert("RGB").tobytes()).hexdigest()


def told_of(store: Store, run: str) -> str:
    """A run's id, and the pixels of its images as they were kept."""
    files = [file for side in SIDES for file in store.get(run).files_of(side)]
    return " ".join([run, *(pixels(Image.open(store.path(file))) for file in files)])


@dataclass(frozen=True)
class Action:
    """name: for the table. things: so many are told of in the time over which kills are spread."""

    bench: Bench
    name: ClassVar[str]
    things: ClassVar[int] = 10

    def warm_up(self) -> None:
        """What takes long, in the process that forks those that are killed."""

    def set_up(self) -> None:
        """What it begins with, once, in the bench's folder, by a process of its own."""

    def begin(self, folder: Path) -> None:
        """What it begins with, in a folder that it has for itself."""

    def do(self, folder: Path, tell: Tell) -> None:
        """Again and again, without end."""
        raise NotImplementedError

    def lost(self, folder: Path, told: list[str]) -> Iterable[str]:
        """What was told of, and is not there as it was then."""
        store = Place(folder).store
        listed = {run.id for run in store.page(limit=ALL)}
        return [one for one in told if one.split()[0] not in listed or told_of(store, one.split()[0]) != one]

    def places(self, folder: Path) -> list[Place]:
        return [Place(folder)]

    def broken(self, folder: Path) -> Iterator[str]:
        """What is listed and cannot be opened, or is not whole."""
        for place in self.places(folder):
            yield from place.broken()

    def clean_up(self, folder: Path) -> None:
        for place in self.places(folder):
            place.clean_up()
