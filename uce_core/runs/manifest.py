"""What the manifest of an exported run says, kind by kind: all that is kept of a stranger's run, checked before, so
that nothing stumbles over it when it is shown, reviewed or drawn again.

Knows nothing about zip files or the store.
"""

import json
import math
from collections import Counter
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    model_serializer,
    model_validator,
)

from uce_core.edits.spec import DebiasSpec, EditSpec
from uce_core.evaluation.cases import FACETS
from uce_core.evaluation.measure import ROLES
from uce_core.evaluation.tables import FINDINGS, OF_THE_DROP, Finding
from uce_core.evaluation.verdicts import Verdict
from uce_core.generation.compare import PATHS
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.debias import Iterate
from uce_core.metrics.scorer import Scores
from uce_core.review.tasks import Judgement

FORMAT = "uce-studio-run/1"
SUFFIXES = {  # of the files of each role
    "original": (".png",),
    "edited": (".png",),
    "thumbnail": (".webp",),
    "edit": (".safetensors",),
    "report": (".html", ".json", ".csv"),
}


class _Strict(BaseModel):
    """Text is no number; what is not named here is left out."""

    model_config = ConfigDict(strict=True, frozen=True)


def _said(finding: Finding) -> Finding:
    """A sentence of this program that can be filled in."""
    if finding.sentence not in (*FINDINGS.values(), OF_THE_DROP):
        raise ValueError("no sentence of this program")
    try:
        str(finding)
    except KeyError:
        raise ValueError("a sentence with gaps") from None
    return finding


def _one_of(known: tuple[str, ...]) -> AfterValidator:
    """Or empty."""

    def check(value: str) -> str:
        if value not in (*known, ""):
            raise ValueError("not known")
        return value

    return AfterValidator(check)


class File(_Strict):
    role: str
    name: str

    @model_validator(mode="after")
    def _of_its_role(self) -> "File":
        if PurePosixPath(self.name).suffix not in SUFFIXES.get(self.role, ()):
            raise ValueError("no file of a run")
        return self


class _Common(_Strict):
    """What all kinds share. pairs: how many of originals and edited pictures there must be."""

    format: Annotated[str, Field(pattern=f"^{FORMAT}$")]
    title: str
    note: str
    surroundings: dict[str, str]
    files: list[File]
    judgements: list[Judgement] = []

    @property
    def pairs(self) -> int | None:
        """None if that is not said."""
        return None

    @property
    def pictures(self) -> int:
        """How many originals there are."""
        return sum(file.role == "original" for file in self.files)

    @model_validator(mode="after")
    def _complete(self) -> "_Common":
        count = Counter(file.role for file in self.files)
        pictures = self.pictures
        several = len({file.name for file in self.files}) < len(self.files)
        if several or count["thumbnail"] != 1 or count["edited"] != pictures or self.pairs not in (None, pictures):
            raise ValueError("not all files of a run")
        return self


class _Asked(_Strict):
    model: str
    weights: str = ""
    text_encoder: str = ""
    edit_digest: str = ""


class _ToCompare(_Asked):
    """path: there only if someone chose it."""

    edit: EditSpec | DebiasSpec | None
    strength: float = 1.0
    drawings: Annotated[list[GenerationSpec], Field(min_length=1)]
    path: Annotated[str, _one_of(PATHS)] = ""

    @model_serializer(mode="wrap")
    def _as_recorded(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialized(self).items() if name != "path" or value}


class _Compared(_Strict):
    scores: list[Scores | None] = []
    verdicts: list[Verdict] = []
    path: str = "auto"


class Comparison(_Common):
    kind: Literal["compare"]
    request: _ToCompare
    outcome: _Compared

    @property
    def pairs(self) -> int:
        return len(self.request.drawings)

    @model_validator(mode="after")
    def _of_all(self) -> "Comparison":
        if {len(self.outcome.scores), len(self.outcome.verdicts)} - {0, self.pairs}:
            raise ValueError("not of each pair")
        return self


class _ToDebias(_Asked):
    edit: DebiasSpec


class _Debiased(_Strict):
    best: Annotated[int, Field(ge=0)]
    converged: bool = False
    history: list[Iterate]
    samples: list[GenerationSpec] = []


class Debiasing(_Common):
    kind: Literal["debias"]
    request: _ToDebias
    outcome: _Debiased

    @model_validator(mode="after")
    def _shares_of_all(self) -> "Debiasing":
        spec, history = self.request.edit, self.outcome.history
        if self.pictures % len(spec.concepts) or len(self.outcome.samples) not in (0, self.pictures):
            raise ValueError("not as many pictures of each concept, or not said of which drawing")
        shape = (len(spec.concepts), len(spec.attributes))
        shapes = {(len(one.shares), len(row)) for one in history for row in one.shares}
        if self.outcome.best >= len(history) or shapes != {shape}:
            raise ValueError("not a share of each attribute")
        return self


class _Edit(_Strict):
    digest: str = ""
    erased: list[str]
    retained: list[str]


class _ToEvaluate(_Asked):
    """device to scorer: as uce_core.evaluation.evaluate.plan_of says them."""

    names: dict[str, _Edit]
    steps: int
    guidance_scale: float
    pictures: int
    images: int = 0
    cases: str = ""
    device: str = ""
    dtype: str = ""
    scorer: str = ""
    csd: bool = False


class _Seen(_Strict):
    style: float | None
    shown: bool | None
    clip: float


class _Picture(_Strict):
    prompt: str
    artist: str
    facet: Annotated[str, _one_of(FACETS)]
    subject: str
    seed: int
    role: Annotated[str, _one_of(ROLES)]
    lpips: float
    before: _Seen
    after: _Seen


class _Evaluated(_Strict):
    summary: list[Annotated[Finding, AfterValidator(_said)]]
    pictures: Annotated[list[_Picture], Field(min_length=1)]


class Evaluation(_Common):
    kind: Literal["evaluate"]
    request: _ToEvaluate
    outcome: _Evaluated

    @property
    def pairs(self) -> int:
        return len(self.outcome.pictures)


Manifest = Comparison | Debiasing | Evaluation
_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Annotated[Manifest, Field(discriminator="kind")])


def manifest_in(text: bytes) -> Manifest:
    """The manifest in a JSON text. Raises ValueError if it is none of this program."""
    try:
        json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _MANIFEST.validate_json(text)


def recorded(manifest: Manifest) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Request, surroundings and outcome of the run, as the store keeps them."""
    facts = manifest.model_dump(mode="json", include={"request", "surroundings", "outcome"})
    return facts["request"], facts["surroundings"], facts["outcome"]


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError("not a finite number")
    return value
