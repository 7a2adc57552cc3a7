"""What the app does, without a widget in sight: edits, comparisons, saved edits, one at a time.

One Studio serves all visitors. It holds the engine's model and knows who may cancel what.
"""

import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import Queue

from app.settings import Settings
from uce_core import Cancelled, Edit, EditSpec, GenerationSpec, Model, Pair, compare, draw, erase, load_model, runs
from uce_core.edit import AnyEdit
from uce_core.loading import catalog_of, folder_of
from uce_core.models import check_fits
from uce_core.problems import Problem
from uce_core.scores import scorer_for


@dataclass(frozen=True)
class Progress:
    """done of total steps, and seconds left by the pace so far."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Comparison:
    """run: the id under which it was recorded, "" if that failed."""

    edit: AnyEdit
    spec: EditSpec
    pairs: list[Pair]
    seconds: float
    run: str


class Studio:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._running: dict[str, threading.Event] = {}
        self._loading = threading.Lock()

    @cached_property
    def _model(self) -> Model:
        return load_model(self.settings.model, self.settings.device, self.settings.dtype)

    @property
    def model(self) -> Model:
        """The model, loaded by the first who asks."""
        with self._loading:
            return self._model

    def warm_up(self) -> None:
        """Load the model and its scorer and draw one step, so that the first comparison is as fast as all others."""
        try:
            images = draw(self.model, [GenerationSpec("a house", steps=1)])
            scorer_for(self.model.folder).score(["a house"], images, images)
        except ValueError as error:  # who asks for the model or the scores is told again
            logging.getLogger(__name__).warning("%s", error)

    def catalog(self) -> tuple[str, ...]:
        """Artists to offer; known before the model is loaded."""
        return catalog_of(folder_of(self.settings.model))

    def edit(self, spec: EditSpec, saved: str = "") -> AnyEdit:
        """The edit of a spec: read from the saved edit of that name if that is its spec, else solved."""
        if saved:
            edit = self.load(saved)
            if edit.spec == spec:
                return edit
        return erase(self.model, spec)

    def begin(self, visitor: str) -> threading.Event:
        """Announce that a visitor is about to draw; set the event, or call cancel, to stop it."""
        stop = self._running[visitor] = threading.Event()
        return stop

    def compare(
        self, stop: threading.Event, spec: EditSpec, drawings: list[GenerationSpec], saved: str = ""
    ) -> Iterator[Progress | Comparison]:
        """Progress while it draws, the latest only, and the comparison at the end.

        Raises ValueError for what a person can mend, Cancelled after stop was set. A visitor who
        stops listening stops the drawing.
        """
        news: Queue[Progress | Comparison | Exception] = Queue()
        threading.Thread(target=self._work, args=(news, stop, spec, drawings, saved), daemon=True).start()
        try:
            while True:
                event = news.get()
                while isinstance(event, Progress) and not news.empty():
                    event = news.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                if isinstance(event, Comparison):
                    return
        finally:
            stop.set()

    def _work(
        self,
        news: "Queue[Progress | Comparison | Exception]",
        stop: threading.Event,
        spec: EditSpec,
        drawings: list[GenerationSpec],
        saved: str,
    ) -> None:
        began = time.monotonic()
        first: list[float] = []  # when the first step was done

        def on_step(done: int, total: int) -> None:
            if stop.is_set():
                raise Cancelled
            first.append(time.monotonic())
            pace = (first[-1] - first[0]) / (len(first) - 1) if len(first) > 1 else 0.0
            news.put(Progress(done, total, pace * (total - done)))

        try:
            edit = self.edit(spec, saved)
            if stop.is_set():
                raise Cancelled
            pairs = compare(self.model, edit, drawings, on_step)
            news.put(Comparison(edit, spec, pairs, time.monotonic() - began, self._record(edit, pairs)))
        except Exception as error:  # handed over to the visitor's thread, which raises it
            news.put(error)

    def _record(self, edit: AnyEdit, pairs: list[Pair]) -> str:
        try:
            return runs.record(self.model, edit, pairs)
        except OSError:
            logging.getLogger(__name__).exception("the run could not be recorded")
            return ""

    def cancel(self, visitor: str) -> None:
        """Stop what the visitor is drawing, within one step."""
        stop = self._running.pop(visitor, None)
        if stop:
            stop.set()

    def saved(self) -> list[str]:
        """Names of the saved edits."""
        return sorted(path.stem for path in self.settings.edits.glob("*.safetensors"))

    def save(self, edit: AnyEdit, name: str) -> Path:
        """Save under a name, by default after what is erased; another edit of that name is not overwritten."""
        erased = edit.spec.edited if edit.spec else ()
        stem = file_stem(name) or file_stem("no-" + "-".join(erased)) or "edit"
        for number in range(1, 1000):
            path = self.settings.edits / f"{stem if number == 1 else f'{stem}-{number}'}.safetensors"
            if not path.exists() or _digest_of(path) == edit.digest:
                return edit.save(path)
        raise Problem("There are a thousand edits named {name}: choose another name.", name=stem)

    def load(self, name: str) -> AnyEdit:
        """A saved edit, checked to fit the model. Raises ValueError if it is not sound or does not fit."""
        if name not in self.saved():
            raise Problem("There is no saved edit named {name!r}: choose one from the list.", name=name)
        edit = Edit.load(self.settings.edits / f"{name}.safetensors")
        check_fits(self.model, edit)
        return edit

    def spec(self, name: str) -> EditSpec:
        """What a saved edit was asked. Raises ValueError if it does not say, or does not fit the model."""
        spec = self.load(name).spec
        if not isinstance(spec, EditSpec):
            raise Problem("{name} does not say what it erases: use it with python -m uce_core compare.", name=name)
        return spec


def file_stem(name: str) -> str:
    """A file name without folders, spaces or anything a file system dislikes; "" if nothing is left."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-")[:80]


def _digest_of(path: Path) -> str:
    try:
        return Edit.load(path).digest
    except ValueError:
        logging.getLogger(__name__).warning("%s is not a sound edit file", path.name)
        return ""
