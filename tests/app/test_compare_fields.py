"""What Compare's fields mean, also where the browser hands back what nobody wrote."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from starlette.requests import Request

from app.studio.edit_library import Library, file_stem
from app.studio.request import DEFAULT_SPEC
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.studio.visitor import OWNER
from app.tabs.compare import names_any
from app.tabs.compare_fields import (
    decode_loaded_edit,
    edit_request_of,
    encode_loaded_edit,
    fields_of_generations,
    fields_of_spec,
    generations_of,
)
from app.tabs.compare_fill import Filling, asked_edit
from app.tabs.method_form import shown_for
from app.words import error_text
from uce_core import Edit, EditSpec, GenerationSpec, Model, Problem, erase
from uce_core.edits.spec import ErasureSpec
from uce_core.methods.speed import SpeedSpec

FIELDS = fields_of_spec(DEFAULT_SPEC) | {"strength": 1, "model": ""}
GENERATION = fields_of_generations([GenerationSpec("a house", 1, 5, 3.0)])


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a house by VAN GOGH", True),
        ("a house", False),
        ("피카소의 집", True),
        ("a house in the style of Monet", False),
    ],
)
def test_whether_a_prompt_names_what_is_erased(prompt: str, named: bool) -> None:
    assert names_any(["a cat", prompt], ["Vincent van Gogh", "파블로 피카소"]) is named


def test_the_edit_in_use_is_had_back() -> None:
    spec = EditSpec(erase=("Claude Monet",), retain_empty=True)
    assert decode_loaded_edit(encode_loaded_edit("mine", spec)) == ("mine", spec)
    assert decode_loaded_edit(encode_loaded_edit("published")) == ("published", None)
    assert decode_loaded_edit(encode_loaded_edit()) == ("", None)
    assert edit_request_of(FIELDS | {"loaded": encode_loaded_edit("published")}).spec is None
    wanted = edit_request_of(FIELDS | {"loaded": encode_loaded_edit("mine", spec)})
    assert wanted.saved == "mine"
    assert wanted.spec is not None
    assert wanted.spec.erase == DEFAULT_SPEC.erase, "the fields count"
    assert wanted.spec.retain_empty, "and what has no field comes from the edit"


@pytest.mark.parametrize(
    "forged",
    [None, 5, "ab", [], ["a"], ["a", "no JSON"], ["a", "[1]"], ["a", "5"], ["a", '{"erase": ["a"], "wording": 5}']],
)
def test_what_makes_no_sense_is_no_edit_in_use(forged: object) -> None:
    assert edit_request_of(FIELDS | {"loaded": forged}).spec == DEFAULT_SPEC


@pytest.mark.parametrize("name", ["strength", "lam", "steps", "guidance_scale"])
@pytest.mark.parametrize("value", [None, "3", 10**400, float("nan"), True, [1]])
def test_what_is_no_number_is_said_with_its_field(name: str, value: object) -> None:
    fields = FIELDS | GENERATION | {"loaded": [], name: value}
    with pytest.raises(Problem) as error:
        edit_request_of(fields), generations_of(fields)
    assert error_text(error.value, "ko").isprintable()
    assert name in str(error.value)


def test_what_fields_ask_for_is_had_back_from_them() -> None:
    how = {"negative_prompt": "a dog", "width": 192, "height": None, "sampler": "unipc"}
    specs = [GenerationSpec("a house", seed, 5, 3.0, **how) for seed in (1, 2)]
    assert generations_of(fields_of_generations(specs)) == specs
    for name, value, sentence in (
        ("width", "10", "“Width” is 10: use a whole number of pixels from 64 to 4096"),
        ("height", "tall", "“Height” is 'tall': use a number"),
        ("height", "9" * 5000, "“Height” is '999"),
        ("sampler", "heun", "Unknown sampler 'heun'"),
    ):
        with pytest.raises(Problem) as error:
            generations_of(GENERATION | {name: value})
        assert sentence in error_text(error.value, "en")


def test_edits_are_found_by_name_and_by_what_they_erase(tiny: Model, tmp_path: Path) -> None:
    library = Library(tmp_path)
    for name, artist in (("first", "Claude Monet"), ("second", "Edvard Munch")):
        library.save(erase(tiny, EditSpec(erase=(artist,), retain=("Piet Mondrian",))), name)
    (tmp_path / "third.safetensors").write_text("no edit")
    assert library.search("") == ["first", "second", "third"]
    assert library.search("MONET fir") == ["first"]
    assert library.search("mondrian") == []


@pytest.mark.parametrize(
    ("names", "stem"),
    [
        (("Café", "CAFÉ", "cafe\u0301", "ＣＡＦÉ"), "café"),
        (("고흐", "\u1100\u1169\u1112\u1173"), "고흐"),
        (("../../etc/passwd", "..\\..\\etc\\passwd", "etc\0passwd"), "etc-passwd"),
        (("CON", "con", "Con."), "edit-con"),
        (("lpt1",), "edit-lpt1"),
        (("\ud800", "..", "/", ""), ""),
        (("x" * 10_000,), "x" * 150),
        (("x" * 149 + " y",), "x" * 149),
    ],
)
def test_a_name_has_one_file_however_it_is_written(names: tuple[str, ...], stem: str) -> None:
    for name in names:
        assert file_stem(name) == file_stem(stem) == stem


def test_a_library_without_a_folder_and_keys_that_are_none(tmp_path: Path) -> None:
    library = Library(tmp_path / "edits")
    for act in (library.delete, library.undelete, library.read, lambda name: library.rename(name, "y")):
        for name in ("x", "../x", "x" * 10_000, "\ud800", "\0", ""):
            with pytest.raises(Problem):
                act(name)
    assert not (tmp_path / "edits").exists()


def test_nothing_that_is_saved_is_ever_replaced(tiny: Model, tmp_path: Path) -> None:
    """The same edit is there once; the same matrices under other words or in another strength are another edit."""
    library = Library(tmp_path)
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    first = library.save(edit, "monet")
    before = first.read_bytes(), first.stat().st_mtime_ns
    assert library.save(Edit.load(first), "monet") == first
    others = [replace(edit, spec=EditSpec(erase=("somebody else",))), edit.at_strength(0.5)]
    assert [library.save(other, "monet").stem for other in others] == ["monet-2", "monet-3"]
    assert (first.read_bytes(), first.stat().st_mtime_ns) == before
    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(lambda number: library.save(edit.at_strength(number), "together"), range(2, 10)))
    assert len(set(saved)) == 8
    assert sorted(Edit.load(path).strength for path in saved) == list(range(2, 10))


def test_artists_are_taken_by_their_korean_names_and_one_by_one(tmp_path: Path) -> None:
    scope = {"type": "http", "headers": [], "query_string": b"", "visitor": OWNER}
    studio, request = Studio(Settings(edits=tmp_path)), gr.Request(Request(scope))
    named = {"erase": ["파블로 피카소"], "retain": ["Monet, Seurat", "a red, round apple"]}
    fields = FIELDS | named | {"loaded": encode_loaded_edit()}
    spec = asked_edit(studio, fields, request).spec
    assert spec is not None
    assert spec.erase == ("Pablo Picasso",)
    assert spec.retain == ("Monet", "Seurat", "a red, round apple")


def test_a_method_without_a_guide_asks_for_none_and_leaves_the_field_alone() -> None:
    cure = edit_request_of(FIELDS | {"method": "cure", "alpha": 5, "guide": "a house", "loaded": encode_loaded_edit()})
    assert cure.spec is not None
    assert (cure.spec.guide, cure.spec.facts()["alpha"]) == ("", 5.0)
    assert "guide" not in fields_of_spec(cure.spec)
    hidden, shown = (shown_for(method, with_defaults=True) for method in ("cure", "oce"))
    assert not hidden["guide"]["visible"]
    assert "value" not in hidden["guide"]
    assert shown["guide"]["visible"]
    assert (shown["guide"]["value"], shown["span"]["value"]) == ("real", "last")
    assert [shown_for(name, with_defaults=True)["wording"]["value"] for name in ("adavd", "uce")] == [
        "expanded",
        "name",
    ]


def test_what_has_no_field_comes_from_the_loaded_edit_or_is_the_methods_own_default() -> None:
    own = fields_of_spec(SpeedSpec(erase=("A",)))

    def asked(spec: ErasureSpec | None) -> ErasureSpec:
        found = edit_request_of(FIELDS | own | {"loaded": encode_loaded_edit(spec=spec)}).spec
        assert found is not None
        return found

    assert asked(None) == SpeedSpec(erase=("A",))
    assert asked(None).retain_span == "last"
    assert asked(SpeedSpec(erase=("A",), retain_span="", retain_empty=False)).retain_span == ""
    kept = asked(EditSpec(erase=("A",), retain_span="all", retain_wording="style", retain_empty=False))
    assert (kept.retain_span, kept.retain_wording, kept.retain_empty) == ("last", "style", False)
    for loaded, span in ((SpeedSpec(erase=("A",)), ""), (SpeedSpec(erase=("A",), retain_span="all"), "all")):
        to_uce = edit_request_of(FIELDS | {"erase": ["A"], "loaded": encode_loaded_edit(spec=loaded)}).spec
        assert to_uce is not None
        assert (to_uce.kind, to_uce.retain_span) == ("uce", span)


def test_another_method_changes_the_guide_only_where_the_visitor_has_not() -> None:
    parts = dict.fromkeys(shown_for("uce", with_defaults=True))
    filling = Filling(Studio(Settings()), {name: name for name in parts}, [])
    assert filling.choose_method("oce", "art")["guide"]["value"] == "real"
    assert filling.choose_method("uce", "real")["guide"]["value"] == "art"
    assert "value" not in filling.choose_method("oce", "a house")["guide"]


def test_guides_are_taken_by_their_korean_names() -> None:
    spec = edit_request_of(
        FIELDS | {"erase": ["A", "B"], "guide": "클로드 모네; art", "loaded": encode_loaded_edit()}
    ).spec
    assert spec is not None
    assert spec.guide == ("Claude Monet", "art")
