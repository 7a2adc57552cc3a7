"""A recorded run generated again, and held against what was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from uce_core.edits.edit import AnyEdit, Edit
from uce_core.generation.compare import compare
from uce_core.generation.progress import OnStep
from uce_core.images import mean_pixel_difference
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.review.tasks import SIDES
from uce_core.runs.record import environment, fingerprints
from uce_core.runs.run import AnyRun, UnreadableRun
from uce_core.runs.store import Store

CLOSE = 2.0  # mean difference of pixels, of 255, that rounding in half precision explains
IDENTICAL, WITHIN_TOLERANCE, DIFFERENT = VERDICTS = ("identical", "within tolerance", "different")


@dataclass(frozen=True)
class Replay:
    """verdict: one of VERDICTS. changed: for each fact of the environment or the request that is not what it was,
    then and now; "" for then if the run, of an earlier version, does not say it."""

    verdict: str
    changed: dict[str, tuple[str, str]]


def edit_of(store: Store, run: AnyRun) -> AnyEdit:
    """The edit as it was recorded. Raises ValueError if its file is gone or damaged."""
    files = run.files_of("edit")
    if not files or not store.path(files[0]).is_file():
        raise Problem("run_without_edit", "Run {run} has no edit: it cannot be reused or replayed.", run=run.id)
    return Edit.load(store.path(files[0]))


def replay(store: Store, run: AnyRun, model: Model, on_step: OnStep | None = None) -> Replay:
    """Generate a run's images again, in the way they were generated, and hold them against what was recorded.

    Raises ValueError if it was not recorded how, or the edit does not fit the model.
    """
    specs = run.generations
    assert not isinstance(run, UnreadableRun)  # which says nothing of its generations
    pairs = compare(model, edit_of(store, run), specs, on_step, run.path, scored=False)
    now = environment(model) | fingerprints(model)
    then = {name: str(getattr(run.asked, name, "")) for name in fingerprints(model)} | run.environment
    changed = {name: (then.get(name, ""), value) for name, value in now.items() if then.get(name, "") != value}
    generated = [getattr(pair, side) for side in SIDES for pair in pairs]
    recorded = [store.path(file) for side in SIDES for file in run.files_of(side)]
    return Replay(_verdict(generated, recorded), changed)


def _verdict(generated: Sequence[Image.Image], recorded: Sequence[Path]) -> str:
    apart = max(_apart(image, path) for image, path in zip(generated, recorded, strict=True))
    return IDENTICAL if apart == 0 else WITHIN_TOLERANCE if apart <= CLOSE else DIFFERENT


def _apart(image: Image.Image, path: Path) -> float:
    with Image.open(path) as recorded:  # one file at a time: a run may have thousands
        return mean_pixel_difference(image, recorded)
