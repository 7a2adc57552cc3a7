"""What the READMEs tell people to type exists and runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from uce_core.cli import main

ROOT = Path(__file__).resolve().parent.parent
MARKDOWN = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "atelier" / "README.md"]
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
    assert len(commands) >= 10
    for command in commands:
        if command[0] == "bench":  # takes minutes; tests/bench runs a small one
            continue
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


def test_both_show_the_same_figures() -> None:
    tables = [re.findall(r"(?:^\|.*\n)+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE) for name in READMES]
    assert len(tables[0]) >= 4
    assert tables[0] == tables[1]


def named_flags(module: str) -> set[str]:
    """Flags that the Markdown files name in code, on lines about a module's commands or in prose beside them."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in MARKDOWN)
    lines = [line for line in text.splitlines() if f"python -m {module}" in line]
    return {flag for line in lines for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}


@pytest.mark.parametrize(
    ("module", "commands"),
    [
        ("app", [[]]),
        (
            "uce_core",
            [
                ["erase"],
                ["compare"],
                ["inspect"],
                ["export"],
                ["impact"],
                ["debias"],
                ["evaluate", "facets"],
                ["evaluate", "prompts"],
                ["evaluate", "uce-artists"],
                ["runs", "list"],
                ["evaluate", "steps"],
            ],
        ),
        ("atelier", [["paint"], ["grid"], ["train"], ["evaluate"]]),
    ],
)
def test_flags_that_the_docs_name_exist(module: str, commands: list[list[str]]) -> None:
    helped = ""
    for command in commands:
        line = [sys.executable, "-m", module, *command, "--help"]
        helped += subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    flags = named_flags(module)
    assert flags, "the docs name no flag at all"
    assert {flag for flag in flags if flag not in helped} == set()


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_links_lead_somewhere_and_nothing_is_left_to_fill_in(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"@[A-Z]+@", text)
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (path.parent / target).exists(), target
