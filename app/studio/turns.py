"""Who may stop what: what visitors are generating, by window and tab.

Knows nothing about what is generated.
"""

import threading
from collections.abc import Callable

from app.studio.progress import Stop

UNKNOWN = "unknown"  # all windows to which Gradio gives no name share their turns


class Turns:
    """new_stop: makes an event of a visitor, a party and a tab."""

    def __init__(self, new_stop: Callable[[str, str, str], Stop] = Stop) -> None:
        self._new_stop = new_stop
        self._running: dict[tuple[str, str], list[Stop]] = {}
        self._changing = threading.Lock()

    def new_stop(self, visitor: str, window: str, tab: str = "") -> Stop:
        """Of what does not end with its window. At the owner's own app, each window has turns of its own."""
        return self._new_stop(visitor, visitor or window or UNKNOWN, tab)

    def begin(self, visitor: str, window: str, tab: str = "") -> Stop:
        """Announce that a visitor is about to generate, in a tab of a window; set the event, or call cancel, to stop
        it."""
        stop = self.new_stop(visitor, window, tab)
        with self._changing:
            under_way = {key: [one for one in stops if not one.is_set()] for key, stops in self._running.items()}
            self._running = {key: stops for key, stops in under_way.items() if stops}  # they are set also at their end
            self._running.setdefault((window, tab), []).append(stop)
        return stop

    def cancel(self, window: str, tab: str = "") -> None:
        """Stop what is being generated in a tab of a window, within one step."""
        with self._changing:
            stops = self._running.pop((window, tab), [])
        for stop in stops:
            stop.set()

    def gone(self, window: str) -> None:
        """Stop all that a visitor is generating in a window, which has been closed."""
        for running in list(self._running):
            if running[0] == window:
                self.cancel(*running)

    def cancel_all(self) -> None:
        for running in list(self._running):
            self.cancel(*running)
