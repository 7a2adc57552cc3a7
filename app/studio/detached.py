"""Work that goes on when nobody watches: of each visitor one, which they watch and stop from any of their windows.

Knows nothing about what is done, or who may have it done.
"""

import threading
from collections.abc import Iterator

from app.studio.progress import Event, Stop
from app.studio.results import Result
from uce_core.problems import Problem

BEAT = 5.0  # seconds after which old news is told again: a window that is gone is noticed when it is told something
WINDOWS = 4  # that watch one piece of work: each takes a thread
KEPT = 32  # pieces of work that ended and were not seen


class Work:
    """Begun when it is made. title: what its visitor sees of it. stop: set to stop it. latest: what is known of it;
    None before there is anything."""

    def __init__(self, title: str, stop: Stop, events: Iterator[Event | Result]) -> None:
        self.title, self.stop = title, stop
        self.latest: Event | Result | Exception | None = None
        self._told = self._followers = 0
        self._news = threading.Condition()
        threading.Thread(target=self._go, args=[events], daemon=True, name="detached").start()

    @property
    def ended(self) -> bool:
        return isinstance(self.latest, Result | Exception)

    def follow(self) -> Iterator[Event | Result | None]:
        """What is known now, then as it comes, and its result at the end. It goes on if nobody follows any more.
        Raises whatever ended it, and ValueError if the visitor follows it in too many newer windows."""
        with self._news:
            self._followers += 1
            mine, heard = self._followers, -1
        while True:
            heard, latest = self._after(heard, mine)
            if isinstance(latest, Exception):
                raise latest
            yield latest
            if isinstance(latest, Result):
                return

    def _after(self, heard: int, follower: int) -> tuple[int, Event | Result | Exception | None]:
        """The latest, and how much has been told with it. heard: how much a follower has been told."""
        with self._news:
            self._news.wait_for(lambda: self._told != heard, BEAT)
            if self._followers - follower >= WINDOWS:
                raise Problem(
                    "too_many_windows",
                    "You watch {title} in {most} newer windows: close one of them, and reload this page.",
                    title=self.title,
                    most=WINDOWS,
                )
            return self._told, self.latest

    def _go(self, events: Iterator[Event | Result]) -> None:
        try:
            for event in events:
                self._tell(event)
        except Exception as error:
            self._tell(_bare(error))

    def _tell(self, news: Event | Result | Exception) -> None:
        with self._news:
            self.latest = news
            self._told += 1
            self._news.notify_all()


class Detached:
    """Of each visitor what is under way, or has ended and was not seen."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}
        self._changing = threading.Lock()

    def begin(self, title: str, stop: Stop, events: Iterator[Event | Result]) -> Work:
        """As Work takes them. Raises ValueError if the visitor has something under way."""
        with self._changing:
            there = self._works.pop(stop.visitor, None)
            if there and not there.ended:
                self._works[stop.visitor] = there
                raise Problem(
                    "evaluation_under_way",
                    "Your evaluation {title} is under way: reload the page to watch or cancel it, or wait for its end.",
                    title=there.title,
                )
            for visitor in [visitor for visitor, work in self._works.items() if work.ended][:-KEPT]:
                del self._works[visitor]
            work = self._works[stop.visitor] = Work(title, stop, events)
        return work

    def of(self, visitor: str) -> Work | None:
        return self._works.get(visitor)

    def seen(self, work: Work) -> None:
        """Its visitor has been told how it ended, if it has."""
        with self._changing:
            if work.ended and self.of(work.stop.visitor) is work:
                del self._works[work.stop.visitor]

    def cancel(self, visitor: str) -> None:
        """Stop what is a visitor's."""
        work = self.of(visitor)
        if work:
            work.stop.set()

    def cancel_all(self) -> None:
        for visitor in list(self._works):
            self.cancel(visitor)


def _bare(error: Exception) -> Exception:
    """Without the frames that it came through, which would keep the model and its images in memory."""
    error.__cause__ = error.__context__ = error.__traceback__ = None
    return error
