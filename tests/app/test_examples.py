"""The recorded runs that ship: there once, in this version, for everybody and nobody's, and each tab opens its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.studio import examples
from app.studio.examples import COMPARISON, DEBIASING, LEAKAGE, NAMES, archive
from app.studio.recording import Recording
from app.studio.request import DEFAULT_SPEC, first_generation
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.studio.visitor import Action, Role, Visitor
from app.tabs.review_results import reviewed
from tests.app.serving import PATIENCE, settle
from uce_core.models.sources import family_in
from uce_core.problems import Problem
from uce_core.runs.archive import export_run
from uce_core.runs.blobs import Blobs
from uce_core.runs.ratings import items_of
from uce_core.runs.reports import page_of, report_of
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun
from uce_core.runs.store import Store

MEGABYTE = 10**6


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs")
    yield store
    store.engine.dispose()


def ids(runs: dict[str, AnyRun]) -> dict[str, str]:
    return {name: run.id for name, run in runs.items()}


def test_they_are_small_and_show_what_their_tabs_begin_with(store: Store) -> None:
    assert sum(archive(name).stat().st_size for name in NAMES) < MEGABYTE
    found = examples.examples(store)
    comparison, debiasing, leakage = (found[name] for name in (COMPARISON, DEBIASING, LEAKAGE))
    assert isinstance(comparison, ComparisonRun)
    begins_with = replace(DEFAULT_SPEC, text_space="tokens")  # of before there was a choice
    assert (comparison.spec, comparison.generations) == (begins_with, (first_generation(family_in("atelier")),))
    assert comparison.outcome.verdicts[0].styles[0].outcome == "removed"
    assert isinstance(debiasing, DebiasingRun)
    assert debiasing.outcome.converged
    assert isinstance(leakage, EvaluationRun)
    assert {image.facet for image in leakage.outcome.images} == {"name", "style", "portrait", "content", "indirect"}
    assert report_of(store, leakage)
    assert page_of(store, leakage)
    assert len(items_of(leakage)) == 2 * len(leakage.outcome.images)


def test_they_are_there_once_whoever_asks_and_count_for_nothing(tmp_path: Path, store: Store) -> None:
    stores = [store, *(Store(tmp_path / "runs") for _ in range(2))]
    with ThreadPoolExecutor() as several:
        found = [ids(runs) for runs in several.map(examples.examples, [*stores, *stores])]
    assert [ids(examples.examples(store)), *found] == [found[0]] * 7
    assert len(store.examples()) == len(NAMES)
    assert (store.count(), store.size(), store.page(pinned=True)) == (0, 0, [])
    Recording(store, 0).age_out()
    assert ids(examples.examples(store)) == found[0]
    for other in stores[1:]:
        other.engine.dispose()


def test_another_version_of_the_app_replaces_them(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = examples.examples(store)
    newer = shipped[COMPARISON].model_copy(update={"note": "of a later version"})
    (tmp_path / "newer").mkdir()
    for name in NAMES:
        (tmp_path / "newer" / archive(name).name).write_bytes(archive(name).read_bytes())
    export_run(store, newer, tmp_path / "newer" / archive(COMPARISON).name)
    monkeypatch.setattr(examples, "FOLDER", tmp_path / "newer")
    examples._visitors.cache_clear()
    try:
        Recording(store, 0).age_out()
        assert {run.id for run in store.examples()} == {shipped[DEBIASING].id, shipped[LEAKAGE].id}
        found = examples.examples(store)
        assert found[COMPARISON].note == "of a later version"
        assert len(store.examples()) == len(NAMES)
    finally:
        examples._visitors.cache_clear()


def test_an_example_that_was_deleted_comes_back(store: Store) -> None:
    found = examples.examples(store)
    store.soft_delete(found[DEBIASING].id)
    store.delete([found[LEAKAGE].id])
    again = examples.examples(store)
    assert again[COMPARISON].id == found[COMPARISON].id
    assert len(store.examples()) == len(NAMES)
    assert all(store.path(file).is_file() for run in again.values() for file in run.files)


@pytest.mark.parametrize("role", Role)
def test_everybody_may_review_them_and_nobody_change_them(
    role: Role, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    studio, visitor = Studio(Settings()), Visitor(role, "" if role is Role.OWNER else "browser-1")
    run = studio.examples()[LEAKAGE]
    assert reviewed(studio, run.id, visitor) == run
    for action in (Action.CHANGE_RUNS, Action.PIN_RUNS):
        with pytest.raises(Problem, match="not yours"):
            visitor.check(action, run.visitor)


def test_a_store_that_takes_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Blobs, "write", full)
    with pytest.raises(Problem, match="could not be changed"):
        Studio(Settings()).examples()


def test_each_tab_opens_its_example_and_hidden_ones_stay_hidden(page: Page) -> None:
    page.locator("#compare-example").click()
    expect(page.locator("#pairs .uce-pair img")).to_have_count(2)
    expect(page.locator("#compare-mark")).to_contain_text("Example")
    expect(page.locator("#verdicts")).to_contain_text("removed")
    expect(page.locator("#compare-pin")).to_be_hidden()
    page.get_by_role("tab", name="Debias").click()
    page.locator("#debias-example").click()
    expect(page.locator("#debias-bars .uce-share")).to_have_count(3)
    expect(page.locator("#debias-pairs .uce-pair img")).to_have_count(8)
    expect(page.locator("#debias-mark")).to_contain_text("Example")
    page.get_by_role("tab", name="Leakage").click()
    page.locator("#leakage-example").click()
    expect(page.locator("#leakage-heat tbody th").first).to_have_text("Erased: bare name")
    expect(page.locator("#leakage-matrix section")).to_have_count(6)
    expect(page.locator("#leakage-report")).to_be_visible()
    expect(page.locator("#leakage-mark")).to_contain_text("Example")
    page.get_by_role("tab", name="Review").click()
    page.locator("#review-example").click()
    expect(page.locator("#review-progress")).to_contain_text("1 of 12 · 0 rated")
    expect(page.locator("#review-images img")).to_be_visible()
    expect(page.locator("#review-mark")).to_contain_text("Example")
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("#runs-examples a")).to_have_count(len(NAMES))
    page.locator("#runs-examples a").last.click()
    expect(page.locator("#run-images h3").first).to_have_text("Example · Leakage: no-van-gogh: Vincent van Gogh")
    for button in ("#run-pin", "#run-delete"):
        expect(page.locator(button)).to_be_hidden()
    expect(page.locator("#run-note textarea, #run-note input")).to_be_disabled()

    press(page, ".uce-examples-hide")
    expect(page.locator("#run-images")).to_be_hidden()
    for name, shown in (("Review", "#review-panel"), ("Leakage", "#leakage-matrix"), ("Debias", "#debias-bars")):
        page.get_by_role("tab", name=name).click()
        expect(page.locator(shown)).to_be_hidden()
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator("#show-me")).to_be_visible()
    page.reload()
    expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page.locator("#pairs .uce-pair")).to_have_count(0)
    expect(page.locator("#compare-example")).to_be_hidden()
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("#runs-count")).to_be_visible()
    expect(page.locator("#runs-examples")).to_be_hidden()

    press(page, ".uce-examples-show")
    expect(page.locator("#runs-examples a")).to_have_count(len(NAMES))
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator("#compare-example")).to_be_visible()


def press(page: Page, button: str) -> None:
    page.locator(f"{button}:visible").click()
