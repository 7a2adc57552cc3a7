"""Recorded runs, typed: what was asked, in what environment, what came of it.

A record is parsed once, where it is read, whatever version wrote it; the names of version 0.1 are read as aliases.
Nothing else looks at a record's kind. Knows nothing about databases, zip files or pages.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from uce_core.edits.spec import DebiasSpec, MethodSpec, spec_from_facts
from uce_core.evaluation.cases import FACETS
from uce_core.evaluation.measures import ROLES
from uce_core.evaluation.tables import FINDINGS, Finding
from uce_core.evaluation.verdict import Verdict
from uce_core.generation.spec import PATHS, SWAPPED, GenerationSpec
from uce_core.methods.debias import Iterate
from uce_core.methods.impact import Impact
from uce_core.metrics.scores import Scores
from uce_core.problems import Problem
from uce_core.runs.stored_findings import by_id

VERSION = 2  # of what a request says; version 0.1 did not write one
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXAMPLE = "example-"  # how the visitors' ids begin to whom the runs belong that ship with the app


@dataclass(frozen=True)
class StoredFile:
    """A file of a run. role: "original", "edited", "edit" …; position: among those of the role."""

    role: str
    position: int
    digest: str
    suffix: str


def _spec(value: object) -> MethodSpec:
    if isinstance(value, MethodSpec):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("no spec")
    return spec_from_facts(value)


def _debias_spec(value: object) -> DebiasSpec:
    found = _spec(value)
    if not isinstance(found, DebiasSpec):
        raise ValueError("no debiasing")
    return found


def _generation(value: object) -> GenerationSpec:
    if isinstance(value, GenerationSpec):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("no generation")
    found = GenerationSpec.from_facts(value)
    if found.steps is None or found.guidance_scale is None:  # what was generated is recorded with both
        raise ValueError("it is not said how")
    return found


AS_FACTS = PlainSerializer(lambda spec: spec.facts())
AnyMethodSpec = Annotated[MethodSpec, PlainValidator(_spec), AS_FACTS]
ADebiasSpec = Annotated[DebiasSpec, PlainValidator(_debias_spec), AS_FACTS]
AGeneration = Annotated[GenerationSpec, PlainValidator(_generation), AS_FACTS]
AnIterate = Annotated[
    Iterate, PlainSerializer(lambda one: {name: value for name, value in asdict(one).items() if value != ()})
]


def _known(*known: str) -> AfterValidator:
    """One of them, or empty."""

    def check(value: str) -> str:
        if value not in (*known, ""):
            raise ValueError("not known")
        return value

    return AfterValidator(check)


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


class Facts(BaseModel):
    """What is not named is left out when it is read; a field without a value, when it is written."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, arbitrary_types_allowed=True)

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.model_dump(
            mode="json", exclude={name for name in type(self).model_fields if getattr(self, name) is None}
        )


class Request(Facts):
    """weights, text_encoder: fingerprints. version: 1 if none was written."""

    version: int = 1
    model: str
    weights: str = ""
    text_encoder: str = ""
    edit_digest: str = ""


class ComparisonRequest(Request):
    """generations: of each pair. path: there only if someone chose it, so that the same by another path is another
    run."""

    edit: AnyMethodSpec | None = None
    strength: float = 1.0
    generations: tuple[AGeneration, ...] = Field(min_length=1, validation_alias=AliasChoices("generations", "drawings"))
    path: Annotated[str, _known(*PATHS)] | None = None


