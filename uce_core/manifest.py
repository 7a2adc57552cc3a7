"""What the manifest of an exported run says, kind by kind: all that is read of a run when it is shown, reviewed or
drawn again. Checked before a stranger's run is kept, so that nothing later stumbles over it.

Knows nothing about zip files or the store.
"""

from collections import Counter
from pathlib import PurePosixPath
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from uce_core.debiasing import Iterate
from uce_core.generate import GenerationSpec
from uce_core.reviewing import Judgement
from uce_core.scores import Scores
from uce_core.spec import DebiasSpec, EditSpec
from uce_core.tables import Finding
from uce_core.verdicts import Verdict

FORMAT = "uce-studio-run/1"
SUFFIXES = (".png", ".webp", ".safetensors", ".json", ".csv", ".html")


class _Strict(BaseModel):
    """Text is no number; what is not named here is kept unread."""

    model_config = ConfigDict(strict=True, frozen=True)


def _known_suffix(name: str) -> str:
    if PurePosixPath(name).suffix not in SUFFIXES:
        raise ValueError("no file of a run")
    return name


def _plain(finding: Finding) -> Finding:
    """Its sentence is filled in by str.format: with slots that it has, and nothing but their names."""
    for _, slot, form, conversion in Formatter().parse(finding.sentence):
        if slot is not None and (slot not in finding.slots or form or conversion):
            raise ValueError("no sentence of this program")
    return finding


class File(_Strict):
    role: Annotated[str, Field(max_length=16)]
    name: Annotated[str, AfterValidator(_known_suffix)]


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

    @model_validator(mode="after")
    def _complete(self) -> "_Common":
        count = Counter(file.role for file in self.files)
        pictures = count["original"]
        if count["thumbnail"] != 1 or count["edited"] != pictures or self.pairs not in (None, pictures):
            raise ValueError("not all files of a run")
        return self


class _Asked(_Strict):
    model: str
    weights: str = ""


class _ToCompare(_Asked):
    edit: EditSpec | DebiasSpec | None
    strength: float = 1.0
    drawings: Annotated[list[GenerationSpec], Field(min_length=1)]


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
    history: list[Iterate]


class Debiasing(_Common):
    kind: Literal["debias"]
    request: _ToDebias
    outcome: _Debiased

    @model_validator(mode="after")
    def _shares_of_all(self) -> "Debiasing":
        spec, history = self.request.edit, self.outcome.history
        shape = (len(spec.concepts), len(spec.attributes))
        shapes = {(len(one.shares), len(row)) for one in history for row in one.shares}
        if self.outcome.best >= len(history) or shapes != {shape}:
            raise ValueError("not a share of each attribute")
        return self


class _Edit(_Strict):
    erased: list[str]
    retained: list[str]


class _ToEvaluate(_Asked):
    names: dict[str, _Edit]
    steps: int
    guidance_scale: float
    pictures: int


class _Seen(_Strict):
    style: float | None
    shown: bool | None
    clip: float


class _Picture(_Strict):
    prompt: str
    artist: str
    facet: str
    subject: str
    seed: int
    role: str
    lpips: float
    before: _Seen
    after: _Seen


class _Evaluated(_Strict):
    summary: list[Annotated[Finding, AfterValidator(_plain)]]
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
    return _MANIFEST.validate_json(text)
