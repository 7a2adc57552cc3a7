"""What the fields of the Compare screen mean: defaults, and fields to specs and back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from uce_core import EditSpec, GenerationSpec
from uce_core.families import Family
from uce_core.problems import Problem

DEFAULT_SPEC = EditSpec(
    erase=("Vincent van Gogh",),
    retain=("Claude Monet", "Piet Mondrian", "Katsushika Hokusai", "Edvard Munch", "Gustav Klimt"),
)
FIRST_PROMPT, FIRST_SEED = "a house in the style of Vincent van Gogh", 7
MODEL_TURN: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1}  # one generation at a time

SPEC_FIELDS = ("erase", "retain", "guide", "wording", "span", "lam")
DRAWING_FIELDS = ("prompt", "seed", "three_seeds", "steps", "guidance_scale")


def first_drawing(family: Family) -> GenerationSpec:
    """What the fields begin with."""
    return GenerationSpec(FIRST_PROMPT, FIRST_SEED, family.steps, family.guidance_scale)


def fields_of_spec(spec: EditSpec) -> dict[str, Any]:
    """Several guides are written in one field, with semicolons."""
    guide = spec.guide if isinstance(spec.guide, str) else "; ".join(spec.guide)
    fields = {name: getattr(spec, name) for name in SPEC_FIELDS}
    return fields | {"erase": list(spec.erase), "retain": list(spec.retain), "guide": guide}


def fields_of_drawing(drawing: GenerationSpec) -> dict[str, Any]:
    return {"three_seeds": False} | {name: getattr(drawing, name) for name in DRAWING_FIELDS if name != "three_seeds"}


def spec_of(fields: Mapping[str, Any], loaded: str) -> EditSpec:
    """The spec that the fields ask for; what has no field comes from the loaded edit's spec (JSON), if there is one.

    Raises ValueError with one sentence if the fields make no sense.
    """
    if fields["lam"] is None:
        raise Problem("{name} is {value!r}: use a number.", name="λ", value="")
    base = EditSpec.from_json(loaded) if loaded else DEFAULT_SPEC
    visible = {name: fields[name] for name in SPEC_FIELDS}
    lists = {name: tuple(fields[name] or ()) for name in ("erase", "retain")}
    return replace(base, **visible | lists | {"guide": tuple(fields["guide"].split(";"))})


def drawings_of(fields: Mapping[str, Any]) -> list[GenerationSpec]:
    """One drawing, or three with seeds that follow each other."""
    if fields["seed"] is None:
        raise Problem("{name} is {value!r}: use a number.", name="seed", value="")
    first = int(fields["seed"])
    return [
        GenerationSpec(fields["prompt"], seed, int(fields["steps"]), float(fields["guidance_scale"]))
        for seed in range(first, first + (3 if fields["three_seeds"] else 1))
    ]
