"""The Review tab: judged blind, by keyboard and by mouse, and what it adds up to."""

import base64
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.html.blind import blind_image
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.studio.visitor import OWNER, Role, Visitor
from app.tabs.review_results import reviewed
from tests.app.serving import PATIENCE, Served, open_runs, run_and_wait, settle
from uce_core.runs.blobs import NewFile
from uce_core.runs.png_metadata import png_of
from uce_core.runs.ratings import ratings_of
from uce_core.runs.store import Store

ANSWERS = {"original": "443", "edited": "133"}  # style, content, quality


@pytest.fixture
def pinned(home: Path, page: Page) -> Iterator[str]:
    """A comparison, generated and pinned by hand; the Runs tab is open."""
    page.get_by_label("Prompt").first.fill("a tree in the style of Vincent van Gogh, to be rated")
    run_and_wait(page)
    open_runs(page)
    page.locator("#runs a").first.click()
    page.locator("#run-pin").click()
    expect(page.locator("#run-pin")).to_contain_text("Unpin")
    store = Store(home / "runs")
    [run] = [run.id for run in store.page(search="rated", pinned=True)]
    yield run
    store.delete([run])


def begin(page: Page, reviewer: str, mode: str = "One image") -> None:
    page.get_by_role("tab", name="Review").click()
    expect(page.locator("#review-set input")).to_have_value(re.compile("to be rated"), timeout=PATIENCE)
    page.locator("#review-name input, #review-name textarea").fill(reviewer)
    page.locator("#review-mode").get_by_label(mode).check()
    page.locator("#review-begin").click()


def images(page: Page) -> list[Image.Image]:
    """What the reviewer sees now."""
    found = page.locator("#review-images img")
    sources = [found.nth(i).get_attribute("src") or "" for i in range(found.count())]
    assert all(source.startswith("data:image/png;base64,") for source in sources), "no address that others look up"
    return [Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1]))) for source in sources]


def sides(page: Page, store: Store, run: str) -> list[str]:
    """Which they are, as only the recorded pixels tell."""
    recorded = {side: np.asarray(Image.open(store.path(store.get(run).files_of(side)[0]))) for side in ANSWERS}
    return [
        next(side for side, pixels in recorded.items() if np.array_equal(pixels, np.asarray(image)))
        for image in images(page)
    ]


def at(page: Page, text: str) -> None:
    expect(page.locator("#review-progress")).to_contain_text(text, timeout=PATIENCE)


def test_two_people_judge_a_pinned_run_blind(
    pinned: str, home: Path, app: Served, page: Page, browser: Browser, tmp_path: Path
) -> None:
    store = Store(home / "runs")

    begin(page, "Kim")
    at(page, "1 of 2 · 0 rated")
    expect(page.locator("#review-panel [data-asked]")).to_have_count(1)
    panel = page.locator("#review-panel").inner_html()
    assert not re.search("edited|original", panel, re.IGNORECASE)
    assert page.locator("#review-images img").get_attribute("alt") == "Image 1"
    assert images(page)[0].info == {}, "no metadata"
    page.keyboard.press("Enter")
    expect(page.locator("#review-status")).to_contain_text("A rating is missing")
    [first] = sides(page, store, pinned)
    for key in ANSWERS[first]:
        page.keyboard.press(key)
    expect(page.locator("#review-status")).not_to_contain_text("missing")
    page.keyboard.press("c")
    page.keyboard.type("f0 swirls")
    expect(page.locator("#review-comment textarea")).to_have_value("f0 swirls")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#review-flag input")).to_be_checked()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    at(page, "2 of 2 · 1 rated")
    expect(page.locator("#review-panel [data-asked]")).to_have_count(1)
    expect(page.locator("#review-flag input")).not_to_be_checked()

    page.reload()
    begin(page, "  kim ")
    at(page, "2 of 2 · 1 rated")
    [second] = sides(page, store, pinned)
    assert {first, second} == set(ANSWERS)
    page.keyboard.press("Backspace")
    at(page, "1 of 2 · 1 rated")
    expect(page.locator("#review-comment textarea")).to_have_value("f0 swirls")
    page.locator("#review-style-a input").nth(int(ANSWERS[first][0])).check()
    page.locator("#review-quality-a input").nth(3).check()
    page.locator("#review-save").click()
    at(page, "2 of 2 · 1 rated")
    page.locator("#review-progress").click()
    for key in ANSWERS[second]:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    report = page.locator("#review-report")
    expect(report).to_contain_text("needs a second reviewer", timeout=PATIENCE)
    expect(report).to_contain_text("f0 swirls")
    expect(page.locator("#review-panel")).to_be_hidden()
    kim = {one.item: one for one in ratings_of(store, pinned, "Kim")}
    assert {item: f"{one.style}{one.content}{one.quality}" for item, one in kim.items()} == {
        f"0-{side}": answers for side, answers in ANSWERS.items()
    }
    assert [one.flag for one in kim.values()].count(True) == 1
    page.locator("#review-begin").click()
    at(page, "1 of 2 · 2 rated")
    expect(page.locator("#review-status")).to_contain_text("rated everything")
    expect(page.locator("#review-comment textarea")).to_have_value("f0 swirls")
    page.locator("#review-pause").click()

    other = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}).new_page()
    other.goto(app.url)
    begin(other, "Lee", "A pair")
    at(other, "1 of 1 · 0 rated")
    for place, side in zip("ab", sides(other, store, pinned), strict=True):
        for scale, answer in zip(("style", "content", "quality"), ANSWERS[side], strict=True):
            other.locator(f"#review-{scale}-{place} input").nth(int(answer)).check()
    other.locator("#review-save").click()
    rows = other.locator("#review-report section").nth(1).locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("1.00", timeout=PATIENCE)
    expect(rows.nth(0)).to_contain_text("reliable")
    expect(rows.nth(2)).to_contain_text("all ratings are the same")
    means = other.locator("#review-report section").nth(0).locator("tbody tr").all_inner_texts()
    assert [re.split(r"\s*\t\s*", row) for row in means] == [
        ["Erased: Original", "1", "4.0", "4.0", "3.0"],
        ["Erased: Edited", "1", "1.0", "3.0", "3.0"],
    ]
    found = {}
    for suffix in ("csv", "json"):
        with other.expect_download() as download:
            other.locator(f"#review-{suffix}").click()
        found[suffix] = tmp_path / f"review.{suffix}"
        download.value.save_as(found[suffix])
    with found["csv"].open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["reviewer"], row["mode"]) for row in table] == [("Kim", "single")] * 2 + [("Lee", "pair")] * 2
    assert json.loads(found["json"].read_text(encoding="utf-8"))["results"]["agreements"][0]["alpha"] == 1
    other.context.close()


