"""The worked examples of docs/extending.md work."""

import csv
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import typer
from PIL import Image

from app.tabs import method_form
from uce_core import Edit, Model, Problem, erase
from uce_core.cli.spec_options import takes
from uce_core.edits.stored_spec import UnknownSpec
from uce_core.methods import METHODS, erasing, register
from uce_core.methods.inputs import EditInputs
from uce_core.specs import Spec

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/]+\.py)`:\n\n```python\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL))
CHANGES = re.findall(r"^```diff\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)
METHOD, MEASURE, TAB = FILES


def changed(text: str, hunk: str) -> str:
    """By a hunk of a diff whose old lines are there once."""
    lines = [line or " " for line in hunk.splitlines()]
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in kept) for kept in (" -", " +"))
    assert text.count(old) == 1, f"the page changes lines that are not there, or not once:\n{old}"
    return text.replace(old, new)


def module_of(path: str, folder: Path) -> ModuleType:
    """A file of the page, imported."""
    file = folder / Path(path).name
    file.write_text(FILES[path], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def mean_shift(tmp_path: Path) -> Iterator[Any]:
    """The module, its method registered for the test only."""
    module = module_of(METHOD, tmp_path)
    register(module.METHOD)
    yield module
    METHODS.pop("mean-shift")
    Spec.kinds.pop("mean-shift")
    sys.modules.pop("mean_shift")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the page's files and changes."""
    house = tmp_path_factory.mktemp("house")
    for package in ("app", "uce_core"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = house / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    (house / "atelier").symlink_to(ROOT / "atelier")
    for path, text in FILES.items():
        (house / path).write_text(text, encoding="utf-8")
    for part in re.split(r"^\+\+\+ b/", "".join(CHANGES), flags=re.MULTILINE)[1:]:
        path, hunks = part.split("\n", 1)
        text = (house / path).read_text(encoding="utf-8")
        for hunk in hunks.split("@@\n")[1:]:
            text = changed(text, hunk)
        (house / path).write_text(text, encoding="utf-8")
    return house


def run(house: Path, program: str) -> str:
    """What a program prints that runs there."""
    env = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", program], cwd=house, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_has_three_files_and_a_change_for_each() -> None:
    assert [Path(path).parent.as_posix() for path in FILES] == ["uce_core/methods", "uce_core/metrics", "app/tabs"]
    assert len(CHANGES) == 3


def test_the_method_is_solved_saved_and_read(tiny: Model, mean_shift: Any, tmp_path: Path) -> None:
    spec = mean_shift.MeanShiftSpec(erase=("Claude Monet", "a boat"), guide="art", retain=("a tree",), span="last")
    edit = erase(tiny, spec)
    inputs = EditInputs(tiny, spec)
    erased, guides = inputs.erased
    moved = edit.on_text(erased) - erased
    assert edit.rank == 1
    assert torch.linalg.matrix_rank(moved, rtol=1e-4) == 1
    assert (edit.on_text(erased) - guides).norm() < (erased - guides).norm()
    assert (edit.on_text(inputs.retained) - inputs.retained).norm(dim=1).max() < moved.norm(dim=1).min()
    read = Edit.load(edit.save(tmp_path / "shifted.safetensors"))
    assert read.spec == spec
    assert read.digest == edit.digest


def test_the_function_minimises_what_its_docstring_says(tiny: Model, mean_shift: Any) -> None:
    spec = mean_shift.MeanShiftSpec(erase=("a boat",), retain=("a tree",), ridge=0.5, keep=2.0)
    edit = erase(tiny, spec)
    inputs = EditInputs(tiny, spec)
    c, p = inputs.erased[0].double(), inputs.retained.double()
    v = edit.v[0].double().requires_grad_()
    loss = (c @ v - 1).square().sum() + 2.0 * (p @ v).square().sum() + 0.5 * v.square().sum()
    [slope] = torch.autograd.grad(loss, v)
    assert slope.norm() < 1e-4 * (c.sum(0)).norm()


def test_the_methods_settings_are_options_and_widgets(mean_shift: Any) -> None:
    @takes(*(method.spec for method in erasing().values()))
    def command(given: dict[str, Any]) -> None:
        """Erase."""

    program = typer.Typer()
    program.command()(command)
    options = {option for parameter in typer.main.get_command(program).params for option in parameter.opts}
    assert {"--ridge", "--keep", "--lam"} <= options
    widgets = method_form.widgets()
    assert {"ridge", "keep", "lam"} <= set(widgets)
    assert widgets["ridge"].info == "λ, weight of a small change."
    assert widgets["ridge"].value == 1.0
    assert method_form.shown_for("mean-shift", with_defaults=True)["ridge"]["visible"]
    with pytest.raises(Problem, match="ridge"):
        mean_shift.MeanShiftSpec(erase=("a boat",), ridge=0.0)


def test_the_measure_is_what_its_formula_says(tmp_path: Path) -> None:
    module = module_of(MEASURE, tmp_path)
    grey, red = Image.new("RGB", (4, 4), (90, 90, 90)), Image.new("RGB", (4, 4), (255, 0, 0))
    half = np.zeros((2, 2, 3), np.uint8)
    half[0] = (255, 0, 0)
    found = module.colourfulness([grey, red, Image.fromarray(half)])
    # red: rg 255, yb 127.5 everywhere; half of it: means and deviations are half of that
    length = (255**2 + 127.5**2) ** 0.5
    assert found == pytest.approx([0.0, 0.3 * length, 0.5 * length + 0.3 * 0.5 * length])


def test_the_command_line_has_the_method_and_the_measure(
    house: Path, scored_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    edit, prompts, out = tmp_path / "shifted.safetensors", tmp_path / "prompts.csv", tmp_path / "found"
    prompts.write_text(
        "prompt,evaluation_seed,case_number,artist\na house in the style of Claude Monet,1,0,Claude Monet\n"
    )
    model = ["--model", str(scored_folder)]
    solve = ["erase", "--method", "mean-shift", "--ridge", "0.5", "--erase", "Claude Monet", "--out", str(edit), *model]
    measure = ["evaluate", "csv", str(prompts), "--edit", str(edit), "--out", str(out), "--steps", "1", *model]
    program = "from uce_core.cli import main; import sys; sys.exit(max(main({}), main({})))"
    printed = run(house, program.format(solve, [*measure, "--no-record"]))
    assert "colourfulness" in printed
    with (out / "scores.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert float(row["colourfulness_before"]) > 0
    [report] = json.loads((out / "report.json").read_text())["edits"]
    assert report["parts"][0]["colourfulness"]["before"]["value"] == float(row["colourfulness_before"])
    unknown = Edit.load(edit)  # here, where the method is not
    assert isinstance(unknown.spec, UnknownSpec)
    assert unknown.spec.edited == ("Claude Monet",)
    assert unknown.spec.facts()["kind"] == "mean-shift"
    assert unknown.spec.facts()["ridge"] == 0.5


def test_the_page_has_the_tab(house: Path) -> None:
    program = """
import sys
import gradio as gr
from app.main import build
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.tabs.artists import ArtistsTab
from app.words import WORDS
studio = Studio(Settings())
page = build(studio.settings, studio)
print([block.id for block in page.blocks.values() if isinstance(block, gr.Tab)])
with gr.Blocks():
    tab = ArtistsTab(studio)
    tab.build()
[found] = tab.find("MONET", None).values()
print(found)
print(set(WORDS["en"]) == set(WORDS["ko"]), "torch" in sys.modules)
"""
    tabs, found, words = run(house, program).strip().splitlines()
    assert "'artists'" in tabs
    assert "Found 1: Claude Monet" in found
    assert words == "True False"
