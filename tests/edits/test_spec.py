"""What an EditSpec takes, tidies and refuses."""

import json

import pytest

from uce_core import EditSpec, GenerationSpec, Problem, preset
from uce_core.edits.stored_spec import spec_from_json


def test_duplicates_and_spaces_are_dropped_and_order_is_kept() -> None:
    spec = EditSpec(erase=(" Claude  Monet", "Piet Mondrian", "claude monet", ""))
    assert spec.erase == ("Claude Monet", "Piet Mondrian")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"erase": ()}, "nothing to erase"),
        ({"erase": (" ",)}, "nothing to erase"),
        ({"erase": ("A",), "retain": ("a ",)}, "both erased and retained"),
        ({"erase": ("art",), "guide": "Art"}, "is itself erased"),
        ({"erase": ("A",), "wording": "shouted"}, "Unknown wording"),
        ({"erase": ("A",), "span": "first"}, "Unknown token span"),
        ({"erase": ("A",), "lam": 0.0}, "lam is 0"),
        ({"erase": ("A",), "lam": float("nan")}, "lam is nan"),
        ({"erase": ("A",), "erase_scale": -1.0}, "erase_scale is -1"),
        ({"erase": ("A",), "retain_scale": float("inf")}, "retain_scale is inf"),
        ({"erase": "Monet"}, "must be a list"),
    ],
)
def test_senseless_specs_are_refused_with_one_sentence(fields: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        EditSpec(**fields)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"erase": ["A"], "lam": 0}', "lam is 0"),
        ('{"erase": ["A"], "lam": "5"}', "not settings of uce: lam is missing"),
        ('{"erase": 5}', "not settings of uce: erase is missing"),
        ("{}", "not settings of uce: erase is missing"),
        ('{"erase": ["\\ud800"]}', "is not sound JSON"),
        ("[]", "not settings of a method"),
        ("[" * 100_000, "is not sound JSON"),
        ('{"kind": ["uce"], "erase": ["A"]}', r"\['uce'\].* is not a method"),
        ('{"kind": "generation", "prompt": "A"}', "'generation' is not a method"),
        ('{"kind": "of-tomorrow", "erase": 5}', "erase must be a list"),
        ('{"kind": "of-tomorrow", "erase": ["A"], "retain": [["B"]]}', "retain must be a list"),
    ],
)
def test_json_that_is_no_spec_is_refused_with_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence) as error:
        spec_from_json(text)
    assert str(error.value).isprintable()


def test_texts_that_no_file_could_hold_are_refused() -> None:
    for fields in ({"erase": ("a\ud800",)}, {"guide": "\udfff"}, {"retain": ("\ud800",)}, {"wording": "{} \ud800"}):
        with pytest.raises(Problem, match="half of a character"):
            EditSpec(**{"erase": ("A",)} | fields)
    with pytest.raises(Problem, match="half of a character"):
        GenerationSpec("a house\udc80")


def test_json_round_trip_is_canonical() -> None:
    spec = EditSpec(erase=("파블로 피카소",), retain=("B",), wording="drawn by {}", lam=2.0)
    assert EditSpec.from_json(spec.to_json()) == spec
    assert json.loads(spec.to_json())["erase"] == ["파블로 피카소"]


def test_one_guide_for_all_or_one_for_each() -> None:
    assert EditSpec(erase=("A", "B"), guide="art").guides == ("art", "art")
    assert EditSpec(erase=("A", "B"), guide=("art",)).guide == "art"
    spec = EditSpec(erase=("A", "a ", "B"), guide=("art", "art", ""))
    assert (spec.erase, spec.guides) == (("A", "B"), ("art", ""))
    assert EditSpec.from_json(spec.to_json()) == spec
    with pytest.raises(ValueError, match="There are 3 guides for 2 concepts"):
        EditSpec(erase=("A", "B"), guide=("1", "2", "3"))
    with pytest.raises(ValueError, match="'A' has two guides"):
        EditSpec(erase=("A", "a"), guide=("1", "2"))
    with pytest.raises(ValueError, match="'b' is itself erased"):
        EditSpec(erase=("A", "B"), guide=("B", "b"))
    assert EditSpec(erase=("A", "B"), guide=("B", "A")).guides == ("B", "A"), "two concepts may change places"


def test_presets_say_every_choice_and_can_be_changed() -> None:
    old = preset("published-2023", ("A",), ("B", "C"))
    assert (old.guide, old.span, old.retain_span, old.empty_token, old.retain_empty) == (
        "",
        "rest",
        "all",
        "start",
        True,
    )
    assert old.retain_scale == pytest.approx(1 / 3)
    assert preset("published-2023", ("A",), [str(i) for i in range(50)]).retain_scale == 0.1
    new = preset("published-2025", ("A",), lam=3.0)
    assert (new.guide, new.span, new.retain_empty, new.empty_token, new.lam) == ("art", "last", False, "start", 3.0)
    assert preset("default", ("A",), ("B",)) == EditSpec(erase=("A",), retain=("B",))
