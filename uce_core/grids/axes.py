"""An axis: a name and its values, as people write them. Grids of images have two, sweeps of an evaluation any number.

Knows nothing about what is done at each point.
"""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uce_core.checks import unique
from uce_core.edits.spec import MethodSpec
from uce_core.methods import erasing
from uce_core.problems import Problem
from uce_core.specs import kind_of, settings_of

METHOD, STRENGTH = "method", "strength"  # axes of an edit that are no setting


@dataclass(frozen=True)
class Axis:
    """values: of a method name's, a strength's, a count's or a setting's kind, each once."""

    name: str
    values: tuple[Any, ...]

    @staticmethod
    def named(text: str, kinds: Mapping[str, type], words: Collection[str] = ()) -> "Axis":
        """From NAME=VALUE,VALUE, where a value with commas stands in double quotation marks, as in a CSV file.

        kinds: of each axis' values, by its name. words: taken as they are besides. Raises ValueError if that is no such
        axis, or a value is none of its.
        """
        name, _, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if name not in kinds or not values.strip():
            raise Problem(
                "bad_axis",
                "The axis {axis!r} is none: write NAME=VALUE,VALUE with one of {known}.",
                axis=text,
                known=", ".join(kinds),
            )
        found = (one if one in words else _value(one, kinds[name], text) for one in _split(values, text))
        return Axis(name, tuple(dict.fromkeys(found)))

    @property
    def text(self) -> str:
        """The values as named reads them."""
        return ", ".join(_quoted(written(value)) for value in self.values)


def _split(values: str, axis: str) -> list[str]:
    try:
        return [value.strip() for value in next(csv.reader([values.strip()], skipinitialspace=True, strict=True))]
    except csv.Error:
        raise Problem(
            "axis_badly_quoted",
            'The quotation marks of the axis {axis!r} do not match: write "one, with a comma","another", and marks '
            "within a value twice.",
            axis=axis,
        ) from None


def _value(text: str, kind: type, axis: str) -> Any:
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text) if kind in (int, float) else text
    except (ValueError, KeyError):
        raise Problem(
            "bad_axis_value",
            "{value!r} is no value for the axis {axis!r}: use one of the setting's own.",
            value=text,
            axis=axis,
        ) from None


def kinds_of_settings() -> dict[str, type]:
    """Of all that can be set of any method that erases, by name."""
    return {
        item.name: kind_of(item, method.spec)
        for method in erasing().values()
        for item, _ in settings_of(method.spec)
        if item.name != "retain"
    }


def check_once(axes: Sequence[Axis]) -> None:
    """Raises ValueError for an axis that is named twice."""
    names = [axis.name for axis in axes]
    if len(unique(names)) < len(names):
        twice = max(names, key=names.count)
        raise Problem("axis_twice", "The axis {axis} is given twice: put its values into one.", axis=twice)


def check_settings(settings: Collection[str], spec: type[MethodSpec]) -> None:
    """Raises ValueError if one of these axes is no setting of the method."""
    known = {item.name for item, _ in settings_of(spec)}
    if foreign := [name for name in settings if name not in known]:
        raise Problem(
            "axis_not_of_method",
            "The method {method} has no setting {setting}: leave that axis out.",
            method=spec.kind,
            setting=foreign[0],
        )


def _quoted(text: str) -> str:
    """In quotation marks where a line of a CSV file needs them, and where nothing else would be seen."""
    return text if text and not set(text) & set(',"\r\n') else '"' + text.replace('"', '""') + '"'


def written(value: object) -> str:
    """A value as people write it."""
    return str(value).lower() if isinstance(value, bool) else shown(value)


def shown(value: object) -> str:
    """A value in short, a number without zeros that say nothing."""
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if not isinstance(value, float) or float(short) == value else repr(value)
