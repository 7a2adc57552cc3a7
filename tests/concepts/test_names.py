"""What people write for an artist."""

import unicodedata

import pytest

from uce_core.checks import normalised, plain
from uce_core.concepts.catalog import WELL_KNOWN
from uce_core.concepts.names import KOREAN, in_english, is_known, understood, weighting_in
from uce_core.edits.spec import EditSpec

CATALOG = ("Vincent van Gogh", "Pablo Picasso", "Édouard Manet", "Ajin: Demi Human", "Crosby, Stills")


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", "Édouard Manet"),
        "ÉDOUARD  MANET",
        "É\u3000douard Manet".replace("\u3000", ""),
        "Ｅ\u0301douard Ｍanet",
        " édouard\tmanet\n",
        "\ufeffÉdouard\u200b Ma\u00adnet\u200f",
    ],
)
def test_one_name_is_one_name_however_it_is_written(written: str) -> None:
    assert normalised(written) == normalised("Édouard Manet")


def test_what_is_encoded_is_in_letters_that_models_know() -> None:
    decomposed = unicodedata.normalize("NFD", "Édouard Manet")
    spec = EditSpec(
        erase=("Ｖｉｎｃｅｎｔ　ｖａｎ　Ｇｏｇｈ\u200b", decomposed), guide="Ａｒｔ", retain=("Ｍｏｎｅｔ", "한글")
    )
    assert spec.erase == ("Vincent van Gogh", "Édouard Manet")
    assert (spec.guide, spec.retain) == ("Art", ("Monet", "한글"))


def test_korean_names_are_of_artists_that_are_known_and_each_of_one() -> None:
    assert set(KOREAN) <= set(WELL_KNOWN.artists)
    assert len(set(KOREAN.values())) == len(KOREAN)
    for name, korean in KOREAN.items():
        assert in_english(korean) == in_english(korean.replace(" ", "")) == name
        assert in_english(name) == name
        assert any("가" <= letter <= "힣" for letter in korean)


@pytest.mark.parametrize(
    ("text", "names", "split", "doubtful"),
    [
        ("Van Gogh, Picasso", ("Van Gogh", "Picasso"), True, False),
        ("빈센트 반 고흐; 피카소", ("Vincent van Gogh", "Pablo Picasso"), True, False),
        ("빈센트 반 고흐; 파블로", ("빈센트 반 고흐; 파블로",), False, True),  # “파블로” alone is no one's name
        ("빈센트 반 고흐; 파블로피카소", ("Vincent van Gogh", "Pablo Picasso"), True, False),
        ("Crosby, Stills", ("Crosby, Stills",), False, False),
        ("a red, round apple", ("a red, round apple",), False, True),
        ("Pablo Picasso,", ("Pablo Picasso",), False, False),
        ("; a round apple ,", ("a round apple",), False, False),
        (",", (",",), False, False),
        ("Van Gogh，Picasso", ("Van Gogh", "Picasso"), True, False),
        ("Van Gogh、Picasso", ("Van Gogh", "Picasso"), True, False),
        ("Van Gogh & Picasso", ("Van Gogh", "Picasso"), True, False),
        ("Van Gogh/Picasso", ("Van Gogh", "Picasso"), True, False),
        ("Van Gogh\nPicasso", ("Van Gogh", "Picasso"), True, False),
        ("Van Gogh AND Picasso", ("Van Gogh", "Picasso"), True, False),
        ("반고흐·피카소", ("Vincent van Gogh", "Pablo Picasso"), True, False),
        ("고흐와 피카소", ("Vincent van Gogh", "Pablo Picasso"), True, False),
        ("black and white", ("black and white",), False, False),
        ("AC/DC & friends", ("AC/DC & friends",), False, False),
        ("사과 나무", ("사과 나무",), False, False),
        ("Ajin: Demi Human", ("Ajin: Demi Human",), False, False),
    ],
)
def test_several_names_in_one_field(text: str, names: tuple[str, ...], split: bool, doubtful: bool) -> None:
    found = understood([text], CATALOG)
    assert found.names == names
    assert found.split == ((plain(text),) if split else ())
    assert found.doubtful == ((text,) if doubtful else ())


@pytest.mark.parametrize(
    ("korean", "name"),
    [
        ("고흐", "Vincent van Gogh"), ("반 고흐", "Vincent van Gogh"), ("피카소", "Pablo Picasso"),
        ("모네", "Claude Monet"), ("마네", "Edouard Manet"), ("달리", "Salvador Dali"), ("클림트", "Gustav Klimt"),
    ],
)  # fmt: skip
def test_a_korean_name_may_be_its_end_if_that_is_only_ones(korean: str, name: str) -> None:
    assert in_english(korean) == name


def test_what_is_no_name_or_could_be_several_stays() -> None:
    ends = [korean.split()[-1] for korean in KOREAN.values()]
    shared = {end for end in ends if ends.count(end) > 1}
    assert all(in_english(end) == end for end in ("빈센트", "개", "고", *shared))


def test_a_name_may_be_its_end() -> None:
    assert [is_known(name, CATALOG) for name in ("Gogh", "van gogh", "Vincent", "", "빈센트반고흐")] == [
        True, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("a house (van gogh:1.2), <lora:style:0.8>", ("(van gogh:1.2)", "<lora:style:0.8>")),
        ("[day:night:0.5] embedding:neg BREAK <easy>", ("[day:night:0.5]", "embedding:neg", "BREAK", "<easy>")),
        ("((a house)) at [night]", ("((a house))", "[night]")),
        ("a house (at night), 3 < 4", ()),
        ("a break in a map", ()),
        ("(" * 50_000 + ":1" + "<" * 50_000 + "[" + ":" * 50_000 + "(" + ": " * 50_000, ()),
    ],
)
def test_syntax_of_other_programs_is_seen(prompt: str, parts: tuple[str, ...]) -> None:
    assert weighting_in(prompt) == parts
