"""Compare's grid: what its fields begin with, what they ask for, and what fills them again."""

import csv
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.studio.request import EditRequest
from app.tabs.compare_fields import fields_of_generations, fields_of_spec
from app.tabs.grid_fields import asked_grid, fields_of_grid
from app.tabs.grid_values import axis_names, first_axis, known_values
from uce_core import Axis, Edit, EditSpec, GenerationSpec, Grid, Model, Problem, erase, preset
from uce_core.grids.plan import SavedEdit, axis_named
from uce_core.methods.oce import OceSpec
from uce_core.methods.rece import ReceSpec

SPEC = EditSpec(erase=("Claude Monet",), retain=("Vincent van Gogh",), guide="art", lam=2.0)
BASE = EditRequest(SPEC, strength=0.5)
HOUSE = GenerationSpec("a house, by Claude Monet", 7, 20, 3.0)
FIELDS = fields_of_spec(SPEC) | fields_of_generations([HOUSE, replace(HOUSE, seed=12)]) | {"strength": 0.5}
NO_AXIS = {"grid_x": "", "grid_x_values": "", "grid_y": "", "grid_y_values": ""}


def no_saved(name: str) -> Edit:
    raise AssertionError(f"{name} is not asked for")


def asked(
    x: str, y: str = "", edit: EditRequest = BASE, read: Callable[[str], Any] = no_saved, **fields: object
) -> Grid:
    """x, y: as NAME=VALUES."""
    axes = dict(NO_AXIS)
    for side, text in (("grid_x", x), ("grid_y", y)):
        axes[side], _, axes[f"{side}_values"] = text.partition("=")
    return asked_grid(edit, FIELDS | axes | fields, read)


@pytest.mark.parametrize("fields", [{}, FIELDS], ids=["nothing", "fields"])
@pytest.mark.parametrize("name", axis_names())
def test_every_axis_begins_with_values_that_it_takes(name: str, fields: dict[str, Any]) -> None:
    begun = first_axis(name, fields)
    assert axis_named(f"{name}={begun.text}") == begun
    assert len(begun.values) >= 2
    assert not known_values(name) or set(map(str, begun.values)) <= set(known_values(name))


@pytest.mark.parametrize("junk", [None, "", "x;y", float("nan"), float("inf"), True, -1, [], [1], {}])
@pytest.mark.parametrize("name", axis_names())
def test_whatever_the_fields_hold_an_axis_begins_with_something(name: str, junk: object) -> None:
    held = dict.fromkeys((*FIELDS, name, "seeds"), junk)
    assert first_axis(name, held).text


def test_axes_begin_around_what_the_fields_have() -> None:
    assert first_axis("strength", FIELDS).text == "0, 0.5, 1"
    assert first_axis("seed", FIELDS).values == (7, 12, 13)
    assert first_axis("seed", {"seeds": "5"}).values == (5, 6, 7)
    assert first_axis("seed", {"seeds": "1 2 3 4"}).values == (1, 2, 3, 4)
    assert first_axis("method", FIELDS).values == ("original", "uce", "rece", "cure")
    assert first_axis("method", FIELDS | {"method": "oce"}).values == ("original", "oce", "uce", "rece")
    assert first_axis("prompt", FIELDS).text == '"a house, by Claude Monet", a painting of a cat by Claude Monet'
    assert first_axis("guidance_scale", {"guidance_scale": 40}).values == (20.0, 40.0, 50.0), "no more than may be"
    assert first_axis("steps", {"steps": 3}).values == (1, 3), "no more than are asked for"
    assert first_axis("lam", {"lam": 5}).values == (0.5, 5.0, 50.0)
    assert first_axis("detected_from", {"detected_from": 0.8}).values == (0.4, 0.8, 1.0)
    assert first_axis("guide", {"guide": "a photo"}).values == ("a photo", "art", "real")
    assert first_axis("guide", {"guide": "a photo; art"}).values == ("art", "a photo", "real"), (
        "two guides are no value"
    )


@pytest.mark.parametrize("values", [("a, b", 'a "large" cat', ""), ("",), ("한 집", "two\nlines", "a;b")])
def test_texts_are_written_as_a_csv_file_has_them(values: tuple[str, ...]) -> None:
    [read] = csv.reader([Axis("prompt", values).text], skipinitialspace=True, strict=True)
    assert tuple(read) == values


def test_a_grid_is_of_the_edit_in_the_fields_and_the_first_seed() -> None:
    assert asked("strength=0,1", "steps=2,4") == Grid(
        x=Axis("strength", (0.0, 1.0)), y=Axis("steps", (2, 4)), generation=HOUSE, edits=(SPEC,), strength=0.5
    )
    assert asked("lam=original,1").edits == (SPEC,)
    empty = asked("prompt=a cat,a dog", "seed=3,4", prompt="", seeds="")
    assert [cell.generation.prompt for cell in empty.rows[0]] == ["a cat", "a dog"]
    assert [row[0].generation.seed for row in empty.rows] == [3, 4]


