"""Evaluations from the app: what a task will generate, who may ask for it, going on, and work that others do."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from app.browser.events import UNCHANGED, Filled
from app.studio import engine
from app.studio.engine import Engine
from app.studio.limits import Limits
from app.studio.progress import Event, Progress, Stop
from app.studio.request import EditRequest
from app.studio.results import Result
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.studio.tasks import inputs_of, own, plan_of
from app.studio.visitor import OWNER, Role, Visitor
from app.studio.work_folders import OLD, RESTING, WorkFolders
from app.tabs.task import SHOWN, TaskPanel
from app.words import WORDS
from uce_core import Cancelled, EditSpec, GenerationSpec, Model, erase, load_model
from uce_core.evaluation.blocks import Block
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.task import Task
from uce_core.evaluation.task_files import TaskFile, names
from uce_core.evaluation.worker import OneWorker, Worker
from uce_core.problems import Problem

PATIENCE = 60
SPEC = EditSpec(erase=("Claude Monet",), retain=("Vincent van Gogh",))
ONE, OTHER = (Visitor(Role.STRANGER, f"browser-{number}") for number in (1, 2))
SMALL = Task(
    name="small",
    erased=1,
    others=1,
    prompts=("{subject} by {artist}",),
    subjects=("a cat", "a boat"),
    images=5,
    shows=("ua", "ira"),
)


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this test's own."""
    monkeypatch.setattr(engine, "ENGINE", Engine())
    monkeypatch.setattr(engine, "CLUSTER", Engine("cluster"))


@pytest.fixture
def studio(scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Studio]:
    """Makes one, with a saved edit, a home of its own, and SMALL as the task of whatever name."""
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("app.studio.tasks.own", lambda name: TaskFile(SMALL, tmp_path / "small.yaml"))
    erase(scored, SPEC).save(tmp_path / "edits" / "no-monet.safetensors")

    def made(images: int = 5_000, **settings: Any) -> Studio:
        limits = Limits(steps=1, images=images)
        return Studio(Settings(models=(str(scored.folder),), edits=tmp_path / "edits", limits=limits, **settings))

    return made


def work(tmp_path: Path) -> list[Path]:
    """The folders of evaluations that may be gone on with."""
    return list((tmp_path / "home" / "work").glob("*"))


def result_of(events: Iterable[Event | Result]) -> Result:
    [*_, result] = events
    assert isinstance(result, Result)
    return result


def total(events: Iterator[Event | Result]) -> int:
    """Images to generate, as it is told first."""
    return next(event.total for event in events if isinstance(event, Progress))


def test_the_plan_of_each_task_is_what_would_be_generated(scored: Model) -> None:
    edit = erase(scored, SPEC)
    models = Studio(Settings(models=(str(scored.folder),))).models
    for name in names():
        plan, inputs = (
            plan_of("mine", SPEC, own(name), models.known()),
            inputs_of("mine", own(name), models, scored, edit),
        )
        assert plan.images == inputs.image_count
        assert plan.prompts == len(inputs.cases)
        assert plan.erased == ("Claude Monet",)
        assert {*plan.erased, *plan.others} == {case.artist for case in inputs.cases}
        seeds = {case.evaluation_seed + n for case in inputs.cases for n in range(inputs.images)}
        assert plan.seeds == (min(seeds), max(seeds))
        for language in WORDS:
            assert name in WORDS[language][f"task_name_{name}"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "nonsense"])
def test_no_task_is_read_from_where_a_visitor_says(name: str) -> None:
    with pytest.raises(Problem, match="Unknown task"):
        own(name)


def test_an_edit_that_does_not_say_whom_it_erases_is_refused(scored: Model) -> None:
    models = Studio(Settings(models=(str(scored.folder),))).models
    with pytest.raises(Problem, match="theirs does not say which artists it erases: choose another edit"):
        plan_of("theirs", None, own("facets"), models.known())


def test_a_task_larger_than_the_limits_is_for_the_owner_only(studio: Callable[..., Studio]) -> None:
    here = studio(39)
    assert here.planned("no-monet", "small", "").images == 40
    with pytest.raises(Problem, match="up to 40 images, and the limit here is 39"):
        here.planned("no-monet", "small", "browser-1")
    with pytest.raises(Problem, match="up to 40 images, and the limit here is 39"):
        list(here.task(Stop("browser-1", "browser-1", "task"), "no-monet", "small"))
    owners = here.task(Stop("", "window", "task"), "no-monet", "small")
    assert total(owners) == 40
    owners.close()  # type: ignore[attr-defined]


