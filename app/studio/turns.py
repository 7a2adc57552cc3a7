"""Who may stop what: what visitors are generating, by window and tab.

Knows nothing about what is generated.
"""

from collections.abc import Callable

from app.studio.progress import Stop

UNKNOWN = "unknown"  # all windows to which Gradio gives no name share their turns


class Turns:
    """new_stop: makes an event of a visitor, a party and a tab."""

    def __init__(self, new_stop: Callable[[str, str, str], Stop] = Stop) -> None:
        self._new_stop = new_stop
        self._running: dict[tuple[str, str], list[Stop]] = {}

    def begin(self, visitor: str, window: str, tab: str = "") -> Stop:
        """Announce that a visitor is about to generate, in a tab of a window; set the event, or call cancel, to stop
        it. At the owner's own app, each window has turns of its own."""
        stop, begun = self._new_stop(visitor, visitor or window or UNKNOWN, tab), self._running.get((window, tab), [])
        self._running[window, tab] = [*(one for one in begun if not one.is_set()), stop]  # set also at its end
        return stop

    def cancel(self, window: str, tab: str = "") -> None:
        """Stop what is being generated in a tab of a window, within one step."""
        for stop in self._running.pop((window, tab), []):
            stop.set()

    def gone(self, window: str) -> None:
        """Stop all that a visitor is generating in a window, which has been closed."""
        for running in list(self._running):
            if running[0] == window:
                self.cancel(*running)

    def cancel_all(self) -> None:
        for running in list(self._running):
            self.cancel(*running)
