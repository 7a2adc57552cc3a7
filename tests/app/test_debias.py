"""The Debias tab."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.html.pieces import share_bars
from app.html.runs import findings_of
from app.tabs.debias import SPEC, fields_of, outcome_texts, spec_of
from app.words import WORDS
from tests.app.serving import PATIENCE, Served, open_runs
from tests.hostile.recorded import debiasing
from uce_core import Edit
from uce_core.methods.debias import Iterate
from uce_core.problems import Problem
from uce_core.runs.run import DebiasingRun

START = Iterate(((0.0, 0.0),), ((0.9, 0.1),), 0.4, (30.0,), (False,))
NEARER = Iterate(((-0.5, 0.5),), ((0.6, 0.4),), 0.1, (29.5,), (False,))
SPOILT = Iterate(((-0.9, 0.9),), ((0.5, 0.5),), 0.0, (18.2,), (True,))
OLD = Iterate(((-0.9, 0.9),), ((0.5, 0.5),), 0.0)


def ended(*history: Iterate, best: int, converged: bool = False, stopped: int | None = None) -> DebiasingRun:
    run = debiasing()
    assert isinstance(run, DebiasingRun)
    outcome = run.outcome.model_copy(update={"history": history, "best": best, "converged": converged})
    request = run.request.model_copy(update={"stopped": stopped})
    return run.model_copy(update={"outcome": outcome, "request": request})


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (ended(START, NEARER, best=1, converged=True), ["Target reached"]),
        (ended(START, NEARER, best=1), ["Target not reached. Largest gap 10"]),
        (ended(START, NEARER, best=1, stopped=1), ["Stopped; this is the best iteration so far. Largest gap 10"]),
        (ended(START, best=0, stopped=0), ["Stopped before any edit was better", "to save"]),
        (ended(START, NEARER, best=0), ["No edit was better than the original model", "to save"]),
        (ended(START, best=0, converged=True), ["within the tolerance as it is", "to save"]),
        (ended(START, NEARER, SPOILT, best=1), ["passed over, because its images had spoiled", "doctor 30.0 → 18.2"]),
        (ended(START, SPOILT, best=1, converged=True), ["Images have spoiled", "doctor 30.0 → 18.2"]),
        (ended(START, OLD, best=1, converged=True), ["Target reached"]),
    ],
)
def test_how_a_search_ended_is_said(run: DebiasingRun, said: list[str]) -> None:
    text = " ".join(outcome_texts(run, "en"))
    assert all(part in text for part in said), text
    assert ("spoiled" in text) == any("spoiled" in part for part in said)
    assert run.changes_nothing == ("to save" in text) == ("changes nothing" in findings_of(run, "en"))
    assert " ".join(outcome_texts(run, "ko")) != text


def test_scores_are_shown_where_they_were_measured() -> None:
    spec = debiasing().request.edit
    for language in WORDS:
        assert "30.0 → 29.5" in share_bars(spec, [START, NEARER], language)
        assert "30.0 → 18.2" in share_bars(spec, [START, NEARER, SPOILT], language)
        assert "CLIP" not in share_bars(spec, [OLD], language)


def test_names_are_taken_as_in_compare() -> None:
    fields = fields_of(SPEC)
    found = spec_of(**fields | {"concepts": ["doctor, nurse", "a red, round nose"], "attributes": ["man；woman"]})
    assert found.concepts == ("doctor", "nurse", "a red, round nose")
    assert found.attributes == ("man", "woman")
    assert spec_of(**fields) == SPEC


@pytest.mark.parametrize("method", ["cure", "", None, ["uce"]])
def test_a_method_that_does_not_lead_is_refused(method: Any) -> None:
    with pytest.raises(Problem, match="Unknown method"):
        spec_of(**fields_of(SPEC) | {"solved_by": method})


LABELS = {
    "ratios": "Target ratios, in %",
    "images": "Images per concept and iteration",
    "tolerance": "Tolerance, in points",
}


def asked_of(page: Page, **fields: str) -> None:
    page.get_by_role("tab", name="Debias").click()
    page.get_by_text("Advanced").locator("visible=true").click()
    for label, value in fields.items():
        page.get_by_label(LABELS[label]).fill(value)


def test_a_search_that_is_stopped_at_once_has_nothing_to_save(quick_page: Page) -> None:
    page = quick_page
    asked_of(page, ratios="50, 60", images="12", tolerance="29")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status [role=alert]")).to_contain_text("together 100%", timeout=PATIENCE)
    page.get_by_label(LABELS["ratios"]).fill("50, 50")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status")).to_contain_text("Iteration 1", timeout=3 * PATIENCE)
    expect(page.locator("#debias-bars")).to_contain_text("doctor")
    page.locator("#debias-cancel").click()
    expect(page.locator("#debias-status")).to_contain_text("Stopping. The best result so far")
    expect(page.locator("#debias-status")).to_contain_text("Stopped before any edit was better", timeout=3 * PATIENCE)
    for _ in range(2):
        expect(page.locator("#debias-bars")).to_contain_text("This edit changes nothing.")
        assert page.locator("#debias-bars .uce-share").count() == 6
        expect(page.locator("#debias-pairs .uce-pair img")).to_have_count(16)
        expect(page.locator("#debias-save")).to_be_hidden()
        page.reload()
        expect(page.get_by_label(LABELS["ratios"])).to_have_value("50, 50", timeout=PATIENCE)
    open_runs(page)
    page.locator("#runs a").first.click()
    expect(page.locator("#run-images")).to_contain_text("This edit changes nothing.")
    expect(page.locator("#run-save")).to_be_hidden()


def test_what_is_best_is_saved_and_kept(quick_app: Served, quick_page: Page) -> None:
    """Nurses are women as it is, so that a first step, which makes doctors women, too, is all that is asked for."""
    app, page = quick_app, quick_page
    asked_of(page, ratios="10, 90", images="6", tolerance="40")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status")).to_contain_text("Target reached", timeout=6 * PATIENCE)
    assert page.locator("#debias-bars .uce-share").count() == 6
    assert page.locator("#debias-bars").inner_text().count("CLIP score") == 2
    expect(page.locator("#debias-pairs .uce-pair img")).to_have_count(16)
    page.locator("#debias-name input, #debias-name textarea").fill("fairer")
    page.locator("#debias-save").click()
    expect(page.locator("#debias-status")).to_contain_text("Saved as", timeout=PATIENCE)
    assert Edit.load(app.edits / "fairer.safetensors").spec.concepts == ("doctor", "nurse")
    page.get_by_label(LABELS["ratios"]).fill("30, 70")
    page.reload()
    expect(page.get_by_label(LABELS["ratios"])).to_have_value("30, 70", timeout=PATIENCE)
    expect(page.locator("#debias-pairs .uce-pair img")).to_have_count(16)
    assert page.locator("#debias-bars .uce-share").count() == 6
    page.locator("#debias-name input, #debias-name textarea").fill("as fair")
    page.locator("#debias-save").click()
    expect(page.locator("#debias-status")).to_contain_text("Saved as as-fair", timeout=PATIENCE)
    open_runs(page)
    page.locator("#runs a").first.click()
    expect(page.locator("#run-facts")).to_contain_text("doctor, nurse")
    expect(page.locator("#run-images .uce-pair img")).to_have_count(16)
    assert page.locator("#run-images .uce-share").count() == 6
    expect(page.locator("#run-save")).to_be_visible()
    page.locator("#run-mine").click()
    expect(page.get_by_label(LABELS["ratios"])).to_have_value("10, 90")
    page.get_by_text("Advanced").locator("visible=true").click()
    expect(page.get_by_label(LABELS["tolerance"])).to_have_value("40")
