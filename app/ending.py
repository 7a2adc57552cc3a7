"""How the app ends when it is told to: by SIGINT, which is Ctrl-C, and SIGTERM."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ends_at_once() -> Iterator[None]:
    """A block in which there is nothing to finish: told to end, the process does, without a word."""
    before = {signum: signal.signal(signum, lambda *_: os._exit(0)) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def told_to_end() -> threading.Event:
    """From now on it is set when the process is told to end. Processes that are forked, such as ZeroGPU's, end."""
    told = threading.Event()
    for signum in SIGNALS:
        signal.signal(signum, lambda *_: told.set())
    os.register_at_fork(after_in_child=_end_as_usual)
    return told


def _end_as_usual() -> None:
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_DFL)
