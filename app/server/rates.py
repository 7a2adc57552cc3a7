"""How often an address asks. Knows nothing about what it asks."""

import threading
import time
from collections import deque
from collections.abc import Callable

from cachetools import LRUCache

WINDOW = 60.0  # seconds
ADDRESSES = 10_000  # that are remembered


class Rate:
    """most: times in a minute. Threads may share one."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._clock = most, clock
        self._times: LRUCache[str, deque[float]] = LRUCache(ADDRESSES)
        self._changing = threading.Lock()

    def wait(self, address: str) -> int:
        """0, and it is counted, if it may ask now; else in how many seconds it may."""
        now = self._clock()
        with self._changing:
            times = self._times.setdefault(address, deque(maxlen=self.most))
            if len(times) == self.most and now - times[0] < WINDOW:
                return 1 + int(WINDOW - (now - times[0]))
            times.append(now)
        return 0