class ComparisonOutcome(Facts):
    """scores, verdicts: of each pair, none where there was no scorer. path: by which the same is generated again.
    impact: of other artists, if someone has asked."""

    scores: tuple[Scores | None, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    path: Annotated[str, _known(*PATHS)] = PATHS[0]
    impact: tuple[Impact, ...] | None = None


class DebiasingRequest(Request):
    """stopped: after how many iterations someone did so; there only then, so that the whole search is another run."""

    edit: ADebiasSpec
    stopped: Annotated[int, Field(ge=0)] | None = None


class DebiasingOutcome(Facts):
    """best: number of the best iterate. samples: generations of the images, none in runs of before 0.1. path: by which
    they are generated again; those of before 0.2 were generated with the weights swapped."""

    best: Annotated[int, Field(ge=0)]
    converged: bool = False
    history: tuple[AnIterate, ...]
    samples: tuple[AGeneration, ...] = ()
    path: Annotated[str, _known(*PATHS)] = SWAPPED


class EvaluatedEdit(Facts):
    """erased: the artists that were looked at. also_erased: others that the edit erases."""

    digest: str = ""
    erased: tuple[str, ...]
    retained: tuple[str, ...]
    also_erased: tuple[str, ...] = ()


class EvaluationRequest(Request):
    """names: the edit by its name. task: what was asked of it, such as leakage. images_per_case: 0 if that is not
    known. cases: their digest. device to scorer: as evaluation.evaluate.plan_of says them. csd: if CSD was used."""

    names: dict[str, EvaluatedEdit] = Field(min_length=1)
    task: str = ""
    steps: int
    guidance_scale: float
    image_count: int = Field(validation_alias=AliasChoices("image_count", "pictures"))
    images_per_case: int = Field(default=0, validation_alias=AliasChoices("images_per_case", "images"))
    cases: str = ""
    device: str = ""
    dtype: str = ""
    scorer: str = ""
    csd: bool = False


class MeasuredSide(Facts):
    style: float | None = None
    shown: bool | None = None
    clip: float


class MeasuredImage(Facts):
    """What was asked of a pair of images, and the measures of it that a person may want to doubt."""

    prompt: str
    artist: str
    facet: Annotated[str, _known(*FACETS)]
    subject: str
    seed: int
    role: Annotated[str, _known(*ROLES)]
    lpips: float
    before: MeasuredSide
    after: MeasuredSide
    guidance_scale: float | None = None  # of this image alone, None for the evaluation's


class EvaluationOutcome(Facts):
    """path: as of a debiasing."""

    summary: tuple[Annotated[Finding, BeforeValidator(_by_id), AfterValidator(_sound)], ...]
    images: tuple[MeasuredImage, ...] = Field(min_length=1, validation_alias=AliasChoices("images", "pictures"))
    path: Annotated[str, _known(*PATHS)] = SWAPPED


class Run(Facts):
    """What all runs have. created, latest: when it was generated first, and for the last time; a replay does not
    count. environment: library versions, device and the like, on which a result may depend. id: "" outside of a
    store."""

    id: str = ""
    created: datetime = EPOCH
    latest: datetime = EPOCH
    pinned: bool = False
    note: str = ""
    visitor: str = ""
    files: tuple[StoredFile, ...] = ()
    title: str
    environment: dict[str, str] = Field(validation_alias=AliasChoices("environment", "surroundings"))

    @property
    def is_example(self) -> bool:
        """Whether it ships with the app."""
        return self.visitor.startswith(EXAMPLE)

    def files_of(self, role: str) -> list[StoredFile]:
        return [file for file in self.files if file.role == role]

    @property
    def kind_name(self) -> str:
        """What people call runs of this kind."""
        return getattr(self, "kind", "")

    @property
    def model(self) -> str:
        """Title of the model."""
        return ""

    @property
    def asked(self) -> Request | None:
        return None

    @property
    def generations(self) -> tuple[GenerationSpec, ...]:
        """What was asked for each pair of images. Raises ValueError if that was not recorded."""
        raise Problem(
            "run_without_settings",
            "Run {run} does not say how its images were generated: it cannot be replayed.",
            run=self.id,
        )

    @property
    def prompts(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(spec.prompt for spec in self.generations))

    @property
    def spec(self) -> MethodSpec | None:
        """What the edit was asked, if that was recorded."""
        return None

    @property
    def erased(self) -> tuple[str, ...]:
        return self.spec.edited if self.spec and self.spec.erases else ()

    @property
    def changes_nothing(self) -> bool:
        """Whether its edit is none, so that there is nothing to save."""
        return False


class ComparisonRun(Run):
    kind: Literal["compare"] = "compare"
    request: ComparisonRequest
    outcome: ComparisonOutcome

    @model_validator(mode="after")
    def _of_each_pair(self) -> "ComparisonRun":
        counts = {len(self.outcome.scores), len(self.outcome.verdicts)}
        if counts - {0, len(self.request.generations)}:
            raise ValueError("not of each pair")
        return self

    @property
    def model(self) -> str:
        return self.request.model

    @property
    def asked(self) -> Request:
        return self.request

    @property
    def generations(self) -> tuple[GenerationSpec, ...]:
        return self.request.generations

    @property
    def path(self) -> str:
        """By which the same is generated again."""
        return self.outcome.path

    @property
    def spec(self) -> MethodSpec | None:
        return self.request.edit

    @property
    def scores(self) -> tuple[Scores | None, ...]:
        """Of each pair; None where there was no scorer."""
        return self.outcome.scores or (None,) * len(self.generations)


class DebiasingRun(Run):
    kind: Literal["debias"] = "debias"
    request: DebiasingRequest
    outcome: DebiasingOutcome

    @model_validator(mode="after")
    def _a_share_of_each(self) -> "DebiasingRun":
        spec, history = self.request.edit, self.outcome.history
        shape = (len(spec.concepts), len(spec.attributes))
        tables = [table for one in history for table in (one.scales, one.shares)]
        shapes = {(len(table), len(row)) for table in tables for row in table or ((),)}
        scored = {len(measured) for one in history for measured in (one.clip, one.fell)}
        if self.outcome.best >= len(history) or shapes != {shape} or scored not in ({0}, {len(spec.concepts)}):
            raise ValueError("not a share of each attribute")
        return self

    @property
    def model(self) -> str:
        return self.request.model

    @property
    def path(self) -> str:
        return self.outcome.path

    @property
    def asked(self) -> Request:
        return self.request

    @property
    def generations(self) -> tuple[GenerationSpec, ...]:
        return self.outcome.samples or super().generations

    @property
    def changes_nothing(self) -> bool:
        return self.outcome.history[self.outcome.best].changes_nothing

    @property
    def spec(self) -> MethodSpec:
        return self.request.edit


class EvaluationRun(Run):
    kind: Literal["evaluate"] = "evaluate"
    request: EvaluationRequest
    outcome: EvaluationOutcome

    @property
    def kind_name(self) -> str:
        return self.request.task or self.kind

    @property
    def model(self) -> str:
        return self.request.model

    @property
    def path(self) -> str:
        return self.outcome.path

    @property
    def asked(self) -> Request:
        return self.request

    @property
    def generations(self) -> tuple[GenerationSpec, ...]:
        steps, usual = self.request.steps, self.request.guidance_scale
        return tuple(
            GenerationSpec(one.prompt, one.seed, steps, usual if one.guidance_scale is None else one.guidance_scale)
            for one in self.outcome.images
        )

    @property
    def edit(self) -> EvaluatedEdit:
        """The one that was evaluated."""
        named = self.request.names.values()
        return next((one for one in named if one.digest == self.request.edit_digest), next(iter(named)))

    @property
    def erased(self) -> tuple[str, ...]:
        return self.edit.erased

    @property
    def images_per_case(self) -> int:
        """Where that is not known, each image is a case of its own."""
        return max(1, self.request.images_per_case)


class UnreadableRun(Run):
    """Of an unknown version, or damaged: it can be listed and deleted. raw: as it is stored."""

    kind: str
    raw: dict[str, Any]


AnyRun = ComparisonRun | DebiasingRun | EvaluationRun | UnreadableRun
Readable = ComparisonRun | DebiasingRun | EvaluationRun
READABLE: TypeAdapter[Readable] = TypeAdapter(Annotated[Readable, Field(discriminator="kind")])
RECORDED = ("request", "environment", "outcome")


def read_run(facts: Mapping[str, Any]) -> AnyRun:
    """From what the store has."""
    try:
        return READABLE.validate_python(facts)
    except ValidationError:
        kept = {name: facts[name] for name in facts if name in Run.model_fields and name != "environment"}
        raw = {name: facts[name] for name in facts if name not in Run.model_fields}
        return UnreadableRun(**kept, kind=str(facts["kind"]), environment={}, raw=raw)


def recorded(run: Readable) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Request, environment and outcome, as the store takes them."""
    return run.request.facts(), run.environment, run.outcome.facts()


KINDS = tuple(str(kind.model_fields["kind"].default) for kind in (ComparisonRun, DebiasingRun, EvaluationRun))
