"""Files dropped on a tab, and those that are not taken."""

from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Page, Request, expect

from tests.app.serving import PATIENCE, Served, drop, open_runs, run_and_wait, settle


def test_an_image_dropped_on_compare_restores_its_settings(page: Page, tmp_path: Path) -> None:
    prompt = page.get_by_label("Prompt").first
    prompt.fill("a fish by Vincent van Gogh")
    run_and_wait(page)
    address = page.locator("#pairs .uce-pair img").nth(1).get_attribute("src")
    file = tmp_path / "fish.PNG"
    file.write_bytes(page.request.get(urljoin(page.url, address)).body())
    prompt.fill("something else")
    drop(page, file)
    expect(prompt).to_have_value("a fish by Vincent van Gogh", timeout=PATIENCE)


def test_edits_and_runs_are_dropped_on_their_tabs(page: Page, app: Served, tmp_path: Path) -> None:
    page.locator("#name textarea, #name input").fill("to be dropped")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    page.get_by_role("tab", name="Edits").click()
    edit = (app.edits / "to-be-dropped.safetensors").rename(tmp_path / "dropped-here.safetensors")
    expect(page.locator("#edit-upload")).to_be_visible()
    drop(page, edit)
    expect(page.locator("#edits-status")).to_contain_text("dropped-here is in the library", timeout=PATIENCE)
    open_runs(page)
    bad = tmp_path / "bad.zip"
    bad.write_text("no zip")
    drop(page, bad)
    expect(page.locator("#runs-status")).to_contain_text("not an exported run", timeout=PATIENCE)
    page.get_by_role("tab", name="Debias").click()
    expect(page.locator("#debias-run")).to_be_visible()
    drop(page, bad)
    expect(page.locator("#debias-run")).to_be_visible()


def test_what_a_tab_does_not_take_is_said_and_not_sent(page: Page, tmp_path: Path) -> None:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if "/upload" in request.url else None)
    files = [tmp_path / name for name in ("<b>one$&.txt", "two.png", "three.png")]
    for file in files:
        file.write_bytes(b"-")
    said = page.locator("#status")
    settle(page)  # until what takes files is there
    drop(page, files[0])
    expect(said).to_contain_text("<b>one$&.txt is not a .png file: choose another one.")
    drop(page, *files[1:])
    expect(said).to_contain_text("These are several files")
    with page.expect_file_chooser() as chooser:
        page.locator("#from-image").click()
    chooser.value.set_files(files[0])
    expect(said).to_contain_text("is not a .png file")
    assert not sent
    drop(page, files[1])
    expect(said).to_contain_text("has no settings that can be read", timeout=PATIENCE)
    assert sent, "the listener sees what is sent"
