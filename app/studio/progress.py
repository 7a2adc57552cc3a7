"""Long work on the engine's thread, told to whoever waits for it: progress, then the result."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TypeVar

from app.studio import engine
from uce_core import Cancelled
from uce_core.generation.progress import OnStep

Result = TypeVar("Result")
MIN_INTERVAL = 0.3  # seconds between two pieces of news: each costs the page and the generation some time


@dataclass(frozen=True)
class Progress:
    """done of total steps, and seconds left by the pace so far; None while there is no pace."""

    done: int
    total: int
    seconds_left: float | None


def stream_progress(stop: threading.Event, work: "Callable[[OnStep], Result]") -> "Iterator[Progress | Result]":
    """Progress of work that the engine does, the latest only, and its result at the end."""
    news: Queue[Progress | Result | Exception] = Queue()
    done = engine.ENGINE.submit(lambda: _work(news, stop, work))
    due = apart = 0.0  # the second piece of news comes at once, too: it has the first preview
    try:
        while True:
            event = news.get()
            with suppress(Empty):
                while isinstance(event, Progress):
                    event = news.get(timeout=max(0.0, due - time.monotonic()))
            if isinstance(event, Exception):
                raise event
            yield event
            if not isinstance(event, Progress):
                return
            due, apart = time.monotonic() + apart, MIN_INTERVAL
    finally:  # also when nobody listens any more: whoever is next begins when this has ended
        stop.set()
        done.result()


def _work(
    news: "Queue[Progress | Result | Exception]", stop: threading.Event, work: "Callable[[OnStep], Result]"
) -> None:
    began, last = (0, 0.0), -1  # how much was done when the first news came, and when that was; how much now

    def on_step(done: int, total: int) -> None:
        nonlocal began, last
        if stop.is_set():
            raise Cancelled
        now = time.monotonic()
        if last < 0 or done < last:  # each iteration of a debiasing is counted anew
            began = (done, now)
        last, steps = done, done - began[0]
        news.put(Progress(done, total, (now - began[1]) / steps * (total - done) if steps else None))

    try:
        news.put(work(on_step))
    except Exception as error:  # handed over to the visitor's thread, which raises it
        news.put(error)