def test_judging_and_results_are_accessible(pinned: str, app: Served, page: Page) -> None:
    """axe-core's opinion of what is there only after a click."""
    for theme, reviewer in (("light", "Kim"), ("dark", "Lee")):
        page.goto(f"{app.url}/?__theme={theme}")
        begin(page, reviewer, "A pair")
        at(page, "1 of 1")
        page.keyboard.press("2")
        for place in ("#review-panel", "#review-results"):
            expect(page.locator(place)).to_be_visible(timeout=PATIENCE)
            settle(page)  # what fades in has no contrast before
            found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
            assert [(v["id"], node["html"][:80]) for v in found for node in v["nodes"]] == [], (theme, place)
            if place == "#review-panel":
                for _ in range(5):
                    page.keyboard.press("2")
                page.keyboard.press("Enter")


def test_judging_fits_a_phone(pinned: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".overflow-menu > button").click()
    page.locator(".overflow-dropdown button", has_text="Review").click()
    expect(page.locator("#review-set input")).to_have_value(re.compile("to be rated"), timeout=PATIENCE)
    page.locator("#review-name input, #review-name textarea").fill("Kim")
    page.locator("#review-mode").get_by_label("A pair").check()
    page.locator("#review-begin").click()
    at(page, "1 of 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_blind_image_has_the_same_pixels_and_nothing_else(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    path = tmp_path / "edited.png"
    path.write_bytes(png_of(Image.fromarray(pixels), {"edit": "no-van-gogh"}))
    source = blind_image(path)
    content = base64.b64decode(source.split(",", 1)[1])
    shown = Image.open(io.BytesIO(content))
    assert np.array_equal(np.asarray(shown), pixels)
    assert shown.info == {}
    assert [content[i : i + 4] for i in (12, 37)] == [b"IHDR", b"IDAT"], "no chunk of text between"


def test_visitors_from_elsewhere_review_pinned_runs_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    own, stranger = Studio(Settings()), Visitor(Role.STRANGER, "browser-1")
    run = own.store.add("evaluate", "x", {}, {}, {}, [NewFile("original", ".png", b"x")])
    assert reviewed(own, run, OWNER).id == run
    with pytest.raises(ValueError, match="is not pinned"):
        reviewed(own, run, stranger)
    own.store.pin(run)
    assert reviewed(own, run, stranger).id == run
    own.store.path(own.store.get(run).files_of("original")[0]).unlink()
    with pytest.raises(ValueError, match=r"Images of run .* are missing"):
        reviewed(own, run, OWNER)
    for nothing in ("", None):
        with pytest.raises(ValueError, match="nothing to review"):
            reviewed(own, nothing, OWNER)
