"""Limits of the page's fields, held on the server too: a request past the page is not cut off by a browser. Nor do its
texts hold what no tokenizer and no database takes."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from uce_core.checks import storable

LONGEST = 10_000  # characters of a text that has no limit of its own
LONGEST_NAME = 300  # of a name in a list


def hold_limits(page: gr.Blocks, most_names: int) -> None:
    """most_names: in one list, as the operator decides; for all text fields and lists of a page."""
    for part in page.blocks.values():
        if isinstance(part, gr.Textbox):
            most = part.max_length or LONGEST
            _check(part, lambda value, most=most: isinstance(value, str) and len(value) > most)  # type: ignore[misc]
        elif isinstance(part, gr.Dropdown):
            _check(part, lambda value: _is_long_list(value, most_names))


def _check(part: Any, too_much: Callable[[Any], bool]) -> None:
    usual = part.preprocess

    def preprocess(payload: Any) -> Any:
        if too_much(payload):
            raise gr.Error("A field holds more than it may: shorten it.", print_exception=False)
        return usual(_storable(payload))

    part.preprocess = preprocess


def _storable(value: Any) -> Any:
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return storable(value) if isinstance(value, str) else value


def _is_long_list(value: Any, most: int) -> bool:
    values = value if isinstance(value, list) else [value]
    return len(values) > most or any(isinstance(one, str) and len(one) > LONGEST_NAME for one in values)
