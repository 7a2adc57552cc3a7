"""Long work in a thread of its own, told to whoever waits for it: progress, then the result."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Queue
from typing import TypeVar

from PIL import Image

from uce_core import Cancelled
from uce_core.generate import OnStep

Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """done of total steps, and seconds left by the pace so far."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Draft:
    """What a picture is heading for. place: among originals and edited pictures in turn."""

    place: int
    picture: Image.Image


def told(stop: threading.Event, work: "Callable[[OnStep], Result]") -> "Iterator[Progress | Result]":
    """Progress of work that goes on in a thread of its own, the latest only, and its result at the end."""
    news: Queue[Progress | Result | Exception] = Queue()
    worker = threading.Thread(target=_work, args=(news, stop, work), daemon=True)
    worker.start()
    try:
        while True:
            event = news.get()
            while isinstance(event, Progress) and not news.empty():
                event = news.get()
            if isinstance(event, Exception):
                raise event
            yield event
            if not isinstance(event, Progress):
                return
    finally:  # also when nobody listens any more: the next work must not begin before this one has ended
        stop.set()
        worker.join()


def _work(
    news: "Queue[Progress | Result | Exception]", stop: threading.Event, work: "Callable[[OnStep], Result]"
) -> None:
    times: list[float] = []  # when steps were done

    def on_step(done: int, total: int) -> None:
        if stop.is_set():
            raise Cancelled
        times.append(time.monotonic())
        pace = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
        news.put(Progress(done, total, pace * (total - done)))

    try:
        news.put(work(on_step))
    except Exception as error:  # handed over to the visitor's thread, which raises it
        news.put(error)
