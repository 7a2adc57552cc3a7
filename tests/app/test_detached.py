"""Work that goes on when nobody watches: told to all who do, of each visitor one, and let go when it was seen."""

import threading
from collections.abc import Iterator

import pytest

from app.studio import detached
from app.studio.detached import KEPT, WINDOWS, Detached, Work
from app.studio.failures import sentence_for
from app.studio.jobs import ASKER, Asker, Failed
from app.studio.progress import Event, Progress, Stop, stream_progress
from app.studio.results import Result
from app.words import WORDS
from uce_core import Cancelled
from uce_core.problems import Problem
from uce_core.runs.run import EvaluationRun

PATIENCE = 60
FIRST = Progress(1, 2, None)
DONE = Result(run=EvaluationRun.model_construct(title="no-monet: small"), seconds=1.0, images=())


class Held:
    """Its events come when they are let go. outcome: what is raised or told last."""

    def __init__(self, outcome: Result | Exception = DONE, visitor: str = "browser-1") -> None:
        self.outcome, self.go, self.stop = outcome, threading.Event(), Stop(visitor, visitor, "task")

    def __call__(self) -> Iterator[Event | Result]:
        yield FIRST
        assert self.go.wait(PATIENCE)
        if self.stop.is_set():
            raise Cancelled
        if isinstance(self.outcome, Exception):
            raise self.outcome
        yield self.outcome

    def begun(self, by: Detached) -> Work:
        return by.begin("no-monet: small", self.stop, self())


def heard(work: Work) -> Iterator[Event | Result | None]:
    """By a follower who has been told of FIRST."""
    events = work.follow()
    while next(events) != FIRST:
        pass
    return events


def test_it_goes_on_when_nobody_follows_and_tells_all_who_do() -> None:
    held = Held()
    work = held.begun(Detached())
    heard(work).close()  # type: ignore[attr-defined]
    followers = [heard(work), heard(work)]
    held.go.set()
    assert [list(events)[-1] for events in followers] == [DONE, DONE]
    assert list(work.follow()) == [DONE]


def test_what_a_visitor_stops_is_stopped_for_all_who_follow_it_and_for_nobody_else() -> None:
    works, mine, other = Detached(), Held(), Held(visitor="browser-2")
    followers = [heard(held.begun(works)) for held in (mine, other)]
    works.cancel("browser-1")
    works.cancel("browser-3")
    for held in (mine, other):
        held.go.set()
    with pytest.raises(Cancelled):
        list(followers[0])
    assert list(followers[1])[-1] == DONE
    works.cancel_all()
    assert other.stop.is_set()


def test_of_each_visitor_there_is_one_until_it_was_seen() -> None:
    works, first, second = Detached(), Held(), Held()
    work = first.begun(works)
    with pytest.raises(Problem, match="no-monet: small is under way"):
        second.begun(works)
    works.seen(work)
    assert works.of("browser-1") is work, "it has not ended"
    assert works.of("browser-2") is None
    first.go.set()
    list(work.follow())
    assert works.of("browser-1") is work
    works.seen(work)
    assert works.of("browser-1") is None
    newer = second.begun(works)
    works.seen(work)
    assert works.of("browser-1") is newer
    second.go.set()


def test_what_ended_it_is_told_to_each_follower_without_what_it_kept_in_memory() -> None:
    held = Held(Problem("x", "It was too much."))
    work = held.begun(Detached())
    followers = [heard(work), heard(work)]
    held.go.set()
    for events in (*followers, work.follow()):
        with pytest.raises(Problem, match="It was too much"):
            list(events)
    assert isinstance(work.latest, Problem)
    kept = work.latest.__traceback__
    while kept:
        assert kept.tb_frame.f_code is not Held.__call__.__code__
        kept = kept.tb_next


def test_what_nobody_foresaw_is_told_with_the_id_of_the_request_that_began_it() -> None:
    def fails(on_step: object) -> Result:
        raise RuntimeError

    stop = Stop("browser-1", "browser-1", "task", "7f3a")
    work = Detached().begin("no-monet: small", stop, stream_progress(stop, fails))
    asker = ASKER.set(Asker("other"))
    with pytest.raises(Failed) as failed:
        list(work.follow())
    assert sentence_for(failed.value, "en") == WORDS["en"]["failed"].format(request="7f3a")
    assert failed.value.__cause__ is None
    ASKER.reset(asker)


def test_a_window_that_is_gone_is_noticed_though_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detached, "BEAT", 0.01)
    held = Held()
    events = heard(held.begun(Detached()))
    late = threading.Timer(PATIENCE / 6, held.go.set)  # else it would be waited for without end
    late.start()
    assert [next(events), next(events)] == [FIRST, FIRST]
    late.cancel()
    held.go.set()


def test_of_many_windows_the_newest_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detached, "BEAT", 0.01)
    held = Held()
    work = held.begun(Detached())
    first, *others = (heard(work) for _ in range(WINDOWS + 1))
    with pytest.raises(Problem, match=f"no-monet: small in {WINDOWS} newer windows"):
        [next(first) for _ in range(100)]
    held.go.set()
    assert [list(events)[-1] for events in others] == [DONE] * WINDOWS


def test_a_few_that_ended_unseen_are_remembered() -> None:
    works, running = Detached(), Held(visitor="running")
    running.begun(works)
    ended = [Held(visitor=f"browser-{number}") for number in range(KEPT + 2)]
    for held in ended:
        held.go.set()
        list(held.begun(works).follow())  # until it has ended
    assert [bool(works.of(held.stop.visitor)) for held in ended] == [False] + [True] * (KEPT + 1)
    assert works.of("running") is not None
    running.go.set()
