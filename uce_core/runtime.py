"""Memory handed back, what is said where there is too little of it, and how long something takes, what it leaves to a
GPU included."""

import ctypes
import gc
import sys
import time
import traceback
from collections.abc import Callable

import torch

from uce_core.problems import Problem

TOO_LITTLE = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "Cannot allocate memory",
)  # MPS's words, and the CPU's


def give_back_memory() -> None:
    """Where the C library keeps what was freed for later (glibc: hundreds of megabytes after a model was read)."""
    gc.collect()
    trim_memory()


def trim_memory() -> None:
    """The same, in milliseconds, of what is freed already."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)


def gpu_memory() -> int:
    """Bytes that PyTorch holds of the GPU's memory; 0 while none is used."""
    return torch.cuda.memory_reserved() if torch.cuda.is_initialized() else 0


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether a device's memory, or this computer's, was too small, somewhere in an error's causes: only CUDA has a
    class for it."""
    while error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            return True
        if isinstance(error, RuntimeError | OSError) and any(words in str(error) for words in TOO_LITTLE):
            return True
        error = error.__cause__ or error.__context__
    return False


def release(error: BaseException | None) -> None:
    """The memory that an error holds which was caught: the variables of all that it has ended, a device's too."""
    while error:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def out_of_memory(device: str) -> Problem:
    if device == "cpu":
        return Problem(
            "computer_out_of_memory",
            "This computer's memory is too small for it: end other programs, ask for fewer or smaller images, or use "
            "a smaller model.",
        )
    return Problem(
        "out_of_memory",
        "It does not fit into the memory of {device}: use --offload, half precision (--dtype fp16), a smaller model or "
        "--device cpu.",
        device=device,
    )


def as_told(error: BaseException) -> Exception:
    """What whoever asked for a piece of work is told of an error that has ended it: of too little memory in one
    sentence; of what is no Exception, such as a panic of a library in Rust, in one, or the thread that is told would
    end with it."""
    if is_out_of_memory(error):
        release(error)
        told: Exception = out_of_memory(_device_of(error))
    elif isinstance(error, Exception):
        return error
    else:
        told = RuntimeError(f"{type(error).__name__}: {error}")
    told.__cause__ = error
    return told


def _device_of(error: BaseException) -> str:
    if isinstance(error, torch.OutOfMemoryError):
        return "cuda"
    return "mps" if "MPS" in str(error) else "cpu"


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
