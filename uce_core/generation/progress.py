"""How long generating goes on, and how it is stopped."""

from collections.abc import Callable

OnStep = Callable[[int, int], None]  # (steps done, steps in all); raise from it to stop at once


class Cancelled(Exception):
    """Raised from an OnStep callback by who wants the generation to stop."""
