"""What the fields of the Compare screen mean: defaults, and fields to specs and back."""

from dataclasses import replace
from typing import Any

from uce_core import EditSpec, GenerationSpec
from uce_core.problems import Problem

DEFAULT_SPEC = EditSpec(
    erase=("Vincent van Gogh",),
    retain=("Claude Monet", "Piet Mondrian", "Katsushika Hokusai", "Edvard Munch", "Gustav Klimt"),
)
DEFAULT_DRAWING = GenerationSpec("a house in the style of Vincent van Gogh", seed=7)
MODEL_TURN: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1}  # one generation at a time


def fields_of(spec: EditSpec) -> tuple[Any, ...]:
    """The visible fields of a spec, in the order of the widgets."""
    return list(spec.erase), list(spec.retain), spec.guide, spec.wording, spec.span, spec.lam


def spec_of(fields: tuple[Any, ...], loaded: tuple[str, str]) -> EditSpec:
    """The spec that the fields ask for; what has no field comes from the loaded edit, if there is one.

    Raises ValueError with one sentence if the fields make no sense.
    """
    erase, retain, guide, wording, span, lam = fields
    if lam is None:
        raise Problem("{name} is {value!r}: use a number.", name="λ", value="")
    visible = {
        "erase": erase or (),
        "retain": retain or (),
        "guide": guide,
        "wording": wording,
        "span": span,
        "lam": lam,
    }
    base = EditSpec.from_json(loaded[1]) if loaded[1] else DEFAULT_SPEC
    return replace(base, **visible)


def drawings_of(
    prompt: str, seed: float | None, three_seeds: bool, steps: int, guidance_scale: float
) -> list[GenerationSpec]:
    """One drawing, or three with seeds that follow each other."""
    if seed is None:
        raise Problem("{name} is {value!r}: use a number.", name="seed", value="")
    seeds = range(int(seed), int(seed) + (3 if three_seeds else 1))
    return [GenerationSpec(prompt, number, int(steps), float(guidance_scale)) for number in seeds]
