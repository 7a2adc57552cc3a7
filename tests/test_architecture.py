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
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("torch.load", "torch.save"), path
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = {one.name for one in node.names} | {getattr(node, "module", "")}
                assert not names & {"pickle", "cPickle", "dill", "joblib"}, path
