"""Images generated and embedded on a Ray cluster, for a search that counts what they show (methods/debias_search.py).

A task is some images; the process that takes it has the model from the first one on. What travels is specs, the edit
and image vectors. A task whose process dies is taken by another, as often as Ray is told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from uce_core.cluster.connecting import connected, room_on
from uce_core.cluster.ray_workers import POLL, TRIES, Source, cause_of
from uce_core.edits.edit import AnyEdit
from uce_core.generation.jobs import MAX_BATCH
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.debias_images import Embed, embedded
from uce_core.models.model import Model
from uce_core.stages import count_images


@contextmanager
def ray_images(address: str, source: Source, *, count: int = 0, cores: int = 1) -> Iterator[Embed]:
    """Who generates images on a cluster, until it is left. address: as connected takes it. count: of tasks at a time, 0
    for as many as there is room for. cores: of each, where there are no GPUs.

    Raises ValueError if Ray is not installed, or there is no such cluster; what it yields raises what a task raised.
    """
    with connected(address) as ray:
        room = room_on(ray, cores)
        needs = {"num_gpus": 1, "num_cpus": 0} if room.gpus else {"num_cpus": cores}
        # max_calls: a process with a GPU goes on, too, and keeps its model
        task = ray.remote(max_calls=0, max_retries=TRIES, scheduling_strategy="SPREAD", **needs)(vectors_of)
        at_once = count or room.workers
        made = source.found_anywhere(), 0 if room.gpus else cores

        def embed(specs: Sequence[GenerationSpec], edit: AnyEdit | None, on_step: OnStep | None) -> Tensor:
            found = _Work(ray, task, made, at_once).all(specs, ray.put(edit), on_step)
            count_images(len(specs))
            return found

        yield embed


class _Work:
    """Tasks of one count."""

    def __init__(self, ray: Any, task: Any, made: tuple[Source, int], at_once: int) -> None:
        self._ray, self._task, self._made, self._at_once = ray, task, made, at_once

    def all(self, specs: Sequence[GenerationSpec], edit: Any, on_step: OnStep | None) -> Tensor:
        """The vectors in the order of the specs. on_step: told of whole images, in steps, and every second; whatever it
        raises ends this. Tasks that have begun then end with the connection."""
        parts = [specs[start : start + MAX_BATCH] for start in range(0, len(specs), MAX_BATCH)]
        left, running, found = list(enumerate(parts))[::-1], dict[Any, int](), dict[int, np.ndarray]()
        while left or running:
            while left and len(running) < self._at_once:
                number, part = left.pop()
                running[self._task.remote(*self._made, part, edit)] = number
            done, _ = self._ray.wait(list(running), num_returns=1, timeout=POLL)
            for ref in done:
                found[running.pop(ref)] = self._result(ref)
            if on_step:
                on_step(sum(map(len, found.values())), len(specs))
        return torch.from_numpy(np.concatenate([found[number] for number in range(len(parts))]))

    def _result(self, ref: Any) -> np.ndarray:
        from ray.exceptions import RayTaskError

        try:
            vectors: np.ndarray = self._ray.get(ref)
        except RayTaskError as error:
            raise cause_of(error) from error
        return vectors


def vectors_of(source: Source, cores: int, specs: Sequence[GenerationSpec], edit: AnyEdit | None) -> np.ndarray:
    """(n, d) float32, in a process of the cluster. cores: threads to compute with, 0 for PyTorch's own choice."""
    if cores:
        torch.set_num_threads(cores)
    return embedded(_model(source), specs, edit).numpy()


@lru_cache(1)
def _model(source: Source) -> Model:
    return source.loaded()
