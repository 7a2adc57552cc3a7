"""An evaluation's blocks on a Ray cluster: an actor for each GPU, or each few cores, loads the model once and takes one
block after the other.

This process owns the plan. Blocks are taken, not dealt, so that fast and slow devices finish together; a block whose
actor died, with its node or alone, is done by whoever is free. Images and figures are written by the actors, into a
folder that all see; what travels is the inputs, once, and numbers of blocks. Knows nothing about how a block is done.
"""

import os
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from uce_core.evaluation.blocks import Block
from uce_core.evaluation.image_folder import ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.worker import GENERATE, Worker
from uce_core.metrics.csd import load_descriptor
from uce_core.models.model import load_model
from uce_core.problems import Problem

PATIENCE = 10.0  # seconds in which a cluster is to answer
LOOK = 1.0  # seconds between two looks at whether somebody wants it to stop
TRIES = 3  # of a block whose actor died
DIED = f"The processes that generated it ended, {TRIES} of {TRIES}."
LOCAL = "local"  # a cluster of this machine alone, begun for this


@dataclass(frozen=True, kw_only=True)
class Source:
    """The model as each actor loads it. csd: CSD's weights."""

    model: str
    device: str = "auto"
    dtype: str = "auto"
    offload: bool = False
    csd: Path | None = None

    def worker(self, inputs: EvaluationInputs, folder: Path) -> Worker:
        """Raises ValueError if something cannot be read."""
        model = load_model(self.model, self.device, self.dtype, self.offload).ready()
        return Worker(model, inputs, folder, load_descriptor(self.csd) if self.csd else None)


class Actor:
    """A Worker in a process of its own. cores: threads that it computes with, 0 for PyTorch's own choice."""

    def __init__(self, source: Source, inputs: EvaluationInputs, folder: Path, cores: int) -> None:
        self._made = source, inputs, folder, cores
        self._worker: Worker | None = None

    def ready(self) -> str:
        """Load the model, if it is not; what this worker is called. Raises ValueError if that cannot be done."""
        if self._worker is None:
            source, inputs, folder, cores = self._made
            if cores:
                torch.set_num_threads(cores)
            self._worker = source.worker(inputs, folder)
        return f"{socket.gethostname()}, {self._worker.hardware}, process {os.getpid()}"

    def do(self, what: str, block: Block) -> int:
        """How many images were generated."""
        assert self._worker is not None  # blocks are for those who are ready
        return int(getattr(self._worker, what)(block))


class RayWorkers:
    """As worker.Workers. done: images of each worker, by name."""

    def __init__(self, actors: list[Any], image_folder: ImageFolder) -> None:
        self.done: Counter[str] = Counter()
        self._actors, self._image_folder = actors, image_folder
        self._names: dict[Any, str] = {}

    def each(self, what: str, blocks: Iterable[Block], on_done: Callable[[int], None]) -> None:
        import ray
        from ray.exceptions import RayActorError, RayTaskError

        left, again, tries = iter(blocks), deque[Block](), Counter[Block]()
        idle: list[Any] = []
        running: dict[Any, tuple[Any, Block | None]] = {actor.ready.remote(): (actor, None) for actor in self._actors}
        while running:
            done, _ = ray.wait(list(running), num_returns=1, timeout=LOOK)
            if not done:
                on_done(0)
                continue
            [ref] = done
            actor, block = running.pop(ref)
            try:
                found = ray.get(ref)
            except RayActorError:
                if block is not None:
                    tries[block] += 1
                    again.append(block) if tries[block] < TRIES else self._give_up(what, block)
                running[actor.ready.remote()] = actor, None  # it is begun again, here or on another node
            except RayTaskError as error:
                raise _cause(error) from None
            else:
                idle.append(actor)
                if block is None:
                    self._names[actor] = found
                else:
                    self.done[self._names[actor]] += found
                    on_done(found)
            while idle and (block := again.popleft() if again else next(left, None)) is not None:
                actor = idle.pop()
                running[actor.do.remote(what, block)] = actor, block
            if not again and not any(block for _, block in running.values()) and idle:
                return  # others may never be ready

    def _give_up(self, what: str, block: Block) -> None:
        """What ends every actor that takes it: images are left out, measuring cannot do without."""
        if what != GENERATE:
            raise Problem(
                "workers_die",
                "Measuring ended {count} workers, one after the other: give each more memory.",
                count=TRIES,
            )
        for image_spec in self._image_folder.lacking(block):
            self._image_folder.leave_out(block.which, image_spec, DIED)


def _cause(error: Any) -> BaseException:
    """What an actor raised."""
    return error.cause if isinstance(error.cause, Problem) else error


@contextmanager
def ray_workers(
    address: str,
    source: Source,
    inputs: EvaluationInputs,
    image_folder: ImageFolder,
    *,
    count: int = 0,
    cores: int = 1,
) -> Iterator[RayWorkers]:
    """Actors on a cluster, ended on leaving. address: as ray.init takes it, "auto" for the one that this machine
    belongs to, "local" for one of its own. image_folder: the inputs', in a folder that all see. count: of actors, 0 for
    as many as there is room for. cores: of each, where there are no GPUs.

    Raises ValueError if Ray is not installed, or there is no such cluster.
    """
    ray = _connected(address)
    try:
        with_gpu = ray.cluster_resources().get("GPU", 0) >= 1
        room = ray.cluster_resources().get("GPU" if with_gpu else "CPU", 0) // (1 if with_gpu else cores)
        needs = {"num_gpus": 1, "num_cpus": 0} if with_gpu else {"num_cpus": cores}
        actor = ray.remote(max_restarts=-1, max_task_retries=0, **needs)(Actor)
        shared = ray.put(inputs)
        threads = 0 if with_gpu else cores
        actors = [actor.remote(source, shared, image_folder.folder, threads) for _ in range(count or max(1, int(room)))]
        yield RayWorkers(actors, image_folder)
    finally:
        with suppress(Exception):  # the cluster may be gone
            ray.shutdown()


def _connected(address: str) -> Any:
    try:
        import ray
    except ImportError:
        raise Problem("no_ray", "Ray is not installed: install it with pip install -r requirements-ray.txt.") from None
    try:
        host, _, port = address.rpartition(":")
        if port.isdigit():  # Ray would wait for minutes
            socket.create_connection((host, int(port)), PATIENCE).close()
        ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise Problem(
            "no_ray_cluster",
            "There is no Ray cluster at {address} ({reason}): begin one with ray start --head, or use --ray local.",
            address=address,
            reason=reason,
        ) from error
    return ray
