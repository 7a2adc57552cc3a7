"""Commands record what they generate: whole, once, and never at the price of what was generated."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import uce_core.methods.debias_search
import uce_core.workflows
from uce_core import Cancelled, DebiasSpec, Edit, EditSpec, GenerationSpec, Model, erase, generate
from uce_core.cli import main
from uce_core.methods.debias_images import Seen, samples
from uce_core.runs.replay import edit_of, replay
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store

COMPARE = ["compare", "--prompt", "a cat by Claude Monet", "--seed", "1", "--seed", "2", "--steps", "1"]
DEBIAS = ["debias", "--concept", "doctor", "--images", "4", "--tolerance", "0.6", "--iterations", "1", "--steps", "1"]
EVALUATE = ["evaluate", "csv", "prompts.csv", "--images", "2", "--steps", "1"]
PROMPTS = """prompt,evaluation_seed,case_number,artist,facet,subject
a cat in the style of Claude Monet,5,12,Claude Monet,style,a cat
a boat,7,13,,,
"""


def balanced(model: Model, spec: DebiasSpec, edit: Edit, *others: object) -> Seen:
    """Of a doctor who is a man until any edit makes it even: random weights do not."""
    share = 0.5 if (edit.u.T @ edit.v).any() else 1.0
    return Seen(torch.tensor([[share, 1 - share]]), torch.full((1, spec.images), 30.0))


@pytest.fixture
def home(scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs are kept; beside it is a folder for the commands to work in, with a model that is loaded already."""
    for module in ("compare", "debias", "evaluate", "evaluation"):
        monkeypatch.setattr(f"uce_core.cli.{module}.load_model", lambda *given: scored)
    monkeypatch.setattr(
        uce_core.workflows, "samples", lambda *model, **options: samples(*model, **(options | {"steps": 1}))
    )
    monkeypatch.setattr(uce_core.methods.debias_search, "measure", balanced)
    work = tmp_path / "work"
    work.mkdir()
    (work / "prompts.csv").write_text(PROMPTS, encoding="utf-8")
    monkeypatch.chdir(work)
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def monet(scored: Model, home: Path) -> Edit:
    """An edit, and its file."""
    edit = erase(scored, EditSpec(erase=("Claude Monet",)))
    edit.save("monet.safetensors")
    return edit


