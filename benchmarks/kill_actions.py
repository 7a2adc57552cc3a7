"""The actions that benchmarks.kills interrupts, and what each must have left."""

import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from itertools import count, cycle
from pathlib import Path

from alembic import command
from alembic.config import Config

from app.studio.recording import Recording
from benchmarks.kill_places import ALL, PLENTY, Action, Place, Tell, painted, pixels, told_of
from uce_core import GenerationSpec
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import Case
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.metrics.scorer import scorer_for
from uce_core.review.tasks import SIDES, Rating
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.database import engine_for
from uce_core.runs.migrate import MIGRATIONS, NEWEST, version
from uce_core.runs.ratings import ratings_of, save_ratings
from uce_core.runs.store import DATABASE, Store
from uce_core.workflows import run_comparison, run_evaluation

OLD_RUNS = Path(__file__).resolve().parent.parent / "tests" / "data" / "v0.1" / "home" / "runs"
OLDEST, OLD_COUNT = "0001", 5  # its migration, and how many runs it has
LITTLE = 20_000  # bytes of recorded files
NOTE = "seen"


class Save(Action):
    """An edit into the library."""

    name = "save"

    def do(self, folder: Path, tell: Tell) -> None:
        library = Place(folder).library
        for number in count(1):
            edit = self.bench.edit.at_strength(number)
            tell(f"{library.save(edit, f'edit {number}').stem} {edit.digest}")

    def lost(self, folder: Path, told: list[str]) -> Iterable[str]:
        library = Place(folder).library
        there = {name: library.read(name).digest for name in library.names()}
        return [name for name, digest in map(str.split, told) if there.get(name) != digest]


class RecordRun(Action):
    """A comparison with its images."""

    name = "record"

    def do(self, folder: Path, tell: Tell) -> None:
        recording = Recording(Place(folder).store, PLENTY)
        for number in count():
            run = recording.keep(self.bench.record(number)).id
            tell(" ".join([run, *map(pixels, painted(number))]))


class Generate(Action):
    """A comparison, scored, and recorded."""

    name = "generate and record"

    def warm_up(self) -> None:
        scorer_for(self.bench.model.folder)

    def do(self, folder: Path, tell: Tell) -> None:
        recording = Recording(Place(folder).store, PLENTY)
        for number in count():
            specs = [GenerationSpec("a cat", number, 2)]
            done = run_comparison(self.bench.model, self.bench.edit, specs, recording.keep)
            tell(" ".join([done.run.id, pixels(done.pairs[0].original), pixels(done.pairs[0].edited)]))


def rating(side: str) -> Rating:
    return Rating(item=f"0-{side}", reviewer="Kim", style=1, content=2, quality=3)


class Import(Action):
    """An exported run, with a note and ratings."""

    name = "import"

    def set_up(self) -> None:
        store = Store(self.bench.folder / "exported")
        for number in range(10):
            run = self.bench.record(number).keep(store)
            store.write_note(run, NOTE)
            save_ratings(store, run, [rating(side) for side in SIDES])
            export_run(store, store.get(run), self.bench.folder / "archives" / f"{number}.zip")

    def do(self, folder: Path, tell: Tell) -> None:
        store = Place(folder).store
        for archive in cycle(sorted((self.bench.folder / "archives").iterdir())):
            tell(told_of(store, import_run(store, archive)))

    def broken(self, folder: Path) -> Iterator[str]:
        """Also what came without its note or its ratings."""
        yield from super().broken(folder)
        store = Place(folder).store
        for run in store.page(limit=ALL):
            if run.note != NOTE or len(ratings_of(store, run.id)) != len(SIDES):
                yield f"half of {run.id}"


class Prune(Action):
    """Recorded runs age out; what is pinned does not."""

    name = "prune"
    things = 4

    def do(self, folder: Path, tell: Tell) -> None:
        store = Place(folder).store
        for number in count():
            run = self.bench.record(number).keep(store)
            if number % 3 == 0:
                store.pin(run)
                tell(told_of(store, run))
            store.prune(LITTLE)
            store.sweep()


