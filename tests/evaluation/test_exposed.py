"""NudeNet's counts in an evaluation, with a detector that stands in for it: what is counted, written and printed, and
where the option is refused."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uce_core import EditSpec, Model, erase
from uce_core.cli import main
from uce_core.cluster.ray_workers import Source
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import Case, ImageSpec
from uce_core.evaluation.evaluate import Evaluation, evaluate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.evaluation.scores import rows_of, table_of
from uce_core.evaluation.summary import exposed, report
from uce_core.evaluation.tables import exposed_table, tables
from uce_core.metrics.nudenet import CLASSES, NudityDetector, load_detector
from uce_core.runs.archive import command_of
from uce_core.runs.record import evaluation_record

MONET = EditSpec(erase=("Claude Monet",))
CASES = (
    Case(prompt="a house in the style of Claude Monet", evaluation_seed=1, case_number=0, artist="Claude Monet"),
    Case(prompt="a boat", evaluation_seed=2, case_number=1),
)


def by_red(pixels: np.ndarray) -> list[dict[str, object]]:
    """As many bellies as the mean of red says, which comes last, up to six."""
    return [{"class": "BELLY_EXPOSED", "score": 0.9}] * (round(pixels[..., 2].mean()) % 7)


STAND_IN = NudityDetector(by_red, "stand-in 1")


def red_of(path: Path) -> int:
    with Image.open(path) as image:
        return round(np.asarray(image.convert("RGB"))[..., 0].mean()) % 7


def counts(**some: int) -> dict[str, int]:
    return dict.fromkeys(CLASSES, 0) | some


def row(before: dict[str, int], after: dict[str, int]) -> PairMeasures:
    return PairMeasures(
        edit="x",
        image_spec=ImageSpec(CASES[1]),
        role="",
        before=ImageMeasures(clip=20.0, **before),
        after=ImageMeasures(clip=20.0, **after),
        lpips=0.1,
        lpips_64=0.1,
        identity_drop=None,
        style_drop=None,
    )


def test_counts_add_up_by_class_and_explicit_images_are_a_share() -> None:
    """Three breasts in one image are one explicit image; bellies and feet make none."""
    rows = [
        row(counts(female_breasts=3, belly=1), counts(belly=1)),
        row(counts(buttocks=1, male_genitalia=1), counts(female_genitalia=1)),
        row(counts(belly=2, feet=2, armpits=1, male_breasts=1), counts()),
        row(counts(), counts()),
    ]
    found = exposed(table_of(rows))
    assert found is not None
    assert found.before == counts(
        armpits=1, belly=3, buttocks=1, feet=2, female_breasts=3, male_breasts=1, male_genitalia=1
    )
    assert found.after == counts(belly=1, female_genitalia=1)
    assert (found.explicit.before.value, found.explicit.after.value, found.explicit.count) == (0.5, 0.25, 4)
    table = exposed_table(found)
    assert table.head[1:-1] == (
        "armpits",
        "belly",
        "buttocks",
        "feet",
        "female breasts",
        "female genitalia",
        "male breasts",
        "male genitalia",
        "total",
    )
    original, edited = table.rows
    assert original[:-1] == ("original", "1", "3", "1", "2", "3", "0", "1", "1", "12")
    assert edited[:-1] == ("edited", "0", "1", "0", "0", "0", "1", "0", "0", "2")
    assert (original[-1].split()[0], edited[-1].split()[0]) == ("0.50", "0.25")
    assert list(rows_of(table_of(rows))) == rows


def test_a_report_without_counts_has_no_such_table() -> None:
    bare = replace(row({}, {}), before=ImageMeasures(clip=1.0), after=ImageMeasures(clip=1.0))
    found = report("x", table_of([bare]))
    assert found.exposed is None
    assert not any("NudeNet" in table.title for table in tables(found))


@pytest.fixture(scope="module")
def inputs(scored: Model) -> EvaluationInputs:
    edit = as_candidate("monet", erase(scored, MONET))
    return EvaluationInputs(candidates=(edit,), cases=CASES, images=2, steps=1)


@pytest.fixture(scope="module")
def found(scored: Model, inputs: EvaluationInputs, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(scored, inputs, tmp_path_factory.mktemp("counted"), detector=STAND_IN)


def test_every_image_is_counted_whatever_it_asks_for(found: Evaluation) -> None:
    rows = list(rows_of(found.scores("monet")))
    assert len(rows) == 4
    for one in rows:
        for which, seen in (("original", one.before), ("monet", one.after)):
            assert {name: getattr(seen, name) for name in CLASSES} == counts(
                belly=red_of(found.folder / which / one.image_spec.file)
            )


def test_reports_have_the_counts(found: Evaluation) -> None:
    totals = {
        which: sum(red_of(path) for path in (found.folder / which).glob("*.png")) for which in ("original", "monet")
    }
    [edit] = json.loads((found.folder / "report.json").read_text(encoding="utf-8"))["edits"]
    assert edit["exposed"]["before"] == counts(belly=totals["original"])
    assert edit["exposed"]["after"] == counts(belly=totals["monet"])
    assert "Exposed body parts that NudeNet detects" in found.page.read_text(encoding="utf-8")
    with (found.folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert sum(int(line["belly_after"]) for line in lines) == totals["monet"]


def test_a_run_says_that_it_was_counted(scored: Model, inputs: EvaluationInputs, found: Evaluation) -> None:
    run = evaluation_record(scored, inputs.candidates[0].edit, found).run
    assert run.request.facts()["nudenet"] is True
    assert "--nudenet" in command_of(run)


def test_without_a_detector_nothing_of_it_is_written(scored: Model, inputs: EvaluationInputs, tmp_path: Path) -> None:
    """So that runs and tables of before are what they were."""
    plain = evaluate(scored, inputs, tmp_path)
    assert not any(name in (tmp_path / "scores.csv").read_text(encoding="utf-8") for name in CLASSES)
    assert "NudeNet" not in plain.page.read_text(encoding="utf-8")
    run = evaluation_record(scored, inputs.candidates[0].edit, plain).run
    assert "nudenet" not in run.request.facts()
    assert "nudenet" not in command_of(run)


def test_what_another_detector_has_seen_is_counted_again(
    scored: Model, inputs: EvaluationInputs, tmp_path: Path
) -> None:
    first = evaluate(scored, inputs, tmp_path, detector=STAND_IN)
    blind = NudityDetector(lambda pixels: [], "stand-in 2")
    again = evaluate(scored, inputs, tmp_path, detector=blind)
    assert first.measured != again.measured
    assert again.reports[0].exposed is not None
    assert again.reports[0].exposed.after == counts()
    assert evaluate(scored, inputs, tmp_path).reports[0].exposed is None


def test_workers_of_a_cluster_count_too(
    scored: Model, inputs: EvaluationInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uce_core.cluster.ray_workers.load_detector", lambda: STAND_IN)
    for asked, detector in ((True, STAND_IN), (False, None)):
        assert Source(model=str(scored.folder), nudenet=asked).worker(inputs, tmp_path).detector is detector


@pytest.fixture
def command(scored: Model, tmp_path: Path) -> list[str]:
    """Evaluates a prompt, but for the model."""
    erase(scored, MONET).save(tmp_path / "monet.safetensors")
    (tmp_path / "prompts.txt").write_text("a boat\n", encoding="utf-8")
    edit = ["--edit", str(tmp_path / "monet.safetensors"), "--steps", "1"]
    return ["evaluate", "csv", str(tmp_path / "prompts.txt"), *edit, "--out", str(tmp_path / "out"), "--nudenet"]


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package, as where it is not installed."""
    load_detector.cache_clear()
    monkeypatch.setitem(sys.modules, "nudenet", None)
    yield
    load_detector.cache_clear()


def test_on_the_command_line(
    command: list[str], scored: Model, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uce_core.cli.evaluation.load_detector", lambda: STAND_IN)
    assert main([*command, "--model", str(scored.folder)]) == 0
    said = capsys.readouterr().out
    assert "| images | armpits | belly | buttocks |" in said
    assert "| edited | 0 | " in said


@pytest.mark.usefixtures("missing")
def test_that_the_package_is_missing_is_said_before_anything_is_generated(
    command: list[str], scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--model", str(scored.folder)]) == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line.endswith("NudeNet is not installed: install it with pip install -r requirements-nudenet.txt.")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("missing")
def test_on_atelier_it_is_refused_with_or_without_the_package(
    command: list[str], atelier: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in ("atelier", str(atelier.folder)):
        assert main([*command, "--model", model]) == 2
        [line] = capsys.readouterr().err.strip().splitlines()
        assert "NudeNet has nothing to count in Atelier's images" in line
    assert not (tmp_path / "out").exists()
