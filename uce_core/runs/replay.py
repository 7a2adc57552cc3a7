"""A recorded run generated again, and held against what was recorded."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from uce_core.edits.edit import AnyEdit, Edit
from uce_core.evaluation.verdicts import Verdict
from uce_core.generation.compare import compare
from uce_core.generation.generate import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.images import apartness
from uce_core.metrics.scorer import Scores
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.review.tasks import SIDES
from uce_core.runs.record import environment
from uce_core.runs.store import Run, Store

CLOSE = 2.0  # mean difference of pixels, of 255, that rounding in half precision explains


@dataclass(frozen=True)
class Replay:
    """verdict: identical, within tolerance, or different. changed: for each fact of the surroundings or the request
    that is not what it was, then and now."""

    verdict: str
    changed: dict[str, tuple[str, str]]


def edit_of(kept: Store, run: Run) -> AnyEdit:
    """The edit as it was recorded. Raises ValueError if its file is gone or damaged."""
    parts = run.files("edit")
    if not parts or not kept.path(parts[0]).is_file():
        raise Problem("Run {run} has no edit: it cannot be used or replayed.", run=run.id)
    return Edit.load(kept.path(parts[0]))


def drawings_of(run: Run) -> list[GenerationSpec]:
    """What was asked for each of a run's pairs of pictures. Raises ValueError if that was not recorded."""
    if run.kind == "evaluate":
        settings = {name: run.request[name] for name in ("steps", "guidance_scale")}
        return [GenerationSpec(one["prompt"], one["seed"], **settings) for one in run.outcome["pictures"]]
    asked = run.request.get("drawings") or run.outcome.get("samples")
    if not asked:  # a debiasing of an earlier version
        raise Problem("Run {run} does not say how its pictures were drawn: it cannot be replayed.", run=run.id)
    return [GenerationSpec(**drawing) for drawing in asked]


def scores_of(run: Run) -> list[Scores | None]:
    """Of each pair of a comparison; None where there was no scorer."""
    recorded = run.outcome.get("scores") or [None] * len(drawings_of(run))
    return [Scores(**scores) if scores else None for scores in recorded]


def verdicts_of(run: Run) -> tuple[Verdict, ...]:
    """Of each pair of a comparison; none where there was no scorer."""
    return tuple(map(Verdict.from_facts, run.outcome.get("verdicts", ())))


def replay(kept: Store, run: Run, model: Model, on_step: OnStep | None = None) -> Replay:
    """Draw a run's pictures again, in the way they were drawn, and hold them against what was recorded.

    Raises ValueError if it was not recorded how, or the edit does not fit the model.
    """
    drawings, edit = drawings_of(run), edit_of(kept, run)
    path = run.outcome.get("path", "auto") if run.kind == "compare" else "swap"
    pairs = compare(model, edit, drawings, on_step, path, scored=False)
    facts = {"model": model.title, "weights": model.fingerprint, "text_encoder": model.text.fingerprint}
    now = environment(model) | facts
    then = dict(run.surroundings) | {name: run.request.get(name, "") for name in facts}
    changed = {name: (str(then.get(name)), str(now[name])) for name in now if str(then.get(name)) != str(now[name])}
    drawn = [getattr(pair, side) for side in SIDES for pair in pairs]
    recorded = [kept.path(part) for side in SIDES for part in run.files(side)]
    apart = max(_apart(image, path) for image, path in zip(drawn, recorded, strict=True))
    verdict = "identical" if apart == 0 else "within tolerance" if apart <= CLOSE else "different"
    return Replay(verdict, changed)


def _apart(image: Image.Image, path: Path) -> float:
    with Image.open(path) as recorded:  # one file at a time: a run may have thousands
        return apartness(image, recorded)
