"""How far a command is where there is no terminal, such as in the log of a batch job: a line now and then."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

EVERY = 60.0  # seconds between two lines, and before the first, so that what is quick says nothing


@dataclass
class ProgressLines:
    """say: where a line goes. The rate is that since the first call: what was done before cost nothing here."""

    say: Callable[[str], None]
    _first: tuple[float, float] | None = field(default=None, init=False)  # when, and how much was done then
    _said: float = field(default=0.0, init=False)

    def __call__(self, done: float, total: int) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first, self._said = (now, done), now
            return
        if now - self._said < EVERY:
            return
        began, before = self._first
        self._said, seconds = now, now - began
        rate = (done - before) / seconds
        left = f", {timedelta(seconds=round((total - done) / rate))} left" if rate else ""
        self.say(f"{done:,.0f} of {total:,} after {timedelta(seconds=round(seconds))}{left}")
