"""The Debias tab."""

from playwright.sync_api import Page, expect

from tests.app.serving import PATIENCE, Served, open_runs
from uce_core import Edit


def test_debiasing_can_be_stopped_and_what_is_best_is_kept(app: Served, page: Page) -> None:
    page.get_by_role("tab", name="Debias").click()
    page.get_by_label("Target ratios, in %").fill("50, 60")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status [role=alert]")).to_contain_text("together 100%", timeout=PATIENCE)
    page.get_by_label("Target ratios, in %").fill("50, 50")
    page.get_by_text("Advanced").locator("visible=true").click()
    page.get_by_label("Images per concept and iteration").fill("12")
    page.get_by_label("Tolerance, in points").fill("29")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status")).to_contain_text("Iteration 1", timeout=3 * PATIENCE)
    expect(page.locator("#debias-bars")).to_contain_text("doctor")
    page.locator("#debias-cancel").click()
    expect(page.locator("#debias-status")).to_contain_text("Stopping. The best result so far")
    expect(page.locator("#debias-status")).to_contain_text("Done in", timeout=3 * PATIENCE)
    assert page.locator("#debias-bars .uce-share").count() == 6
    expect(page.locator("#debias-pairs .uce-pair img")).to_have_count(16)
    page.locator("#debias-name input, #debias-name textarea").fill("fairer")
    page.locator("#debias-save").click()
    expect(page.locator("#debias-status")).to_contain_text("Saved as", timeout=PATIENCE)
    assert Edit.load(app.edits / "fairer.safetensors").spec.concepts == ("doctor", "nurse")
    page.get_by_label("Target ratios, in %").fill("30, 70")
    page.reload()
    expect(page.get_by_label("Target ratios, in %")).to_have_value("30, 70", timeout=PATIENCE)
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
    page.locator("#run-mine").click()
    expect(page.get_by_label("Target ratios, in %")).to_have_value("50, 50")
    page.get_by_text("Advanced").locator("visible=true").click()
    expect(page.get_by_label("Tolerance, in points")).to_have_value("29")
