"""One thread for all that computes with the model, whoever asks.

Each thread that multiplies matrices brings helpers of its own (OpenMP's), and those of several such threads
slow each other down even when only one of them has work. So all of it is done by one, in the order of asking; where
images are generated, several requests go on side by side.

What a cluster computes is watched by another thread, with a line of its own: the model is free meanwhile.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from app.studio import telemetry
from app.studio.jobs import Job
from app.studio.limits import Limits
from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import
    from uce_core.generation.batching import Batcher

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
TRIMMED_EVERY = 60.0  # seconds
LOOK = 0.05  # seconds between two looks at what has not ended
MEMORY = 0.8  # how much of the mean time of a request each one leaves as it was


@dataclass(frozen=True, eq=False)
class Asked:
    """party: whose it is, "" for what is done at once. done: told of its result. wanted: whether somebody waits for
    it."""

    party: str
    work: Callable[[], Any]
    done: "Future[Any]"
    wanted: bool


class Engine:
    """Its thread ends with the program, whatever it is doing. limits: of the requests that it takes. name: of the
    thread."""

    def __init__(self, name: str = "engine") -> None:
        self.limits = Limits()
        self._line: list[Asked] = []
        self._news = threading.Condition()
        self._begun: dict[Asked, float] = {}  # and not ended: when
        self._turns: dict[str, int] = {}  # when parties that are here had their last one
        self._closing = False
        self._mean = 0.0  # seconds of a request
        self._thread = threading.Thread(target=self._go, daemon=True, name=name)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many requests do."""
        return len(self._line)

    @property
    def running(self) -> int:
        """How many have begun and not ended."""
        return len(self._begun)

    @property
    def here(self) -> bool:
        """Whether it is its own thread that asks."""
        return threading.current_thread() is self._thread

    @property
    def busy(self) -> bool:
        """Whether someone would have to wait."""
        return bool(self._line or self._begun)

    @property
    def is_closing(self) -> bool:
        """Whether the app is about to end."""
        return self._closing

    def submit(self, work: "Callable[[], Result]", party: str = "", wanted: bool = True) -> "Future[Result]":
        """Do it when it is its turn, which goes round parties: of two, the one with fewer requests under way comes
        first, then the one that has waited longer for a turn, then the first to ask. What is no party's is done as soon
        as what is being done comes to a stop or to a step. wanted: whether the app's end waits for it. Raises
        ValueError if too many wait already."""
        asked = Asked(party, work, Future(), wanted)
        asked.done.add_done_callback(lambda _: self._end(asked))
        with self._news:
            if self._closing:
                raise closing()
            if party:
                there = [one.party for one in (*self._line, *self._begun) if one.party]
                self.limits.check_queue(len(there) - self.limits.together, there.count(party))
            self._line.append(asked)
            self._news.notify()
        return asked.done

    def do(self, work: "Callable[[], Result]", wanted: bool = True) -> "Result":
        """Its result, when it has ended; work that asks for more work does that itself."""
        return work() if self.here else self.submit(work, wanted=wanted).result()

    def ahead(self, done: "Future[Any]") -> tuple[int, float] | None:
        """How many requests come before one, and for about how many seconds it waits; None if it has begun."""
        with self._news:
            line = sorted(self._line, key=self._turn)
            place = next((i for i, asked in enumerate(line) if asked.done is done), None)
        return None if place is None else (place + 1, (place + 1) * self._mean / self.limits.together)

    def withdraw(self, done: "Future[Any]") -> bool:
        """Leave the line; whether that was possible, as it had not begun."""
        with self._news:
            there = [asked for asked in self._line if asked.done is done]
            self._line = [asked for asked in self._line if asked.done is not done]
        return bool(there)

    def close(self, seconds: float) -> bool:
        """Begin nothing more; whether all that has begun and somebody waits for ended in time."""
        with self._news:
            self._closing = True
            left, self._line = self._line, []
        for asked in left:
            asked.done.set_exception(closing())
        until = time.monotonic() + seconds
        while self._awaited and time.monotonic() < until:
            time.sleep(LOOK)
        return not self._awaited

    @property
    def _awaited(self) -> bool:
        return any(asked.wanted for asked in list(self._begun))

    def _go(self) -> None:
        batcher = self._begin()
        from uce_core.runtime import gpu_memory, trim_memory  # it has PyTorch

        trimmed = time.monotonic()
        while True:
            asked = self._next(batcher.busy)
            if asked:
                batcher.start(asked.party, asked.work, asked.done)
            else:
                telemetry.ROWS.observe(batcher.step())
            telemetry.GPU_MEMORY.set(gpu_memory())
            if time.monotonic() > trimmed + TRIMMED_EVERY:  # else free pieces between others' add up over hours
                trim_memory()
                trimmed = time.monotonic()

    def _begin(self) -> "Batcher":
        """With the first work. Where PyTorch cannot be imported, each one who asks is told so."""
        while True:
            asked = self._next(busy=False)
            assert asked is not None  # it waits
            try:
                from uce_core.generation.batching import Batcher  # seconds to import
            except Exception as error:
                asked.done.set_exception(error)
            else:
                batcher = Batcher()
                batcher.start(asked.party, asked.work, asked.done)
                return batcher

    def _next(self, busy: bool) -> Asked | None:
        """What begins now; None if nothing does. busy: whether there is something to go on with; else waits."""
        with self._news:
            self._news.wait_for(lambda: self._line or busy)
            room = sum(bool(asked.party) for asked in self._begun) < self.limits.together
            ready = [asked for asked in self._line if room or not asked.party]
            if not ready:
                return None
            asked = min(ready, key=self._turn)  # of several the first
            self._line.remove(asked)
            self._begun[asked] = time.monotonic()
            there = {one.party for one in (*self._line, *self._begun)}
            self._turns = {party: turn for party, turn in self._turns.items() if party in there}
            if asked.party:
                self._turns[asked.party] = 1 + max(self._turns.values(), default=0)
        return asked

    def _turn(self, asked: Asked) -> tuple[int, int]:
        """The smaller, the sooner."""
        return sum(one.party == asked.party for one in self._begun), self._turns.get(asked.party, 0)

    def _end(self, asked: Asked) -> None:
        now, began = time.monotonic(), self._begun.pop(asked, None)
        if began is not None and asked.party:
            took = now - began
            self._mean = MEMORY * self._mean + (1 - MEMORY) * took if self._mean else took


