"""Files that version 0.1 wrote open as before: a database with runs of each kind, archives, images, edits, a folder."""

import shutil
from pathlib import Path

import pytest

from app.html.pairs import run_grid
from app.html.runs import facts_of, findings_of, run_scores
from app.tabs.reuse_run import fields_to_reuse
from uce_core import DebiasSpec, Edit, EditSpec, GenerationSpec, load_model
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.prompt_files import read_prompts
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.png_metadata import facts_in
from uce_core.runs.ratings import items_of, ratings_of, results_of
from uce_core.runs.replay import edit_of
from uce_core.runs.reports import page_of, report_of
from uce_core.runs.run import ComparisonRun, DebiasingRun, EvaluationRun
from uce_core.runs.store import Store

OLD = Path(__file__).resolve().parents[1] / "data" / "v0.1"
VAN_GOGH = EditSpec(  # of before there was a choice of text space, when tokens alone were edited
    erase=("Vincent van Gogh",), guide="art", retain=("Claude Monet", "Piet Mondrian"), text_space="tokens"
)
HOUSE = "a house in the style of Vincent van Gogh"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    shutil.copytree(OLD / "home" / "runs", tmp_path / "runs")
    return Store(tmp_path / "runs")


def of_kind(store: Store, kind: type) -> list:
    return [run for run in store.page() if isinstance(run, kind)]


def test_every_run_of_the_database_is_read(store: Store) -> None:
    first, second = sorted(of_kind(store, ComparisonRun), key=lambda run: run.created)
    assert first.generations == (GenerationSpec(HOUSE, 7, 4, 3.0), GenerationSpec(HOUSE, 8, 4, 3.0))
    assert (first.spec, first.request.strength, first.path) == (VAN_GOGH, 1.0, "auto")
    assert (first.pinned, first.note) == (True, "the first comparison")
    assert first.scores[0] is not None
    assert round(first.scores[0].lpips, 4) == 0.567
    assert first.outcome.verdicts[0].styles[0].outcome == "removed"
    assert (second.request.path, second.path, second.request.strength) == ("swap", "swap", 0.5)
    [debiasing] = of_kind(store, DebiasingRun)
    assert debiasing.request.edit == DebiasSpec(
        concepts=("doctor",), images=25, tolerance=0.25, iterations=1, steps=2, guidance_scale=3.0
    )
    assert debiasing.outcome.history[1].shares == ((0.0, 1.0),)
    assert debiasing.generations == (GenerationSpec("a photo of a doctor", 0, 4, 3.0),)
    [evaluation] = of_kind(store, EvaluationRun)
    assert [image.facet for image in evaluation.outcome.images] == ["style", "name", "style"]
    assert (evaluation.erased, evaluation.images_per_case) == (("Vincent van Gogh",), 1)
    assert len(store.page()) == 4
    assert store.count() == 4


def test_what_was_deleted_within_the_hour_before_is_not_listed(store: Store) -> None:
    assert "a tree" not in {run.title for run in store.page()}


def test_every_run_is_shown_reused_and_rated(store: Store) -> None:
    for run in store.page():
        addresses = [("original", "edited")] * len(run.files_of("edited"))
        for language in ("en", "ko"):
            shown = run_grid(run, addresses, language) + findings_of(run, language) + run_scores(run, language)
            assert "uce-pair" in shown
            assert facts_of(run, language, run.created.tzinfo)
        tab, fields = fields_to_reuse(run, store)
        assert fields
        assert tab == ("debias" if isinstance(run, DebiasingRun) else "compare")
        assert len(items_of(run)) == 2 * len(run.files_of("edited"))
        assert edit_of(store, run).digest == run.request.edit_digest
    [first] = [run for run in store.page() if run.note]
    assert [(one.reviewer, one.style) for one in ratings_of(store, first.id)] == [("Kim", 3)] * 4
    assert results_of(store, first.id).reviewers == ("Kim",)


def test_an_evaluation_still_has_its_report(store: Store) -> None:
    [run] = of_kind(store, EvaluationRun)
    report = report_of(store, run)
    assert report is not None
    assert report.edit == "no-van-gogh"
    assert any(part.shown for part in report.parts)
    assert page_of(store, run) is not None


@pytest.mark.parametrize("name", ["comparison", "chosen-path", "debiasing", "evaluation"])
def test_archives_are_imported_and_are_the_runs_that_are_here(name: str, store: Store, tmp_path: Path) -> None:
    archive = OLD / "archives" / f"{name}.zip"
    elsewhere = Store(tmp_path / "elsewhere")
    there = elsewhere.get(import_run(elsewhere, archive))
    assert there.id in {run.id for run in elsewhere.page()}
    assert import_run(elsewhere, archive) == there.id
    here = import_run(store, archive)
    assert store.count() == 4, "the same run, in the words of version 0.1"
    known = store.get(here)
    assert (known.title, known.request, known.outcome) == (there.title, there.request, there.outcome)
    again = export_run(store, known, tmp_path / "again.zip")
    assert import_run(elsewhere, again) == there.id


def test_images_say_what_they_are() -> None:
    original, edited = (facts_in(OLD / f"{name}.png") for name in ("original", "edited"))
    assert original.generation == edited.generation == GenerationSpec(HOUSE, 7, 4, 3.0)
    assert (original.edited, edited.edited, edited.spec, edited.model) == (False, True, VAN_GOGH, "atelier")


def test_edit_files_open() -> None:
    edits = {path.stem: Edit.load(path) for path in (OLD / "edits").glob("*.safetensors")}
    assert edits["erasure"].spec == VAN_GOGH
    assert edits["half"].strength == 0.5
    assert [spec.edited for spec in edits["stacked"].stacked] == [("Vincent van Gogh",), ("Edvard Munch",)]
    assert not edits["published"].low_rank
    assert edits["published"].spec is not None
    assert edits["published"].spec.kind == "uce-tensor"
    assert isinstance(edits["debiasing"].spec, DebiasSpec)


def test_an_evaluation_goes_on_in_its_folder(tmp_path: Path) -> None:
    """No image is generated again, and the plan is the same."""
    folder, atelier = tmp_path / "evaluation", load_model("atelier", "cpu", "fp32")
    shutil.copytree(OLD / "evaluation", folder)
    edit = Edit.load(OLD / "edits" / "erasure.safetensors")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")}
    cases = read_prompts(folder / "cases.csv").cases
    inputs = EvaluationInputs(candidates=(as_candidate("no-van-gogh", edit),), cases=cases, steps=4)
    found = evaluate(atelier, inputs, folder)
    assert sum(map(len, map(found.scores, found.plan["names"]))) == 3
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")} == before
    assert found.plan["sampler"] == "DDIMScheduler", "Atelier's of then"
    next(iter(before)).unlink()
    with pytest.raises(ValueError, match="sampler differs"):
        evaluate(atelier, inputs, folder)
