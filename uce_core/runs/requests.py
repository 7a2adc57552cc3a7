"""What was asked of recorded runs, by their kinds. The names of version 0.1 are read as aliases."""

from typing import Annotated

from pydantic import AliasChoices, Field

from uce_core.runs.fields import ADebiasSpec, AGeneration, AnyMethodSpec, APath, ASampler, Facts

VERSION = 2  # of what a request says; version 0.1 did not write one


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
    path: APath | None = None


class DebiasingRequest(Request):
    """stopped: after how many iterations someone did so; there only then, so that the whole search is another run."""

    edit: ADebiasSpec
    stopped: Annotated[int, Field(ge=0)] | None = None


class EvaluatedEdit(Facts):
    """erased: the artists that were looked at. also_erased: others that the edit erases."""

    digest: str = ""
    erased: tuple[str, ...]
    retained: tuple[str, ...]
    also_erased: tuple[str, ...] = ()


class EvaluationRequest(Request):
    """names: the edit by its name. task: what was asked of it, such as leakage. images_per_case: 0 if that is not
    known. cases: their digest. device to scorer: as evaluation.evaluate.plan_of says them. csd: if CSD was used.
    sampler: there only if someone chose it. nudenet: there only if it was used."""

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
    sampler: ASampler | None = None
    nudenet: bool | None = None
