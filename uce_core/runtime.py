"""Memory handed back to the system, and how long something takes, what it leaves to a GPU included."""

import ctypes
import gc
import sys
import time
from collections.abc import Callable

import torch


def give_back_memory() -> None:
    """Where the C library keeps what was freed for later (glibc: hundreds of megabytes after a model was read)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)


def gpu_memory() -> int:
    """Bytes that PyTorch holds of the GPU's memory; 0 while none is used."""
    return torch.cuda.memory_reserved() if torch.cuda.is_initialized() else 0


def seconds(action: Callable[[], object]) -> float:
    _finish()
    began = time.perf_counter()
    action()
    _finish()
    return time.perf_counter() - began


def best(action: Callable[[], object], runs: int) -> float:
    """The shortest of some runs, in seconds: what is least disturbed by whatever else the machine does."""
    return min(seconds(action) for _ in range(runs))


def _finish() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
