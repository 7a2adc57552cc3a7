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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from uce_core.cluster.connecting import connected, room_on
from uce_core.evaluation.blocks import Block
from uce_core.evaluation.image_folder import ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.worker import GENERATE, Worker
from uce_core.metrics.csd import load_descriptor
from uce_core.metrics.nudenet import load_detector
from uce_core.models.model import Model, load_model
from uce_core.problems import Problem
from uce_core.remote import reaching

POLL = 1.0  # seconds between two looks at whether somebody wants it to stop
TRIES = 3  # of a block whose actor died, or of an actor that dies before it is ready
IN_A_ROW = 3  # blocks that end all who take them, after which it is no longer tried
DIED = f"The processes that generated it ended, {TRIES} of {TRIES}."


@dataclass(frozen=True, kw_only=True)
class Source:
    """The model as each actor loads it. csd: CSD's weights. nudenet: whether NudeNet counts, too."""

    model: str
    device: str = "auto"
    dtype: str = "auto"
    offload: bool = False
    csd: Path | None = None
    nudenet: bool = False

    def found_anywhere(self) -> "Source":
        """With files by their whole paths: actors work in other folders."""
        model = Path(self.model)
        named = self.model != "atelier" and model.exists()
        return replace(self, model=str(model.absolute()) if named else self.model, csd=self.csd and self.csd.absolute())

    def loaded(self) -> Model:
        """Raises ValueError if it cannot be."""
        return load_model(self.model, self.device, self.dtype, self.offload).ready()

    def worker(self, inputs: EvaluationInputs, folder: Path) -> Worker:
        """Raises ValueError if something cannot be read."""
        model = self.loaded()
        descriptor = load_descriptor(self.csd) if self.csd else None
        return Worker(model, inputs, folder, descriptor, load_detector() if self.nudenet else None)


class Actor:
    """A Worker in a process of its own. cores: threads that it computes with, 0 for PyTorch's own choice. expected:
    dtype and device that the plan says, None if it does not matter."""

    def __init__(
        self, source: Source, inputs: EvaluationInputs, folder: Path, cores: int, expected: tuple[str, str] | None
    ) -> None:
        self._made = source, inputs, cores
        self._folder = folder
        self._expected = expected
        self._worker: Worker | None = None

    def ready(self) -> str:
        """Load the model, if it is not; what this worker is called. Raises ValueError if that cannot be done, or its
        images would be others than the plan says."""
        if self._worker is None:
            source, inputs, cores = self._made
            if cores:
                torch.set_num_threads(cores)
            worker = source.worker(inputs, self._folder)
            if self._expected and computes(worker.model) != self._expected:
                raise Problem(
                    "worker_differs",
                    "The worker on {host} computes in {theirs}, this process in {ours}: give --device and --dtype, or "
                    "run the command on a machine like the workers'.",
                    host=socket.gethostname(),
                    theirs=" on ".join(computes(worker.model)),
                    ours=" on ".join(self._expected),
                )
            self._worker = worker
        return f"{socket.gethostname()}, {self._worker.hardware}, process {os.getpid()}"

    def do(self, what: str, block: Block) -> int:
        """How many images were generated."""
        assert self._worker is not None  # blocks are for those who are ready
        with reaching(self._folder):
            return int(getattr(self._worker, what)(block))


class RayWorkers:
    """As worker.Workers. begin: makes an actor, which loads its model where there is room. done: images of each worker,
    by name. names: of actors that have been ready."""

    def __init__(self, begin: Callable[[], Any], count: int, image_folder: ImageFolder) -> None:
        self.done: Counter[str] = Counter()
        self._begin, self._image_folder = begin, image_folder
        self._actors = [begin() for _ in range(count)]
        self.names: dict[Any, str] = {}

    @property
    def count(self) -> int:
        return len(self._actors)

    def each(self, what: str, blocks: Iterable[Block], on_done: Callable[[int], None]) -> None:
        work = _Work(self, what, blocks)
        while not work.is_done:
            on_done(work.wait())

    def begin_all(self) -> dict[Any, Any]:
        """What tells when each actor is ready, and the actor."""
        return {actor.ready.remote(): actor for actor in self._actors}

    def instead_of(self, actor: Any, failed: int, error: Exception) -> Any | None:
        """Another, here or on another node; None if so many in its place failed before they were ready. Raises
        ValueError if there are none left."""
        import ray

        with suppress(Exception):  # it may be dead already, or only out of reach
            ray.kill(actor)
        self._actors.remove(actor)
        if failed < TRIES:
            self._actors.append(self._begin())
            return self._actors[-1]
        if not self._actors:
            raise _never_ready(error) from error
        return None

    def give_up(self, what: str, block: Block, lost: int) -> None:
        """What ends every actor that takes it: images are left out, measuring cannot do without. lost: such blocks one
        after the other."""
        if what != GENERATE or lost == IN_A_ROW:
            raise Problem(
                "workers_die",
                "Every worker that takes a block ends, {count} one after the other: give each more memory.",
                count=TRIES * lost,
            )
        for image_spec in self._image_folder.lacking(block):
            self._image_folder.leave_out(block.which, image_spec, DIED)


