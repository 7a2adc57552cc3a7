"""What the records of all runs are made of: pydantic models that leave out what they do not name, and specs as JSON has
them.

Knows no kind of run.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, PlainValidator

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.spec import MethodSpec
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.generation.samplers import SAMPLERS
from uce_core.generation.spec import PATHS, GenerationSpec


class Facts(BaseModel):
    """What is not named is left out when it is read; a field without a value, when it is written."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, arbitrary_types_allowed=True)

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.model_dump(
            mode="json", exclude={name for name in type(self).model_fields if getattr(self, name) is None}
        )


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


def known(*values: str) -> AfterValidator:
    """One of them, or empty."""

    def check(value: str) -> str:
        if value not in (*values, ""):
            raise ValueError("not known")
        return value

    return AfterValidator(check)


APath = Annotated[str, known(*PATHS)]
ASampler = Annotated[str, known(*SAMPLERS)]
