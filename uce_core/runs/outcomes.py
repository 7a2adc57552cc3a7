"""What came of recorded runs, by their kinds. The names of version 0.1 are read as aliases."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, PlainSerializer

from uce_core.evaluation.cases import EMPTY, FACETS
from uce_core.evaluation.measures import ROLES
from uce_core.evaluation.tables import FINDINGS, Finding
from uce_core.evaluation.verdict import Verdict
from uce_core.generation.spec import PATHS, SWAPPED
from uce_core.methods.debias import Iterate
from uce_core.methods.impact import Impact
from uce_core.metrics.scores import Scores
from uce_core.runs.fields import AGeneration, APath, Facts, known
from uce_core.runs.stored_findings import by_id


def _by_id(value: object) -> object:
    """Whatever version wrote it."""
    return by_id(value) if isinstance(value, Mapping) else value


def _sound(finding: Finding) -> Finding:
    """A sentence of this program that can be filled in."""
    if finding.id not in FINDINGS:
        raise ValueError("no sentence of this program")
    try:
        str(finding)
    except KeyError:
        raise ValueError("a sentence with gaps") from None
    return finding


AnIterate = Annotated[
    Iterate, PlainSerializer(lambda one: {name: value for name, value in asdict(one).items() if value != ()})
]


class ComparisonOutcome(Facts):
    """scores, verdicts: of each pair, none where there was no scorer. path: by which the same is generated again.
    impact: of other artists, if someone has asked."""

    scores: tuple[Scores | None, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    path: APath = PATHS[0]
    impact: tuple[Impact, ...] | None = None


class DebiasingOutcome(Facts):
    """best: number of the best iterate. samples: generations of the images, none in runs of before 0.1. path: by which
    they are generated again; those of before 0.2 were generated with the weights swapped."""

    best: Annotated[int, Field(ge=0)]
    converged: bool = False
    history: tuple[AnIterate, ...]
    samples: tuple[AGeneration, ...] = ()
    path: APath = SWAPPED


class MeasuredSide(Facts):
    style: float | None = None
    shown: bool | None = None
    clip: float


class MeasuredImage(Facts):
    """What was asked of a pair of images, and the measures of it that a person may want to doubt."""

    prompt: str
    artist: str
    facet: Annotated[str, known(*FACETS, EMPTY)]
    subject: str
    seed: int
    role: Annotated[str, known(*ROLES)]
    lpips: float
    before: MeasuredSide
    after: MeasuredSide
    guidance_scale: float | None = None  # of this image alone, None for the evaluation's


class EvaluationOutcome(Facts):
    """path: as of a debiasing."""

    summary: tuple[Annotated[Finding, BeforeValidator(_by_id), AfterValidator(_sound)], ...]
    images: tuple[MeasuredImage, ...] = Field(min_length=1, validation_alias=AliasChoices("images", "pictures"))
    path: APath = SWAPPED