class _Work:
    """What is being done with blocks. running: what tells of an actor that it is ready, or has done a block."""

    def __init__(self, workers: RayWorkers, what: str, blocks: Iterable[Block]) -> None:
        self._workers, self._what = workers, what
        self._left, self._again, self._tries = iter(blocks), deque[Block](), Counter[Block]()
        self._idle: list[Any] = []
        self._running: dict[Any, tuple[Any, Block | None]] = {
            ref: (actor, None) for ref, actor in workers.begin_all().items()
        }
        self._failed: Counter[Any] = Counter()  # how often in a row an actor's place was taken by one never ready
        self._lost = 0  # the last blocks that ended all who took them, one after the other

    @property
    def is_done(self) -> bool:
        """Actors that are not ready yet may never be."""
        busy = any(block for _, block in self._running.values())
        return not self._running or bool(self._idle and not self._again and not busy)

    def wait(self) -> int:
        """For one of them, a moment at most; how many images its block had. Raises what an actor raised."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        done, _ = ray.wait(list(self._running), num_returns=1, timeout=POLL)
        if not done:
            return 0
        actor, block = self._running.pop(done[0])
        images = 0
        try:
            found = ray.get(done[0])
        except RayTaskError as error:
            raise cause_of(error) from error
        except RayError as error:  # whichever way a process or its node ends
            self._ended(actor, block, error)
        else:
            images = self._take(actor, block, found)
        self._hand_out()
        return images

    def _take(self, actor: Any, block: Block | None, found: Any) -> int:
        self._idle.append(actor)
        if block is None:
            self._workers.names[actor] = found
            self._failed.pop(actor, None)
            return 0
        self._lost = 0
        self._workers.done[self._workers.names[actor]] += found
        return int(found)

    def _ended(self, actor: Any, block: Block | None, error: Exception) -> None:
        if block is not None:
            self._tries[block] += 1
            if self._tries[block] < TRIES:
                self._again.append(block)
            else:
                self._lost += 1
                self._workers.give_up(self._what, block, self._lost)
        failed = self._failed.pop(actor, 0) + (block is None)
        if other := self._workers.instead_of(actor, failed, error):
            self._failed[other] = failed
            self._running[other.ready.remote()] = other, None

    def _hand_out(self) -> None:
        while self._idle and (block := self._again.popleft() if self._again else next(self._left, None)) is not None:
            actor = self._idle.pop()
            self._running[actor.do.remote(self._what, block)] = actor, block


def computes(model: Model) -> tuple[str, str]:
    """In which dtype, and on what."""
    return str(model.dtype).removeprefix("torch."), model.device.type


def _never_ready(error: Exception) -> Problem:
    return Problem(
        "workers_never_ready",
        "No worker of the cluster can begin ({reason}): see that this program is installed on each machine, and that "
        "each has memory for the model.",
        reason=[line for line in str(error).splitlines() if line.strip()][-1].strip(),
    )


def cause_of(error: Any) -> BaseException:
    """What an actor raised."""
    return error.cause if isinstance(error.cause, Exception) else error


@contextmanager
def ray_workers(
    address: str,
    source: Source,
    inputs: EvaluationInputs,
    image_folder: ImageFolder,
    *,
    model: Model | None,
    count: int = 0,
    cores: int = 1,
) -> Iterator[RayWorkers]:
    """Actors on a cluster, ended on leaving. address: as connected takes it. image_folder: the inputs', in a folder
    that all see. model: the plan's, in whose dtype and on whose kind of device all are to compute; None if that does
    not matter. count: of actors, 0 for as many as there is room for. cores: of each, where there are no GPUs.

    Raises ValueError if Ray is not installed, or there is no such cluster.
    """
    with connected(address) as ray:
        room = room_on(ray, cores)
        needs = {"num_gpus": 1, "num_cpus": 0} if room.gpus else {"num_cpus": cores}
        actor = ray.remote(max_restarts=0, max_task_retries=0, **needs)(Actor)  # RayWorkers begins others
        threads, expected = 0 if room.gpus else cores, computes(model) if model else None
        made = source.found_anywhere(), ray.put(inputs), image_folder.folder.absolute(), threads, expected
        yield RayWorkers(lambda: actor.remote(*made), count or room.workers, image_folder)
