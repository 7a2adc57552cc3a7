"""Python's garbage collector, kept out of the way of imports.

It looks through all objects again and again while their number grows. PyTorch and diffusers make a million of them when
they are imported and free none: there it takes a quarter of the time and finds nothing.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """For a block of code, or as a decorator. In all threads; what was freed meanwhile is collected later."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