def test_what_was_interrupted_is_gone_on_with_and_kept_as_a_run(studio: Callable[..., Studio], tmp_path: Path) -> None:
    here, stop = studio(), Stop("browser-1", "browser-1", "task")

    def stopped_at_the_first_image() -> None:
        while not list((tmp_path / "home" / "work").rglob("*.png")):
            time.sleep(0.001)
        stop.set()

    threading.Thread(target=stopped_at_the_first_image, daemon=True).start()
    with pytest.raises(Cancelled):
        list(here.task(stop, "no-monet", "small"))
    [folder] = work(tmp_path)
    there = len(list(folder.rglob("*.png")))
    assert 0 < there < 40
    other = here.task(Stop("browser-2", "browser-2", "task"), "no-monet", "small")
    assert total(other) == 40, "nobody goes on with what is another's"
    other.close()  # type: ignore[attr-defined]
    events = here.task(Stop("browser-1", "browser-1", "task"), "no-monet", "small")
    assert total(events) == 40 - there
    result = result_of(events)
    run = here.store.get(result.run.id)
    assert (run.kind_name, run.title) == ("small", "no-monet: small")
    assert result.report is not None
    assert folder not in work(tmp_path)


class Held:
    """As Workers, of which none does anything until they are let go; then one, here. ended: they are no more."""

    def __init__(self) -> None:
        self.began, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.worker: Worker | None = None
        self.asked: dict[str, Any] = {}

    def each(self, what: str, blocks: Iterable[Block], on_done: Callable[[int], None]) -> None:
        self.began.set()
        until = time.monotonic() + PATIENCE
        while not self.go.wait(0.01):
            assert time.monotonic() < until, "nobody let them go"
            on_done(0)
        assert self.worker is not None
        OneWorker(self.worker).each(what, blocks, on_done)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """In the place of a cluster's workers."""
    found = Held()

    @contextmanager
    def workers(address: str, source: Any, inputs: EvaluationInputs, image_folder: Any, **more: Any) -> Iterator[Held]:
        found.asked = {"address": address, "model": source.model, **more}
        found.worker = Worker(load_model(source.model), inputs, image_folder.folder)
        try:
            yield found
        finally:
            found.ended.set()

    monkeypatch.setattr("uce_core.cluster.ray_workers.ray_workers", workers)
    return found


def test_while_a_cluster_works_the_model_is_free(studio: Callable[..., Studio], held: Held, tmp_path: Path) -> None:
    """Also for the same visitor, in another window."""
    here, results = studio(ray="cluster:1", workers=3, cores=2), list[Result]()
    events = here.task(Stop("browser-1", "browser-1", "task"), "no-monet", "small")
    watching = threading.Thread(target=lambda: results.append(result_of(events)))
    watching.start()
    assert held.began.wait(PATIENCE)
    for visitor in ("browser-1", "browser-2"):
        compared = here.compare(
            Stop(visitor, visitor, "compare"), [EditRequest(SPEC)], [GenerationSpec("a cat", 1, steps=1)]
        )
        [*_, (done, *_)] = compared
        assert isinstance(done, Result)
    assert not results
    held.go.set()
    watching.join(PATIENCE)
    assert held.ended.is_set()
    model = held.asked.pop("model")
    assert isinstance(model, Model)
    assert held.asked == {"address": "cluster:1", "count": 3, "cores": 2}
    assert here.store.get(results[0].run.id).kind_name == "small"
    assert not work(tmp_path)


def test_a_clusters_work_is_cancelled(studio: Callable[..., Studio], held: Held) -> None:
    here, stop = studio(ray="auto"), Stop("browser-1", "browser-1", "leakage")
    events = here.leakage(stop, "no-monet", (), 1)
    assert total(events) == 90
    stop.set()
    with pytest.raises(Cancelled):
        list(events)
    assert held.ended.is_set()


def test_leakage_is_the_clusters_work_too_one_after_the_other(studio: Callable[..., Studio], held: Held) -> None:
    here = studio(ray="auto")
    first = here.task(Stop("browser-1", "browser-1", "task"), "no-monet", "small")
    next(first)
    assert held.began.wait(PATIENCE)
    second = here.leakage(Stop("browser-2", "browser-2", "leakage"), "no-monet", (), 1)
    waiting = next(second)
    assert waiting.ahead == 1  # type: ignore[union-attr]
    for events in (second, first):
        events.close()  # type: ignore[attr-defined]
    assert not engine.CLUSTER.busy


def panel(studio: Studio) -> TaskPanel:
    """Its widgets are their names."""
    found = TaskPanel(studio)
    found.parts |= {name: name for name in SHOWN}
    return found


def window(visitor: Visitor, name: str) -> gr.Request:
    headers = [(b"host", b"studio.example"), (b"accept-language", b"en")]
    scope = {"type": "http", "path": "/", "headers": headers, "query_string": b"", "visitor": visitor}
    return gr.Request(Request(scope), session_hash=name)


def status(filled: Filled) -> str:
    return str(filled.get("status", ""))


