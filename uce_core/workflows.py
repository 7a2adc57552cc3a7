"""What is done with a model and then recorded, one function each: the app and the command line call these.

Knows nothing about how a person asks for it, or is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.evaluate import Evaluation, evaluate, of_one
from uce_core.evaluation.generating import OnImage
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.verdicts import verdicts
from uce_core.evaluation.worker import Workers
from uce_core.generation.compare import Pair, compare, compare_all
from uce_core.generation.generate import OnLatents
from uce_core.generation.progress import Cancelled, OnStep
from uce_core.generation.spec import APART, AUTO, GenerationSpec
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_images import Embed, Sample, samples
from uce_core.methods.debias_search import Debiased, OnProgress, debias
from uce_core.methods.drift import impact
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.nudenet import NudityDetector
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.runs.record import Record, comparison_record, debiasing_record, evaluation_record
from uce_core.runs.replay import edit_of
from uce_core.runs.run import AnyRun, ComparisonRun
from uce_core.runs.store import Store
from uce_core.stages import RECORDING, SCORING, stage

Keep = Callable[[Record], AnyRun]  # stores a record; the run as it is stored, or with an empty id if it is not


@dataclass(frozen=True)
class Comparison:
    """run: as it was recorded; its id is "" if it was not."""

    pairs: list[Pair]
    run: AnyRun


@dataclass(frozen=True)
class Debiasing:
    """run: None where nothing is to be recorded. stopped: while the samples were generated, which record it."""

    found: Debiased
    samples: tuple[Sample, ...]
    run: AnyRun | None
    stopped: bool = False


@dataclass(frozen=True)
class Evaluated:
    """runs: one for each edit."""

    found: Evaluation
    runs: tuple[AnyRun, ...]


def not_kept(record: Record) -> AnyRun:
    """A Keep that keeps nothing."""
    return record.run


def run_comparison(
    model: Model,
    edit: AnyEdit,
    specs: Sequence[GenerationSpec],
    keep: Keep,
    *,
    path: str = AUTO,
    originals: list[Image.Image] | None = None,
    on_step: OnStep | None = None,
    on_latents: OnLatents | None = None,
) -> Comparison:
    """Original and edited for every spec, scored, put into words, and recorded. The arguments and errors are those of
    compare."""
    pairs = compare(model, edit, specs, on_step, path, on_latents, originals)
    return _recorded(model, edit, pairs, keep, path, bool(originals))


def run_comparisons(
    model: Model,
    edits: Sequence[AnyEdit],
    specs: Sequence[GenerationSpec],
    keep: Keep,
    *,
    originals: list[Image.Image] | None = None,
    on_step: OnStep | None = None,
    on_latents: OnLatents | None = None,
) -> list[Comparison]:
    """The same for several edits beside each other, with the same originals: a run for each edit. The arguments and
    errors are those of compare_all."""
    columns = compare_all(model, edits, specs, on_step, on_latents, originals)
    return [
        _recorded(model, edit, pairs, keep, AUTO, bool(originals)) for edit, pairs in zip(edits, columns, strict=True)
    ]


def _recorded(
    model: Model, edit: AnyEdit, pairs: list[Pair], keep: Keep, path: str, with_originals: bool
) -> Comparison:
    """Put into words, and recorded. with_originals: whether those were there before."""
    scored = bool(pairs and pairs[0].scores)
    erased = edit.spec.edited if edit.spec and edit.spec.erases else ()
    with stage(SCORING):
        found = verdicts(scorer_for(model.folder), pairs, erased, model.catalog) if scored else ()
    chosen = path != AUTO
    again = APART if with_originals and not chosen else path
    with stage(RECORDING):
        return Comparison(pairs, keep(comparison_record(model, edit, pairs, found, again, chosen)))


def run_debiasing(
    model: Model,
    spec: DebiasSpec,
    keep: Keep | None,
    *,
    on_progress: OnProgress | None = None,
    on_iterate: Callable[[Iterate], None] | None = None,
    on_unrecognised: Callable[[tuple[str, ...]], None] | None = None,
    sample_steps: int | None = None,
    on_found: Callable[[Debiased], OnStep | None] = lambda found: None,
    embed: Embed | None = None,
    apart: Callable[[Callable[[], tuple[Sample, ...]]], tuple[Sample, ...]] = lambda work: work(),
) -> Debiasing:
    """Search the edit; then generate samples before and after, and record it all, also where the edit changes nothing:
    what was counted is worth keeping. The errors and the first callbacks are those of debias.

    keep: None for the search alone. embed: as of debias. apart: where the samples are generated, if not where this is
    called. sample_steps: None for the model family's. on_found: told of the end of the
    search, returns what to tell of the samples' steps.
    """
    found = debias(model, spec, on_progress, on_iterate, on_unrecognised, embed)
    on_step = on_found(found)
    if keep is None:
        return Debiasing(found, (), None)
    try:
        edit = None if found.changes_nothing else found.edit
        shown = apart(lambda: samples(model, spec, edit, steps=sample_steps, on_step=on_step))
    except Cancelled:
        return Debiasing(found, (), None, stopped=True)
    with stage(RECORDING):
        return Debiasing(found, shown, keep(debiasing_record(model, found, shown)))


def run_evaluation(
    model: Model,
    inputs: EvaluationInputs,
    folder: Path,
    keep: Keep,
    descriptor: StyleDescriptor | None = None,
    on_image: OnImage | None = None,
    single_file: bool = False,
    workers: Workers | None = None,
    detector: NudityDetector | None = None,
) -> Evaluated:
    """Evaluate edits into a folder, and record a run for each. The arguments and errors are those of evaluate."""
    found = evaluate(model, inputs, folder, descriptor, on_image, single_file, workers, detector)
    records = (evaluation_record(model, one.edit, of_one(found, one.name)) for one in inputs.candidates)
    with stage(RECORDING):
        return Evaluated(found, tuple(map(keep, records)))


def run_impact(store: Store, run: AnyRun, model: Model, artists: Sequence[str]) -> AnyRun:
    """The run with the impact of its edit on artists, the most affected first, kept with it.

    Raises ValueError if the edit is gone or does not fit the model.
    """
    if not isinstance(run, ComparisonRun):
        return run
    found = tuple(impact(model, edit_of(store, run), artists))
    store.write_outcome(run.id, run.outcome.model_copy(update={"impact": found}).facts())
    return store.get(run.id)
