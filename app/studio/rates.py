"""How much somebody has asked for lately. Knows nothing about what that is."""

import threading
import time
from collections import deque
from collections.abc import Callable

from cachetools import LRUCache

MINUTE = 60.0  # seconds
ASKERS = 10_000  # that are remembered


class Rate:
    """most: of whatever is counted, in so many seconds; whoever is below it may ask for any amount. Threads may share
    one."""

    def __init__(self, most: int, seconds: float = MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds, self._clock = most, seconds, clock
        self._asked: LRUCache[str, deque[tuple[float, int]]] = LRUCache(ASKERS)  # when, and how much in all by then
        self._changing = threading.Lock()

    def wait(self, asker: str, amount: int = 1) -> int:
        """0, and it is counted, if it may be asked for now; else in how many seconds it may."""
        now = self._clock()
        with self._changing:
            asked = self._asked.setdefault(asker, deque([(now, 0)]))
            while len(asked) > 1 and now - asked[1][0] >= self.seconds:
                asked.popleft()
            total = asked[-1][1]
            if total - asked[0][1] >= self.most:
                free = next(when for when, so_far in asked if total - so_far < self.most)
                return 1 + int(self.seconds - (now - free))
            asked.append((now, total + amount))
        return 0
