"""The house's rules, read off the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE_ORDER = (
    "problems",
    "checks",
    "intervals",
    "artists",
    "memory",
    "packing",
    "text_encoder",
    "concepts",
    "spec",
    "presets",
    "closed_form",
    "published",
    "storage",
    "edit",
    "families",
    "timing",
    "shapes",
    "loading",
    "models",
    "editing",
    "drift",
    "exporting",
    "generate",
    "previews",
    "scores",
    "measures",
    "debiasing",
    "studies",
    "identity",
    "prompts",
    "protocols",
    "pictures",
    "csd",
    "references",
    "evaluation",
    "reporting",
    "choosing",
    "tables",
    "plots",
    "page",
    "evaluating",
    "comparing",
    "verdicts",
    "reviewing",
    "opinions",
    "schema",
    "store",
    "judgements",
    "runs",
    "manifest",
    "archives",
    "bench_solving",
    "bench_drawing",
)


def imported(path: Path) -> set[str]:
    """Dotted names of everything that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("app", {"torch", "diffusers", "transformers", "open_clip", "lpips", "atelier"}),
        ("uce_core", {"gradio", "app", "atelier"}),
        ("atelier", {"gradio", "app"}),
    ],
)
def test_arrows_run_one_way(folder: str, forbidden: set[str]) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    for path in files:
        assert not packages(path) & forbidden, path


@pytest.mark.parametrize("number", range(len(ENGINE_ORDER)))
def test_engine_modules_import_only_those_above(number: int) -> None:
    name = ENGINE_ORDER[number]
    mine = {part.split(".")[1] for part in imported(ROOT / "uce_core" / f"{name}.py") if part.startswith("uce_core.")}
    assert mine <= set(ENGINE_ORDER[:number]), f"{name} imports {mine - set(ENGINE_ORDER[:number])}"


def test_the_engine_does_not_know_its_command_line() -> None:
    for path in (ROOT / "uce_core").glob("*.py"):
        if path.stem != "__main__":
            assert not any(name.startswith("uce_core.cli") for name in imported(path)), path


def test_every_engine_module_has_its_place() -> None:
    names = {path.stem for path in (ROOT / "uce_core").glob("*.py")} - {"__init__", "__main__"}
    assert names == set(ENGINE_ORDER)


def test_every_module_says_what_it_is_for() -> None:
    for folder in ("app", "uce_core", "atelier"):
        for path in (ROOT / folder).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_nothing_is_pickled() -> None:
    for folder in ("app", "uce_core", "atelier"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "torch.load(" not in text, path
            assert "torch.save(" not in text, path
            assert "pickle" not in packages(path), path
