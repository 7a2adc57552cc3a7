"""What a visitor gets in the end: a run, and what is known of it besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from uce_core.evaluation.edit_report import EditReport
from uce_core.methods.debias import Iterate
from uce_core.runs.run import AnyRun


@dataclass(frozen=True)
class Column:
    """Of a comparison of several edits. run: as it was recorded; its id is "" if it could not be. images: original and
    edited of each pair, then."""

    run: AnyRun
    images: Sequence[tuple[Image.Image, Image.Image]] = ()


@dataclass(frozen=True)
class Overshoot:
    """Of the strongest of several edits, as the engine has it (methods/drift.py). edit: its title, "" where it is the
    only one."""

    times: float
    edit: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """run: as it was recorded; its id is "" if it could not be, and not_kept says why. images: original and edited of
    each pair, to show a run that could not be recorded. unknown: names that the model does not know. half: whether the
    edit started from weights in half precision. overshoot: None where nothing is to be said of it. report,
    page: of an evaluation. saved: name under which an edit that would else be lost was saved. beside: of a comparison
    of several edits the other columns."""

    run: AnyRun
    seconds: float
    images: Sequence[tuple[Image.Image, Image.Image]]
    unknown: tuple[str, ...] = ()
    half: bool = False
    overshoot: Overshoot | None = None
    report: EditReport | None = None
    page: Path | None = None
    saved: str = ""
    beside: Sequence[Column] = ()
    not_kept: ValueError | None = None


@dataclass(frozen=True)
class SoFar:
    """Of a debiasing. unrecognised: concepts and attributes that mean nothing to the model or the classifier."""

    history: tuple[Iterate, ...]
    unrecognised: tuple[str, ...]