class Delete(Action):
    """Runs and edits, for good or until that is undone."""

    name = "delete and undo"

    def do(self, folder: Path, tell: Tell) -> None:
        store, library = Place(folder).store, Place(folder).library
        for number in count():
            kept, gone = (self.bench.record(2 * number + i).keep(store) for i in range(2))
            for run in (kept, gone):
                store.soft_delete(run)
            store.undelete(kept)
            store.delete([gone])
            tell(f"{kept} listed")
            tell(f"{gone} gone")
            library.delete(library.save(self.bench.edit.at_strength(number + 1), f"edit {number}").stem)
            tell(f"{library.undelete(library.deleted()[-1])} listed")

    def lost(self, folder: Path, told: list[str]) -> Iterable[str]:
        place = Place(folder)
        listed = {run.id for run in place.store.page(limit=ALL)} | set(place.library.names())
        return [one for one in told if (one.split()[0] in listed) != one.endswith("listed")]


class Migrate(Action):
    """Databases of the first version, brought up to date when they are opened."""

    name = "migrate"
    things = 4

    copies = 6

    def set_up(self) -> None:
        old = self.bench.folder / "old"
        shutil.copytree(OLD_RUNS, old)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with engine_for(f"sqlite:///{old / DATABASE}").begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, OLDEST)

    def begin(self, folder: Path) -> None:
        for number in range(self.copies):
            shutil.copytree(self.bench.folder / "old", folder / f"{number}" / "runs")

    def do(self, folder: Path, tell: Tell) -> None:
        for number in range(self.copies):
            Place(folder / f"{number}").store.engine.dispose()
            tell(f"{number}")
        time.sleep(3600)

    def lost(self, folder: Path, told: list[str]) -> Iterable[str]:
        """Before anything else opens them."""
        for number in told:
            with sqlite3.connect(folder / number / "runs" / DATABASE) as connection:
                if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(NEWEST,)]:
                    yield number

    def places(self, folder: Path) -> list[Place]:
        return [Place(one) for one in sorted(folder.iterdir())]

    def broken(self, folder: Path) -> Iterator[str]:
        """Also a copy from before that is not whole."""
        yield from super().broken(folder)
        for place in self.places(folder):
            if version(place.store.engine) != NEWEST or place.store.count() != OLD_COUNT:
                yield place.folder.name
            copy = place.folder / "runs" / f"{DATABASE}.{OLDEST}.backup"
            with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as connection:
                sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                if not sound or connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(OLDEST,)]:
                    yield copy.name


class Evaluate(Action):
    """An edit into a folder; gone on with afterwards, its files are byte for byte those of one that was not killed."""

    name = "evaluate"
    things = 1

    def warm_up(self) -> None:
        scorer_for(self.bench.model.folder)

    def set_up(self) -> None:
        self.evaluate(self.bench.folder / "undisturbed")

    def evaluate(self, folder: Path) -> None:
        asked = [(what, who) for what in ("a cat", "a boat", "a tree") for who in ("Claude Monet", "Edvard Munch")]
        cases = [
            Case(prompt=f"{what} by {who}", evaluation_seed=7, case_number=number, artist=who, facet="style")
            for number, (what, who) in enumerate(asked)
        ]
        candidates = (as_candidate("no-monet", self.bench.edit),)
        inputs = EvaluationInputs(candidates=candidates, cases=tuple(cases), images=3, steps=2)
        keep = Recording(Place(folder).store, PLENTY).keep
        run_evaluation(self.bench.model, inputs, folder / "evaluation", keep)

    def do(self, folder: Path, tell: Tell) -> None:
        self.evaluate(folder)
        tell("done")
        time.sleep(3600)

    def lost(self, folder: Path, told: list[str]) -> Iterable[str]:
        """Before it is gone on with."""
        here, whole = files_in(folder / "evaluation"), files_in(self.bench.folder / "undisturbed" / "evaluation")
        if told and here != whole:
            yield "the evaluation"

    def broken(self, folder: Path) -> Iterator[str]:
        """Gone on with."""
        before = files_in(folder / "evaluation")
        self.evaluate(folder)
        yield from super().broken(folder)
        here, whole = files_in(folder / "evaluation"), files_in(self.bench.folder / "undisturbed" / "evaluation")
        yield from (name for name in {*here, *whole} if here.get(name) != whole.get(name))
        yield from (name for name in before if name.endswith(".png") and before[name] != whole[name])
        if Place(folder).store.count() != 1:
            yield "its run"

    def clean_up(self, folder: Path) -> None:
        super().clean_up(folder)
        self.evaluate(folder)


def files_in(folder: Path) -> dict[str, bytes]:
    """But for parts of files."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


ACTIONS = (Save, RecordRun, Generate, Import, Prune, Delete, Migrate, Evaluate)
