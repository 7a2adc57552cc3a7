"""How long generating goes on, and how it is stopped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

OnStep = Callable[[int, int], None]  # (steps done, steps in all); raise from it to stop at once


class Cancelled(Exception):
    """Raised from an OnStep callback by who wants the generation to stop."""


@dataclass
class Parts:
    """Steps of several generations of as many steps each, as steps of them all. sizes: of each, how long a step takes
    when held against the others'."""

    tell: OnStep | None
    sizes: Sequence[int]
    begun: int = 0

    def next(self) -> OnStep | None:
        """To be told of the next one's steps."""
        before, size, whole = sum(self.sizes[: self.begun]), self.sizes[self.begun], sum(self.sizes)
        self.begun += 1
        tell = self.tell
        if tell is None or size == whole:
            return tell
        return lambda done, total: tell(before * total // size + done, whole * total // size)
