"""Many runs beside each other in the Runs tab."""

from datetime import UTC

from playwright.sync_api import Page, expect

from app.html.differences import differences_table
from app.html.pieces import setting_text
from app.studio.examples import NAMES
from tests.app.serving import PATIENCE, Served
from tests.runs.test_differences import UCE, comparison, debiasing


def test_a_column_is_a_run_and_what_is_the_same_is_marked() -> None:
    runs = [comparison(), comparison(strength=0.5)]
    english, korean = (differences_table(runs, ["/1.png", "/2.png"], language, UTC) for language in ("en", "ko"))
    assert '<tr><th scope="row">Strength</th><td>1</td><td>0.5</td></tr>' in english
    assert '<tr class="uce-same"><th scope="row">Method</th><td>UCE</td><td>UCE</td></tr>' in english
    assert '<tr class="uce-same"><th scope="row">LPIPS (mean)</th><td>0.400</td><td>0.400</td></tr>' in english
    assert '<tr><th scope="row">강도</th><td>1</td><td>0.5</td></tr>' in korean
    assert "differ in nothing" in differences_table(runs[:1] * 2, ["/1.png"] * 2, "en", UTC)
    mixed = differences_table([comparison(UCE), debiasing()], ["/1.png"] * 2, "en", UTC)
    assert '<tr><th scope="row">Concepts to debias</th><td>–</td><td>doctor</td></tr>' in mixed


def test_numbers_that_are_nothing_are_said_and_values_are_translated() -> None:
    assert [setting_text("augmentation_seed", value, "ko") for value in (0, 0.0, 12)] == ["0", "0", "12"]
    assert setting_text("retain_span", "last", "ko") == setting_text("span", "last", "ko") == "마지막 토큰"
    assert setting_text("empty_token", "start", "ko") == "시작 토큰"


def test_an_edit_is_called_by_method_and_strength() -> None:
    assert [run.edit_title for run in (comparison(), comparison(strength=0.5), comparison(None))] == [
        "UCE", "UCE × 0.5", "",
    ]  # fmt: skip


def test_ticked_runs_are_compared_with_the_keyboard(app: Served, page: Page) -> None:
    """The examples that ship are always there."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app.url}/?tab=runs")
    boxes = page.locator("#runs-examples [type=checkbox]")
    expect(boxes).to_have_count(len(NAMES), timeout=PATIENCE)
    show, shown = page.locator("#runs-picked-show"), page.locator("#runs-differences")
    expect(show).to_be_hidden()
    boxes.first.press("Space")
    show.press("Enter")
    expect(shown).to_contain_text("Selected runs: 1. Select 2 to 20", timeout=PATIENCE)
    for number in (1, 2):
        boxes.nth(number).press("Space")
    page.get_by_role("button", name="Compare settings").press("Enter")
    expect(shown.locator("thead th")).to_have_count(3, timeout=PATIENCE)
    same, differing = (shown.get_by_role("row", name=name) for name in ("Model atelier", "Method UCE"))
    expect(differing).to_be_visible()
    expect(same).to_have_count(0)
    shown.get_by_label("Only what differs").press("Space")
    expect(same).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.locator("thead a").nth(1).press("Enter")
    expect(page.locator("#run-facts")).to_contain_text("doctor", timeout=PATIENCE)
    page.locator("#runs-picked-clear").press("Enter")
    expect(shown.locator("table")).to_have_count(0)
    expect(boxes.first).not_to_be_checked()
