"""The house's rules."""

import ast
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
MODULES = [path for folder in ("app", "uce_core", "atelier") for path in (ROOT / folder).rglob("*.py")]


def test_imports_run_one_way() -> None:
    """By the contracts in pyproject.toml."""
    assert lint_imports(str(ROOT / "pyproject.toml")) == 0


def test_every_module_says_what_it_is_for() -> None:
    assert len(MODULES) > 100
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_nothing_is_pickled() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert "torch.load(" not in text, path
        assert "torch.save(" not in text, path
        assert "import pickle" not in text, path
