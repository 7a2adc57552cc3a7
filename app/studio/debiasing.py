"""A search for an edit that debiases: what is known of it so far, and what it found."""

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import uce_core
from app.studio import engine
from app.studio.recording import Keeping
from app.studio.results import Result, SoFar
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.generation.progress import OnStep
from uce_core.methods.debias import Iterate

if TYPE_CHECKING:  # seconds to import
    from app.studio.progress import Stop
    from app.studio.studio import Studio
    from uce_core import AnyEdit


class Debiasing:
    """The arguments are those of Studio.debias."""

    def __init__(self, studio: "Studio", stop: "Stop", spec: DebiasSpec, model: str) -> None:
        self.studio, self.stop, self.spec, self.model = studio, stop, spec, model
        self._began, self._history, self._unrecognised = time.monotonic(), list[Iterate](), list[str]()

    @property
    def so_far(self) -> SoFar:
        return SoFar(tuple(self._history), tuple(self._unrecognised))

    def searched(self, on_step: OnStep) -> Result:
        """On the engine's thread, or the cluster's."""
        studio, visitor = self.studio, self.stop.visitor
        model = engine.ENGINE.do(lambda: studio.models.load(self.model))
        keep = Keeping(studio.recording(visitor))
        with studio.evaluations.images(self.model) as embed:
            done = uce_core.run_debiasing(
                model,
                replace(self.spec, steps=min(self.spec.steps or model.family.steps, studio.settings.limits.steps)),
                keep,
                on_progress=lambda number, step, total: on_step(step, total),
                on_iterate=self._history.append,
                on_unrecognised=self._unrecognised.extend,
                sample_steps=studio.models.within_limits(model.family).steps,
                embed=embed,
                apart=engine.ENGINE.do,
            )
        assert done.run is not None  # nobody stops the samples
        needless = done.run.id or done.found.changes_nothing
        return Result(
            run=done.run,
            seconds=time.monotonic() - self._began,
            images=() if done.run.id else [(sample.before, sample.after) for sample in done.samples],
            unknown=done.found.unrecognised,
            saved="" if needless else self._rescued(done.found.edit),
            not_kept=keep.problem,
        )

    def _rescued(self, edit: "AnyEdit") -> str:
        """The name under which an edit is saved that took minutes to find; "" if there is no space for it either."""
        try:
            return self.studio.library(self.stop.visitor).save(edit, "").stem
        except ValueError as error:
            logging.getLogger(__name__).warning("%s", error)
            return ""
