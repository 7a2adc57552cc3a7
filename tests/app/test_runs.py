"""The Runs tab, links and the gallery mode."""

import io
import re
from pathlib import Path
from urllib.parse import urljoin

import numpy as np
import pytest
from gradio_client import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app import passwords
from tests.app.serving import PATIENCE, enter, open_runs, run_and_wait, run_another, serve, shown
from uce_core.runs.store import Store


def test_every_comparison_is_in_the_runs_and_a_link_opens_it(page: Page, browser: Browser, home: Path) -> None:
    page.get_by_label("Prompt").first.fill("a fish in the style of Vincent van Gogh")
    run_and_wait(page)
    generated = shown(page)
    open_runs(page)
    page.locator("#runs a").first.click()
    expect(page.locator("#run-facts")).to_contain_text("a fish in the style of Vincent van Gogh")
    link = page.locator("#run-link input, #run-link textarea").input_value()
    page.locator("#run-replay").click()
    expect(page.locator("#replay-status")).to_contain_text("a fish in the style of Vincent van Gogh", timeout=PATIENCE)
    expect(page.locator("#replay-status")).to_contain_text("Identical")
    page.locator("#run-save").click()
    expect(page.locator("#runs-status")).to_contain_text("Saved as no-vincent-van-gogh")

    fresh = browser.new_context(locale="en-US")
    visitor = fresh.new_page()
    visitor.goto(link)
    expect(visitor.locator("#run-facts")).to_contain_text("a fish", timeout=PATIENCE)
    images = visitor.locator("#run-images .uce-pair img")
    expect(images).to_have_count(2)
    for i, expected in enumerate(generated):
        body = visitor.request.get(urljoin(visitor.url, images.nth(i).get_attribute("src"))).body()
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(body))), expected)
    assert str(home) not in visitor.content()
    assert visitor.request.get(urljoin(link, f"/image/{'0' * 64}.png")).status == 404
    visitor.locator("#run-mine").click()
    expect(visitor.get_by_label("Prompt").first).to_have_value("a fish in the style of Vincent van Gogh")
    visitor.goto(link.split("=")[0] + "=nothing")
    expect(visitor.locator("#runs-status")).to_contain_text("There is no run", timeout=PATIENCE)
    fresh.close()


def test_a_gallery_shows_pinned_runs_to_those_with_a_password(
    browser: Browser, page: Page, tmp_path: Path, home: Path
) -> None:
    page.get_by_label("Prompt").first.fill("a ghost, for the gallery")
    run_and_wait(page)
    store = Store(home / "runs")
    run = store.page(search="gallery")[0].id
    image = page.locator("#pairs .uce-pair img").first.get_attribute("src")
    passwords.add(tmp_path / "visitors", "max", "sunflower")
    served = serve(tmp_path / "edits", home, "--read-only", "--auth-file", str(tmp_path / "visitors"))
    try:
        visitor = browser.new_context(locale="en-US").new_page()
        visitor.goto(served.url)
        assert visitor.request.get(urljoin(served.url, image)).status == 401
        visitor.get_by_label("username").fill("max", timeout=PATIENCE)
        visitor.get_by_label("password").fill("sunflower")
        visitor.get_by_role("button", name="Login").click()
        expect(visitor.locator("#runs-count")).to_contain_text("No runs here yet", timeout=PATIENCE)
        assert visitor.get_by_role("tab").count() == 1
        visitor.goto(f"{served.url}/?run={run}")
        expect(visitor.locator("#run-facts")).to_contain_text("a ghost", timeout=PATIENCE)
        assert visitor.request.get(urljoin(served.url, image)).status == 200
        for button in ("#run-mine", "#run-replay", "#run-save", "#runs-import", "#run-pin", "#run-delete"):
            expect(visitor.locator(button)).to_be_hidden()
        store.pin(run)
        visitor.goto(served.url)
        expect(visitor.locator("#runs-count")).to_contain_text("1–1 of 1", timeout=PATIENCE)
        with pytest.raises(ValueError, match="Could not login"):
            Client(served.url, auth=("max", "wrong"), verbose=False)
        client = Client(served.url, auth=("max", "sunflower"), verbose=False)
        assert not client.view_api(return_format="dict")["named_endpoints"]
    finally:
        served.process.terminate()
        served.process.wait(20)


