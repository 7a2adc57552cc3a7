"""Runs of every kind with everything that one can have, and all that is shown of a run and done with it."""

import contextlib
from dataclasses import asdict
from datetime import UTC

from app.html.differences import differences_table
from app.html.pairs import leakage_matrix, run_grid
from app.html.pieces import heat_map
from app.html.review import results_page, task_images
from app.html.runs import (
    findings_of,
    replay_lines,
    run_impact_bars,
    run_links,
    run_name,
    run_scores,
    settings_table,
)
from app.server.images import address_of
from app.studio.edit_library import named_file
from app.tabs.compare_fields import clamped
from app.tabs.reuse_run import fields_to_reuse
from tests.hostile.edit_files import SPEC
from tests.hostile.pictures import GENERATION
from uce_core import DebiasSpec
from uce_core.evaluation.edit_report import EditReport, GroupSummary, PublishedMetrics, WordingLeakage
from uce_core.evaluation.tables import Finding
from uce_core.evaluation.verdict import Detection, Verdict
from uce_core.methods.debias import Iterate
from uce_core.methods.impact import Impact
from uce_core.metrics.scores import Scores
from uce_core.problems import Problem
from uce_core.review.tasks import MODES, SIDES, tasks
from uce_core.runs.outcomes import ComparisonOutcome, DebiasingOutcome, EvaluationOutcome, MeasuredImage, MeasuredSide
from uce_core.runs.ratings import described, items_of, ratings_of, results_of
from uce_core.runs.replay import VERDICTS, Replay, edit_of
from uce_core.runs.reports import page_of, report_of
from uce_core.runs.requests import ComparisonRequest, DebiasingRequest, EvaluatedEdit, EvaluationRequest
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun, Readable, StoredFile
from uce_core.runs.store import Store
from uce_core.statistics import Change, Mean

ARTIST = "Vincent van Gogh"
ENVIRONMENT = {"device": "cpu", "dtype": "torch.float32", "torch": "2", "diffusers": "0"}
SEEN = Detection(name=ARTIST, before=0.5, after=0.2, shown_before=True, shown_after=False)
MEAN = Mean(0.5, 0.4, 0.6)
CHANGE = Change(MEAN, MEAN, Mean(-0.2, -0.3, -0.1), 3)


def comparison() -> Readable:
    return ComparisonRun(
        title=GENERATION.prompt,
        environment=ENVIRONMENT,
        request=ComparisonRequest(model="atelier", edit=SPEC, strength=0.5, generations=(GENERATION,)),
        outcome=ComparisonOutcome(
            scores=(Scores(30.0, 20.0, 0.4),),
            verdicts=(Verdict((SEEN,), SEEN),),
            path="batch",
            impact=(Impact(ARTIST, 0.5), Impact("Claude Monet", 0.0)),
        ),
    )


def debiasing() -> Readable:
    start = Iterate(((0.0, 0.0),), ((0.9, 0.1),), 0.4, (30.0,), (False,))
    history = (start, Iterate(((0.1, 0.2),), ((0.5, 0.5),), 0.0, (20.0,), (True,)))
    return DebiasingRun(
        title="doctor",
        environment=ENVIRONMENT,
        request=DebiasingRequest(model="atelier", edit=DebiasSpec(concepts=("doctor",))),
        outcome=DebiasingOutcome(best=1, converged=True, history=history, samples=(GENERATION,)),
    )


def evaluation() -> Readable:
    image = MeasuredImage(
        prompt=GENERATION.prompt,
        artist=ARTIST,
        facet="style",
        subject="a house",
        seed=7,
        role="erased",
        lpips=0.3,
        before=MeasuredSide(style=0.5, shown=True, clip=30.0),
        after=MeasuredSide(style=0.1, shown=False, clip=20.0),
    )
    return EvaluationRun(
        title=f"no {ARTIST}",
        environment=ENVIRONMENT,
        request=EvaluationRequest(
            model="atelier",
            names={"no-van-gogh": EvaluatedEdit(erased=(ARTIST,), retained=("Claude Monet",), also_erased=("a boat",))},
            task="leakage",
            steps=10,
            guidance_scale=3.0,
            image_count=2,
            images_per_case=1,
        ),
        outcome=EvaluationOutcome(
            summary=(Finding("erased_style", {"change": "90% → 10%"}),),
            images=(image,),
        ),
    )


def report() -> dict[str, object]:
    """Of the evaluation, as its file says it."""
    group = GroupSummary(
        role="erased",
        facet="style",
        artist="",
        clip=CHANGE,
        style=CHANGE,
        identity=None,
        probability=None,
        shown=CHANGE,
        gram=None,
        csd=None,
        subject=None,
        subject_shown=None,
        lpips=MEAN,
        lpips_64=MEAN,
    )
    leak = WordingLeakage(artist=ARTIST, facet="style", wording="… in the style", count=1, shown=MEAN, style=MEAN)
    none = PublishedMetrics(clip_e=MEAN, clip_s=None, h_a=None, lpips_e=None, lpips_o=None, ua=None, ira=None, cra=None)
    found = EditReport(edit="no-van-gogh", parts=(group,), by_artist=(group,), drops=(), leaks=(leak,), published=none)
    return {"edits": [asdict(found)]}


RUNS = {"compare": comparison, "debias": debiasing, "evaluate": evaluation}


def all_html(store: Store, run: AnyRun, other: AnyRun, language: str) -> str:
    """Everything that any page says of a run."""
    addresses = [(one, two) for one, two in zip(*(map(_address, run.files_of(side)) for side in SIDES), strict=True)]
    thumbnails = [_address(file) for file in run.files_of("thumbnail")[:1]]
    replay = Replay(VERDICTS[0], {name: (name, value) for name, value in run.environment.items()})
    shown = [
        run_links([run], thumbnails, language, UTC),
        run_grid(run, addresses, language),
        findings_of(run, language),
        run_scores(run, language),
        run_impact_bars(run, language),
        settings_table(run, language, UTC),
        differences_table([run, other], ["/x.png"] * 2, language, UTC),
        *(f"<p>{len(line)}</p>" for line in (run_name(run, language, UTC), *replay_lines(replay, language))),
    ]
    if isinstance(run, EvaluationRun):
        found = report_of(store, run)
        shown += [leakage_matrix(run, addresses, language), heat_map(found, language) if found else ""]
        page_of(store, run)
    if described(run):
        files = {side: [store.path(file) for file in run.files_of(side)] for side in SIDES}
        shown.append(results_page(run.title, results_of(store, run.id), files, True, language))
        for mode in MODES:
            for task in tasks(items_of(run), run.id, "Kim", mode):
                shown.append(task_images(["data:,"] * len(task), 1, task[0].prompt, language))
    return "".join(shown)


def _address(file: StoredFile) -> str:
    return address_of(file, "/studio")


def reuse(store: Store, run: AnyRun) -> None:
    """What else is done with it; each may be refused."""
    named_file(run).encode()
    with contextlib.suppress(Problem):
        _, fields = fields_to_reuse(run, store)
        clamped(fields, 100)
    with contextlib.suppress(Problem):
        edit_of(store, run)
    ratings_of(store, run.id)
