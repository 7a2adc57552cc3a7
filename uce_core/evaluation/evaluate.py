"""An evaluation from its plan to its folder: images, figures, scores.csv, report.json and report.html."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from PIL import Image

from uce_core.evaluation import scores
from uce_core.evaluation.blocks import WHOLE, Shard
from uce_core.evaluation.cases import CASES, cases_text
from uce_core.evaluation.distribution import distance, embeddings_beside
from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.generating import OnImage, missing
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.plan import claim, plan_of
from uce_core.evaluation.report_page import page
from uce_core.evaluation.summary import report
from uce_core.evaluation.worker import EMBED, GENERATE, MEASURE, OneWorker, Worker, Workers
from uce_core.files import remove_old_parts, write_text
from uce_core.generation.jobs import batch_size
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.nudenet import NudityDetector
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.remote import local_files, readable
from uce_core.stages import SCORING, stage

CSV, REPORT, PAGE = "scores.csv", "report.json", "report.html"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What was found, and where it lies. measured: each edit's files of figures. left_out: why images were not
    measured, by edit and file."""

    image_folder: ImageFolder
    plan: dict[str, Any]
    reports: tuple[EditReport, ...]
    measured: Mapping[str, list[Path]]
    left_out: Mapping[str, Mapping[str, str]]

    @property
    def folder(self) -> Path:
        return self.image_folder.folder

    @property
    def page(self) -> Path:
        """The report to look at."""
        return self.folder / PAGE

    def html(self, single_file: bool) -> str:
        """That page. single_file: with small copies of images in it, so that it can be mailed; else to lie beside
        them."""
        noted = self.plan | {"notes": [*self.plan["notes"], *_said(self.left_out)]}
        return page(noted, self.reports, self.measured, self.image_folder, single_file)

    def scores(self, edit: str) -> pl.DataFrame:
        """Of each image of an edit, in columns as in scores.py."""
        return scores.read(self.measured[edit])

    def images_of(self, edit: str) -> list[tuple[Image.Image, Image.Image]]:
        """Original and edited of each row of an edit."""
        files = [row.image_spec.file for row in scores.rows_of(self.scores(edit))]
        return [(_opened(self.folder / ORIGINAL / file), _opened(self.folder / edit / file)) for file in files]


def _opened(path: Path) -> Image.Image:
    with Image.open(readable(path)) as image:
        return image.convert("RGB")


def generate_shard(
    model: Model,
    inputs: EvaluationInputs,
    folder: Path,
    shard: Shard = WHOLE,
    on_image: OnImage | None = None,
    workers: Workers | None = None,
) -> dict[str, Any]:
    """Generate what the folder lacks of a shard's images; returns the plan that it has. workers: who do it, by default
    this process.

    Whatever on_image raises ends it, and the next call goes on from there. Raises ValueError if the folder holds
    another evaluation, or there is no scorer.
    """
    return _generate(Worker(model, inputs, folder), shard, on_image, workers)


def _generate(worker: Worker, shard: Shard, on_image: OnImage | None, workers: Workers | None) -> dict[str, Any]:
    inputs, image_folder = worker.inputs, worker.image_folder
    whiches, size = (ORIGINAL, *inputs.names), batch_size(worker.model)
    complete = not any(True for _ in missing(image_folder, whiches, size))
    plan = claim(image_folder.folder, plan_of(worker.model, image_folder, inputs), complete)
    for place in (image_folder.folder, *(image_folder.folder / which for which in whiches)):
        remove_old_parts(place)
    write_text(image_folder.folder / CASES, cases_text(inputs.cases))
    todo = missing(image_folder, whiches, size, shard)
    worker.progress.begin(on_image, todo.images)
    (workers or OneWorker(worker)).each(GENERATE, todo, worker.progress.finish)
    worker.progress.end()
    return plan


def evaluate(
    model: Model,
    inputs: EvaluationInputs,
    folder: Path,
    descriptor: StyleDescriptor | None = None,
    on_image: OnImage | None = None,
    single_file: bool = False,
    workers: Workers | None = None,
    detector: NudityDetector | None = None,
) -> Evaluation:
    """Generate what the folder lacks, measure what has not been, and write the reports.

    descriptor: CSD's, to measure by that too. single_file: whether the page holds its images. workers: who do it, by
    default this process. detector: NudeNet's, to count what it detects. Raises ValueError and what on_image raises as
    generate_shard does.
    """
    worker = Worker(model, inputs, folder, descriptor, detector)
    plan = _generate(worker, WHOLE, on_image, workers)
    measured, left_out = _measure(worker, workers), _left_out(worker)
    reports = tuple(_report(name, paths, left_out, folder) for name, paths in measured.items())
    scores.write_csv((path for paths in measured.values() for path in paths), folder / CSV, detector is not None)
    facts = plan | {"left_out": left_out, "edits": [asdict(one) for one in reports]}
    write_text(folder / REPORT, json.dumps(facts, indent=1) + "\n")
    done = Evaluation(
        image_folder=worker.image_folder, plan=plan, reports=reports, measured=measured, left_out=left_out
    )
    write_text(done.page, done.html(single_file))
    return done


def _measure(worker: Worker, workers: Workers | None) -> dict[str, list[Path]]:
    """Each edit's files of figures."""
    measurer = worker.measurer
    with stage(SCORING):
        for what, blocks in ((EMBED, measurer.to_embed()), (MEASURE, measurer.to_measure())):
            (workers or OneWorker(worker)).each(what, blocks, worker.progress.finish)
        measurer.remove_stale()
    return {name: [measurer.figures(name, part) for part in measurer.parts] for name in worker.inputs.names}


def _left_out(worker: Worker) -> dict[str, dict[str, str]]:
    """Why images are, by edit and file."""
    whiches = (ORIGINAL, *worker.inputs.names)
    return {which: found for which in whiches if (found := worker.image_folder.left_out(which))}


def _report(name: str, paths: list[Path], left_out: Mapping[str, Mapping[str, str]], folder: Path) -> EditReport:
    rows = scores.read(paths)
    if not len(rows):
        raise Problem(
            "nothing_to_measure", "No image of {edit} can be measured. {reason}", edit=name, reason=_first(left_out)
        )
    return report(name, rows, distance(rows, map(local_files(folder), map(embeddings_beside, paths))))


def _said(left_out: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        f"{which}: {len(reasons)} images are left out, the first, {next(iter(reasons))}, because: "
        f"{next(iter(reasons.values()))}"
        for which, reasons in left_out.items()
    ]


def _first(left_out: Mapping[str, Mapping[str, str]]) -> str:
    return next((reason for reasons in left_out.values() for reason in reasons.values()), "")


def of_one(found: Evaluation, name: str) -> Evaluation:
    """What an evaluation of several edits found of one; the files are still those of all."""
    plan = found.plan | {"title": f"{name}: {found.plan['title']}", "names": {name: found.plan["names"][name]}}
    return replace(
        found,
        plan=plan,
        reports=tuple(report for report in found.reports if report.edit == name),
        measured={name: found.measured[name]},
    )