def test_runs_are_pinned_noted_compared_sent_and_deleted(page: Page, tmp_path: Path) -> None:
    link = ""
    for prompt in ("an apple, one", "an apple, two"):
        page.get_by_label("Prompt").first.fill(prompt)
        link = run_another(page, link)
    open_runs(page)
    page.locator("#runs-search input, #runs-search textarea").fill("apple")
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    page.locator("#runs-kind input").click()
    page.get_by_role("option", name="Debiasing").click()
    expect(page.locator("#runs-count")).to_contain_text("Nothing found")
    page.locator("#runs-kind input").click()
    page.get_by_role("option", name="Comparison").click()
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    page.locator("#runs a").nth(1).click()
    expect(page.locator("#run-facts")).to_contain_text("an apple, one")
    page.locator("#run-pin").click()
    expect(page.locator("#run-pin")).to_contain_text("Unpin")
    page.locator("#run-note input, #run-note textarea").fill("a good one")
    page.locator("#run-note input, #run-note textarea").blur()
    expect(page.locator("#runs-status")).to_contain_text("Note saved")
    page.locator("#run-against").click()
    expect(page.locator("#run-against")).to_have_text("Stop comparing")
    page.locator("#run-against").click()
    expect(page.locator("#run-against")).to_have_text("Compare with …")
    page.locator("#run-against").click()
    expect(page.locator("#runs-status")).to_contain_text("Open another run")
    expect(page.locator("#runs a").nth(0)).to_contain_text("Erase: Vincent van Gogh")
    page.locator("#runs a").nth(0).click()
    expect(page.locator("#run-facts")).to_contain_text("Difference")
    expect(page.locator("#run-download")).to_be_hidden()  # which is pressed by scripts only
    page.locator("#runs a").nth(1).click()
    expect(page.locator("#run-facts")).not_to_contain_text("Difference")
    expect(page.locator("#runs-status")).to_contain_text("Open another run")
    page.locator("#runs a").nth(0).click()
    expect(page.locator("#run-facts")).to_contain_text("Difference")
    page.locator("#run-against").click()
    expect(page.locator("#run-facts")).not_to_contain_text("Difference")
    page.locator("#runs a").nth(1).click()
    expect(page.locator("#run-facts")).to_contain_text("an apple, one")
    page.locator("#run-against").click()
    expect(page.locator("#runs-status")).to_contain_text("Open another run")
    page.locator("#runs a").nth(0).click()
    expect(page.locator("#run-facts")).to_contain_text("Difference")
    expect(page.locator("#run-images .uce-pair img")).to_have_count(4)
    heads = page.locator("#run-images h3")
    expect(heads.nth(0)).to_contain_text("This run: ")
    expect(heads.nth(0)).to_contain_text("an apple, two")
    expect(heads.nth(1)).to_contain_text("an apple, one")
    with page.expect_download() as download:
        page.locator("#run-export").click()
    archive = tmp_path / "run.zip"
    download.value.save_as(archive)
    page.locator("#run-delete").click()
    expect(page.locator("#runs-count")).to_contain_text("of 1")
    page.go_back()  # to a run that is there no more
    page.reload()
    expect(page.locator("#run-undo")).to_have_text("Undo: an apple, two")
    page.locator("#run-undo").click()
    expect(page.locator("#runs-status")).to_contain_text("Restored")
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    expect(page.locator("#run-facts")).to_contain_text("an apple, two")
    page.locator("#run-delete").click()
    expect(page.locator("#runs-count")).to_contain_text("of 1")

    def upload(file: Path) -> None:
        with page.expect_file_chooser() as chooser:
            page.locator("#runs-import").click()
        chooser.value.set_files(file)

    upload(archive)
    expect(page.locator("#runs-status")).to_contain_text("Imported the run", timeout=PATIENCE)
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    bad = tmp_path / "bad.zip"
    bad.write_text("no zip")
    upload(bad)
    expect(page.locator("#runs-status")).to_contain_text("not an exported run", timeout=PATIENCE)


def test_generating_again_is_cancelled_and_says_of_which_run_it_speaks(page: Page) -> None:
    page.get_by_role("button", name="Advanced").first.click()
    for text, steps in (("a pear, slowly", "60"), ("a pear, fast", "2")):
        page.get_by_label("Prompt").first.fill(text)
        enter(page, "Steps", steps)
        page.locator("#run").click()
        expect(page.locator("#pairs .uce-pair").first).to_have_attribute(
            "data-title", re.compile(text), timeout=PATIENCE
        )
    open_runs(page)
    page.locator("#runs-search input, #runs-search textarea").fill("pear")
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    page.locator("#runs a").nth(1).click()
    expect(page.locator("#run-facts")).to_contain_text("a pear, slowly")
    page.locator("#run-replay").click()
    expect(page.locator("#replay-status .uce-progress")).to_contain_text("of 60", timeout=PATIENCE)
    page.locator("#replay-cancel").click()
    expect(page.locator("#replay-status")).to_contain_text("Cancelled", timeout=PATIENCE)
    page.locator("#run-replay").click()
    expect(page.locator("#replay-status .uce-progress")).to_contain_text("of 60", timeout=PATIENCE)
    page.locator("#runs a").nth(0).click()
    expect(page.locator("#run-facts")).to_contain_text("a pear, fast")
    page.locator("#run-delete").click()
    expect(page.locator("#runs-status")).to_contain_text("Deleted")
    expect(page.locator("#replay-cancel")).to_be_visible()
    page.locator("#run-undo").click()
    expect(page.locator("#replay-status")).to_contain_text("a pear, slowly", timeout=PATIENCE)
    expect(page.locator("#replay-status")).to_contain_text("Identical")
    expect(page.locator("#run-replay")).to_be_enabled()
