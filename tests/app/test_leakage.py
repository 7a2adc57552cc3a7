"""The Leakage tab."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.app.conftest import running, visited
from tests.app.serving import PATIENCE, open_runs, serve
from uce_core import EditSpec, Model, erase


def test_leaks_are_looked_for_and_recorded(quick_page: Page, tmp_path: Path) -> None:
    page = quick_page
    page.locator("#name textarea, #name input").fill("leaking")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    page.get_by_role("tab", name="Leakage").click()
    page.locator("#leakage-edit input").click()
    page.get_by_role("option", name="leaking").click()
    expect(page.locator("#leakage-artist input")).to_have_value("Vincent van Gogh")
    page.locator("#leakage-run").click()
    expect(page.locator("#leakage-status")).to_contain_text("Image", timeout=PATIENCE)
    page.locator("#leakage-cancel").click()
    expect(page.locator("#leakage-status")).to_contain_text("Cancelled", timeout=10_000)
    page.locator("#leakage-run").click()
    expect(page.locator("#leakage-status")).to_contain_text("Done in", timeout=4 * PATIENCE)
    expect(page.locator("#leakage-summary")).to_contain_text(re.compile("% [→≈] 0% of the images"))
    heads = page.locator("#leakage-heat tbody th").all_inner_texts()
    assert heads[:5] == [
        f"Erased: {facet}" for facet in ("bare name", "style", "portrait", "content", "indirect wording")
    ]
    assert page.locator("#leakage-matrix section").count() == 6
    assert page.locator("#leakage-matrix .uce-pair img").count() >= 50
    with page.expect_download() as download:
        page.locator("#leakage-report").click()
    download.value.save_as(tmp_path / "report.html")
    assert "leaking: Vincent van Gogh" in (tmp_path / "report.html").read_text(encoding="utf-8")
    page.reload()
    expect(page.locator("#leakage-summary")).to_contain_text("the erased artists are recognised in", timeout=PATIENCE)
    expect(page.locator("#leakage-matrix .uce-pair img")).to_have_count(90)
    with page.expect_download() as download:
        page.locator("#leakage-report").click()
    assert download.value.suggested_filename == "leakage-leaking-vincent-van-gogh.html"
    link = page.locator("#leakage-link input, #leakage-link textarea").input_value()
    open_runs(page)
    page.locator("#runs a").first.click()
    expect(page).to_have_url(link)
    expect(page.locator("#run-images")).to_contain_text("the erased artists are recognised in")
    expect(page.locator("#run-images .uce-pair img")).to_have_count(90)  # 45 pairs
    assert page.locator("#run-facts .uce-heat tbody th").all_inner_texts() == heads
    with page.expect_download() as download:
        page.locator("#run-report").click()
    assert download.value.suggested_filename == "leakage-leaking-vincent-van-gogh.html"
    page.get_by_role("tab", name="Compare").click()
    page.get_by_label("Prompt").first.fill("something else")
    page.get_by_role("tab", name="Runs").click()
    page.locator("#run-mine").click()
    expect(page.get_by_label("Prompt").first).to_have_value(re.compile("Vincent van Gogh"))
    page.get_by_role("tab", name="Review").click()
    expect(page.locator("#review-set input")).to_have_value(re.compile("leaking: .* · pairs: 45"))


@pytest.fixture
def tiny_page(scored: Model, profile: BrowserContext, tmp_path: Path) -> Iterator[Page]:
    """Of an app whose images are generated in a moment, and show nothing; with a saved edit."""
    spec = EditSpec(erase=("Claude Monet",), retain=("Vincent van Gogh",))
    erase(scored, spec).save(tmp_path / "edits" / "no-monet.safetensors")
    app = serve(tmp_path / "edits", tmp_path / "home", "--model", str(scored.folder), "--max-steps", "4")
    for served in running(app):
        yield from visited(served, profile)


def test_a_task_is_evaluated_cancelled_gone_on_with_and_found_again(tiny_page: Page, tmp_path: Path) -> None:
    page = tiny_page
    page.get_by_role("tab", name="Leakage").click()
    expect(page.locator("#task-plan")).to_contain_text("220: 55 prompts × 2 × 2")
    page.locator("#task-task input").click()
    page.get_by_role("option", name="mace-100").click()
    expect(page.locator("#task-plan")).to_contain_text("140: 70 prompts × 1 × 2")
    expect(page.locator("#task-plan")).to_contain_text("1: Claude Monet")
    page.locator("#task-run").click()
    expect(page.locator("#task-status")).to_contain_text(re.compile(r"Image \d+ of 140"), timeout=PATIENCE)
    page.locator("#task-cancel").click()
    expect(page.locator("#task-status")).to_contain_text("Cancelled. The images so far are kept")
    page.locator("#task-run").click()
    expect(page.locator("#task-status")).to_contain_text(re.compile(r"Image \d+ of \d+"), timeout=PATIENCE)
    page.reload()
    expect(page.locator("#task-status")).to_contain_text("Done in", timeout=2 * PATIENCE)
    link = page.locator("#task-link input, #task-link textarea").input_value()
    page.reload()
    expect(page.locator("#task-summary")).to_contain_text("no-monet: mace-100", timeout=PATIENCE)
    expect(page.locator("#task-summary")).to_contain_text("the erased artists are recognised in")
    tables = page.locator("#task-tables table")
    heads = tables.nth(1).locator("th").all_inner_texts()
    assert heads == ["CLIP_e ↓", "CLIP_s ↑", "H_a ↑"], "those that the task shows"
    assert tables.nth(0).locator("tbody th").first.inner_text() == "Erased: style"
    with page.expect_download() as download:
        page.locator("#task-report").click()
    assert download.value.suggested_filename == "no-monet-mace-100.html"
    download.value.save_as(tmp_path / "report.html")
    assert "Task mace-100, version 1, digest" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not list((tmp_path / "home" / "work").iterdir()), "what is recorded is kept once"
    open_runs(page)
    expect(page.locator("#runs a").first).to_contain_text("mace-100")
    page.locator("#runs a").first.click()
    expect(page).to_have_url(link)
