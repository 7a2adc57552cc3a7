"""The engine's line: who begins when, and what the others are told."""

import sys
import threading
from concurrent.futures import Future

import pytest
import torch

from app.studio import engine, progress
from app.studio.engine import Engine
from app.studio.jobs import Failed, Job
from app.studio.limits import Limits
from app.studio.progress import Progress, Stop, Waiting, stream_progress
from uce_core import Cancelled, GenerationSpec, Model, generate

PATIENCE = 60


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine of this test's own."""
    found = Engine()
    found.limits = Limits(together=1, each=100)
    monkeypatch.setattr(engine, "ENGINE", found)
    return found


class Gate:
    """Work that holds the engine until it is opened."""

    def __init__(self, one: Engine) -> None:
        self.began, self.opened = threading.Event(), threading.Event()
        self.done = one.submit(self._hold, "somebody")
        assert self.began.wait(PATIENCE)

    def _hold(self) -> None:
        self.began.set()
        assert self.opened.wait(PATIENCE)


def test_turns_go_round_parties(one: Engine) -> None:
    """Thirty requests of one cost a newcomer one turn."""
    gate, order = Gate(one), list[str]()
    asked = [one.submit(lambda i=i: order.append(f"anne {i}"), "anne") for i in range(30)]  # type: ignore[misc]
    asked.append(one.submit(lambda: order.append("bert"), "bert"))
    asked.append(one.submit(lambda: order.append("bert again"), "bert"))
    asked.append(one.submit(lambda: order.append("at once")))
    gate.opened.set()
    for done in asked:
        done.result(PATIENCE)
    assert set(order[:3]) == {"at once", "anne 0", "bert"}
    assert order[3:5] == ["anne 1", "bert again"]
    assert [name for name in order if name.startswith("anne")] == [f"anne {i}" for i in range(30)]


def test_images_of_several_are_generated_side_by_side(one: Engine, tiny: Model) -> None:
    one.limits = Limits(together=2, each=100)
    ended: list[str] = []

    def asked(name: str, count: int) -> "Future[object]":
        specs = [GenerationSpec("a cat", seed, steps=4) for seed in range(count)]
        done: Future[object] = one.submit(lambda: generate(tiny, specs), name)
        done.add_done_callback(lambda _: ended.append(name))
        return done

    gate = Gate(one)
    all_of_them = [asked("anne", 200), asked("bert", 1), asked("carl", 1), asked("anne too late", 1)]
    gate.opened.set()
    for done in all_of_them:
        done.result(PATIENCE)
    assert ended == ["bert", "carl", "anne too late", "anne"]


def test_who_waits_is_told_his_place_and_may_leave(one: Engine) -> None:
    gate, stop = Gate(one), Stop("bert", "bert")
    earlier = one.submit(lambda: None, "anne")
    events = stream_progress(stop, lambda on_step: pytest.fail("it was never begun"))
    first = next(events)
    assert isinstance(first, Waiting)
    assert first.ahead == 2
    stop.set()
    with pytest.raises(Cancelled):
        next(events)
    gate.opened.set()
    earlier.result(PATIENCE)
    gate.done.result(PATIENCE)


def test_whoever_stops_listening_leaves_the_line(one: Engine) -> None:
    gate = Gate(one)
    events = stream_progress(Stop("bert", "bert"), lambda on_step: pytest.fail("it was never begun"))
    next(events)
    events.close()
    gate.opened.set()
    gate.done.result(PATIENCE)
    assert one.submit(lambda: 1, "anne").result(PATIENCE) == 1


def test_what_fails_is_told_to_who_asked(one: Engine) -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        one.submit(fails, "anne").result(PATIENCE)
    assert one.do(lambda: one.do(lambda: 2)) == 2, "on its own thread it does not wait for itself"


def test_time_left_is_by_the_pace_since_the_first_news(one: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many steps a piece of news is about; a debiasing counts each iteration anew."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    told: list[float | None] = []

    class News:
        def put(self, event: object) -> None:
            told.append(event.seconds_left if isinstance(event, Progress) else None)

    def work(on_step: progress.OnStep) -> None:
        for seconds, done in ((5, 10), (6, 10), (7, 12), (17, 22), (18, 1), (20, 2)):
            now[0] = seconds
            on_step(done, 32)

    progress._work(News(), Stop("anne", "anne"), work, Job("compare"))  # type: ignore[arg-type]
    assert told == [None, None, 20.0, 10.0, None, 60.0, None]


def test_there_is_a_limit_for_all_and_one_for_each(one: Engine) -> None:
    gate = Gate(one)
    one.limits = Limits(together=1, waiting=4, each=2)
    asked = [one.submit(lambda: None, name) for name in ("anne", "anne", "bert")]
    with pytest.raises(ValueError, match="You already have 2 requests here, and the limit is 2"):
        one.submit(lambda: None, "anne")
    asked += [one.submit(lambda: None, "carl"), one.submit(lambda: None)]
    with pytest.raises(ValueError, match="4 requests are already waiting"):
        one.submit(lambda: None, "dora")
    gate.opened.set()
    for done in asked:
        done.result(PATIENCE)
    assert one.submit(lambda: 3, "anne").result(PATIENCE) == 3


class Panic(BaseException):
    """As libraries in Rust raise."""


def test_whoever_waits_for_work_that_panics_is_told(one: Engine) -> None:
    def panics(*_: object) -> None:
        raise Panic("unwrap on None")

    with pytest.raises(Failed) as failed:
        list(stream_progress(Stop("anne", "anne"), panics))
    assert str(failed.value.__cause__) == "Panic: unwrap on None"
    with pytest.raises(RuntimeError, match="Panic: unwrap on None"):
        one.do(panics)
    assert list(stream_progress(Stop("anne", "anne"), lambda on_step: "done"))[-1] == "done"


def test_too_little_memory_is_said_whatever_needed_it(one: Engine) -> None:
    """Loading a model, solving an edit."""

    def needs_more(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(ValueError, match="It does not fit into the memory of cuda: use --offload"):
        list(stream_progress(Stop("anne", "anne"), needs_more))
    with pytest.raises(ValueError, match="It does not fit into the memory of cuda"):
        one.do(needs_more)
    assert one.do(lambda: 1) == 1


def test_without_pytorch_everyone_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "uce_core.generation.batching", None)
        broken = Engine()
        for name in ("anne", "bert"):
            with pytest.raises(ImportError):
                broken.submit(lambda: 1, name).result(PATIENCE)
    assert broken.submit(lambda: 1, "anne").result(PATIENCE) == 1, "it has been mended"


def test_the_end_waits_for_what_somebody_waits_for(one: Engine) -> None:
    began, opened = threading.Event(), threading.Event()

    def warm_up() -> None:
        began.set()
        opened.wait(PATIENCE)

    done = one.submit(warm_up, wanted=False)
    assert began.wait(PATIENCE)
    assert one.close(0.0)
    opened.set()
    done.result(PATIENCE)
    with pytest.raises(ValueError, match="being restarted"):
        one.submit(lambda: 1)
