"""Recorded runs, typed: what was asked, in what environment, what came of it.

A record is parsed once, where it is read, whatever version wrote it; the names of version 0.1 are read as aliases.
Nothing else looks at a record's kind. Knows nothing about databases, zip files or pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, TypeAdapter, ValidationError, model_validator

from uce_core.edits.spec import MethodSpec
from uce_core.evaluation.cases import EMPTY
from uce_core.generation.spec import GenerationSpec
from uce_core.methods import title_of
from uce_core.metrics.scores import Scores
from uce_core.problems import Problem
from uce_core.runs.fields import Facts
from uce_core.runs.outcomes import ComparisonOutcome, DebiasingOutcome, EvaluationOutcome
from uce_core.runs.requests import ComparisonRequest, DebiasingRequest, EvaluatedEdit, EvaluationRequest, Request

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXAMPLE = "example-"  # how the visitors' ids begin to whom the runs belong that ship with the app


@dataclass(frozen=True)
class StoredFile:
    """A file of a run. role: "original", "edited", "edit" …; position: among those of the role."""

    role: str
    position: int
    digest: str
    suffix: str


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
    def edit_title(self) -> str:
        """Method, and strength unless it is as solved: UCE × 0.5. "" where that is not known, or needs no saying."""
        return ""

    @property
    def changes_nothing(self) -> bool:
        """Whether its edit is none, so that there is nothing to save."""
        return False


class ComparisonRun(Run):
    """One edit; several that were compared beside each other are a run each, told apart by their edit's title."""

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
    def edit_title(self) -> str:
        method, strength = title_of(str(self.spec.facts().get("kind", ""))) if self.spec else "", self.request.strength
        return f"{method} × {strength:g}" if method and strength != 1 else method

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
        steps, usual, sampler = self.request.steps, self.request.guidance_scale, self.request.sampler or ""
        scales = [usual if one.guidance_scale is None else one.guidance_scale for one in self.outcome.images]
        return tuple(
            GenerationSpec(one.prompt, one.seed, steps, scale, sampler=sampler, unprompted=one.facet == EMPTY)
            for one, scale in zip(self.outcome.images, scales, strict=True)
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
