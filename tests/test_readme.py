"""What the READMEs tell people to type exists and runs."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from uce_core.cli import main

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.ko.md")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    parts = (ROOT / name).read_text(encoding="utf-8").split("```")[1::2]
    return [part.split("\n", 1)[1] for part in parts if part.split("\n", 1)[0] == language]


def engine_commands(name: str) -> list[list[str]]:
    lines = [line for block in blocks(name, "") for line in block.splitlines()]
    return [shlex.split(line)[3:] for line in lines if line.startswith("python -m uce_core")]


@pytest.mark.parametrize("name", READMES)
def test_commands_run_in_order(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = engine_commands(name)
    assert len(commands) >= 4
    for command in commands:
        if "CompVis/stable-diffusion-v1-4" in command:
            command = ["atelier" if word == "CompVis/stable-diffusion-v1-4" else word for word in command]
        assert main(command) == 0, (command, capsys.readouterr().err)
    assert (tmp_path / "pictures" / "edited_1.png").is_file()


def test_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = {blocks(name, "python")[0] for name in READMES}
    assert len(examples) == 1, "the two READMEs show different code"
    monkeypatch.chdir(tmp_path)
    exec(compile(examples.pop(), "README.md", "exec"), {})
    assert (tmp_path / "original.png").read_bytes() != (tmp_path / "edited.png").read_bytes()


@pytest.mark.parametrize(
    ("module", "command"), [("app", []), ("uce_core", ["erase"]), ("uce_core", ["compare"]), ("atelier", ["train"])]
)
def test_flags_named_anywhere_exist(module: str, command: list[str]) -> None:
    helped = subprocess.run(
        [sys.executable, "-m", module, *command, "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert helped.returncode == 0
    flags = {"app": ["--model", "--host", "--port", "--share", "--edits", "--lang"], "atelier": ["--work"]}
    erase = [
        "--erase",
        "--retain",
        "--guide",
        "--wording",
        "--span",
        "--lam",
        "--erase-scale",
        "--retain-scale",
        "--out",
    ]
    compare = ["--edit", "--prompt", "--seed", "--steps", "--guidance-scale", "--out"]
    expected = flags.get(module) or [*{"erase": erase, "compare": compare}[command[0]], "--model", "--json"]
    for flag in expected:
        assert flag in helped.stdout, flag
