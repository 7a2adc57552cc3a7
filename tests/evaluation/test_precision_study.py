"""The studies' arithmetic, and that they say what they should of runs whose outcome is known."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from uce_core import EditSpec, GenerationSpec, Model, erase
from uce_core.cli import main
from uce_core.evaluation.precision_study import Cost, erase_in, steps_study
from uce_core.statistics import Mean, bootstrap


def test_bootstrap_of_a_mean_is_near_the_normal_interval() -> None:
    values = np.random.default_rng(1).normal(3, 2, 400)
    found = bootstrap(values.tolist())
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.05)
    assert bootstrap([0.5, 0.5]) == Mean(0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("lpips", "clip", "verdict"),
    [
        ((0.01, 0.0, 0.02), (0.2, -0.1, 0.5), "no visible difference, CLIP unchanged"),
        ((0.04, 0.0, 0.08), (0.0, 0.0, 0.0), "small difference, CLIP unchanged"),
        ((0.3, 0.2, 0.4), (-1.24, -2.0, -0.5), "visible difference, CLIP -1.2"),
    ],
)
def test_verdicts_are_relative_to_images_of_other_seeds(
    lpips: tuple[float, float, float], clip: tuple[float, float, float], verdict: str
) -> None:
    assert Cost("x", Mean(*lpips), Mean(*clip), 1.0).verdict(Mean(0.6, 0.5, 0.7)) == verdict
    assert Cost("x", Mean(*lpips), Mean(*clip), 1.0).verdict(Mean(60, 50, 70)).startswith("no visible difference")


def test_an_edit_made_in_half_precision_is_near_and_not_the_same(tiny: Model) -> None:
    spec = EditSpec(erase=("Claude Monet",), retain=("Piet Mondrian",))
    exact = dict(erase(tiny, spec).projections(tiny.masters))
    errors = []
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        made = erase_in(tiny, spec, dtype).weights
        errors.append(max(float((made[name] - exact[name]).abs().max()) for name in exact))
    assert errors[0] < 1e-4 < errors[1] < errors[2] < 1


def test_as_many_steps_of_the_same_model_cost_nothing(atelier: Model) -> None:
    specs = [GenerationSpec("a house in the style of Claude Monet", seed, 6) for seed in range(2)]
    other, same, fewer = steps_study(atelier, atelier, EditSpec(erase=("Vincent van Gogh",)), specs, (6, 2))
    assert (same.lpips.value, same.clip.value) == (0, 0)
    assert other.lpips.low > fewer.lpips.high > fewer.lpips.low > 0.005


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        (["steps", "--steps", "4", "--steps", "1"], ["4 steps", "1 steps"]),
        (
            ["precision"],
            [f"pipeline {p}, edit made in {e}" for p in ("fp32", "bf16") for e in ("fp32", "bf16", "fp16")],
        ),
    ],
)
def test_commands_print_a_row_each(
    arguments: list[str],
    labels: list[str],
    scored_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("uce_core.evaluation.precision_study.FULL_STEPS", 4)
    options = ["--seeds", "1", "--model", str(scored_folder), "--device", "cpu", "--plot", str(tmp_path / "x.png")]
    assert main(["evaluate", *arguments, *options, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["what"] for row in rows] == ["another seed", *labels]
    assert rows[1]["verdict"] == "no visible difference, CLIP unchanged", "nothing but the reference again"
    with Image.open(tmp_path / "x.png") as plot:
        assert plot.width > 1000
    assert all(row["lpips"]["low"] <= row["lpips"]["value"] <= row["lpips"]["high"] for row in rows)