def begun(tasks: TaskPanel, request: gr.Request) -> Iterator[Filled]:
    """A task, when it is told which image it is at."""
    events = tasks.run("no-monet", "small", "", request)
    while "Image" not in status(next(events)):
        pass
    return events


def close(studio: Studio, events: Iterator[Filled], name: str) -> None:
    """A window, as Gradio has it."""
    events.close()  # type: ignore[attr-defined]
    studio.turns.gone(name)


def test_a_task_on_a_cluster_goes_on_without_its_window_for_its_visitor_only(
    studio: Callable[..., Studio], held: Held
) -> None:
    here = studio(ray="auto", host="0.0.0.0")
    tasks = panel(here)
    close(here, begun(tasks, window(ONE, "first")), "first")
    for name in ("first", "second"):  # whatever a window calls itself
        assert list(tasks.watch(window(OTHER, name))) == [UNCHANGED]
        tasks.cancel(window(OTHER, name))
    watching = tasks.watch(window(ONE, "second"))
    assert "no-monet: small" in status(next(watching))
    [*_, refused] = tasks.run("no-monet", "small", "", window(ONE, "third"))
    assert "Your evaluation no-monet: small is under way" in status(refused)
    held.go.set()
    [*_, shown] = watching
    assert "Done in" in status(shown)
    assert here.store.get(shown["found"]).kind_name == "small"
    assert list(tasks.watch(window(ONE, "second"))) == [UNCHANGED], "it was seen"


def test_a_task_on_a_cluster_is_cancelled_from_another_window(
    studio: Callable[..., Studio], held: Held, tmp_path: Path
) -> None:
    here = studio(ray="auto", host="0.0.0.0")
    tasks = panel(here)
    first, second = begun(tasks, window(ONE, "first")), tasks.watch(window(ONE, "second"))
    next(second)
    tasks.cancel(window(ONE, "second"))
    for events in (first, second):
        [*_, shown] = events
        assert "Cancelled. The images so far are kept" in status(shown)
    assert held.ended.is_set()
    assert work(tmp_path), "to be gone on with"


def test_without_a_cluster_the_owners_task_goes_on_and_is_told_when_it_has_ended(studio: Callable[..., Studio]) -> None:
    here = studio()
    tasks = panel(here)
    close(here, begun(tasks, window(OWNER, "first")), "first")
    going_on = here.detached.of("")
    assert going_on
    result_of(event for event in going_on.follow() if event)  # nobody sees it
    [*_, shown] = tasks.watch(window(OWNER, "second"))
    assert "Done in" in status(shown)


def test_without_a_cluster_a_strangers_task_ends_with_its_window(studio: Callable[..., Studio], tmp_path: Path) -> None:
    here = studio(host="0.0.0.0")
    tasks = panel(here)
    close(here, begun(tasks, window(ONE, "first")), "first")
    assert not engine.ENGINE.busy
    assert work(tmp_path), "to be gone on with"
    assert list(tasks.watch(window(ONE, "first"))) == [UNCHANGED]
    assert here.store.page() == []


def test_the_app_ends_though_a_task_goes_on(
    studio: Callable[..., Studio], held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.studio.studio.DRAIN", 0.1)
    here = studio(ray="auto", host="0.0.0.0")
    tasks = panel(here)
    close(here, begun(tasks, window(ONE, "first")), "first")
    here.close()
    assert held.ended.is_set()
    [*_, shown] = tasks.watch(window(ONE, "second"))
    assert "being restarted" in status(shown)


def test_when_the_app_ends_nothing_is_begun_anywhere(studio: Callable[..., Studio], held: Held) -> None:
    here = studio(ray="auto")
    events = here.task(Stop("", "window", "task"), "no-monet", "small")
    next(events)
    assert held.began.wait(PATIENCE)
    assert not engine.close(0.0)
    for line in (engine.ENGINE, engine.CLUSTER):
        with pytest.raises(Problem, match="being restarted"):
            line.submit(lambda: 1)
    events.close()  # type: ignore[attr-defined]
    assert engine.close(PATIENCE)


def test_folders_of_work_are_lent_to_one_and_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    folders = WorkFolders(most=150)
    with folders.lent("mine") as one, folders.lent("mine") as other:
        assert one != other
        (one / "image").write_bytes(b"0" * 100)
    with folders.lent("mine") as again:
        assert (again / "image").is_file()
    for name, age in (("new", 0), ("resting", RESTING + 60), ("old", OLD + 60)):
        with folders.lent(name) as folder:
            (folder / "image").write_bytes(b"0" * 100)
            before = time.time() - age
            for path in (folder / "image", folder):
                os.utime(path, (before, before))
    with folders.lent("resting"):
        folders.sweep()
        assert {path.name for path in (tmp_path / "work").iterdir()} == {"mine-0", "mine-1", "new-0", "resting-0"}
    folders.sweep()
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"mine-0", "mine-1", "new-0"}
