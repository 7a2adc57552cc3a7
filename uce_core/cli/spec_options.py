"""Options of a command made from the fields of specs, so that a new setting or method needs no line here."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field
from functools import wraps
from typing import Annotated, Any

import typer

from uce_core.cli.options import asks
from uce_core.problems import Problem
from uce_core.specs import Setting, Spec, kind_of, settings_of


def takes(*specs: type[Spec]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """For a command with a parameter given: options for every setting of the specs, and in given those that were
    used, by field name."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        known = {item.name: (item, found, spec) for spec in reversed(specs) for item, found in settings_of(spec)}
        options = [_option(*one) for one in known.values()]
        own = [p for p in inspect.signature(command).parameters.values() if p.name != "given"]

        @wraps(command)
        def run(**values: Any) -> None:
            asked = {name: values.pop(name) for name in known}
            given = {name: _plain(value) for name, value in asked.items() if value not in (None, [])}
            command(**values, given=given)

        return asks(run, (*own, *options))

    return decorate


def check_known(given: Mapping[str, Any], spec: type[Spec]) -> None:
    """Raises ValueError for a setting that the spec does not have: one of another method."""
    for name in given:
        if name not in {item.name for item, _ in settings_of(spec)}:
            option = name.replace("_", "-")
            raise Problem(
                "option_not_of_method",
                "The method {method} has no --{option}: leave it out.",
                method=spec.kind,
                option=option,
            )


def _option(item: Field[Any], found: Setting, spec: type[Spec]) -> inspect.Parameter:
    kind = kind_of(item, spec)
    flag = "--" + (found.singular or item.name).replace("_", "-")
    flags = [f"{flag}/--no-{flag.removeprefix('--')}"] if kind is bool else [flag]
    choices = f" {', '.join(found.choices)}." if found.choices else ""
    default = "" if item.default in (MISSING, None, "", ()) else f" [default: {_shown(item.default)}]"
    option = typer.Option(*flags, help=f"{found.help}{choices}{default}")
    if kind is tuple:
        values: Any = list[float] if "float" in str(item.type) else list[str]
        return inspect.Parameter(
            item.name, inspect.Parameter.KEYWORD_ONLY, default=[], annotation=Annotated[values, option]
        )
    annotation = Annotated[kind | None, option]  # type: ignore[valid-type]  # made here, for Typer alone
    return inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _shown(value: object) -> str:
    return (
        " ".join(map(str, value))
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
