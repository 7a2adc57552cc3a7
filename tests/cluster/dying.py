"""Models whose processes end. In a module of their own: what it imports, each process of a cluster does."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from uce_core.cluster.ray_workers import Source
from uce_core.evaluation.blocks import Block
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.worker import Worker
from uce_core.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Dying(Source):
    """Whose process ends: before it is ready, or with each block."""

    loads: bool

    def worker(self, inputs: EvaluationInputs, folder: Path) -> Worker:
        if not self.loads:
            os._exit(1)
        return cast(Worker, DyingWorker())


class DyingWorker:
    hardware = "nothing"

    def generate(self, block: Block) -> int:
        os._exit(1)


@dataclass(frozen=True, kw_only=True)
class DyingOnce(Source):
    """The first process that loads it ends, and leaves a file that says so."""

    died: Path

    def loaded(self) -> Model:
        if not self.died.exists():
            self.died.touch()
            os._exit(1)
        return super().loaded()
