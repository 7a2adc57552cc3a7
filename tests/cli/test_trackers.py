"""Evaluations in Trackio and Weights & Biases: what is told, in the words that both have."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import PIL.Image
import pytest

from uce_core import Model
from uce_core.cli import main


class FakeTracker(ModuleType):
    """Takes down what it is told."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.runs: list[dict[str, Any]] = []
        self.finished = 0

    def init(self, *, project: str, name: str, config: dict[str, Any]) -> None:
        self.runs.append({"project": project, "name": name, "config": config})

    def log(self, said: dict[str, Any]) -> None:
        self.runs[-1]["said"] = said

    def finish(self) -> None:
        self.finished += 1

    def Image(self, image: PIL.Image.Image, caption: str) -> tuple[bytes, str]:
        return image.tobytes(), caption


@pytest.mark.parametrize("name", ["trackio", "wandb"])
def test_figures_and_images_of_each_edit_are_logged(
    name: str, scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = FakeTracker(name)
    monkeypatch.setitem(sys.modules, name, tracker)
    chosen = ["--erase", "Gustav Klimt", "--retain", "Claude Monet", "--steps", "1", "--model", str(scored.folder)]
    assert main(["evaluate", "run", "unlearncanvas-style", *chosen, "--out", str(tmp_path), "--log", name]) == 0
    [run] = tracker.runs
    assert tracker.finished == 1
    assert (run["project"], run["name"]) == ("uce-studio", "unlearncanvas-style: gustav-klimt")
    assert run["config"]["steps"] == 1
    assert run["config"]["erased"] == ("Gustav Klimt",)
    figures = {what: value for what, value in run["said"].items() if isinstance(value, float)}
    groups = {"erased/style/shown", "retained/style/clip/difference", "erased/style/lpips"}
    assert {"ua", "ira", "cra"} | groups <= set(figures)
    assert 0 <= figures["ua"] <= 1
    images = [value for value in run["said"].values() if isinstance(value, tuple)]
    assert len(images) == 16
    assert images[0][1].startswith("original: ")
    on_disk = {image.convert("RGB").tobytes() for path in tmp_path.rglob("*.png") for image in [PIL.Image.open(path)]}
    assert {image for image, _ in images} <= on_disk


def test_a_tracker_that_is_not_there_is_said_before_anything_is_generated(
    scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["evaluate", "run", "unlearncanvas-style", "--model", str(scored.folder), "--out", str(tmp_path / "out")]
    monkeypatch.setitem(sys.modules, "wandb", None)
    assert main([*command, "--log", "wandb"]) == 2
    assert "wandb is not installed: install it with pip install wandb." in capsys.readouterr().err
    assert main([*command, "--log", "notebook"]) == 2
    assert "trackio, wandb" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
