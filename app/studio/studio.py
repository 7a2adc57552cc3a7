"""What the app does, without a widget in sight: edits, comparisons, saved edits, one at a time.

One Studio serves all visitors. It holds one of the offered models and knows who may cancel what. The engine's modules
are imported when they are first needed, on its own thread: the page is up before torch is.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cachetools import LRUCache

import uce_core
from app.studio import engine, tasks
from app.studio.comparing import Comparing, Live, check_columns
from app.studio.debiasing import Debiasing
from app.studio.detached import Detached
from app.studio.downloads import remove_abandoned
from app.studio.edit_library import Library, Room
from app.studio.engine import on_engine_as_job
from app.studio.evaluations import Asked, Evaluations
from app.studio.examples import examples
from app.studio.grids import Sheet, sheet_of
from app.studio.limits import most_images
from app.studio.offered import OfferedModels
from app.studio.originals import Originals
from app.studio.previews import Previews
from app.studio.progress import Event, Stop, stream_progress
from app.studio.rates import Rate
from app.studio.recording import Recording, changing
from app.studio.request import DEFAULT_SPEC, EditRequest
from app.studio.results import Result, SoFar
from app.studio.settings import Settings
from app.studio.tasks import TaskPlan
from app.studio.turns import Turns
from app.studio.visitor import Action, Visitor
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.formats import CHECKPOINT, OWN
from uce_core.edits.spec import ErasureSpec
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.plan import Grid
from uce_core.problems import Problem
from uce_core.runs.home import home, open_store
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit, Impact, Model
    from uce_core.evaluation.inputs import EvaluationInputs
    from uce_core.runs.replay import Replay

HOUR = 3600.0  # seconds
REMEMBERED = 8  # solved edits
CONSIDERED = 40  # artists whose impact is said
SUGGESTED = 4  # artists to retain, at a time
DRAIN, STOP = 6.0, 2.0  # seconds in which what has begun may end, when the app is stopped, and then be stopped
FEW_CONTROLS = 4  # artists besides the erased ones in a measurement of leakage: fewer than elsewhere, as people wait


class Studio:
    def __init__(self, settings: Settings, new_stop: Callable[[str, str, str], Stop] = Stop) -> None:
        self.settings = settings
        self._images = Rate(settings.limits.images_an_hour, HOUR)
        self.models, self.turns = OfferedModels(settings), Turns(new_stop)
        self._solved: LRUCache[tuple[str, str, str], AnyEdit] = LRUCache(REMEMBERED)
        self.originals = Originals()
        self.detached = Detached()
        self.evaluations = Evaluations(settings, self.models, self.load, self.recording)
        engine.ENGINE.limits = settings.limits
        engine.CLUSTER.limits = replace(settings.limits, together=1)

    @property
    def store(self) -> Store:
        """Recorded runs."""
        return open_store(home(), self.settings.database)

    def recording(self, visitor: str = "") -> Recording:
        """How a visitor's runs are kept here."""
        return Recording(self.store.for_visitor(visitor), self.settings.keep * 10**6)

    def library(self, visitor: str = "") -> Library:
        """Saved edits, the operator's and a visitor's."""
        limits = self.settings.limits
        room = Room(limits.edits, limits.edits_size * 10**6, self.settings.keep * 10**6)
        return Library(self.settings.edits, visitor, room if visitor else None)

    def examples(self) -> dict[str, AnyRun]:
        """Recorded runs that ship, by name. Raises ValueError if the store cannot take them."""
        with changing():
            return examples(self.store)

    def clean_up(self) -> None:
        """Let age out what has done so while the app was away, and remove what it left if it was killed."""
        self.recording().age_out()
        self.library().sweep()
        remove_abandoned()
        self.evaluations.folders.sweep()

    def warm_up(self) -> None:
        """Have the first comparison be as fast as all others. Nobody waits for it."""
        engine.ENGINE.do(self._warm_up, wanted=False)

    def _warm_up(self) -> None:
        """Load the model and its scorer and compare in one step."""
        self.clean_up()
        try:
            model = self.models.load()
            edit = self._solve(model, DEFAULT_SPEC)
            watch = Previews().begin(model)
            specs = [GenerationSpec("a house", steps=1)]
            uce_core.run_comparison(model, edit, specs, uce_core.not_kept, on_latents=watch)
        except ValueError as error:  # who asks for the model or the scores is told again
            logging.getLogger(__name__).warning("%s", error)

    @on_engine_as_job
    def edit(self, request: EditRequest) -> "AnyEdit":
        """Read from the saved edit if that is what is asked, else solved; in the strength that is asked."""
        edit = self.load(request.saved, request.visitor, request.model) if request.saved else None
        if edit is None or (request.spec and edit.spec != request.spec):
            assert request.spec is not None  # only a saved edit may come without
            self.settings.limits.check_concepts(request.spec)
            edit = self._solve(self.models.load(request.model), request.spec)
        return edit if request.strength == 1 else edit.at_strength(request.strength)

    def _solve(self, model: "Model", spec: ErasureSpec) -> "AnyEdit":
        """Solved, or remembered if it was among the last; of dense edits, which are large, none is remembered."""
        key = (model.fingerprint, model.text.fingerprint, spec.to_json())
        known = self._solved.get(key)
        if known:
            return known
        edit = uce_core.erase(model, spec)
        if edit.low_rank:
            self._solved[key] = edit
        return edit

    def solve_early(self, request: EditRequest) -> None:
        """Solve what will be asked for, if that takes no loading and nobody has to wait for it."""
        if request.spec and not request.saved and self.models.at_hand(request.model) and not engine.ENGINE.busy:
            self.edit(request)

    @on_engine_as_job
    def impact(self, request: EditRequest) -> "list[Impact]":
        """Which artists the edit affects, the most affected first; of a long catalogue its first artists."""
        model = self.models.load(request.model)
        return uce_core.impact(model, self.edit(request), model.catalog[:CONSIDERED])

    @on_engine_as_job
    def impact_of_run(self, run: AnyRun) -> AnyRun:
        """The run with the impact of its edit, which is kept with it."""
        model = self.models.load(run.model)
        return uce_core.run_impact(self.store, run, model, model.catalog[:CONSIDERED])

    @on_engine_as_job
    def suggest(self, request: EditRequest) -> list[str]:
        """Artists to retain: those most affected that the edit neither erases nor retains."""
        model = self.models.load(request.model)
        return uce_core.suggest_retain(model, self.edit(request), model.catalog[:CONSIDERED], SUGGESTED)

    def _count_images(self, visitor: str, count: int) -> None:
        """Raises ValueError if that is too many at once, or the visitor has had too many lately."""
        self.settings.limits.check_images(count)
        seconds = self._images.wait(visitor, count) if visitor else 0
        if seconds:
            raise Problem(
                "too_many_images_lately",
                "You have generated {most} images within an hour, which is the limit here: go on in {minutes} minutes.",
                most=self._images.most,
                minutes=1 + seconds // 60,
            )

    def _admit(self, visitor: str, specs: Sequence[GenerationSpec], model: str, each: int = 2) -> None:
        """Raises ValueError if a visitor may not ask for as much. each: images of a spec."""
        self.settings.limits.check_generations(specs, self.models.family(model).size, each)
        self._count_images(visitor, each * len(specs))

    def replay(self, stop: Stop, run: str) -> "Iterator[Event | Replay]":
        """Progress while a recorded run is generated again, and at the end how the images compare.

        Raises ValueError for what a person can fix, Cancelled after stop was set.
        """

        def again(on_step: OnStep) -> "Replay":
            store = self.store
            found = store.get(run)
            self._admit(stop.visitor, found.generations, found.model)  # recorded under other limits, or imported
            return uce_core.replay(store, found, self.models.load(found.model), on_step)

        yield from stream_progress(stop, again)

    def leakage(
        self, stop: Stop, name: str, artists: Sequence[str], images: int, model: str = ""
    ) -> Iterator[Event | Result]:
        """Progress in images while a saved edit's facets are generated and measured, and what was found. artists: ()
        for those that it erases.

        Raises ValueError for what a person can fix, Cancelled after stop was set.
        """

        def plan(at_hand: "Model", edit: "AnyEdit") -> "EvaluationInputs":
            return uce_core.leakage_inputs(
                at_hand,
                [(name, edit)],
                artists=artists,
                controls=FEW_CONTROLS,
                images=images,
                steps=self.models.within_limits(at_hand.family).steps,
            )

        check = partial(self._count_images, stop.visitor)
        yield from self.evaluations.stream(stop, Asked(edit=name, model=model, plan=plan, check=check))

    def task(self, stop: Stop, name: str, task: str, model: str = "") -> Iterator[Event | Result]:
        """The same of a saved edit that is evaluated by one of the package's tasks, by its name."""
        check = partial(self._check_task, stop.visitor)
        plan = partial(tasks.inputs_of, name, tasks.own(task), self.models)
        asked = Asked(edit=name, model=model, plan=plan, check=check, with_images=False)
        yield from self.evaluations.stream(stop, asked)

    def planned(self, name: str, task: str, visitor: str, model: str = "") -> TaskPlan:
        """What such an evaluation will generate. Raises ValueError if it cannot be done, or is too much for a
        visitor."""
        spec = self.library(visitor).spec(name)
        found = tasks.plan_of(name, spec, tasks.own(task), self.models.known(model))
        if visitor:
            self.settings.limits.check_images(found.images)
        return found

    def _check_task(self, visitor: str, count: int) -> None:
        """Limits are for visitors: the owner has the time that it takes."""
        if visitor:
            self._count_images(visitor, count)

    def debias(self, stop: Stop, spec: DebiasSpec, model: str = "") -> Iterator[tuple[Event | Result, SoFar]]:
        """Progress within an iteration, and what was found; with each what is known so far.

        After stop was set, the best so far is found; Cancelled is raised if nothing was counted by then,
        ValueError for what a person can fix.
        """
        debiasing = Debiasing(self, stop, spec, model)
        line = engine.CLUSTER if self.settings.ray else None
        check = partial(self._count_images, stop.visitor, most_images(spec))
        for event in stream_progress(stop, debiasing.searched, check, line):
            yield event, debiasing.so_far

    def save_of_run(self, run: str, name: str, visitor: str) -> Path:
        """Save the edit of a recorded run in a visitor's library. Raises ValueError if there is none, or it changes
        nothing."""
        found = self.store.get(run)
        if found.changes_nothing:
            raise Problem(
                "run_edit_changes_nothing", "The edit of run {run} changes nothing: there is nothing to save.", run=run
            )
        return self.library(visitor).save(uce_core.edit_of(self.store, found), name)

    def compare(
        self, stop: Stop, requests: Sequence[EditRequest], specs: list[GenerationSpec], shown: Sequence[str] = ()
    ) -> Iterator[tuple[Event | Result, Live]]:
        """Progress while it generates, the latest only, and the result at the end; with each what the images are
        heading for, as far as that is known, and the edit's overshoot.

        requests: one, or several edits that are compared beside each other, of the first one's model. shown: ids of
        runs, which are taken for those of several requests that they answer. Raises ValueError for what a person can
        fix, Cancelled after stop was set. A visitor who stops listening stops the generating.
        """
        comparing = Comparing(self, stop, requests, specs, shown)

        def admitted() -> None:
            check_columns(requests)
            self._admit(stop.visitor, specs, requests[0].model, 1 + len(requests))

        for event in stream_progress(stop, comparing.generated, admitted):
            yield event, comparing.live

    def grid(self, stop: Stop, edit: EditRequest, grid: Grid) -> Iterator[Event | Sheet]:
        """Progress while the images of a grid are generated, and its sheet at the end. edit: what the fields ask for.

        Raises ValueError for what a person can fix, Cancelled after stop was set.
        """

        def admitted() -> None:
            for spec in grid.specs:
                self.settings.limits.check_concepts(spec)
            self._admit(stop.visitor, [cell.generation for cell in grid.cells], edit.model, each=1)

        yield from stream_progress(stop, partial(sheet_of, self, edit, grid), admitted)

    def take_run(self, file: Path, visitor: str) -> str:
        """Keep an exported run as a visitor's; returns its id. Raises ValueError if the file is none, or it cannot be
        kept."""
        return self.recording(visitor).take(file)

    def close(self) -> None:
        """Begin nothing more; what has begun is finished and recorded, or stopped if that takes too long."""
        if not engine.close(DRAIN):
            self.turns.cancel_all()
            self.detached.cancel_all()
            engine.close(STOP)

    def load(self, name: str, visitor: str = "", model: str = "") -> "AnyEdit":
        """A saved edit, checked to fit the model. Raises ValueError if it is not sound or does not fit."""
        edit = self.library(visitor).read(name)
        uce_core.check_fits(self.models.load(model), edit)
        return edit

    @on_engine_as_job
    def export(self, name: str, visitor: str, to: str, strength: float, dtype: str, path: Path) -> None:
        """Write a saved edit in a strength, as this program's own file or in another format, for the first model.
        dtype: of the tensors in another format."""
        edit = self.library(visitor).read(name).at_strength(strength)
        if to == OWN:
            edit.save(path)
        else:
            uce_core.export(self.models.load(), edit, to, path, dtype=dtype)

    @on_engine_as_job
    def export_checkpoint(self, name: str, visitor: Visitor, strength: float) -> Path:
        """Write the first model with a saved edit in it into the home folder; returns where. Raises ValueError if the
        visitor may not, or it is there already."""
        visitor.check(Action.EXPORT_CHECKPOINTS)
        edit, model = self.library(visitor.id).read(name).at_strength(strength), self.models.load()
        called = name if strength == 1 else f"{name} at {strength:g}"
        return uce_core.export(model, edit, CHECKPOINT, home() / "checkpoints" / f"{called}{model.suffix}")

    def unknown(self, names: tuple[str, ...], model: str = "") -> list[str]:
        """Those that the model's catalogue does not have."""
        return self.models.load(model).unknown(names)

    def spec(self, name: str, visitor: str = "", model: str = "") -> ErasureSpec:
        """What a saved edit was asked. Raises ValueError if it does not say, or does not fit the model."""
        spec = self.load(name, visitor, model).spec
        if not isinstance(spec, ErasureSpec):
            raise Problem(
                "edit_without_spec",
                "{name} does not say what it erases: use it with python -m uce_core compare.",
                name=name,
            )
        return spec
