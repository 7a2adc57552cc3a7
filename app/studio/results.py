"""What a visitor gets in the end: of a comparison, a debiasing, a look at leakage."""

from dataclasses import dataclass
from pathlib import Path

from uce_core import Debiased, EditSpec, Model, Pair
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.report_page import Line
from uce_core.evaluation.summary import EditReport
from uce_core.evaluation.tables import Finding
from uce_core.evaluation.verdicts import Verdict
from uce_core.methods.debias import Sample


@dataclass(frozen=True)
class Leakage:
    """What an edit leaves. lines: the pictures; page: the report that can be mailed. run: the id under which it was
    recorded, "" if that failed."""

    title: str
    erased: tuple[str, ...]
    report: EditReport
    summary: tuple[Finding, ...]
    lines: tuple[Line, ...]
    page: Path
    seconds: float
    run: str


@dataclass(frozen=True)
class Fairness:
    """samples: pictures of each concept, before and after. run: the id under which it was recorded, "" if that
    failed."""

    debiased: Debiased
    samples: tuple[Sample, ...]
    seconds: float
    run: str


@dataclass(frozen=True)
class Comparison:
    """verdicts: of each pair, none where there is no scorer. run: the id under which it was recorded, "" if that
    failed."""

    model: Model
    edit: AnyEdit
    spec: EditSpec | None
    pairs: list[Pair]
    verdicts: tuple[Verdict, ...]
    seconds: float
    run: str
