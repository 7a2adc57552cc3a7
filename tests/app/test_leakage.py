"""The Leakage tab."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.app.serving import PATIENCE, open_runs


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
