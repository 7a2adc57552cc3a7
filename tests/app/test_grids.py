"""Grids on the page: made, limited, stopped, downloaded, and fed back."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.studio import engine
from app.studio.downloads import sheet_to_download
from app.studio.engine import Engine
from app.studio.grids import Sheet
from app.studio.limits import Limits
from app.studio.progress import Progress, Stop, Waiting
from app.studio.request import EditRequest
from app.studio.settings import Settings
from app.studio.studio import Studio
from tests.app.serving import PATIENCE, drop, enter, settle
from uce_core import Axis, Cancelled, Edit, EditSpec, GenerationSpec, Grid, Model, compare, erase
from uce_core.grids.plan import SavedEdit
from uce_core.problems import Problem
from uce_core.runs.grid_metadata import grid_in
from uce_core.runs.png_metadata import facts_in

SPEC = EditSpec(erase=("Claude Monet",), retain=("nobody known",))
CAT = GenerationSpec("a cat by Claude Monet", 1, 2, 3.0)
BASE = EditRequest(SPEC)
STRENGTHS, SEEDS = Axis("strength", (0.0, 1.0)), Axis("seed", (1, 2))


@pytest.fixture
def studio(scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Studio]:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(engine, "ENGINE", Engine())
    erase(scored, SPEC).at_strength(0.5).save(tmp_path / "edits" / "no-monet.safetensors")

    def made(**limits: int) -> Studio:
        return Studio(Settings(models=(str(scored.folder),), edits=tmp_path / "edits", limits=Limits(**limits)))

    return made


def grid(x: Axis = STRENGTHS, y: Axis | None = SEEDS, generation: GenerationSpec = CAT) -> Grid:
    return Grid(x=x, y=y, generation=generation, edits=(SPEC,))


def sheet_of(studio: Studio, asked: Grid, edit: EditRequest = BASE) -> tuple[Sheet, int]:
    """The sheet, and steps that were told."""
    *events, sheet = studio.grid(Stop("browser-1", "browser-1", "grid"), edit, asked)
    assert isinstance(sheet, Sheet)
    return sheet, max(event.total for event in events if isinstance(event, Progress))


def stands_in(png: bytes, image: Image.Image) -> bool:
    """Whether an image is part of a sheet, up to what another batch makes of the last bits."""
    with Image.open(io.BytesIO(png)) as opened:
        whole, part = (np.asarray(one.convert("RGB")).astype(int) for one in (opened, image))
    views = np.lib.stride_tricks.sliding_window_view(whole, part.shape)[:, :, 0]
    begins = np.argwhere(np.abs(views[..., 0, :, :] - part[0]).max(axis=(2, 3)) <= 2)  # where the first row fits
    return any(np.abs(views[y, x] - part).max() <= 2 for y, x in begins)


def test_a_sheet_has_the_images_of_a_comparison_and_says_how_to_make_them(
    scored: Model, studio: Callable[..., Studio], tmp_path: Path
) -> None:
    made, steps = sheet_of(studio(), grid())
    pairs = compare(scored, erase(scored, SPEC), [CAT, GenerationSpec(CAT.prompt, 2, 2, 3.0)])
    assert all(stands_in(made.png, image) for pair in pairs for image in (pair.original, pair.edited))
    assert steps == 4 * 2
    assert made.unknown == ("nobody known",)
    file = sheet_to_download(made)
    assert file.name == "grid-strength-seed.png"
    assert file.read_bytes() == made.png
    assert grid_in(file).grid == grid()
    assert facts_in(file).generation == CAT


def test_a_saved_edit_is_the_one_that_was_saved(scored: Model, studio: Callable[..., Studio], tmp_path: Path) -> None:
    edit = Edit.load(tmp_path / "edits" / "no-monet.safetensors")
    saved = Grid(x=STRENGTHS, generation=CAT, edits=edit.specs, saved=SavedEdit(edit.digest, edit.strength))
    made, _ = sheet_of(studio(), saved, EditRequest(None, "no-monet"))
    [pair] = compare(scored, edit, [CAT])
    assert stands_in(made.png, pair.edited)
    other = Grid(x=STRENGTHS, generation=CAT, edits=edit.specs, saved=SavedEdit("0" * 64, 1.0))
    with pytest.raises(Problem, match="is of a saved edit"):
        sheet_of(studio(), other, EditRequest(None, "no-monet"))


def test_cells_count_as_images_and_the_other_limits_hold(studio: Callable[..., Studio]) -> None:
    here = studio(images=4, images_an_hour=4)
    sheet_of(here, grid())
    with pytest.raises(Problem, match="4 images within an hour"):
        sheet_of(here, grid())
    for limits, asked, said in (
        ({"images": 3}, grid(), "up to 4 images, and the limit here is 3"),
        ({"steps": 2}, grid(Axis("steps", (1, 3))), "steps is 3: use a whole number from 1 to 2"),
        ({"pixels": 64 * 64}, grid(generation=GenerationSpec("a cat", width=256, height=128)), "256×128 has 32768"),
        ({"concepts": 1}, grid(), "2 concepts to erase and retain"),
    ):
        with pytest.raises(Problem, match=said):
            sheet_of(studio(**limits), asked)


def test_stopped_it_makes_nothing_and_the_next_one_is_made(studio: Callable[..., Studio]) -> None:
    here, stop = studio(), Stop("browser-1", "browser-1", "grid")
    events = here.grid(stop, BASE, grid())
    assert isinstance(next(events), Progress | Waiting)
    stop.set()
    with pytest.raises(Cancelled):
        list(events)
    assert sheet_of(here, grid())[0].png


def choose(page: Page, side: str, name: str) -> None:
    page.locator(f"#grid-{side} input").click()
    page.get_by_role("option", name=name, exact=True).click()


def test_a_grid_is_made_downloaded_and_made_again_from_its_file(quick_page: Page, tmp_path: Path) -> None:
    page = quick_page
    page.get_by_label("Prompt").first.fill("a house by Vincent van Gogh")
    page.get_by_label("Seeds").fill("4")
    page.locator("#grid > button").click()
    settle(page)
    choose(page, "y", "Method")
    rows = page.locator("#grid-y-values").locator("textarea, input")
    expect(rows).to_have_value("original, uce, rece, cure")
    choose(page, "y", "Seed")
    expect(rows).to_have_value("4, 5, 6")
    expect(page.locator("#grid-x-values")).to_contain_text("0 is the original")
    settle(page)  # before that, a field that has just been folded out does not hear what is typed
    rows.fill("4, 5")
    columns = page.locator("#grid-x-values").locator("textarea, input")
    columns.fill("0, much")
    page.locator("#grid-run").click()
    expect(page.locator("#grid-status [role=alert]")).to_contain_text("'much' is no value", timeout=PATIENCE)
    columns.fill("0, 1.5")
    page.locator("#grid-run").click()
    expect(page.locator("#grid-status")).to_contain_text("Done in", timeout=PATIENCE)
    sheet = page.locator("#grid-sheet img")
    expect(sheet).to_have_attribute("alt", "2 × 2 images with labels")
    with page.expect_download() as download:
        page.locator("#grid-download").click()
    assert download.value.suggested_filename == "grid-strength-seed.png"
    file = tmp_path / "grid.png"
    download.value.save_as(file)
    assert page.request.get(sheet.get_attribute("src")).body() == file.read_bytes(), "what is shown is the file"
    made = grid_in(file).grid
    assert [[cell.strength for cell in row] for row in made.rows] == [[0.0, 1.5]] * 2
    assert [row[0].generation.seed for row in made.rows] == [4, 5]
    assert {cell.generation.prompt for cell in made.cells} == {"a house by Vincent van Gogh"}

    page.reload()
    settle(page)
    page.get_by_label("Prompt").first.fill("something else")
    page.locator("#grid > button").click()
    settle(page)
    choose(page, "x", "Prompt")
    choose(page, "y", "one row")
    expect(rows).to_be_hidden()
    page.get_by_text("Advanced").click()
    enter(page, "Strength", "2")
    drop(page, file)
    expect(page.locator("#status")).to_contain_text("now hold that grid’s settings", timeout=PATIENCE)
    expect(page.get_by_label("Prompt").first).to_have_value("a house by Vincent van Gogh")
    expect(page.get_by_label("range slider for Strength")).to_have_value("1")
    expect(columns).to_have_value("0, 1.5")
    expect(rows).to_have_value("4, 5")
    page.locator("#grid-run").click()
    expect(page.locator("#grid-status")).to_contain_text("Done in", timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator("#grid-download").click()
    download.value.save_as(tmp_path / "again.png")
    assert grid_in(tmp_path / "again.png").grid == made
    with Image.open(file) as first, Image.open(tmp_path / "again.png") as again:
        assert np.array_equal(np.asarray(first), np.asarray(again))
