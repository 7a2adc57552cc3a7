"""The library of saved edits."""

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.app.serving import PATIENCE, ROOT, Served, run_and_wait
from uce_core import Edit


def test_the_library_of_edits(app: Served, page: Page, tmp_path: Path) -> None:
    page.locator("#name textarea, #name input").fill("library test")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    page.get_by_role("tab", name="Edits").click()
    page.locator("#edits-search input, #edits-search textarea").fill("library")
    page.locator("#edits").get_by_label("library-test").check()
    expect(page.locator("#edit-facts")).to_contain_text("Vincent van Gogh")
    page.locator("#edit-close").click()
    expect(page.locator("#edit-facts")).to_be_hidden()
    page.locator("#edits").get_by_label("library-test").check()
    expect(page.locator("#edit-facts")).to_contain_text("Vincent van Gogh")
    with page.expect_download() as download:
        page.locator("#edit-get").click()
    file = tmp_path / "from-elsewhere.safetensors"
    download.value.save_as(file)
    assert Edit.load(file).digest == Edit.load(app.edits / "library-test.safetensors").digest

    page.locator("#edit-rename-to input, #edit-rename-to textarea").fill("Library, renamed")
    page.locator("#edit-rename").click()
    expect(page.locator("#edits").get_by_label("library-renamed")).to_be_checked()
    expect(page.locator("#edits-status")).to_contain_text("Renamed to library-renamed")
    expect(page.locator("#edit-download")).to_be_hidden()  # which is pressed by scripts only
    page.locator("#edit-delete").click()
    expect(page.locator("#edits-status")).to_contain_text("Deleted library-renamed")
    assert not (app.edits / "library-renamed.safetensors").exists()
    page.locator("#edit-undo").click()
    expect(page.locator("#edits-status")).to_contain_text("Restored library-renamed")
    assert (app.edits / "library-renamed.safetensors").is_file()
    expect(page.locator("#edit-facts")).to_contain_text("Vincent van Gogh")
    page.locator("#edits-search input, #edits-search textarea").fill("van gogh library")
    expect(page.locator("#edits").get_by_label("library-renamed")).to_be_visible()
    page.locator("#edits-search input, #edits-search textarea").fill("nothing of that name")
    expect(page.locator("#edit-facts")).to_be_hidden()
    page.locator("#edits-search input, #edits-search textarea").fill("library")

    def upload(path: Path) -> None:
        with page.expect_file_chooser() as chooser:
            page.locator("#edit-upload").click()
        chooser.value.set_files(path)

    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"not tensors")
    upload(bad)
    expect(page.locator("#edits-status")).to_contain_text("not a safetensors file", timeout=PATIENCE)
    page.locator("#edits-search input, #edits-search textarea").fill("")
    upload(file)
    expect(page.locator("#edits-status")).to_contain_text("from-elsewhere is in the library", timeout=PATIENCE)
    page.locator("#edit-use").click()
    expect(page.locator("#run")).to_be_visible()
    run_and_wait(page)


def test_several_deletions_are_undone_one_after_the_other(app: Served, page: Page) -> None:
    names = [f"thrown-away-{number}" for number in (1, 2)]
    for name in names:
        shutil.copy(ROOT / "edited_models" / "no-van-gogh.safetensors", app.edits / f"{name}.safetensors")
    page.get_by_role("tab", name="Edits").click()
    page.locator("#edits-search input, #edits-search textarea").fill("thrown")
    for name in names:
        page.locator("#edits").get_by_label(name).check()
        page.locator("#edit-delete").click()
        expect(page.locator("#edit-undo")).to_have_text(f"Undo: {name}")
    page.reload()
    page.locator("#edits-search input, #edits-search textarea").fill("thrown", timeout=PATIENCE)
    for name in reversed(names):
        expect(page.locator("#edit-undo")).to_have_text(f"Undo: {name}")
        page.locator("#edit-undo").click()
        expect(page.locator("#edits-status")).to_contain_text(f"Restored {name}")
        (app.edits / f"{name}.safetensors").unlink()
    expect(page.locator("#edit-undo")).to_be_hidden()
