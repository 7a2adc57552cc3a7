"""One process's part of an evaluation: blocks of images are generated, embedded and measured, whichever it is given.

Knows nothing about who does the others.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Protocol

from uce_core.evaluation.blocks import Block
from uce_core.evaluation.generating import Generator, Progress
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.measure import Measurer
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.nudenet import NudityDetector
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model

# What is done with blocks, in this order: a Worker's methods.
GENERATE, EMBED, MEASURE = "generate", "embed", "measure"


class Worker:
    """progress: told of steps while images are generated."""

    def __init__(
        self,
        model: Model,
        inputs: EvaluationInputs,
        folder: Path,
        descriptor: StyleDescriptor | None = None,
        detector: NudityDetector | None = None,
    ) -> None:
        self.model, self.inputs, self.progress = model, inputs, Progress()
        self.descriptor, self.detector = descriptor, detector
        self.image_folder = inputs.image_folder(model, folder)
        edits = {one.name: one.edit for one in inputs.candidates}
        self._generator = Generator(model, self.image_folder, {ORIGINAL: None, **edits}, self.progress)

    @property
    def hardware(self) -> str:
        return self.model.hardware

    def generate(self, block: Block) -> int:
        """How many images were missing."""
        return self._generator.generate(block)

    def embed(self, block: Block) -> int:
        """Originals; 0, as no images are generated."""
        self.measurer.embed(block)
        return 0

    def measure(self, block: Block) -> int:
        """An edit's images; 0, as none are generated."""
        self.measurer.measure(block)
        return 0

    @cached_property
    def measurer(self) -> Measurer:
        """To be asked for when all images are there."""
        scorer = scorer_for(self.model.folder)
        edits, catalog = self.inputs.candidates, self.model.catalog
        return Measurer(scorer, self.image_folder, edits, catalog, self.descriptor, self.detector)


class Workers(Protocol):
    """Those who do an evaluation's blocks."""

    def each(self, what: str, blocks: Iterable[Block], on_done: Callable[[int], None]) -> None:
        """what: GENERATE, EMBED or MEASURE. on_done: told how many images each block had; whatever it raises ends it,
        and is to be called at least every second, with 0 if nothing is done."""
        raise NotImplementedError


class OneWorker:
    """As Workers: one, in this process."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def each(self, what: str, blocks: Iterable[Block], on_done: Callable[[int], None]) -> None:
        for block in blocks:
            on_done(getattr(self.worker, what)(block))
