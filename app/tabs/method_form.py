"""The part of a form that a method's settings make: one widget a setting, whichever methods have it.

Of the settings that all erasing methods share, a method may lack the guide, or have its own span or wording: VARYING.

A new method needs no line here: its spec says what there is to ask (uce_core/specs.py).
"""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

import gradio as gr

from app.words import choices, has_text, label
from uce_core.edits.spec import ErasureSpec
from uce_core.methods import METHODS, erasing
from uce_core.specs import Setting, Spec, kind_of, settings_of

SHARED = tuple(item.name for item in fields(ErasureSpec))  # what every erasing method is asked
VARYING = ("guide", "span", "wording")


def own_settings(method: str) -> dict[str, tuple[Field[Any], Setting]]:
    """A method's settings by name, without those that all share."""
    return {item.name: (item, found) for item, found in settings_of(METHODS[method].spec) if item.name not in SHARED}


def all_settings() -> dict[str, tuple[Field[Any], Setting, type[Spec]]]:
    """Of all erasing methods, by name; of two of the same name the first."""
    found: dict[str, tuple[Field[Any], Setting, type[Spec]]] = {}
    for name, method in erasing().items():
        for setting, parts in own_settings(name).items():
            found.setdefault(setting, (*parts, method.spec))
    return found


def method_choice() -> gr.Dropdown:
    """Hidden while there is one method only."""
    offered = [(method.title, name) for name, method in erasing().items()]
    return gr.Dropdown(
        offered, value=offered[0][1], label=label("method"), info=explained(offered[0][1]), visible=len(offered) > 1,
        elem_id="method",
    )  # fmt: skip


def widgets() -> dict[str, Any]:
    """One for each setting, shown if the first method has it."""
    first = next(iter(erasing()))
    return {name: _widget(*parts, visible=name in own_settings(first)) for name, parts in all_settings().items()}


def shown_for(method: str, with_defaults: bool) -> dict[str, Any]:
    """Updates that say what a method is, show its settings and hide the others; with_defaults: with its values."""
    own = {item.name: item for item, _ in settings_of(erasing()[method].spec)} if method in erasing() else {}
    updates: dict[str, Any] = {"method": gr.update(info=explained(method))}
    for name in (*VARYING, *all_settings()):
        value = {"value": own[name].default} if with_defaults and name in own else {}
        updates[name] = gr.update(visible=name in own, **value)
    return updates


def default_guides() -> set[Any]:
    """Of all methods: what stands in the field of somebody who has not touched it."""
    return {item.default for one in erasing().values() for item, _ in settings_of(one.spec) if item.name == "guide"}


def default_wording(spec: type[ErasureSpec]) -> str:
    """Of a method: what stands in the field of somebody who has not touched it."""
    return next(str(item.default) for item, _ in settings_of(spec) if item.name == "wording")


def explained(method: str) -> Any:
    """In a line, what a method does."""
    return label(f"method_{method}") if has_text("en", f"method_{method}") else label("method_info")


def called(name: str) -> Any:
    """What a setting is called."""
    return label(name) if has_text("en", name) else name.replace("_", " ")


def values_of(method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of the method's own settings among the widgets' values; whole numbers as such."""
    spec, found = METHODS[method].spec, {}
    for name, (item, _) in own_settings(method).items():
        value = values[name]
        found[name] = int(value) if kind_of(item, spec) is int and value is not None else value
    return found


def _widget(item: Field[Any], setting: Setting, spec: type[Spec], visible: bool) -> Any:
    name, kind = item.name, kind_of(item, spec)
    common: dict[str, Any] = {
        "label": called(name),
        "info": label(f"{name}_info") if has_text("en", f"{name}_info") else setting.help,
        "visible": visible,
    }
    if kind is bool:
        return gr.Checkbox(item.default, **common)
    if kind in (int, float):
        return gr.Number(item.default, precision=0 if kind is int else None, **common)
    if setting.choices:
        known = choices(name, setting.choices) if has_text("en", f"{name}_{setting.choices[0]}") else setting.choices
        return gr.Dropdown(known, value=item.default, **common)
    return gr.Textbox(item.default, max_length=200, **common)
