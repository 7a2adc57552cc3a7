"""Specs as JSON, and the fields of the page from which they are made: what a script or another page sends."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from app.html.pieces import spec_facts
from app.studio.request import EditRequest
from app.tabs.compare_fields import (
    decode_loaded_edit,
    edit_request_of,
    encode_loaded_edit,
    fields_of_comparison,
    generations_of,
    seeds_of,
)
from app.words import WORDS
from tests.hostile.edit_files import SPEC, SPECS
from tests.hostile.material import TEXTS, at, json_text
from tests.hostile.pictures import GENERATION
from tests.hostile.promises import Property
from uce_core import GenerationSpec
from uce_core.edits.spec import ErasureSpec, MethodSpec
from uce_core.edits.stored_spec import UnknownSpec, spec_from_json
from uce_core.methods import METHODS

KINDS = {name: [item.name for item in fields(method.spec)] for name, method in METHODS.items()}
ALL_SPECS = [*SPECS, *({"kind": kind} | dict.fromkeys(names, 1) for kind, names in KINDS.items())]
MORE = {"negative_prompt": "a dog", "width": 128, "height": None, "sampler": "euler-a"}
GENERATIONS = [
    GENERATION.facts(),
    GENERATION.facts() | MORE,
    {"prompt": "a house"},
    {"prompt": "a house", "seed": 0, "steps": None},
]
CHOICES = ("sampler", "wording", "span", "method", "model", "erase", "retain")
FIELDS = fields_of_comparison(SPEC, [GENERATION], 0.5) | {"model": "", "loaded": encode_loaded_edit("", SPEC)}


@st.composite
def method_texts(draw: DrawFn) -> str:
    return json_text(draw, ALL_SPECS)


@st.composite
def generation_texts(draw: DrawFn) -> str:
    return json_text(draw, GENERATIONS)


@st.composite
def field_values(draw: DrawFn) -> dict[str, Any]:
    """Of the type that the widget hands on; what is none, Gradio refuses."""
    values = dict(FIELDS)
    for _ in range(1 + at(draw, 3)):
        name = list(values)[at(draw, len(values))]
        before = values[name]
        if name in CHOICES and not at(draw, 4):
            values[name] = None
        elif isinstance(before, int | float | None):
            values[name] = draw(NUMBERS)
        elif name == "loaded":
            values[name] = draw(st.lists(TEXTS, max_size=3)) if at(draw, 2) else ["", json_text(draw, ALL_SPECS)]
        else:
            values[name] = draw(st.lists(TEXTS, max_size=4)) if isinstance(before, list) else draw(TEXTS)
    return values


NUMBERS = st.one_of(st.integers(-5, 300), st.sampled_from((None, 1e308, -1e308, 2**70, 10**400, 0.5)))
SEEDS = st.one_of(TEXTS, st.lists(st.integers(-3, 2**64), max_size=5).map(lambda found: ", ".join(map(str, found))))


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()

    def use_method(text: str, spec: MethodSpec) -> None:
        written = spec.to_json()
        written.encode()
        assert spec_from_json(written) == spec
        assert all(isinstance(name, str) for name in (*spec.edited, *spec.retain))
        for language in WORDS:
            "".join(spec_facts(spec, language).values()).encode()
        if isinstance(spec, ErasureSpec):
            assert decode_loaded_edit(encode_loaded_edit("a", spec)) == ("a", spec)
        assert isinstance(spec, UnknownSpec) or spec.kind in METHODS

    def use_generation(text: str, spec: GenerationSpec) -> None:
        assert GenerationSpec.from_json(spec.to_json()) == spec
        spec.to_json().encode()

    def parse_fields(values: dict[str, Any]) -> tuple[EditRequest, list[GenerationSpec]]:
        return edit_request_of(values), generations_of(values)

    def use_fields(values: dict[str, Any], asked: tuple[EditRequest, list[GenerationSpec]]) -> None:
        request, generations = asked
        assert request.spec or request.saved
        if request.spec:
            request.spec.to_json().encode()
        json.dumps([spec.facts() for spec in generations], allow_nan=False).encode()
        assert abs(request.strength) < float("inf")

    def use_seeds(text: str, seeds: list[int]) -> None:
        assert seeds
        assert len(set(seeds)) == len(seeds)

    common: dict[str, Any] = {"folder": folder, "weight": 8}
    yield Property(name="specs of edits", cases=method_texts(), parse=spec_from_json, use=use_method, **common)
    yield Property(
        name="specs of images", cases=generation_texts(), parse=GenerationSpec.from_json, use=use_generation, **common
    )
    yield Property(name="fields of Compare", cases=field_values(), parse=parse_fields, use=use_fields, **common)
    yield Property(name="seeds", cases=SEEDS, parse=seeds_of, use=use_seeds, **common)
