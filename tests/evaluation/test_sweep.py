"""A grid of edits on the same originals: its points, what is solved for each, and what is printed and drawn."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uce_core import Edit, EditSpec, Model, erase
from uce_core.cli import main
from uce_core.evaluation.plots import _plot_axis
from uce_core.evaluation.sweep import Found, Point, axis_named, points_of
from uce_core.evaluation.sweep_inputs import sweep_inputs
from uce_core.grids.axes import Axis
from uce_core.statistics import Mean

ARTISTS = ("A", "B", "C", "D")


def test_axes_are_what_methods_have_and_a_few_more() -> None:
    assert axis_named("lam=0.5, 5,0.5") == Axis("lam", (0.5, 5.0))
    assert axis_named("erased=1,10") == Axis("erased", (1, 10))
    assert axis_named("retain-empty=true,False") == Axis("retain_empty", (True, False))
    assert axis_named("method=uce,uce-tensor") == Axis("method", ("uce", "uce-tensor"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour=red", "is none"),
        ("lam", "is none"),
        ("lam=", "is none"),
        ("lam=much", "no value"),
        ("erased=1.5", "no val"),
    ],
)
def test_what_is_no_axis_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        axis_named(text)


def test_points_are_every_combination() -> None:
    points = points_of([Axis("erased", (1, 2)), Axis("lam", (0.5, 5.0)), Axis("span", ("last",))])
    assert [point.name for point in points] == [
        f"erased-{count}-lam-{lam}-span-last" for count in (1, 2) for lam in ("0.5", "5")
    ]
    assert points[1].spec(ARTISTS) == EditSpec(erase=("A",), retain=("B", "C", "D"), lam=5.0, span="last")
    assert Point((("wording", "a {} / ü"),)).name == "wording-a_ü"
    with pytest.raises(ValueError, match="given twice"):
        points_of([Axis("lam", (1.0,)), Axis("lam", (2.0,))])
    with pytest.raises(ValueError, match="501 points"):
        points_of([Axis("lam", tuple(map(float, range(1, 502))))])


@pytest.mark.parametrize(
    ("erased", "asked", "shown"),
    [
        ("1,2", None, "ABCDEF"),
        ("2", 4, "ABEF"),
        ("2", 5, "ABDEF"),
        ("1", 4, "ADEF"),
        ("5", 4, "ABCF"),
        ("1", 9, "ABCDEF"),
    ],
)
def test_as_many_artists_are_shown_as_were_asked_for(
    scored: Model, tmp_path: Path, erased: str, asked: int | None, shown: str
) -> None:
    points = points_of([axis_named(f"erased={erased}")])
    found = sweep_inputs(scored, points, "ABCDEF", tmp_path, asked=asked)
    assert list(dict.fromkeys(case.artist for case in found.cases)) == list(shown)


def test_a_point_is_drawn_beside_what_was_recognised_before_it() -> None:
    """Each has other artists that are not erased; points come in any order."""
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    means = {value: Mean(value, value, value) for value in (0.2, 0.7, 0.9)}
    more = {"left": None, "clip_e": None, "clip_s": None, "h_a": None}
    found = [
        Found(point=Point((("erased", count),)), kept=means[0.2], before=means[before], **more)
        for count, before in ((10, 0.9), (1, 0.7))
    ]
    axes: Axes = Figure().subplots()
    _plot_axis(axes, "erased", [10, 1], found, "kept", "")
    after, before = axes.get_lines()[0], axes.get_lines()[-1]
    assert np.asarray(after.get_xdata()).tolist() == np.asarray(before.get_xdata()).tolist() == [1.0, 10.0]
    assert np.asarray(before.get_ydata()).tolist() == [0.7, 0.9]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"method": "magic"}, "method"),
        ({"erased": 4}, "4 of 4 artists"),
        ({"erased": 0}, "0 of 4 artists"),
        ({"method": "uce-tensor", "lam": -1.0}, "lam"),
    ],
)
def test_what_no_method_does_is_said(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Point(tuple(values.items())).spec(ARTISTS)


def test_a_sweep_generates_originals_once_and_draws_what_is_left(
    scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, catalog = tmp_path / "out", scored.catalog
    axes = ["--axis", "erased=1,2", "--axis", "strength=0.5,1"]
    command = [
        "evaluate",
        "sweep",
        *axes,
        "--asked",
        "4",
        "--steps",
        "1",
        "--model",
        str(scored.folder),
        "--out",
        str(out),
    ]
    assert main([*command, "--json", "--no-record"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["edit"] for one in found["edits"]] == [
        "erased-1-strength-0.5", "erased-1-strength-1", "erased-2-strength-0.5", "erased-2-strength-1",
    ]  # fmt: skip
    assert found["image_count"] == 4 * 5, "four artists, five subjects"
    assert len(list((out / "original").glob("*.png"))) == 20
    edit = Edit.load(out / "edits" / "erased-2-strength-0.5.safetensors")
    assert edit.digest == erase(scored, EditSpec(erase=catalog[:2], retain=catalog[2:])).at_strength(0.5).digest
    with Image.open(out / "sweep.png") as figure:
        assert figure.width > 1000
    assert main([*command, "--no-record"]) == 0
    text = capsys.readouterr().out
    assert (
        "| erased | strength | style left | other artists before | other artists kept | CLIP_e ↓ | CLIP_s ↑ | H_a ↑ |"
        in text
    )
    assert text.count("\n| 2 | ") == 2
    assert main([*command[:-1], str(tmp_path / "other"), "--axis", "erased=1"]) == 2
    assert "given twice" in capsys.readouterr().err
