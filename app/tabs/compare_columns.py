"""The field of the Compare tab that asks for more edits beside the one in the fields: other methods, other strengths,
saved edits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.studio.request import EditRequest, asked_of
from app.tabs.method_form import default_guides, default_wording
from uce_core.checks import as_number, normalised
from uce_core.concepts.names import in_english
from uce_core.edits.spec import ErasureSpec
from uce_core.methods import erasing
from uce_core.problems import Problem

METHOD, STRENGTH, SAVED = "method:", "strength:", "saved:"  # how a choice's value begins
STRENGTHS = (0.25, 0.5, 0.75, 1.5, 2.0)


def column_choices(saved: Sequence[str]) -> list[tuple[str, str]]:
    """saved: names of saved edits."""
    return [
        *((method.title, METHOD + name) for name, method in erasing().items()),
        *((f"× {strength:g}", f"{STRENGTH}{strength:g}") for strength in STRENGTHS),
        *((name, SAVED + name) for name in saved),
    ]


def column_requests(
    base: EditRequest, fields: Mapping[str, Any], choices: Sequence[tuple[str, str]]
) -> list[EditRequest]:
    """What each of the chosen columns asks for, each once. base: what the fields ask for. choices: those that are
    offered, by what they are called. Raises ValueError if one that was typed is none, or makes no sense for the edit in
    the fields."""
    chosen = (_meant(text, choices) for text in fields["columns"] or ())
    found = dict.fromkeys([base, *(_request(value, base, fields) for value in chosen)])
    return list(found)[1:]


def _meant(typed: str, choices: Sequence[tuple[str, str]]) -> str:
    """The value of the choice that a text is, or begins alone; else the text."""
    if typed in (value for _, value in choices):
        return typed
    begun = normalised(typed)
    exact = [value for called, value in choices if normalised(called) == begun]
    likely = exact or [value for called, value in choices if normalised(called).startswith(begun)]
    return likely[0] if len(likely) == 1 or exact else typed


def _request(text: str, base: EditRequest, fields: Mapping[str, Any]) -> EditRequest:
    if text.startswith(SAVED):
        return replace(base, spec=None, saved=text.removeprefix(SAVED), strength=1.0)
    if text.startswith(METHOD):
        return replace(base, spec=by_method(text.removeprefix(METHOD), base.spec, fields), saved="")
    typed = text.removeprefix(STRENGTH).lstrip("×x ")
    try:
        return replace(base, strength=as_number("strength", float(typed)))
    except ValueError:
        raise Problem(
            "unknown_column",
            "{text!r} is no method, strength or saved edit: choose from the list, or enter a strength such as 0.5.",
            text=text[:80],
        ) from None


def by_method(method: str, spec: ErasureSpec | None, fields: Mapping[str, Any]) -> ErasureSpec:
    """The same erased and retained by another method with its own defaults; a guide and a wording that are the
    visitor's own stay."""
    if method not in erasing() or spec is None:
        raise Problem(
            "column_without_spec",
            "An edit that does not say what it erases cannot be solved by another method: fill in whom to erase, or "
            "remove {method}.",
            method=method,
        )
    own: dict[str, Any] = {"text_space": spec.text_space}
    if spec.wording != default_wording(type(spec)):
        own["wording"] = spec.wording
    if fields["guide"] not in default_guides():
        own["guide"] = tuple(map(in_english, fields["guide"].split(";")))
    return asked_of(method, spec.erase, spec.retain or tuple(fields["retain"] or ()), **own)
