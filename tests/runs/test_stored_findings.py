"""Findings as version 0.1 stored them are still read."""

import shutil
from pathlib import Path

from app.html.runs import findings_of
from uce_core.evaluation.tables import FINDINGS, GROUP_FINDINGS, Finding
from uce_core.runs.archive import import_run
from uce_core.runs.store import Store
from uce_core.runs.stored_findings import SENTENCES_OF_0_1, by_id

V0_1 = Path(__file__).resolve().parents[1] / "data" / "v0.1"
FOUND = {  # in the evaluation of version 0.1
    "erased_style": {"change": "100% → 0%"},
    "retained_style": {"change": "100% ≈ 100%"},
    "clip_drop_identity": {"artist": "Vincent van Gogh", "share": "−2%"},
}


def test_every_sentence_of_version_0_1_has_its_finding() -> None:
    assert set(SENTENCES_OF_0_1.values()) == set(FINDINGS) == {*GROUP_FINDINGS, "clip_drop_identity"}
    old = {"sentence": "Retained artists are seen in {change} of theirs.", "slots": {"change": "9% → 8%"}}
    new = {"id": "retained_style", "slots": {"change": "9% → 8%"}}
    assert by_id(old) == by_id(new) == new
    assert Finding(**by_id(old)) == Finding("retained_style", {"change": "9% → 8%"})


def test_an_archive_of_version_0_1_says_what_was_found(tmp_path: Path) -> None:
    kept = Store(tmp_path / "store")
    run = kept.get(import_run(kept, V0_1 / "archives" / "evaluation.zip"))
    assert list(run.outcome.summary) == [Finding(name, values) for name, values in FOUND.items()]
    assert "삭제 대상 화가" in findings_of(run, "ko") != findings_of(run, "en")


def test_a_database_of_version_0_1_says_what_was_found(tmp_path: Path) -> None:
    shutil.copytree(V0_1 / "home" / "runs", tmp_path / "runs")
    [run] = [run for run in Store(tmp_path / "runs").page() if run.kind == "evaluate"]
    for name, values in FOUND.items():
        assert str(Finding(name, values)) in findings_of(run, "en").replace("&#x27;", "'")
