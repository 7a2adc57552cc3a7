"""What --help says."""

import re
from collections.abc import Iterator

import typer
from typer.main import get_command

from app.__main__ import serve_as_asked
from uce_core.cli.options import app

PUBLIC = {"uce_core", "edited_models", "evaluation_seed", "case_number"}  # what a user names so, too

page = typer.Typer()
page.command()(serve_as_asked)


def said(command: object, name: str) -> Iterator[tuple[str, str]]:
    """Every text of a command and of those under it, and where it stands."""
    yield name, getattr(command, "help", None) or ""
    for parameter in getattr(command, "params", ()):
        yield f"{name} {parameter.opts[0]}", getattr(parameter, "help", None) or ""
    for under, one in getattr(command, "commands", {}).items():
        yield from said(one, f"{name} {under}")


TEXTS = [*said(get_command(app), "uce"), *said(get_command(page), "uce-studio")]


def test_all_commands_are_looked_at() -> None:
    names = {name for name, _ in TEXTS}
    assert {"uce erase --erase", "uce evaluate leakage", "uce runs list", "uce-studio --keep"} <= names


def test_options_are_explained_in_words() -> None:
    assert [name for name, text in TEXTS if not text] == []
    names = {name: set(re.findall(r"\b[a-z]+_[a-z_]+\b", text)) - PUBLIC for name, text in TEXTS}
    assert {name: found for name, found in names.items() if found} == {}, "names in the code"
