"""What uce_core offers to others, and that asking for it costs no more than it must."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import uce_core

BEFORE = (  # the public names of version 0.1
    "Cancelled", "DebiasSpec", "Debiased", "DenseEdit", "Edit", "EditSpec", "GenerationSpec", "Impact", "Model", "Pair",
    "Scores", "applied", "compare", "debias", "draw", "erase", "export", "impact", "load_model", "preset", "stack",
    "suggest_retain",
)  # fmt: skip


@pytest.mark.parametrize("name", [*BEFORE, "AnyEdit", "Problem", "compose", "evaluate", "generate"])
def test_public_names_can_be_imported(name: str) -> None:
    assert getattr(uce_core, name) is not None
    assert name in dir(uce_core)


def test_every_list_of_public_names_is_the_same() -> None:
    tree = ast.parse(Path(uce_core.__file__).read_text(encoding="utf-8"))
    [typed] = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {
        alias.asname or alias.name for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert set(uce_core.__all__) == set(uce_core.MODULES) == imported
    with pytest.raises(AttributeError, match="nonsense"):
        _ = uce_core.nonsense  # type: ignore[attr-defined]


def test_an_old_name_is_the_new_one() -> None:
    assert uce_core.draw is uce_core.generate


CHEAP = {
    "the specs": "from uce_core import DebiasSpec, EditSpec, GenerationSpec, Problem, preset",
    "the methods' settings": "from uce_core.methods import METHODS",
    "what a grid is asked": "from uce_core import Axis, Grid; from uce_core.grids.labels import heading",
    "recorded runs": "from uce_core.runs.archive import export_run; from uce_core.runs.ratings import results_of",
    "the whole page": "from app.main import build; from app.studio.settings import Settings; build(Settings())",
}


@pytest.mark.parametrize("what", CHEAP)
def test_torch_is_not_imported_for(what: str) -> None:
    """It takes seconds: the page is up before it is there."""
    slow = "torch", "diffusers", "transformers", "open_clip", "lpips", "scipy", "matplotlib"
    check = f"{CHEAP[what]}; import sys; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
