"""Memory that was freed, handed back to the system."""

import ctypes
import gc
import sys


def give_back_memory() -> None:
    """Where the C library keeps what was freed for later (glibc: hundreds of megabytes after a model was read)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)
