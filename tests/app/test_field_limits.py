"""What a field takes of a request that is past the page."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from app.server.field_limits import LONGEST, LONGEST_NAME, NO_TEXT, TOO_MUCH, hold_limits


@pytest.fixture(scope="module")
def fields() -> dict[str, Any]:
    found = {
        "short": gr.Textbox(max_length=5),
        "long": gr.Textbox(),
        "names": gr.Dropdown(["a"], multiselect=True, allow_custom_value=True),
        "choice": gr.Dropdown(["a"], allow_custom_value=True),
    }
    hold_limits(SimpleNamespace(blocks=found), 3)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("field", "sent", "taken"),
    [
        ("short", "12345", "12345"),
        ("short", None, ""),
        ("long", "🎨" * LONGEST, "🎨" * LONGEST),
        ("names", ["a", "b" * LONGEST_NAME], ["a", "b" * LONGEST_NAME]),
        ("names", [], []),
        ("choice", "b", "b"),
        ("choice", None, None),
    ],
)
def test_what_a_field_holds_is_taken(fields: dict[str, Any], field: str, sent: Any, taken: Any) -> None:
    assert fields[field].preprocess(sent) == taken


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("short", "123456", TOO_MUCH),
        ("long", "x" * (LONGEST + 1), TOO_MUCH),
        ("names", ["a"] * 4, TOO_MUCH),
        ("names", ["x" * (LONGEST_NAME + 1)], TOO_MUCH),
        ("choice", "x" * (LONGEST_NAME + 1), TOO_MUCH),
        ("short", 5, NO_TEXT),
        ("long", ["x"], NO_TEXT),
        ("long", {"x": 1}, NO_TEXT),
        ("long", "half \ud800", NO_TEXT),
        ("names", [["x"]], NO_TEXT),
        ("names", ["\udfff"], NO_TEXT),
        ("choice", 10**4000, NO_TEXT),
    ],
)
def test_what_it_does_not_hold_is_refused_with_one_sentence(
    fields: dict[str, Any], field: str, sent: Any, said: str
) -> None:
    with pytest.raises(gr.Error) as error:
        fields[field].preprocess(sent)
    assert error.value.message == said
