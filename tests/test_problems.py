"""A sentence is one short line, whatever value it names; and what a stranger's JSON may say."""

import pytest

from uce_core.checks import DEEPEST, as_number, as_text, as_whole, sound_json
from uce_core.problems import DIGITS, LONGEST, Problem


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a house", "'a house'"),
        ("고흐", "'고흐'"),
        ("two\nlines", "'two\ufffdlines'"),
        ("\u202eturned", "'\ufffdturned'"),
        ("\ud800", "'\ufffd'"),
        ("x" * (LONGEST + 1), f"'{'x' * (LONGEST - 1)}…'"),
        (0.5, "0.5"),
        (None, "None"),
        (10**DIGITS - 1, str(10**DIGITS - 1)),
    ],
)
def test_a_value_is_named_in_one_line(value: object, said: str) -> None:
    assert str(Problem("x", "It is {value!r}.", value=value)) == f"It is {said}."


@pytest.mark.parametrize(
    "value",
    [10**5000, -(10**5000), ["x" * 10_000] * 1000, {"a": [[[[[[[[[]]]]]]]]]}],
    ids=["large", "negative", "long", "deep"],
)
def test_large_values_are_named_in_short(value: object) -> None:
    said = str(Problem("x", "It is {value}.", value=value))
    assert len(said) < LONGEST
    assert said.isprintable()


@pytest.mark.parametrize("text", ['{"a": [1, -2.5, null, true, "고흐", "\\ud83c\\udfa8"]}', b"[]", "0"])
def test_sound_json_is_read(text: str | bytes) -> None:
    assert sound_json(text) in ({"a": [1, -2.5, None, True, "고흐", "🎨"]}, [], 0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "NaN", "-Infinity", "1e999", "1" * 21, '"\\ud800"', '{"\\udfff": 1}', "[" * 100_000, b"\xff"),
        "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
    ],
)
def test_other_json_is_refused_with_one_sentence(text: str | bytes) -> None:
    with pytest.raises(Problem, match="is not sound JSON") as error:
        sound_json(text)
    assert str(error.value).isprintable()
    assert sound_json("[" * DEEPEST + "]" * DEEPEST)


def test_halves_of_characters_and_what_is_no_text_or_number_are_refused() -> None:
    assert as_text("prompt", "🎨") == "🎨"
    assert (as_number("steps", 3), as_whole("steps", 3.7), as_whole("seed", 2**63 - 1)) == (3.0, 3, 2**63 - 1)
    for wrong in ("a\udcff", None, 5):
        with pytest.raises(Problem, match=r"^prompt "):
            as_text("prompt", wrong)  # type: ignore[arg-type]
    for number in (10**400, float("nan"), True, "3", None):
        with pytest.raises(Problem, match=r"^steps is .+: use a number\.$"):
            as_number("steps", number)
