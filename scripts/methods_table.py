"""python -m scripts.methods_table: the tables of docs/methods.md, written anew from the methods' dataclasses."""

from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from uce_core.edits.spec import ErasureSpec
from uce_core.methods import METHODS
from uce_core.methods.method import Method
from uce_core.specs import Setting, Spec, kind_of, settings_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "methods.md"
BEGIN = "<!-- written by python -m scripts.methods_table -->\n"
END = "<!-- end of what it writes -->\n"
TYPES = {int: "whole number", float: "number", bool: "yes or no", str: "text", tuple: "list"}
SHARED = {item.name: item.default for item in fields(ErasureSpec)}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def method_rows() -> Iterable[list[str]]:
    for name, method in METHODS.items():
        does = "erases" if method.spec.erases else "changes, without erasing"
        yield [f"`{name}`", method.title, does, method.source, ", ".join(map("`{}`".format, method.presets)) or "–"]


def setting_rows(spec: type[Spec], settings: Iterable[tuple[Field[Any], Setting]]) -> Iterable[list[str]]:
    for item, found in settings:
        yield [f"`{item.name}`", TYPES[kind_of(item, spec)], shown(item.default), bounds(found), found.help]


def shown(default: object) -> str:
    if default is None or default is MISSING or default == ():
        return "–"
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple):
        return ", ".join(map(str, default))
    return f"“{default}”" if isinstance(default, str) else f"{default:g}"


def bounds(found: Setting) -> str:
    if found.choices:
        return ", ".join(found.choices)
    return f"{found.least:g} to {found.most:g}" if found.least is not None and found.most is not None else "–"


def settings_table(spec: type[Spec], settings: Iterable[tuple[Field[Any], Setting]]) -> str:
    return table(("setting", "type", "default", "bounds or choices", "meaning"), setting_rows(spec, settings))


def section(method: Method[Any]) -> str:
    """A method's own settings: of one that erases those that not all such methods share, with that default."""
    own = [
        (item, found)
        for item, found in settings_of(method.spec)
        if not method.spec.erases or (item.name, item.default) not in SHARED.items()
    ]
    return f"## {method.title} (`{method.name}`)\n\n{settings_table(method.spec, own)}"


def written() -> str:
    """What stands between the markers."""
    parts = [
        table(("name", "title", "what it does", "source", "presets"), method_rows()),
        f"## What every erasing method is asked\n\n{settings_table(ErasureSpec, settings_of(ErasureSpec))}",
        *map(section, METHODS.values()),
    ]
    return "\n" + "\n".join(parts) + "\n"


def renewed(page: str) -> str:
    """The page with new tables; the text around them stays."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + written() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