def test_methods_are_those_of_the_columns_beside_it() -> None:
    found = asked("method=original,UCE,rece,Negative prompt,OCE,uce", guide="a photo")
    assert found.x.values == ("original", "uce", "rece", "negative-prompt", "oce")
    assert found.edits == (
        SPEC,
        ReceSpec(erase=SPEC.erase, retain=SPEC.retain, guide="a photo"),
        preset("default", SPEC.erase, (), "negative-prompt"),
        OceSpec(erase=SPEC.erase, retain=SPEC.retain, guide="a photo"),
    )


def test_guides_are_taken_by_their_korean_names() -> None:
    assert asked("guide=art,폴 세잔,original").x.values == ("art", "Paul Cezanne", "original")


def test_a_saved_edit_is_taken_as_it_is_unless_another_is_asked_for(tiny: Model) -> None:
    edit = erase(tiny, SPEC).at_strength(0.8)
    same, changed = EditRequest(SPEC, "mine"), EditRequest(replace(SPEC, lam=3.0), "mine")
    unsaid = EditRequest(None, "mine")

    def read(name: str) -> Edit:
        assert name == "mine"
        return edit

    for request in (same, unsaid):
        found = asked("strength=0,1", "seed=1,2", request, read)
        assert found.saved == SavedEdit(edit.digest, 0.8)
        assert found.specs == ()
    for axis, request in (("strength=0,1", changed), ("lam=1,2", same), ("method=uce,cure", same)):
        found = asked(axis, "", request, read)
        assert found.saved is None
        assert found.edits[0] == request.spec
    with pytest.raises(Problem, match="needs another edit for each value"):
        asked("lam=1,2", "", unsaid, read)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ("", "seed=1", "Nothing differs between the columns"),
        ("strength= ", "", "strength has no values"),
        ("seed=1,2", "strength=", "strength has no values"),
        ("seed=1,x", "", "no value"),
        ("seed=1", "seed=2", "given twice"),
        ("colour=red", "", "is none"),
        ("method=uce,nonsense", "", "Unknown method 'nonsense'"),
        ("method=original", "", "no edit to show"),
        ("alpha=1,2", "", "has no setting alpha"),
        ("seed=-1", "", "The seed is -1"),
        ("prompt=a,,b", "", "prompt is empty"),
        (f"seed={','.join(map(str, range(11)))}", f"steps={','.join(map(str, range(1, 11)))}", "110 images"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_sentence(x: str, y: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        asked(x, y)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("strength=0,0.5,1", "seed=7,8"),
        ("method=original,uce,rece,negative-prompt", ""),
        ("method=cure,oce", "negative_prompt=,blurry"),
        ("method=negative-prompt,rece", 'prompt="a house, red",a "large" cat'),
        ("guide=a photo,art", "retain_empty=true,false"),
    ],
)
def test_fields_of_a_grid_ask_for_it_again(x: str, y: str) -> None:
    first = asked(x, y, EditRequest(replace(SPEC, guide="a photo"), strength=0.5), guide="a photo")
    fields, same = fields_of_grid(first, first.cells[0].generation)
    assert same
    spec = fields["loaded"] and next(one for one in first.edits if one.kind == fields["method"])
    again = asked_grid(EditRequest(spec, strength=fields["strength"]), FIELDS | {"guide": "a photo"} | fields, no_saved)
    assert again.rows == first.rows
    assert again.axes == first.axes


def test_a_grid_of_a_saved_edit_is_asked_for_anew_in_its_strength() -> None:
    of_saved = Grid(
        x=Axis("strength", ("original", 0.5, 1.0)),
        generation=HOUSE,
        edits=(SPEC,),
        strength=1.0,
        saved=SavedEdit("0" * 64, 0.5),
    )
    fields, same = fields_of_grid(of_saved, HOUSE)
    assert (same, fields["grid_x_values"], fields["strength"]) == (True, "original, 0.25, 0.5", 0.5)
    assert fields["erase"] == ["Claude Monet"]
    nameless, same = fields_of_grid(replace(of_saved, edits=()), HOUSE)
    assert same
    assert "loaded" not in nameless
    assert (nameless["grid_x_values"], nameless["strength"]) == ("original, 0.5, 1", 1.0), "as the file has it"


def test_methods_with_settings_that_the_page_would_not_ask_for_are_told() -> None:
    edits = tuple(preset("default", SPEC.erase, SPEC.retain, name, lam=9.0) for name in ("uce", "rece"))
    made = Grid(x=Axis("method", ("uce", "rece")), generation=HOUSE, edits=edits)
    fields, same = fields_of_grid(made, HOUSE)
    assert not same
    assert (fields["method"], fields["lam"]) == ("uce", 9.0)
