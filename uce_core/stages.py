"""How long the stages of some work take, and how many images it generates, for whoever watches.

Knows nothing about who that is.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

GENERATING, SCORING, RECORDING = STAGES = ("generating", "scoring", "recording")


@dataclass
class Stages:
    """seconds: by stage, of those that there were."""

    seconds: dict[str, float] = field(default_factory=dict)
    images: int = 0


_WATCHED: ContextVar[Stages | None] = ContextVar("stages", default=None)


@contextmanager
def watched(stages: Stages) -> Iterator[None]:
    """What is done meanwhile is added to the stages."""
    token = _WATCHED.set(stages)
    try:
        yield
    finally:
        _WATCHED.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """What is done meanwhile is this stage, however it ends."""
    began = time.monotonic()
    try:
        yield
    finally:
        if stages := _WATCHED.get():
            stages.seconds[name] = stages.seconds.get(name, 0.0) + time.monotonic() - began


def count_images(count: int) -> None:
    """That have been generated."""
    if stages := _WATCHED.get():
        stages.images += count
