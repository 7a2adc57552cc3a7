"""Long work on the engine's thread, told to whoever waits for it: progress, then the result."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TypeVar

from app.studio import engine
from app.studio.jobs import ASKER, Asker, Job
from uce_core import Cancelled
from uce_core.generation.progress import OnStep

Result = TypeVar("Result")
LOOK = 0.1  # seconds between two looks at the line
PACE = 1.0  # seconds after which there is one: images of a batch come in bursts
MIN_INTERVAL = 0.3  # seconds between two pieces of news: each costs the page and the generation some time


@dataclass(frozen=True)
class Progress:
    """done of total steps, and seconds left by the pace so far; None while there is no pace."""

    done: int
    total: int
    seconds_left: float | None


class Stop(threading.Event):
    """Set to stop what a visitor has begun. visitor: whose id what comes of it gets. party: whose turn it is. action:
    what is done. request: the id of the request that began it."""

    def __init__(self, visitor: str, party: str, action: str = "", request: str = "") -> None:
        super().__init__()
        self.visitor, self.party, self.action = visitor, party, action
        self.request = request or ASKER.get().request


@dataclass(frozen=True)
class Waiting:
    """For one's turn. ahead: requests that come before. seconds: about how long it will take; 0 if that is unknown."""

    ahead: int
    seconds: float


Event = Progress | Waiting
EVENTS = (Progress, Waiting)


def stream_progress(
    stop: Stop,
    work: "Callable[[OnStep], Result]",
    check: Callable[[], None] = lambda: None,
    line: engine.Engine | None = None,
) -> "Iterator[Event | Result]":
    """Progress of work that an engine does, the latest only, and its result at the end. check: done before it is asked
    for; refuses what is too much. line: whose work it is, by default the model's.

    Raises Cancelled if stop is set before it has begun, later the work is to do so, in its next step; ValueError if it
    is stopped because the app ends; and Failed for what nobody foresaw.
    """
    job = Job(stop.action, Asker(stop.request, stop.party))
    with job.told():
        check()
        yield from _streamed(job, stop, work, line or engine.ENGINE)


def _streamed(
    job: Job, stop: Stop, work: "Callable[[OnStep], Result]", line: engine.Engine
) -> "Iterator[Event | Result]":
    news: Queue[Progress | Result | BaseException] = Queue()
    done = line.submit(lambda: _work(news, stop, work, job), stop.party)
    done.add_done_callback(lambda done: _ended(news, done.exception()))
    due = apart = 0.0  # the second piece of news comes at once, too: it has the first preview
    try:
        yield from _wait(done, stop, line)
        while True:
            event = news.get()
            with suppress(Empty):
                while isinstance(event, Progress):
                    event = news.get(timeout=max(0.0, due - time.monotonic()))
            if isinstance(event, BaseException):
                stopped = isinstance(event, Cancelled) and line.is_closing
                raise engine.closing() if stopped else event
            yield event
            if not isinstance(event, Progress):
                return
            due, apart = time.monotonic() + apart, MIN_INTERVAL
    finally:  # also when nobody listens any more: whoever is next begins when this has ended
        stop.set()
        if not line.withdraw(done):
            wait([done])


def _wait(done: "Future[None]", stop: Stop, line: engine.Engine) -> Iterator[Waiting]:
    """Until the work has begun."""
    said = None
    while True:
        place = line.ahead(done)
        if place is None:  # begun, or ended before it could
            if done.done() and done.exception():
                done.result()
            return
        if stop.is_set():
            raise Cancelled
        if place[0] != said:
            said = place[0]
            yield Waiting(*place)
        stop.wait(LOOK)


def _work(
    news: "Queue[Progress | Result | BaseException]", stop: Stop, work: "Callable[[OnStep], Result]", job: Job
) -> None:
    began, last = (0, 0.0), -1  # how much was done when the first news came, and when that was; how much now

    def on_step(done: int, total: int) -> None:
        nonlocal began, last
        now = time.monotonic()
        if last < 0 or done < last:  # each iteration of a debiasing is counted anew
            began = (done, now)
        last, steps = done, done - began[0]
        paced = steps and now - began[1] >= PACE
        news.put(Progress(done, total, (now - began[1]) / steps * (total - done) if paced else None))
        if stop.is_set():
            raise Cancelled

    with job.under_way():
        result = work(on_step)
    news.put(result)


def _ended(news: "Queue[Progress | Result | BaseException]", error: BaseException | None) -> None:
    """An error is handed over to the visitor's thread, which raises it."""
    if error:
        news.put(error)
