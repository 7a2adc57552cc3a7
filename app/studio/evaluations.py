"""Evaluations of a saved edit, generated and measured by the engine, or by a cluster: then the model is free meanwhile.

What was interrupted is gone on with. Knows nothing about which images are asked for.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uce_core
from app.studio import engine
from app.studio.jobs import works_with
from app.studio.offered import OfferedModels
from app.studio.progress import Event, Stop, stream_progress
from app.studio.recording import Keeping, Recording
from app.studio.results import Result
from app.studio.settings import Settings
from app.studio.work_folders import WorkFolders
from uce_core.generation.progress import OnStep
from uce_core.stages import count_images

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit, Model
    from uce_core.cluster.ray_workers import Source
    from uce_core.evaluation.inputs import EvaluationInputs
    from uce_core.evaluation.worker import Workers
    from uce_core.methods.debias_images import Embed

    Plan = Callable[[Model, AnyEdit], EvaluationInputs]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """edit: the saved edit's name. plan: what is evaluated, for the model and the edit. check: refuses so many images.
    with_images: whether they are wanted where the run could not be recorded."""

    edit: str
    model: str
    plan: "Plan"
    check: Callable[[int], None]
    with_images: bool = True


@dataclass
class Told:
    """on_step: told of whole images. done: how many there are."""

    on_step: OnStep
    done: int = 0

    def __call__(self, done: float, total: int) -> None:
        self.done = round(done)
        self.on_step(self.done, total)


class Evaluations:
    """read: a saved edit by its name, visitor and model. recording: how a visitor's runs are kept."""

    def __init__(
        self,
        settings: Settings,
        models: OfferedModels,
        read: "Callable[[str, str, str], AnyEdit]",
        recording: Callable[[str], Recording],
    ) -> None:
        self.settings, self.models, self._read, self._recording = settings, models, read, recording
        self.folders = WorkFolders(settings.keep * 10**6)

    def stream(self, stop: Stop, asked: Asked) -> Iterator[Event | Result]:
        """Progress in images, and what was found. Raises ValueError for what a person can fix, Cancelled after stop was
        set: on a cluster within seconds, without the blocks that its workers have begun."""
        work = partial(self._measured, stop, asked, time.monotonic())
        yield from stream_progress(stop, work, line=engine.CLUSTER if self.settings.ray else None)

    def _measured(self, stop: Stop, asked: Asked, began: float, on_step: OnStep) -> Result:
        model, inputs, key = engine.ENGINE.do(lambda: self._planned(stop, asked))
        works_with(asked.model or self.models.first)
        keep, told = Keeping(self._recording(stop.visitor)), Told(on_step)
        self.folders.sweep()
        with self.folders.lent(key) as folder, self._workers(asked.model, model, inputs, folder) as workers:
            done = uce_core.run_evaluation(
                model, inputs, folder, keep, on_image=told, single_file=True, workers=workers
            )
            [report], [run] = done.found.reports, done.runs
            shown = () if run.id or not asked.with_images else done.found.images_of(asked.edit)
            if workers:  # what is generated here is counted where it is
                count_images(told.done)
            if run.id:  # it has all that is to be kept
                shutil.rmtree(folder, ignore_errors=True)
        return Result(
            run=run,
            seconds=time.monotonic() - began,
            images=shown,
            report=report,
            page=done.found.page,
            not_kept=keep.problem,
        )

    def _planned(self, stop: Stop, asked: Asked) -> "tuple[Model, EvaluationInputs, str]":
        """The model, what is evaluated, and what tells it from all else that is."""
        from uce_core.evaluation.plan import key_of  # it has PyTorch

        model = self.models.load(asked.model)
        inputs = asked.plan(model, self._read(asked.edit, stop.visitor, asked.model))
        asked.check(inputs.image_count)
        return model, inputs, key_of(model, inputs, stop.visitor)

    def _workers(
        self, name: str, model: "Model", inputs: "EvaluationInputs", folder: Path
    ) -> "AbstractContextManager[Workers | None]":
        """The cluster's, if there is one. name: the model's, as offered."""
        chosen = self.settings
        if not chosen.ray:
            return nullcontext()
        from uce_core.cluster.ray_workers import ray_workers  # it has PyTorch

        image_folder = inputs.image_folder(model, folder)
        return ray_workers(
            chosen.ray, self._source(name), inputs, image_folder, model=model, count=chosen.workers, cores=chosen.cores
        )

    def images(self, name: str) -> "AbstractContextManager[Embed | None]":
        """Who on the cluster generates and embeds images, if there is one. name: the model's, as offered."""
        chosen = self.settings
        if not chosen.ray:
            return nullcontext()
        from uce_core.cluster.ray_images import ray_images  # it has PyTorch

        return ray_images(chosen.ray, self._source(name), count=chosen.workers, cores=chosen.cores)

    def _source(self, name: str) -> "Source":
        from uce_core.cluster.ray_workers import Source  # it has PyTorch

        chosen = self.settings
        return Source(
            model=chosen.offered[name or self.models.first],
            device=chosen.device,
            dtype=chosen.dtype,
            offload=chosen.offload,
        )
