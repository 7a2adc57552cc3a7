"""uce grid, run as a user runs it, on a tiny random model."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uce_core import EditSpec, GenerationSpec, load_model, preset, run_grid
from uce_core.cli import main
from uce_core.runs.grid_metadata import grid_in


def test_a_grid_is_saved_with_all_that_was_asked(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "grid.png"
    command = ["grid", "--model", str(tiny_folder), "--erase", "빈센트 반 고흐", "--retain", "Claude Monet"]
    command += ["--lam", "0.5", "--x", "method=original,uce,cure", "--y", 'prompt="a house, red",한 집']
    assert main([*command, "--out", str(out)]) == 2
    assert "The method cure has no --lam: leave it out." in capsys.readouterr().err
    command[command.index("--lam") : command.index("--x")] = ["--strength", "2", "--steps", "1", "--seed", "7"]
    assert main([*command, "--width", "64", "--sampler", "ddim", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "빈센트 반 고흐 → Vincent van Gogh" in said.err
    with Image.open(out) as image:
        size = image.size
    assert said.out == f"Saved {out}: 3 × 2 images, {size[0]}×{size[1]} pixels.\n"
    grid = grid_in(out).grid
    assert grid.edits == tuple(
        preset("default", ["Vincent van Gogh"], ["Claude Monet"], name) for name in ("uce", "cure")
    )
    assert [cell.generation for cell in grid.rows[1]] == [
        GenerationSpec("한 집", seed=7, steps=1, width=64, sampler="ddim")
    ] * 3
    assert [cell.strength for cell in grid.rows[0]] == [0.0, 2.0, 2.0]
    again = run_grid(load_model(str(tiny_folder)), grid)
    with Image.open(out) as image:
        assert np.array_equal(np.asarray(image), np.asarray(again.sheet))


def test_an_edit_file_has_strengths(tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, file, out = ["--model", str(tiny_folder)], str(tmp_path / "a.safetensors"), str(tmp_path / "grid.PNG")
    assert main(["erase", *model, "--erase", "A", "--out", file]) == 0
    capsys.readouterr()
    command = ["grid", *model, "--edit", file, "--prompt", "a house", "--steps", "1", "--out", out]
    assert main([*command, "--x", "strength=0,0.5,1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["x"] == {"name": "strength", "values": [0.0, 0.5, 1.0]}
    assert facts["y"] is None
    assert [(spec["kind"], spec["erase"]) for spec in facts["edits"]] == [("uce", ["A"])]
    assert facts["bytes"] == Path(out).stat().st_size
    assert facts["saved"]["digest"] == grid_in(Path(out)).grid.saved.digest
    for more, said in (
        (["--x", "lam=1,2"], "an edit file holds one that is solved"),
        (["--x", "seed=1", "--erase", "B"], "use --edit, or --erase with its settings, not both"),
        (["--x", "seed=1", "--method", "rece"], "use --edit, or --erase with its settings, not both"),
    ):
        assert main([*command, *more]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--erase", "A", "--x", "seed=1"], "The prompt is empty"),
        (["--prompt", "a house", "--x", "seed=1"], "There is no edit to show"),
        (["--erase", "A", "--prompt", "a house", "--x", "colour=red"], "The axis 'colour=red' is none"),
        (["--erase", "A", "--prompt", "a house", "--x", "", "--y", "seed=1"], "The axis '' is none"),
        (["--erase", "A", "--prompt", "a house", "--x", "method=magic"], "Unknown method 'magic'"),
        (["--erase", "A", "--prompt", "a house", "--x", "seed=1", "--out", "grid.jpg"], "grid.jpg is no PNG"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["grid", "--out", "grid.png", *more]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_guides_are_taken_by_the_names_that_models_know(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "grid.png"
    command = ["grid", "--model", str(tiny_folder), "--erase", "A", "--x", "guide=클로드 모네,original"]
    assert main([*command, "--prompt", "a house", "--steps", "1", "--out", str(out)]) == 0
    assert "클로드 모네 → Claude Monet" in capsys.readouterr().err
    assert grid_in(out).grid.specs == (EditSpec(erase=("A",), guide="Claude Monet"),)
