"""What the fields of the Compare screen mean: defaults, and fields to specs and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.studio.request import DEFAULT_SPEC, EditRequest
from uce_core import EditSpec, GenerationSpec
from uce_core.problems import Problem

SPEC_FIELDS = ("erase", "retain", "guide", "wording", "span", "lam", "erase_scale", "retain_scale")
NUMBERS = ("lam", "erase_scale", "retain_scale")  # fields that can be left empty
DRAWING_FIELDS = ("prompt", "seeds", "steps", "guidance_scale")
MOST_STRENGTH = 3.0  # either way


def in_use(name: str = "", spec: EditSpec | None = None) -> list[str]:
    """What is remembered of the edit in the fields: the name under which it is saved, and its spec in JSON."""
    return [name, spec.to_json() if spec else ""]


def loaded_in(value: Any) -> tuple[str, EditSpec | None]:
    """Name and spec of what in_use remembers; neither if what the browser hands back makes no sense."""
    try:
        name, text = value
        return str(name), EditSpec.from_json(text) if text else None
    except (ValueError, TypeError, AttributeError):
        return "", None


def fields_of_spec(spec: EditSpec) -> dict[str, Any]:
    """Several guides are written in one field, with semicolons."""
    guide = spec.guide if isinstance(spec.guide, str) else "; ".join(spec.guide)
    fields = {name: getattr(spec, name) for name in SPEC_FIELDS}
    return fields | {"erase": list(spec.erase), "retain": list(spec.retain), "guide": guide}


def fields_of_drawings(drawings: Sequence[GenerationSpec]) -> dict[str, Any]:
    """Of those of the first prompt: there is one field for it."""
    first = drawings[0]
    fields = {name: getattr(first, name) for name in DRAWING_FIELDS if name != "seeds"}
    seeds = dict.fromkeys(drawing.seed for drawing in drawings if drawing.prompt == first.prompt)
    return fields | {"seeds": ", ".join(map(str, seeds))}


def fields_of_run(
    spec: Mapping[str, Any] | None, drawings: Sequence[Mapping[str, Any]], strength: float
) -> dict[str, Any]:
    """What a recorded comparison was asked. spec, drawings: as recorded. Raises ValueError or TypeError if they make no
    sense."""
    first = fields_of_drawings([GenerationSpec(**drawing) for drawing in drawings]) | {"strength": strength}
    if not spec or "erase" not in spec:
        return first
    wanted = EditSpec(**spec)
    return first | fields_of_spec(wanted) | {"loaded": in_use(spec=wanted)}


def clamped(fields: Mapping[str, Any], most_steps: int) -> dict[str, Any]:
    """Fields of a comparison with no more of what has a slider than it goes to; others as they are."""
    found = dict(fields)
    if "steps" in found:
        found["steps"] = min(found["steps"], most_steps)
    if "strength" in found:
        found["strength"] = min(max(found["strength"], -MOST_STRENGTH), MOST_STRENGTH)
    return found


def spec_of(fields: Mapping[str, Any], base: EditSpec) -> EditSpec:
    """The spec that the fields ask for; what has no field comes from another one.

    Raises ValueError with one sentence if the fields make no sense.
    """
    for name in NUMBERS:
        if fields[name] is None:
            raise Problem("{field} is empty: use a number.", field=name)
    visible = {name: fields[name] for name in SPEC_FIELDS}
    lists = {name: tuple(fields[name] or ()) for name in ("erase", "retain")}
    return replace(base, **visible | lists | {"guide": tuple(fields["guide"].split(";"))})


def edit_request_of(fields: Mapping[str, Any]) -> EditRequest:
    """Raises ValueError with one sentence if the fields make no sense."""
    saved, loaded = loaded_in(fields["loaded"])
    spec = None if saved and not loaded else spec_of(fields, loaded or DEFAULT_SPEC)
    return EditRequest(spec, saved, float(fields["strength"]), fields["model"])


def drawings_of(fields: Mapping[str, Any]) -> list[GenerationSpec]:
    """One drawing for each seed. Raises ValueError with one sentence if the fields make no sense."""
    return [
        GenerationSpec(fields["prompt"], seed, int(fields["steps"]), float(fields["guidance_scale"]))
        for seed in seeds_of(fields["seeds"])
    ]


def seeds_of(text: str) -> list[int]:
    """Whole numbers with commas or spaces between them, each once."""
    if not text.strip():
        raise Problem("There is no seed: write a whole number, or several with commas.")
    try:
        seeds = [int(part) for part in text.replace(",", " ").split()]
    except ValueError:
        seeds = []
    if not seeds:
        raise Problem("The seeds {text!r} are not understood: write whole numbers, such as 7, 8, 9.", text=text[:80])
    return list(dict.fromkeys(seeds))
