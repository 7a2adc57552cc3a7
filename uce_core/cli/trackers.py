"""An evaluation in Trackio or Weights & Biases, which are asked in the same words: a run for each edit."""

from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

from uce_core.checks import one_of
from uce_core.evaluation.cases import ImageSpec
from uce_core.evaluation.edit_report import EditReport, GroupSummary
from uce_core.evaluation.evaluate import Evaluation
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.report_page import chosen
from uce_core.evaluation.scores import rows_of
from uce_core.evaluation.tables import MEASURES, PAPERS
from uce_core.problems import Problem
from uce_core.statistics import Change

TRACKERS = ("trackio", "wandb")
PROJECT = "uce-studio"
PAIRS = 8  # of images

Tracker = Annotated[
    str, typer.Option("--log", help="trackio or wandb: log figures and some images there; default: nowhere.")
]


def tracker_of(name: str) -> ModuleType | None:
    """None for "". Raises ValueError if it is not known or not installed."""
    if not name:
        return None
    one_of("tracker", name, TRACKERS)
    try:
        return import_module(name)
    except ImportError:
        raise Problem("no_tracker", "{name} is not installed: install it with pip install {name}.", name=name) from None


def log_evaluation(tracker: ModuleType, found: Evaluation) -> None:
    """A run for each edit, named after it: the papers' metrics, every group's means after the edit and their
    differences, and some pairs of images."""
    for report in found.reports:
        facts = {name: value for name, value in found.plan.items() if name not in ("names", "notes")}
        config = facts | dict(found.plan["names"][report.edit])
        tracker.init(project=PROJECT, name=f"{found.plan['title']}: {report.edit}", config=config)
        tracker.log(scalars(report) | images(tracker, found, report.edit))
        tracker.finish()


def scalars(report: EditReport) -> dict[str, float]:
    """By name, such as “erased/style/shown”."""
    papers = {name: mean.value for name in PAPERS if (mean := getattr(report.published, name)) is not None}
    return papers | {name: value for part in report.parts for name, value in _of_group(part).items()}


def _of_group(part: GroupSummary) -> dict[str, float]:
    place = "/".join(filter(None, (part.role or "no artist", part.facet)))
    changes: dict[str, Change] = {name: one for name in MEASURES if (one := getattr(part, name)) is not None}
    after = {f"{place}/{name}": one.after.value for name, one in changes.items()}
    by = {f"{place}/{name}/difference": one.difference.value for name, one in changes.items()}
    return after | by | {f"{place}/lpips": part.lpips.value}


def images(tracker: ModuleType, found: Evaluation, edit: str) -> dict[str, object]:
    """Original and edited of a few, evenly spread, under their prompts."""
    scores = found.scores(edit)
    shown = [row.image_spec for row in rows_of(scores[chosen(len(scores), PAIRS)])]

    def under(which: str, image_spec: ImageSpec) -> object:
        [image] = found.image_folder.read(which, [image_spec])
        return tracker.Image(image, caption=f"{which}: {image_spec.case.prompt}")

    return {
        f"images/{number}/{side}": under(which, image_spec)
        for number, image_spec in enumerate(shown)
        for side, which in ((ORIGINAL, ORIGINAL), ("edited", edit))
    }
