"""What is done with a model and then recorded, one function each: the app and the command line call these.

Knows nothing about how a person asks for it, or is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from uce_core.checks import normalised
from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import DebiasSpec
from uce_core.evaluation.candidates import Candidate, as_candidate, control_artists
from uce_core.evaluation.cases import LEAKAGE, facet_cases, facet_prompts, numbered
from uce_core.evaluation.evaluate import Evaluation, evaluate, of_one
from uce_core.evaluation.generating import OnImage
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.solving import path_of, solved
from uce_core.evaluation.sweep import Point, shown_artists
from uce_core.evaluation.task import ArtistSelection, Task, selected
from uce_core.evaluation.task_files import TaskFile
from uce_core.evaluation.verdicts import verdicts
from uce_core.evaluation.worker import Workers
from uce_core.generation.compare import Pair, compare, compare_all
from uce_core.generation.generate import OnLatents
from uce_core.generation.progress import Cancelled, OnStep
from uce_core.generation.spec import APART, AUTO, GenerationSpec
from uce_core.grids.axes import STRENGTH
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_images import Embed, Sample, samples
from uce_core.methods.debias_search import Debiased, OnProgress, debias
from uce_core.methods.drift import impact
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.nudenet import NudityDetector
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.runs.record import Record, comparison_record, debiasing_record, evaluation_record
from uce_core.runs.replay import edit_of
from uce_core.runs.run import AnyRun, ComparisonRun
from uce_core.runs.store import Store
from uce_core.stages import RECORDING, SCORING, stage

CONTROLS = 6  # artists besides the erased ones
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
    again = APART if with_originals and edit.edits_text and not chosen else path
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


def task_inputs(
    model: Model,
    file: TaskFile,
    given: Sequence[Candidate],
    folder: Path,
    *,
    erased: Sequence[str] = (),
    retained: Sequence[str] = (),
    images: int | None = None,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> EvaluationInputs:
    """What a task is on a model. given: edits; without any, the task's own are solved, or read from the folder, where
    they are saved. The rest, if it is given, is taken instead of what the task says. Raises ValueError if the model's
    catalogue is too small."""
    task = file.task
    named = list(dict.fromkeys(name for one in given for name in one.erased))
    artists = selected(task, model.catalog, erased or named, retained)
    prompts = file.prompts and file.prompts.checked(model.text.check_length)
    return EvaluationInputs(
        candidates=tuple(given or _solved(model, task, artists, folder)),
        cases=tuple(prompts.cases if prompts else task.cases(artists, model.known.indirect)),
        images=images or task.images,
        steps=task.steps if steps is None else steps,
        guidance_scale=task.guidance_scale if guidance_scale is None else guidance_scale,
        sampler=sampler,
        title=task.name,
        task=task.name,
        notes=(file.label, *(prompts.notes if prompts else ())),
    )


def sweep_inputs(
    model: Model,
    points: Sequence[Point],
    artists: Sequence[str],
    folder: Path,
    *,
    asked: int | None = None,
    images: int = 1,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> EvaluationInputs:
    """A grid of edits, solved, or read from the folder, where they are saved. artists: of whom each erases the first
    and retains the others. asked: how many are asked for, the first and the last of them; None for all. Raises
    ValueError for a point that cannot be solved."""
    specs = [point.spec(artists) for point in points]
    most = max(len(spec.edited) for spec in specs)
    candidates = tuple(
        as_candidate(point.name, solved(model, spec, path_of(folder, point.name), point.get(STRENGTH, 1.0)))
        for point, spec in zip(points, specs, strict=True)
    )
    shown = (artist for some in shown_artists(artists, most, asked) for artist in some)
    asks = ((artist, *prompt) for artist in shown for prompt in facet_prompts(artist)["style"])
    cases = numbered((prompt, artist, "style", subject) for artist, prompt, subject in asks)
    return EvaluationInputs(
        candidates=candidates,
        cases=tuple(cases),
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        sampler=sampler,
        title=f"Sweep over {', '.join(name for name, _ in points[0].values)}",
        task="sweep",
    )


def _solved(model: Model, task: Task, artists: ArtistSelection, folder: Path) -> list[Candidate]:
    """An edit for each group of erased artists, saved beside the images, and the same for all who generate them."""
    found = []
    for erased in artists.groups(task.together):
        name = f"{len(erased)}-artists" if task.together else "-".join(normalised(erased[0]).split())
        spec = task.spec_for(erased, artists.others)
        found.append(as_candidate(name, solved(model, spec, path_of(folder, name))))
    return found


def leakage_inputs(
    model: Model,
    edits: Sequence[tuple[str, AnyEdit]],
    *,
    artists: Sequence[str] = (),
    controls: int = CONTROLS,
    images: int = 1,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> EvaluationInputs:
    """What edits leave of artists, facet by facet.

    edits: by name. artists: by default all that the edits erase. controls: how many artists that no edit erases are
    looked at, too. Raises ValueError if an edit does not say what it erases and no artists are named.
    """
    candidates = tuple(as_candidate(name, edit, artists) for name, edit in edits)
    for one in candidates:
        if not one.erased:
            raise Problem(
                "edit_without_artists",
                "{name} does not say which artists it erases: choose the artist to measure.",
                name=one.name,
            )
    erased = list(dict.fromkeys(name for one in candidates for name in one.erased))
    cases = facet_cases(erased, control_artists(candidates, model.catalog, controls), model.known.indirect)
    return EvaluationInputs(
        candidates=candidates,
        cases=tuple(cases),
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        sampler=sampler,
        title=", ".join(erased),
        task=LEAKAGE,
    )


def run_impact(store: Store, run: AnyRun, model: Model, artists: Sequence[str]) -> AnyRun:
    """The run with the impact of its edit on artists, the most affected first, kept with it.

    Raises ValueError if the edit is gone or does not fit the model.
    """
    if not isinstance(run, ComparisonRun):
        return run
    found = tuple(impact(model, edit_of(store, run), artists))
    store.write_outcome(run.id, run.outcome.model_copy(update={"impact": found}).facts())
    return store.get(run.id)
