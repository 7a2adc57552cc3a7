"""Images beside each other, in several columns, and the large view of two of them."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from app.html.pairs import preview_grid, run_grid, runs_grid
from app.main import CSS, SCRIPTS
from app.studio.previews import Preview
from tests.hostile.pages import parsed
from uce_core import GenerationSpec
from uce_core.runs.outcomes import ComparisonOutcome
from uce_core.runs.requests import ComparisonRequest
from uce_core.runs.run import ComparisonRun

COLOURS = {"Original": (200, 40, 60), "RECE": (180, 90, 60), "UCE": (210, 30, 120)}  # of images of one colour each
NAMES = tuple(COLOURS)


def run() -> ComparisonRun:
    generations = tuple(GenerationSpec("a house", seed, 10, 3.0) for seed in (7, 8))
    request = ComparisonRequest(model="atelier", generations=generations)
    return ComparisonRun(title="a house", environment={}, request=request, outcome=ComparisonOutcome())


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (64, 64), colour)


def address(colour: tuple[int, int, int]) -> str:
    """Of an image without loss."""
    file = io.BytesIO()
    plain(colour).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def test_runs_of_the_same_generations_are_columns_beside_the_first_ones_originals() -> None:
    addresses = [[(f"{name}-{seed}-original", f"{name}-{seed}") for seed in (7, 8)] for name in "abc"]
    shown = runs_grid([run()] * 3, addresses, ("RECE", "UCE", "CURE"), "en")
    rows = [part.split("</button>")[0] for part in shown.split('<button type="button" class="uce-pair"')[1:]]
    for row, seed in zip(rows, (7, 8), strict=True):
        images = [part.split('"')[0] for part in row.split('<img src="')[1:]]
        assert images == [f"a-{seed}-original", f"a-{seed}", f"b-{seed}", f"c-{seed}"]
        said = "".join(parsed(f"<button {row}</button>").text)
        assert said == f"Seed {seed}OriginalRECEUCECURE"
    with pytest.raises(ValueError, match="zip"):
        runs_grid([run()] * 2, [addresses[0], addresses[1][:1]], ("RECE", "UCE"), "en")


def test_one_edited_column_is_a_pair_as_ever() -> None:
    addresses = [("a", "b"), ("c", "d")]
    shown = run_grid(run(), addresses, "en")
    assert shown == runs_grid([run()], [addresses], ("Edited",), "en")
    assert '<div class="uce-grid uce-several">' in shown
    assert "<span>Original · Seed 7</span>" in shown
    assert "<span>Edited · Seed 8</span>" in shown
    assert "uce-across" not in shown


def test_previews_count_along_the_rows() -> None:
    """Original and two edited images of the first seed, then those of the second."""
    previews = [Preview(place, plain((place, 0, 0))) for place in (0, 2, 4)]
    shown = preview_grid(previews, (7, 8), "en", ("RECE", "UCE"))
    cells = [("<img" in part) for part in shown.split("<span>")[1:] if part.startswith(("<img", "<i"))]
    assert cells == [True, False, True, False, True, False]
    assert shown.index("Generating: UCE · Seed 7") < shown.index("Generating: RECE · Seed 8")
    assert shown.index("Original · Seed 7") < shown.index("Seed 8")
    pair = preview_grid(previews[:2], (7, 8), "en")
    assert "Generating: Original · Seed 7" in pair
    assert "Generating: Original · Seed 8" in pair


@pytest.fixture
def large(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page with two seeds in three columns, and its large view open at RECE."""
    images = [address(colour) for colour in COLOURS.values()]
    addresses = [[(images[0], edited)] * 2 for edited in images[1:]]
    shown = runs_grid([run()] * 2, addresses, NAMES[1:], "en")
    (tmp_path / "page.html").write_text(f"<style>{CSS}</style>{shown}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((tmp_path / "page.html").as_uri())
    for script in SCRIPTS:
        page.evaluate(script)
    page.locator(".uce-pair img").nth(1).click()
    expect(page.locator("dialog")).to_be_visible()
    yield page
    page.close()


def colour_at(stage: Locator, x: float) -> np.ndarray:
    """Of the stage's middle line. x: in its widths."""
    pixels = np.asarray(Image.open(io.BytesIO(stage.screenshot())).convert("RGB")).astype(int)
    return pixels[pixels.shape[0] // 4, round(x * pixels.shape[1])]


def test_two_images_are_laid_over_each_other_as_is_chosen(large: Page) -> None:
    stage, slider = large.locator(".uce-stage"), large.get_by_label("Slide from the left image to the right one")
    one, two = (np.array(COLOURS[name]) for name in ("Original", "RECE"))
    large.mouse.click(*(stage.bounding_box()[side] + 40 for side in "xy"))
    slider.fill("60")
    assert np.abs(colour_at(stage, 0.55) - one).max() <= 2
    assert np.abs(colour_at(stage, 0.65) - two).max() <= 2
    large.get_by_label("Slider", exact=True).focus()
    large.keyboard.press("ArrowRight")
    expect(large.get_by_label("Fade")).to_be_checked()
    assert np.abs(colour_at(stage, 0.55) - (0.4 * one + 0.6 * two)).max() <= 2
    large.keyboard.press("ArrowRight")
    expect(large.get_by_label("Difference")).to_be_checked()
    assert np.abs(colour_at(stage, 0.55) - 3 * np.abs(one - two)).max() <= 6
    expect(slider).to_be_hidden()
    expect(large.locator("dialog")).to_contain_text("black where they are the same")


def test_arrow_keys_move_the_slider_while_it_is_in_focus_else_they_step(large: Page) -> None:
    slider, pressed = large.locator("[type=range]"), large.locator("[data-column][aria-pressed=true]")
    expect(slider).to_be_focused()
    large.keyboard.press("ArrowRight")
    expect(slider).to_have_value("51")
    expect(pressed).to_have_text("RECE")
    large.keyboard.press("ArrowDown")
    expect(slider).to_have_value("51")
    expect(large.locator("dialog b")).to_have_text("a house · Seed 8")
    large.get_by_role("button", name="Close").focus()
    large.keyboard.press("ArrowRight")
    large.keyboard.press("ArrowRight")  # there is no further column
    expect(pressed).to_have_text("UCE")
    expect(large.locator("figcaption span")).to_have_text(["Original", "UCE"])
    links = large.locator("figcaption a")
    names = [links.nth(side).get_attribute("download") for side in range(2)]
    assert names == ["a-house-seed-8-original.png", "a-house-seed-8-uce.png"]
    large.get_by_role("combobox", name="Left").select_option("RECE")
    large.get_by_role("button", name="Original").click()
    expect(large.locator("figcaption span")).to_have_text(["RECE", "Original"])
    large.keyboard.press("ArrowRight")  # past the one on the left
    expect(large.locator("figcaption span")).to_have_text(["RECE", "UCE"])
    large.keyboard.press("ArrowUp")
    expect(large.locator("dialog b")).to_have_text("a house · Seed 7")
    expect(large.get_by_role("button", name="Previous pair")).to_be_disabled()
    large.keyboard.press("Escape")
    expect(large.locator("dialog")).to_be_hidden()


def test_all_images_are_enlarged_and_moved_together(large: Page) -> None:
    stage, reset = large.locator(".uce-stage"), large.locator("[data-zoom='0']")
    box = stage.bounding_box()
    at = box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5
    large.mouse.move(*at)
    large.mouse.wheel(0, -300)
    expect(reset).not_to_have_text("100%")
    scale, corner = places(large)
    assert np.allclose(corner, (np.array([0.25, 0.5]) * (1 - scale)), atol=0.01), "the point did not stay"
    large.mouse.down()
    large.mouse.move(at[0] + 0.1 * box["width"], at[1] - 0.1 * box["height"], steps=3)
    large.mouse.up()
    moved = places(large)[1]
    assert np.allclose(moved - corner, [0.1, -0.1], atol=0.01)
    large.mouse.dblclick(*at)
    expect(reset).to_have_text("100%")
    assert np.allclose(places(large)[1], 0, atol=0.01)
    large.keyboard.press("+")
    large.get_by_role("button", name="Zoom in").click()
    expect(reset).to_have_text("225%")
    large.keyboard.press("-")
    expect(reset).to_have_text("150%")
    large.keyboard.press("0")
    expect(reset).to_have_text("100%")


def places(page: Page) -> tuple[float, np.ndarray]:
    """How large the images are and where their corner is, in widths of their frame, which all have in common."""
    found = page.evaluate("""() => [...document.querySelectorAll('dialog .uce-frame img')].map(image => {
        const one = image.getBoundingClientRect(), frame = image.closest('.uce-frame').getBoundingClientRect();
        return [one.width, one.left - frame.left, one.top - frame.top].map(length => length / frame.width);
    })""")
    assert len(found) == 4
    assert np.allclose(found, found[0], atol=0.01)
    return found[0][0], np.array(found[0][1:])
