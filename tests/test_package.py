"""What pip installs: two commands, one version, and every file that the code reads."""

import re
import tomllib
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from uce_core.version import VERSION, called

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
PACKAGES = ("app", "uce_core", "atelier")
COMMANDS = {"uce": "uce_core", "uce-studio": "app"}


def entry(command: str) -> Callable[[], int | None]:
    module, function = PYPROJECT["project"]["scripts"][command].split(":")
    return getattr(import_module(module), function)


def said(command: str, typed: str, flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> str:
    monkeypatch.setattr("sys.argv", [typed, flag])
    try:
        status = entry(command)()
    except SystemExit as end:
        status = end.code
    assert not status
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_both_commands_say_the_version_and_what_they_are_called(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    module = COMMANDS[command]
    assert said(command, f"/usr/bin/{command}", "--version", monkeypatch, capsys) == f"{command} {VERSION}\n"
    assert f"Usage: {command} [" in said(command, f"/usr/bin/{command}", "--help", monkeypatch, capsys)
    typed = str(ROOT / module / "__main__.py")
    assert f"Usage: python -m {module} [" in said(command, typed, "--help", monkeypatch, capsys)


def test_the_windows_commands_have_an_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["C:/Scripts/uce.exe"])
    assert called("uce", "uce_core") == "uce"


def test_there_is_one_version_number() -> None:
    assert "version" not in PYPROJECT["project"]
    assert SETUPTOOLS["dynamic"]["version"] == {"attr": "uce_core.version.VERSION"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_what_is_needed_is_listed_once() -> None:
    assert SETUPTOOLS["dynamic"]["dependencies"] == {"file": "requirements.txt"}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for needed in (Requirement(line) for line in lines if line and not line.startswith("#")):
        assert needed.specifier.contains(version(needed.name)), needed


def test_every_file_beside_the_code_is_of_a_kind_that_is_packed() -> None:
    patterns = SETUPTOOLS["package-data"]["*"]
    kept = [path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    beside = {path for path in kept if path.suffix != ".py" and path != ROOT / "atelier" / "README.md"}
    assert {".js", ".css", ".html", ".json", ".safetensors", ".png"} <= {path.suffix for path in beside}
    assert {path for path in beside if not any(path.match(pattern) for pattern in patterns)} == set()
    assert SETUPTOOLS["packages"]["find"]["include"] == [f"{name}*" for name in PACKAGES]
