"""Limits of the page's fields, held on the server too: a request past the page is not cut off by a browser. Nor do its
texts hold what no tokenizer and no database takes."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from uce_core.checks import as_text, storable

LONGEST = 10_000  # characters of a text that has no limit of its own
LONGEST_NAME = 300  # of a name in a list
TOO_MUCH = "A field holds more than it may: shorten it."
NO_TEXT = "A field holds something else than text: enter it again."


def hold_limits(page: gr.Blocks, most_names: int) -> None:
    """most_names: in one list, as the operator decides; for all text fields and lists of a page."""
    for part in page.blocks.values():
        if isinstance(part, gr.Textbox):
            most = part.max_length or LONGEST
            _check(part, lambda value, most=most: _text(value or "", most))  # type: ignore[misc]
        elif isinstance(part, gr.Dropdown):
            _check(part, lambda value: _names(value, most_names))


def _check(part: Any, sound: Callable[[Any], Any]) -> None:
    """sound: a payload as the handlers take it."""
    usual = part.preprocess
    part.preprocess = lambda payload: usual(sound(payload))


def _text(value: Any, most: int) -> str:
    try:
        text = storable(as_text("", value))
    except ValueError:
        raise _refused(NO_TEXT) from None
    if len(text) > most:
        raise _refused(TOO_MUCH)
    return text


def _names(value: Any, most: int) -> Any:
    """Of one choice, of several, or of none."""
    if not isinstance(value, list):
        return value if value is None else _text(value, LONGEST_NAME)
    if len(value) > most:
        raise _refused(TOO_MUCH)
    return [_text(one, LONGEST_NAME) for one in value]


def _refused(sentence: str) -> gr.Error:
    return gr.Error(sentence, print_exception=False)
