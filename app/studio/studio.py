"""What the app does, without a widget in sight: edits, comparisons, saved edits, one at a time.

One Studio serves all visitors. It holds one of the offered models and knows who may cancel what.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cachetools import LRUCache

from app.studio import engine
from app.studio.downloads import fresh_folder
from app.studio.edit_library import Library
from app.studio.engine import on_engine
from app.studio.originals import Originals
from app.studio.previews import Draft, Drafts
from app.studio.progress import Progress, stream_progress
from app.studio.recording import age_out, kept_if_possible, taken
from app.studio.request import DEFAULT_SPEC, EditRequest
from app.studio.results import Comparison, Fairness, Leakage
from app.studio.settings import Settings
from uce_core import (
    Cancelled,
    DebiasSpec,
    Edit,
    EditSpec,
    GenerationSpec,
    Impact,
    Model,
    compare,
    debias,
    erase,
    export,
    impact,
    load_model,
    suggest_retain,
)
from uce_core.concepts.catalog import catalog_of
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.cases import facet_cases
from uce_core.evaluation.evaluate import PAGE, evaluate
from uce_core.evaluation.measure import as_candidate, control_artists
from uce_core.evaluation.tables import summary
from uce_core.evaluation.verdicts import verdicts
from uce_core.generation.generate import OnStep
from uce_core.methods.debias import Iterate, samples
from uce_core.methods.export import FORMATS
from uce_core.metrics.scorer import scorer_for
from uce_core.models.families import Family
from uce_core.models.loading import family_in, folder_of
from uce_core.models.model import check_fits
from uce_core.problems import Problem
from uce_core.runs.home import home, open_store
from uce_core.runs.record import record, record_debiasing, record_evaluation
from uce_core.runs.replay import Replay, drawings_of, edit_of, replay
from uce_core.runs.store import Store

REMEMBERED = 8  # solved edits
CONSIDERED = 40  # artists whose impact is said
SUGGESTED = 4  # artists to retain, at a time
OTHERS = 4  # artists besides the erased ones, in a look at leakage


class Studio:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.edits, settings.is_local)
        self._running: dict[tuple[str, str], threading.Event] = {}
        self._model: Model | None = None
        self._solved: LRUCache[tuple[str, str], Edit] = LRUCache(REMEMBERED)
        self._originals = Originals()

    @property
    def kept(self) -> Store:
        """Recorded runs."""
        return open_store(home(), self.settings.database)

    @on_engine
    def model(self, name: str = "") -> Model:
        """The model that is offered under a name, by default the first; loaded if it is not the one at hand.

        Raises ValueError with one sentence if it cannot be had; the one at hand stays.
        """
        wanted, chosen = self._offered(name), self.settings
        if self._model is None or self._model.name != wanted:
            try:
                self._model = load_model(wanted, chosen.device, chosen.dtype, chosen.offload, chosen.compiled)
            except Problem as problem:  # visitors are told the name that they know, not a path of this machine
                raise problem.about(name=name or self.first) from None
        return self._model

    @property
    def first(self) -> str:
        """The model that visitors begin with."""
        return next(iter(self.settings.offered))

    def at_hand(self, name: str) -> bool:
        """Whether an offered model is loaded already."""
        return self._model is not None and self._model.name == self.settings.offered.get(name)

    def _offered(self, name: str) -> str:
        offered = self.settings.offered
        if name and name not in offered:
            raise Problem("The model {name!r} is not offered here: choose one from the list.", name=name)
        return offered[name or self.first]

    @on_engine
    def warm_up(self) -> None:
        """Load the model and its scorer and compare in one step, so that the first comparison is as fast as all
        others; and let age out what has done so while the app was away."""
        age_out(self.kept, self._room)
        try:
            model = self.model()
            edit = self._solve(model, DEFAULT_SPEC)
            pairs = compare(model, edit, [GenerationSpec("a house", steps=1)], on_latents=Drafts().begin(model))
            verdicts(scorer_for(model.folder), pairs, DEFAULT_SPEC.erase, model.catalog)
        except ValueError as error:  # who asks for the model or the scores is told again
            logging.getLogger(__name__).warning("%s", error)

    def catalog(self, model: str = "") -> tuple[str, ...]:
        """Artists to offer; known before the model is loaded."""
        return catalog_of(folder_of(self._offered(model))).artists

    def family(self, model: str = "") -> Family:
        """What it is drawn with by default; known before the model is loaded."""
        return self._within_limits(family_in(self._offered(model)))

    def _within_limits(self, family: Family) -> Family:
        return replace(family, steps=min(family.steps, self.settings.limits.steps))

    @on_engine
    def edit(self, wanted: EditRequest) -> AnyEdit:
        """Read from the saved edit if that is what is asked, else solved; in the wished strength."""
        edit = self.load(wanted.saved, wanted.model) if wanted.saved else None
        if edit is None or (wanted.spec and edit.spec != wanted.spec):
            assert wanted.spec is not None  # only a saved edit may come without
            self.settings.limits.check_concepts(wanted.spec)
            edit = self._solve(self.model(wanted.model), wanted.spec)
        return edit if wanted.strength == 1 else edit.at_strength(wanted.strength)

    def _solve(self, model: Model, spec: EditSpec) -> AnyEdit:
        """Solved, or remembered if it was among the last; of dense edits, which are large, none is remembered."""
        key = (model.name, spec.to_json())
        known = self._solved.get(key)
        if known:
            return known
        edit = erase(model, spec)
        if isinstance(edit, Edit):
            self._solved[key] = edit
        return edit

    def solve_early(self, wanted: EditRequest) -> None:
        """Solve what will be asked for, if that takes no loading and nobody has to wait for it."""
        if wanted.spec and not wanted.saved and self.at_hand(wanted.model) and not engine.ENGINE.busy:
            self.edit(wanted)

    @on_engine
    def impact(self, wanted: EditRequest) -> list[Impact]:
        """Whom the edit hits, the most hit first; of a long catalogue its first artists."""
        model = self.model(wanted.model)
        return impact(model, self.edit(wanted), model.catalog[:CONSIDERED])

    @on_engine
    def suggest(self, wanted: EditRequest) -> list[str]:
        """Whom to retain: those most hit whom the edit neither erases nor retains."""
        model = self.model(wanted.model)
        return suggest_retain(model, self.edit(wanted), model.catalog[:CONSIDERED], SUGGESTED)

    def begin(self, visitor: str, tab: str = "") -> threading.Event:
        """Announce that a visitor is about to draw, in a tab; set the event, or call cancel, to stop it."""
        stop = self._running[visitor, tab] = self._new_stop()
        return stop

    def _new_stop(self) -> threading.Event:
        return threading.Event()

    def replay(self, stop: threading.Event, run: str) -> "Iterator[Progress | Replay]":
        """Progress while a recorded run is drawn again, and at the end how the pictures compare.

        Raises ValueError for what a person can mend, Cancelled after stop was set.
        """

        def again(on_step: OnStep) -> Replay:
            found = self.kept.get(run)
            self.settings.limits.check_drawings(drawings_of(found))  # recorded under others, or imported
            return replay(self.kept, found, self.model(found.request["model"]), on_step)

        yield from stream_progress(stop, again)

    def leakage(
        self, stop: threading.Event, name: str, artist: str, images: int, model: str = ""
    ) -> "Iterator[Progress | Leakage]":
        """Progress in pictures while a saved edit's facets are drawn and measured, and what was found.

        Raises ValueError for what a person can mend, Cancelled after stop was set.
        """
        began = time.monotonic()

        def looked(on_step: OnStep) -> Leakage:
            drawing, edit = self.model(model), self.load(name, model)
            chosen = as_candidate(name, edit, [artist] if artist else ())
            if not chosen.erased:
                raise Problem("{name} does not say whom it erases: choose the artist to look for.", name=name)
            others = control_artists([chosen], drawing.catalog, OTHERS)
            cases = facet_cases(chosen.erased, others, drawing.known.indirect)
            self.settings.limits.check_pictures(2 * images * len(cases))
            folder, title = fresh_folder(), f"{name}: {', '.join(chosen.erased)}"
            found = evaluate(
                drawing, [chosen], cases, folder, images, self._within_limits(drawing.family).steps,
                title=title,
                on_image=lambda done, total: on_step(round(done), total),
            )  # fmt: skip
            [report] = found.reports
            run = self._recorded(lambda: record_evaluation(self.kept, drawing, edit, found))
            return Leakage(
                title, chosen.erased, report, tuple(summary(report)), found.lines, folder / PAGE,
                time.monotonic() - began, run,
            )  # fmt: skip

        yield from stream_progress(stop, looked)

    def debias(
        self, stop: threading.Event, spec: DebiasSpec, model: str = ""
    ) -> "Iterator[tuple[Progress | Fairness, tuple[Iterate, ...]]]":
        """Progress within an iteration, and what was found; with each the iterates so far.

        After stop was set, the best so far is found; Cancelled is raised if nothing was counted by then,
        ValueError for what a person can mend.
        """
        self.settings.limits.check_debiasing(spec)
        began, history = time.monotonic(), list[Iterate]()

        def searched(on_step: OnStep) -> Fairness:
            drawing = self.model(model)
            most = self.settings.limits.steps
            wanted = replace(spec, guidance_scale=drawing.family.guidance_scale, steps=min(spec.steps, most))
            found = debias(drawing, wanted, lambda number, done, total: on_step(done, total), history.append)
            pictures = samples(drawing, wanted, found.edit, self._within_limits(drawing.family).steps)
            run = self._recorded(lambda: record_debiasing(self.kept, drawing, found, pictures))
            return Fairness(found, pictures, time.monotonic() - began, run)

        for event in stream_progress(stop, searched):
            yield event, tuple(history)

    def save_of_run(self, run: str, name: str) -> Path:
        """Save the edit of a recorded run in the library. Raises ValueError if there is none."""
        return self.library.save(edit_of(self.kept, self.kept.get(run)), name)

    def compare(
        self,
        stop: threading.Event,
        wanted: EditRequest,
        drawings: list[GenerationSpec],
    ) -> "Iterator[tuple[Progress | Comparison, tuple[Draft, ...]]]":
        """Progress while it draws, the latest only, and the comparison at the end; with each what the pictures are
        heading for, as far as that is known.

        Raises ValueError for what a person can mend, Cancelled after stop was set. A visitor who
        stops listening stops the drawing.
        """
        self.settings.limits.check_drawings(drawings)
        began = time.monotonic()
        drafts = Drafts()

        def drawn(on_step: OnStep) -> Comparison:
            at_hand = self.model(wanted.model)
            edit = self.edit(wanted)
            if stop.is_set():
                raise Cancelled
            known = self._originals.of(at_hand, edit, drawings)
            watch = drafts.begin(at_hand, known)
            pairs = compare(at_hand, edit, drawings, on_step, on_latents=watch, originals=known)
            self._originals.keep(at_hand, edit, pairs)
            erased = wanted.spec.erase if wanted.spec else ()
            found = verdicts(scorer_for(at_hand.folder), pairs, erased, at_hand.catalog) if pairs[0].scores else ()
            path = "apart" if known and isinstance(edit, Edit) else "auto"
            run = self._recorded(lambda: record(self.kept, at_hand, edit, pairs, found, path))
            return Comparison(at_hand, edit, wanted.spec, pairs, found, time.monotonic() - began, run)

        for event in stream_progress(stop, drawn):
            yield event, drafts.latest

    def _recorded(self, keep: Callable[[], str]) -> str:
        """The run's id; "" if it could not be recorded."""
        return kept_if_possible(self.kept, self._room, keep)

    @property
    def _room(self) -> int:
        """Bytes of what is recorded, at most."""
        return self.settings.keep * 10**6

    def take_run(self, file: Path) -> str:
        """Keep an exported run; returns its id. Raises ValueError if the file is none, or it cannot be kept."""
        return taken(self.kept, self._room, file, self.settings.is_local)

    def gone(self, visitor: str) -> None:
        """Stop all that a visitor is drawing, who has closed the page."""
        for running in list(self._running):
            if running[0] == visitor:
                self.cancel(*running)

    def cancel(self, visitor: str, tab: str = "") -> None:
        """Stop what the visitor is drawing in a tab, within one step."""
        stop = self._running.pop((visitor, tab), None)
        if stop:
            stop.set()

    def load(self, name: str, model: str = "") -> AnyEdit:
        """A saved edit, checked to fit the model. Raises ValueError if it is not sound or does not fit."""
        edit = self.library.read(name)
        check_fits(self.model(model), edit)
        return edit

    @on_engine
    def export(self, name: str, to: str, strength: float, path: Path) -> None:
        """Write a saved edit in a strength, as this program's own file or in another format, for the first model."""
        edit = self.library.read(name).at_strength(strength)
        if to in FORMATS:
            export(self.model(), edit, to, path)
        else:
            edit.save(path)

    def spec(self, name: str, model: str = "") -> EditSpec:
        """What a saved edit was asked. Raises ValueError if it does not say, or does not fit the model."""
        spec = self.load(name, model).spec
        if not isinstance(spec, EditSpec):
            raise Problem("{name} does not say what it erases: use it with python -m uce_core compare.", name=name)
        return spec