def output_of(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    assert main([*command, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def as_tuples(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Iterates as they were before they went through JSON."""
    tables, rows = ("scales", "shares"), ("clip", "fell")
    return [
        one | {name: tuple(map(tuple, one[name])) for name in tables} | {name: tuple(one[name]) for name in rows}
        for one in history
    ]


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def assert_same_images(kept: Store, run: AnyRun, role: str, paths: list[Path]) -> None:
    for part, path in zip(run.files_of(role), paths, strict=True):
        assert np.array_equal(pixels(kept.path(part)), pixels(path))


@pytest.mark.parametrize("path", ["auto", "swap"])
def test_a_comparison_is_recorded_once(
    path: str, scored: Model, monet: Edit, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*COMPARE, "--edit", "monet.safetensors", "--path", path, "--out", "out"]
    kept, first = Store(home / "runs"), output_of(capsys, *command)["run"]
    assert main(command) == 0
    assert f"Saved as run {first}." in capsys.readouterr().out.splitlines()
    assert kept.count() == 1
    run = kept.get(first)
    assert (run.kind, run.title, run.path) == ("compare", "a cat by Claude Monet", path)
    assert edit_of(kept, run).digest == monet.digest
    for role in ("original", "edited"):
        assert_same_images(kept, run, role, [Path("out") / f"{role}_{i}.png" for i in range(2)])
    assert [one.styles[0].name for one in run.outcome.verdicts] == ["Claude Monet"] * 2
    assert replay(kept, run, scored).verdict == "identical"


def test_a_debiasing_is_recorded_with_images(scored: Model, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = output_of(capsys, *DEBIAS, "--out", "fair.safetensors")
    kept = Store(home / "runs")
    run = kept.get(found["run"])
    edit = Edit.load("fair.safetensors")
    assert (run.kind, run.request.edit_digest) == ("debias", edit.digest)
    assert edit_of(kept, run).spec == edit.spec
    assert [asdict(one) for one in run.outcome.history] == as_tuples(found["history"])
    specs = [GenerationSpec("a photo of a doctor", seed, 1, edit.spec.guidance_scale) for seed in range(4)]
    for role, one in (("original", None), ("edited", edit)):
        images = generate(scored, specs, edits=[one] * len(specs))  # on the text, as debiasing does
        for part, image in zip(run.files_of(role), images, strict=True):
            assert np.array_equal(pixels(kept.path(part)), np.asarray(image))
    assert output_of(capsys, *DEBIAS, "--out", "fair.safetensors")["run"] == run.id


def test_an_evaluation_is_recorded_for_each_edit(
    scored: Model, monet: Edit, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monet.at_strength(0.5).save("half.safetensors")
    both = [*EVALUATE, "--edit", "monet.safetensors", "--edit", "half.safetensors"]
    found = output_of(capsys, *both, "--out", "out")
    kept = Store(home / "runs")
    files = ["12_0.png", "12_1.png", "13_0.png", "13_1.png"]
    for name, run in zip(("monet", "half"), map(kept.get, found["runs"]), strict=True):
        assert (run.kind, run.title, list(run.request.names)) == ("evaluate", f"{name}: prompts", [name])
        assert edit_of(kept, run).digest == Edit.load(f"{name}.safetensors").digest
        for role, folder in (("original", "original"), ("edited", name)):
            assert_same_images(kept, run, role, [Path("out") / folder / file for file in files])
    [one, other] = [kept.get(run).files_of("thumbnail")[0].digest for run in found["runs"]]
    assert one != other, "each shows its own edit"
    again = output_of(capsys, *EVALUATE, "--edit", "half.safetensors", "--out", "alone")
    assert again["runs"] == found["runs"][1:], "alone or beside another, it is the same evaluation"
    assert main([*both, "--out", "out"]) == 0
    assert capsys.readouterr().out.endswith(f"Saved as runs {', '.join(found['runs'])}.\n")


COMMANDS = {
    "run": [*COMPARE, "--edit", "monet.safetensors", "--out", "out"],
    "runs": [*EVALUATE, "--edit", "monet.safetensors", "--out", "out"],
    "run of a debiasing": [*DEBIAS, "--out", "fair.safetensors"],
}


@pytest.mark.parametrize("key", COMMANDS)
def test_who_wants_no_record_gets_none(key: str, monet: Edit, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = output_of(capsys, *COMMANDS[key], "--no-record")
    assert not found[key.split()[0]]
    assert not home.exists()


@pytest.mark.parametrize("key", COMMANDS)
def test_a_home_that_cannot_be_written_to_loses_nothing(
    key: str, monet: Edit, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_text("no folder")
    assert main([*COMMANDS[key], "--json"]) == 0
    said = capsys.readouterr()
    assert not json.loads(said.out)[key.split()[0]]
    assert said.err.startswith("The run was not saved (")
    assert said.err.count("\n") == 1
    assert "--no-record" in said.err
    assert any(Path(name).is_file() for name in ("out/edited_1.png", "out/report.html", "fair.safetensors"))


def test_a_damaged_database_loses_nothing(monet: Edit, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "runs").mkdir(parents=True)
    (home / "runs" / "runs.sqlite").write_bytes(b"no database" * 1000)
    assert main(COMMANDS["run"]) == 0
    said = capsys.readouterr()
    assert "Saved 2 pairs" in said.out
    assert "Saved as run" not in said.out
    assert "The run was not saved (The database of runs runs.sqlite is damaged" in said.err


def test_ctrl_c_while_samples_are_generated_leaves_the_record_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*given: object, **named: object) -> None:
        raise Cancelled

    monkeypatch.setattr(uce_core.workflows, "samples", stopped)
    assert main([*COMMANDS["run of a debiasing"], "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["run"] is None
    assert said.err == "The run was not saved: it was stopped.\n"
    assert Edit.load("fair.safetensors").spec.concepts == ("doctor",)


def test_a_visitor_s_runs_are_listed_and_deleted_together(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = Store(home / "runs")
    mine = kept.add("compare", "mine", {}, {}, {}, [])
    theirs = [kept.for_visitor("browser-1").add("compare", "theirs", {"number": i}, {}, {}, []) for i in range(2)]
    assert [run["id"] for run in output_of(capsys, "runs", "list", "--visitor", "browser-1")["runs"]] == theirs[::-1]
    assert main(["runs", "list"]) == 0
    assert [line.endswith("browser-1") for line in capsys.readouterr().out.splitlines()] == [True, True, False]
    assert main(["runs", "delete", "--visitor", "browser-1"]) == 0
    assert [run.id for run in kept.page()] == [mine]
    assert main(["runs", "delete"]) == 2
    assert main(["runs", "delete", mine]) == 0
    assert kept.count() == 0
