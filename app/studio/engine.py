"""One thread for all that computes with the model, whoever asks.

Each thread that multiplies matrices brings helpers of its own (OpenMP's), and those of several such threads
slow each other down even when only one of them has work. So all of it is done by one, in the order of asking.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import wraps
from queue import Queue
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Engine:
    """Its thread ends with the program, whatever it is doing."""

    def __init__(self) -> None:
        self._waiting: Queue[Callable[[], None]] = Queue()
        self._thread = threading.Thread(target=self._go, daemon=True, name="engine")
        self._thread.start()
        self.busy = False

    def _go(self) -> None:
        while True:
            work = self._waiting.get()
            self.busy = True
            work()
            self.busy = False

    def submit(self, work: "Callable[[], Result]") -> "Future[Result]":
        """Begin it when what was asked for before has ended."""
        done: Future[Result] = Future()

        def finish() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # raised where the result is asked for
                done.set_exception(error)

        self._waiting.put(finish)
        return done

    def do(self, work: "Callable[[], Result]") -> "Result":
        """Its result, when it has ended; work that asks for more work does that itself."""
        return work() if threading.current_thread() is self._thread else self.submit(work).result()


def _renew() -> None:
    """Threads don't live on in a process that is forked."""
    global ENGINE
    ENGINE = Engine()


ENGINE = Engine()
os.register_at_fork(after_in_child=_renew)


def on_engine(function: "Callable[Arguments, Result]") -> "Callable[Arguments, Result]":
    """The function, done by the engine."""

    @wraps(function)
    def done(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        return ENGINE.do(lambda: function(*arguments, **named))

    return done
