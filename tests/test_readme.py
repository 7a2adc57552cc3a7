"""What the READMEs tell people to type exists and runs."""

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

from uce_core.cli import main

ROOT = Path(__file__).resolve().parent.parent
MARKDOWN = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "atelier" / "README.md"]
READMES = ("README.md", "README.ko.md")
SPEED = ("## Speed", "## 속도")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    parts = (ROOT / name).read_text(encoding="utf-8").split("```")[1::2]
    return [part.split("\n", 1)[1] for part in parts if part.split("\n", 1)[0] == language]


def engine_commands(name: str) -> list[list[str]]:
    lines = [line for block in blocks(name, "") for line in block.splitlines()]
    return [shlex.split(line)[3:] for line in lines if line.startswith("python -m uce_core")]


def test_both_tell_the_same_commands() -> None:
    assert engine_commands(READMES[0]) == engine_commands(READMES[1])


def test_commands_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = engine_commands(READMES[0])
    assert len(commands) >= 10
    for command in commands:
        if command[0] == "bench":  # takes minutes; tests/bench runs a small one
            continue
        if "CompVis/stable-diffusion-v1-4" in command:
            command = ["atelier" if word == "CompVis/stable-diffusion-v1-4" else word for word in command]
        assert main(command) == 0, (command, capsys.readouterr().err)
    assert (tmp_path / "images" / "edited_1.png").is_file()


def test_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = {blocks(name, "python")[0] for name in READMES}
    assert len(examples) == 1, "the two READMEs show different code"
    monkeypatch.chdir(tmp_path)
    exec(compile(examples.pop(), "README.md", "exec"), {})
    assert (tmp_path / "original.png").read_bytes() != (tmp_path / "edited.png").read_bytes()


def tables(text: str) -> list[list[str]]:
    """Of Markdown, row by row."""
    return [table.splitlines() for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]


def untranslated(row: str) -> list[str]:
    """The code, addresses and figures of a table's row."""
    return sorted(re.findall(r"`[^`]+`|\]\([^)]*\)|\d+(?:[.,]\d+)*", row))


def test_both_show_the_same_figures() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in READMES]
    speed = [tables(text.split(head)[1].split("\n## ")[0]) for text, head in zip(texts, SPEED, strict=True)]
    assert len(speed[0]) >= 2
    assert speed[0] == speed[1]
    every = [[[untranslated(row) for row in table] for table in tables(text)] for text in texts]
    assert len(every[0]) >= 6
    assert every[0] == every[1]


def test_a_readme_is_short() -> None:
    for name in READMES:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) < 200


def named_flags(module: str) -> set[str]:
    """Flags that the Markdown files name in code, on lines about a module's commands or in prose beside them."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in MARKDOWN)
    lines = [line for line in text.splitlines() if f"python -m {module}" in line]
    return {flag for line in lines for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}


def help_of(
    module: str, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What python -m module command --help prints, without another interpreter."""
    monkeypatch.setattr("sys.argv", [module, *command, "--help"])
    monkeypatch.delitem(sys.modules, f"{module}.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert not ended.value.code
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "commands"),
    [
        ("app", [[]]),
        (
            "uce_core",
            [
                ["erase"],
                ["compare"],
                ["grid"],
                ["inspect"],
                ["export"],
                ["impact"],
                ["debias"],
                ["evaluate", "leakage"],
                ["evaluate", "wordings"],
                ["evaluate", "run"],
                ["evaluate", "sweep"],
                ["evaluate", "methods"],
                ["runs", "list"],
                ["evaluate", "steps"],
            ],
        ),
        ("atelier", [["paint"], ["grid"], ["train"], ["evaluate"]]),
    ],
)
def test_flags_that_the_docs_name_exist(
    module: str, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    helped = "".join(help_of(module, command, monkeypatch, capsys) for command in commands)
    flags = named_flags(module)
    assert flags, "the docs name no flag at all"
    assert {flag for flag in flags if flag not in helped} == set()


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_links_lead_somewhere_and_nothing_is_left_to_fill_in(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"@[A-Z]+@", text)
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (path.parent / target).exists(), target
