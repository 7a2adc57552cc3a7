"""What the app does, without a widget in sight: edits, comparisons, saved edits, one at a time.

One Studio serves all visitors. It holds the engine's model and knows who may cancel what.
"""

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import Queue

from app.settings import Settings
from uce_core import Cancelled, Edit, EditSpec, GenerationSpec, Model, Pair, compare, erase, load_model
from uce_core.models import catalog_of, check_fits, folder_of
from uce_core.scores import scorer_for

REMEMBERED_EDITS = 64


@dataclass(frozen=True)
class Progress:
    """done of total steps, and seconds left by the pace so far."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Comparison:
    edit: Edit
    pairs: list[Pair]
    seconds: float


class Studio:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._edits: OrderedDict[str, Edit] = OrderedDict()
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
        """Load the model and its scorer in the background, so that the page is up before them."""
        threading.Thread(target=self._load_all, daemon=True).start()

    def _load_all(self) -> None:
        try:
            scorer_for(self.model.folder)
        except ValueError as error:  # who asks for the model or the scores is told again
            logging.getLogger(__name__).warning("%s", error)

    def catalog(self) -> tuple[str, ...]:
        """Artists to offer; known before the model is loaded."""
        return catalog_of(folder_of(self.settings.model))

    def edit(self, spec: EditSpec) -> Edit:
        """The edit of a spec: as loaded from a file or solved before, else solved now."""
        key = spec.to_json()
        if key not in self._edits:
            self._remember(erase(self.model, spec))
        return self._edits[key]

    def _remember(self, edit: Edit) -> None:
        self._edits[edit.spec.to_json()] = edit
        while len(self._edits) > REMEMBERED_EDITS:
            self._edits.popitem(last=False)

    def compare(self, visitor: str, spec: EditSpec, drawings: list[GenerationSpec]) -> Iterator[Progress | Comparison]:
        """Progress after every step, and the comparison at the end.

        Raises ValueError for what a person can mend, Cancelled after cancel(visitor). A visitor who
        stops listening stops the drawing.
        """
        stop = self._running[visitor] = threading.Event()
        news: Queue[Progress | Comparison | Exception] = Queue()
        began = time.monotonic()

        def on_step(done: int, total: int) -> None:
            if stop.is_set():
                raise Cancelled
            news.put(Progress(done, total, (time.monotonic() - began) / done * (total - done)))

        def work() -> None:
            try:
                edit = self.edit(spec)
                pairs = compare(self.model, edit, drawings, on_step)
                news.put(Comparison(edit, pairs, time.monotonic() - began))
            except Exception as error:  # handed over to the visitor's thread, which raises it
                news.put(error)

        threading.Thread(target=work, daemon=True).start()
        try:
            while True:
                event = news.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                if isinstance(event, Comparison):
                    return
        finally:
            stop.set()
            self._running.pop(visitor, None)

    def cancel(self, visitor: str) -> None:
        """Stop what the visitor is drawing, within one step."""
        if visitor in self._running:
            self._running[visitor].set()

    def saved(self) -> list[str]:
        """Names of the saved edits."""
        return sorted(path.stem for path in self.settings.edits.glob("*.safetensors"))

    def save(self, edit: Edit, name: str) -> Path:
        """Save under a name, by default after what is erased; another edit of that name is not overwritten."""
        stem = file_stem(name) or file_stem("no-" + "-".join(edit.spec.erase))
        for number in range(1, 1000):
            path = self.settings.edits / f"{stem if number == 1 else f'{stem}-{number}'}.safetensors"
            if not path.exists() or _spec_of(path) == edit.spec:
                return edit.save(path)
        raise ValueError(f"There are a thousand edits named {stem}: choose another name.")

    def load(self, name: str) -> EditSpec:
        """Read a saved edit, to be used whenever its spec is asked for. Raises ValueError if it is not sound."""
        if name not in self.saved():
            raise ValueError(f"There is no saved edit named {name!r}: choose one from the list.")
        edit = Edit.load(self.settings.edits / f"{name}.safetensors")
        check_fits(self.model, edit)
        self._remember(edit)
        return edit.spec


def file_stem(name: str) -> str:
    """A file name without folders, spaces or anything a file system dislikes; "" if nothing is left."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-")[:80]


def _spec_of(path: Path) -> EditSpec | None:
    try:
        return Edit.load(path).spec
    except ValueError:
        logging.getLogger(__name__).warning("%s is not a sound edit file", path.name)
        return None
