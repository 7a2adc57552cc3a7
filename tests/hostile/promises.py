"""What is promised of everything that reads strangers' data, and how one case is held against it.

A case is either taken, and then all that is done with such a value works, or refused with one sentence: no other
exception, no line of a traceback, no path of this machine. Nothing is written outside the property's own folder, no
process is started, no other machine is asked and nothing is unpickled, by Python's own account (PEP 578).
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from app.words import WORDS, error_text
from uce_core.garbage import collection_paused

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 2000  # characters of a sentence
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rmdir": 1,
    "os.truncate": 1,
    "os.rename": 2,
    "os.link": 2,
    "os.symlink": 2,
}
NEVER = ("subprocess.Popen", "os.system", "os.exec", "socket.connect", "socket.getaddrinfo", "pickle.find_class")


@dataclass(frozen=True)
class Outcome:
    """seconds: of this thread's CPU time, or until another process has answered."""

    accepted: bool
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Property:
    """Of one parser. cases: what it is given. parse: may raise ValueError. use: all that is done with what it returned,
    and may not. folder: the only one that may be written to. weight: its share of many cases. most: ms that parse may
    take, None where only the outcome is promised. paths_are_named: it is asked for a path by whoever owns it, and names
    that one. pid: of the process that parses, 0 for this one."""

    name: str
    cases: SearchStrategy[Any]
    parse: Callable[[Any], Any]
    use: Callable[[Any, Any], object]
    folder: Path
    weight: int = 1
    most: float | None = None
    paths_are_named: bool = False
    pid: int = 0

    def attempt(self, case: Any) -> Outcome:
        """Raises whatever breaks a promise."""
        with nullcontext() if self.pid else written_only_in(self.folder):
            clock = Clock(time.perf_counter if self.pid else time.thread_time)
            try:
                with collection_paused(), clock:  # of what was before
                    found = self.parse(case)
            except ValueError as error:
                if not self.pid:
                    check_told(error, () if self.paths_are_named else (self.folder.parent, ROOT, Path(sys.prefix)))
                return Outcome(False, clock.seconds)
            self.use(case, found)
        return Outcome(True, clock.seconds)


def tried(one: Property, examples: int = 40) -> list[Outcome]:
    """What came of a few cases, always the same ones."""
    outcomes: list[Outcome] = []
    hold = given(one.cases)(lambda case: outcomes.append(one.attempt(case)))
    settings(settings.get_profile("hostile"), max_examples=examples)(hold)()
    return outcomes


class Clock:
    """seconds: that passed within it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def __enter__(self) -> None:
        self._began = self._now()

    def __exit__(self, *_: object) -> None:
        self.seconds = self._now() - self._began


def check_told(error: ValueError, secret: Iterable[Path]) -> None:
    """It is one sentence, in every language, that names none of these paths."""
    for language in WORDS:
        said = error_text(error, language)
        said.encode()
        assert said.isprintable(), f"not one line of text: {said!r}"
        assert 0 < len(said) <= LONGEST, f"{len(said)} characters"
        assert not [path for path in secret if str(path) in said], f"a path of this machine: {said!r}"
        assert "Traceback" not in said
        assert type(error).__name__ == "Problem", f"not a sentence of this program: {type(error)} {said!r}"


_seen: list[tuple[str, tuple[Any, ...]]] | None = None


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if _seen is not None and (event == "open" or event in CHANGES or event in NEVER):
        _seen.append((event, args))


sys.addaudithook(_listen)


@contextmanager
def written_only_in(folder: Path) -> Iterator[None]:
    """Raises AssertionError if something else was written, or done, in the meantime."""
    global _seen
    _seen = []
    try:
        yield
    finally:
        seen, _seen = _seen, None
    for event, args in seen:
        assert event not in NEVER, f"{event}: {args}"
        for path in changed(event, args):
            inside = os.path.realpath(os.fsdecode(path))
            assert f"{inside}/".startswith(f"{folder}/") or inside == os.devnull, (
                f"{event} of {inside}, outside {folder}"
            )


def changed(event: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Paths that an event of Python's writes to."""
    if event == "open":
        path, _, flags = args
        return (path,) if flags & WRITING and not isinstance(path, int) else ()
    return args[: CHANGES[event]]
