"""What the fields of the Compare screen mean: defaults, and fields to specs and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.studio.request import DEFAULT_SPEC, EditRequest
from app.tabs.method_form import SHARED, all_settings, own_settings, values_of
from uce_core.checks import as_number, as_whole, one_of, strip_texts
from uce_core.concepts.names import in_english
from uce_core.edits.spec import ErasureSpec, MethodSpec, guided
from uce_core.edits.stored_spec import spec_from_json
from uce_core.generation.spec import SIZE, GenerationSpec
from uce_core.methods import METHODS, erasing
from uce_core.problems import Problem
from uce_core.specs import settings_of

CONCEPT_FIELDS = ("erase", "retain", "guide", "wording", "span", "text_space")
SPEC_FIELDS = (*CONCEPT_FIELDS, "method", *all_settings())
GENERATION_FIELDS = ("prompt", "seeds", "steps", "guidance_scale", "negative_prompt", *SIZE, "sampler")
USUAL = {item.name: item.default for item, _ in settings_of(ErasureSpec)}  # defaults
MOST_STRENGTH = 3.0  # either way


def encode_loaded_edit(name: str = "", spec: ErasureSpec | None = None) -> list[str]:
    """What is remembered of the edit in the fields: the name under which it is saved, and its spec in JSON."""
    return [name, spec.to_json() if spec else ""]


def decode_loaded_edit(value: Any) -> tuple[str, ErasureSpec | None]:
    """Name and spec of what encode_loaded_edit remembers; neither if what the browser hands back makes no sense."""
    try:
        name, text = value
        spec = spec_from_json(text) if text else None
        return (str(name), spec) if spec is None or isinstance(spec, ErasureSpec) else ("", None)
    except (ValueError, TypeError):
        return "", None


def fields_of_spec(spec: ErasureSpec) -> dict[str, Any]:
    """Several guides are written in one field, with semicolons; of a method without a guide that field stays as it
    is."""
    names = (*CONCEPT_FIELDS, *own_settings(spec.kind))
    fields = {name: getattr(spec, name) for name in names if name != "guide"}
    if guided(type(spec)):
        fields["guide"] = spec.guide if isinstance(spec.guide, str) else "; ".join(spec.guide)
    return fields | {"erase": list(spec.erase), "retain": list(spec.retain), "method": spec.kind}


def fields_of_generations(specs: Sequence[GenerationSpec]) -> dict[str, Any]:
    """Of those of the first prompt: there is one field for it."""
    first = specs[0]
    fields = {name: getattr(first, name) for name in GENERATION_FIELDS if name != "seeds"}
    fields |= {name: str(fields[name] or "") for name in SIZE}
    seeds = dict.fromkeys(spec.seed for spec in specs if spec.prompt == first.prompt)
    return fields | {"seeds": ", ".join(map(str, seeds))}


def fields_of_comparison(spec: object, generations: Sequence[GenerationSpec], strength: float) -> dict[str, Any]:
    """What a comparison was asked. spec: of its edit, if it is one of erasing."""
    first = fields_of_generations(generations) | {"strength": strength}
    if not isinstance(spec, ErasureSpec):
        return first
    return first | fields_of_spec(spec) | {"loaded": encode_loaded_edit(spec=spec)}


def _own_defaults(asked: type[MethodSpec]) -> dict[str, Any]:
    """A method's defaults of what all erasing methods share, where they are others than usual."""
    found = {item.name: item.default for item, _ in settings_of(asked) if item.name in USUAL}
    return {name: default for name, default in found.items() if default != USUAL[name]}


def clamped(fields: Mapping[str, Any], most_steps: int) -> dict[str, Any]:
    """Fields of a comparison with no more of what has a slider than it goes to; others as they are."""
    found = dict(fields)
    if "steps" in found:
        found["steps"] = min(found["steps"], most_steps)
    if "strength" in found:
        found["strength"] = min(max(found["strength"], -MOST_STRENGTH), MOST_STRENGTH)
    return found


def spec_of(fields: Mapping[str, Any], base: ErasureSpec) -> ErasureSpec:
    """The spec that the fields ask for; what has no field comes from another one. From one of another method come no
    defaults that are that method's own, and none in place of this one's own.

    Raises ValueError with one sentence if the fields make no sense.
    """
    one_of("method", fields["method"], erasing())
    own = values_of(fields["method"], fields)
    for name, value in own.items():
        if value is None:
            raise Problem("field_empty", "{field} is empty: enter a number.", field=name)
    asked = METHODS[fields["method"]].spec
    kept = {name: getattr(base, name) for name in SHARED}
    if asked.kind != base.kind:
        theirs = {name for name, default in _own_defaults(type(base)).items() if kept[name] == default}
        kept |= {name: USUAL[name] for name in theirs} | _own_defaults(asked)
    shared = kept | {name: fields[name] for name in CONCEPT_FIELDS}
    lists = {name: tuple(strip_texts(name, fields[name] or ())) for name in ("erase", "retain")}
    if not asked.retains:  # the list stays for other methods
        lists["retain"] = ()
    guides = tuple(map(in_english, fields["guide"].split(";"))) if guided(asked) else ""
    found = asked(**shared | lists | {"guide": guides} | own)
    assert isinstance(found, ErasureSpec)  # those of erasing()
    return found


def edit_request_of(fields: Mapping[str, Any], visitor: str = "") -> EditRequest:
    """visitor: the id of who asks. Raises ValueError with one sentence if the fields make no sense."""
    saved, loaded = decode_loaded_edit(fields["loaded"])
    spec = None if saved and not loaded else spec_of(fields, loaded or DEFAULT_SPEC)
    return EditRequest(spec, saved, as_number("strength", fields["strength"]), fields["model"], visitor)


def generations_of(fields: Mapping[str, Any]) -> list[GenerationSpec]:
    """One for each seed; a width or height that is left empty is the model's own. Raises ValueError with one sentence
    if the fields make no sense."""
    how = {
        "steps": as_whole("steps", fields["steps"]),
        "guidance_scale": as_number("guidance_scale", fields["guidance_scale"]),
        "negative_prompt": fields["negative_prompt"],
        "sampler": fields["sampler"] or "",
    } | {name: side_of(name, fields[name]) for name in SIZE}
    return [GenerationSpec(fields["prompt"], seed, **how) for seed in seeds_of(fields["seeds"])]


def side_of(name: str, text: str) -> int | None:
    """Pixels; None if nothing is entered. name: width or height."""
    if not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        return as_whole(name, text)  # says that it is no number


def seeds_of(text: str) -> list[int]:
    """Whole numbers with commas or spaces between them, each once."""
    if not text.strip():
        raise Problem("seeds_empty", "There is no seed: enter a whole number, or several separated by commas.")
    try:
        seeds = [int(part) for part in text.replace(",", " ").split()]
    except ValueError:
        seeds = []
    if not seeds:
        raise Problem(
            "seeds_not_numbers",
            "The seeds {text!r} are not whole numbers: enter numbers such as 7, 8, 9.",
            text=text[:80],
        )
    return list(dict.fromkeys(seeds))