def closing() -> Problem:
    return Problem("app_closing", "The app is being restarted: try again in a minute.")


def _renew() -> None:
    """Threads don't live on in a process that is forked."""
    global ENGINE, CLUSTER
    ENGINE, CLUSTER = Engine(), Engine("cluster")


def close(seconds: float) -> bool:
    """Begin nothing more anywhere; whether what has begun and somebody waits for ended in time."""
    until, engines = time.monotonic() + seconds, (ENGINE, CLUSTER)
    for one in engines:
        one.close(0.0)
    return all(one.close(until - time.monotonic()) for one in engines)


ENGINE, CLUSTER = Engine(), Engine("cluster")
telemetry.WAITING.set_function(lambda: ENGINE.waiting + CLUSTER.waiting)
telemetry.RUNNING.set_function(lambda: ENGINE.running + CLUSTER.running)
os.register_at_fork(after_in_child=_renew)


def on_engine(function: "Callable[Arguments, Result]") -> "Callable[Arguments, Result]":
    """The function, done by the engine."""

    @wraps(function)
    def done(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        return ENGINE.do(lambda: function(*arguments, **named))

    return done


def on_engine_as_job(function: "Callable[Arguments, Result]") -> "Callable[Arguments, Result]":
    """The function, done by the engine and told as a job of its own, unless it is part of another one."""

    @wraps(function)
    def done(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        if ENGINE.here:
            return function(*arguments, **named)
        job = Job(function.__name__)

        def work() -> Result:
            with job.under_way():
                return function(*arguments, **named)

        with job.told():
            return ENGINE.do(work)

    return done
