"""The app as a person and as a script use it: Chromium through Playwright, and gradio_client."""

import io
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app import passwords
from uce_core import Edit
from uce_core.store import Store

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]
PATIENCE = 60_000  # ms, for a comparison on a slow machine


@dataclass
class Served:
    """python -m app in a process of its own."""

    url: str
    edits: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(edits: Path, home: Path, *more: str) -> Served:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--port", str(port), "--edits", str(edits), *more],
        cwd=ROOT,
        env={**os.environ, "UCE_STUDIO_HOME": str(home)},
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            with urlopen(url, timeout=5):
                return Served(url, edits, process)
        except OSError:
            assert process.poll() is None, "the app ended"
            time.sleep(0.25)
    process.kill()
    raise AssertionError("the app did not come up in a minute")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Served]:
    served = serve(tmp_path_factory.mktemp("edits"), home)
    yield served
    served.process.terminate()
    served.process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "install Debian's chromium package: the browser tests need it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(app: Served, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda request: (
            outside.append(request.url) if not request.url.startswith((app.url, "data:", "blob:")) else None
        ),
    )
    page.goto(app.url)
    expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
    yield page
    context.close()
    assert outside == [], "the page asked for something outside"


def run_and_wait(page: Page) -> None:
    page.locator("#run").click()
    expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)


def shown(page: Page, count: int = 2) -> list[np.ndarray]:
    """The pictures of the gallery, as they were drawn."""
    pictures = page.locator("#pairs .grid-container img")
    expect(pictures).to_have_count(count)
    addresses = [pictures.nth(i).get_attribute("src") for i in range(count)]
    return [np.asarray(Image.open(io.BytesIO(page.request.get(address).body()))).astype(int) for address in addresses]


def test_one_button_shows_something(page: Page) -> None:
    page.locator("#show-me").click()
    expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)
    original, edited = shown(page)
    assert original.shape == (128, 128, 3)
    assert np.abs(original - edited).mean() > 5, "erasing changed nothing"
    assert original.std() > 20, "the picture is blank"
    expect(page.locator("#scores table tbody td")).to_have_count(4)
    scores = page.locator("#scores table tbody td").all_inner_texts()
    assert [bool(re.fullmatch(r"-?[\d.]+", text)) for text in scores] == [True] * 4
    assert page.locator("#scores .uce-reading li").count() == 3
    expect(page.locator("#slider")).to_be_visible()


def test_pick_artists_and_run_three_seeds(page: Page) -> None:
    page.get_by_label("Erase", exact=True).fill("Matisse")
    page.get_by_role("option", name="Henri Matisse").click()
    page.get_by_label("Prompt").first.fill("a cat in the style of Henri Matisse")
    page.get_by_label("3 seeds").check()
    run_and_wait(page)
    pictures = shown(page, 6)
    assert all(np.abs(a - b).mean() > 5 for a, b in itertools.pairwise(pictures))
    expect(page.locator("#scores table tbody tr")).to_have_count(3)
    page.locator("#pairs .grid-container button").nth(4).click()
    expect(page.locator("#slider img").first).to_be_visible()


def test_the_same_artist_in_both_lists_is_said(page: Page) -> None:
    page.get_by_label("Retain", exact=True).fill("Vincent van Gogh")
    page.get_by_role("option", name="Vincent van Gogh").click()
    page.locator("#run").click()
    expect(page.locator("#status [role=alert]")).to_contain_text("both lists", timeout=PATIENCE)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [("   ", "prompt is empty"), ("cat " * 100, "too long")],
)
def test_a_bad_prompt_is_said_and_the_next_works(page: Page, prompt: str, sentence: str) -> None:
    page.get_by_label("Prompt").first.fill(prompt)
    page.locator("#run").click()
    expect(page.locator("#status [role=alert]")).to_contain_text(sentence, timeout=PATIENCE)
    page.get_by_label("Prompt").first.fill("a cat")
    run_and_wait(page)


def test_unknown_artist_is_allowed_but_said_and_escaped(page: Page) -> None:
    field = page.get_by_label("Erase", exact=True)
    field.fill("<img src=x onerror=alert(1)>")
    field.press("Enter")
    run_and_wait(page)
    expect(page.locator("#status")).to_contain_text("Not in the catalogue of this model: <img src=x")
    assert page.locator("#status img").count() == 0


def test_cancel_stops_and_the_next_run_works(page: Page) -> None:
    page.get_by_text("Advanced").click()
    page.get_by_label("number input for Steps").fill("100")
    page.get_by_label("number input for Steps").press("Enter")
    page.get_by_label("3 seeds").check()
    page.locator("#run").click()
    expect(page.locator("#status")).to_contain_text("Step", timeout=PATIENCE)
    page.locator("#cancel").click()
    expect(page.locator("#status")).to_contain_text("Cancelled", timeout=5_000)
    page.get_by_label("number input for Steps").fill("4")
    page.get_by_label("number input for Steps").press("Enter")
    page.get_by_label("3 seeds").uncheck()
    run_and_wait(page)


def test_saved_edit_is_there_after_a_restart(app: Served, browser: Browser, page: Page, home: Path) -> None:
    run_and_wait(page)
    before = shown(page)
    page.locator("#name textarea, #name input").fill("../My edit!")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    assert [path.name for path in app.edits.iterdir()] == ["my-edit.safetensors"]
    again = serve(app.edits, home)
    try:
        other = browser.new_page(locale="en-US")
        other.goto(again.url)
        expect(other.locator("#show-me")).to_be_visible(timeout=PATIENCE)
        other.locator("#saved input").click()
        other.get_by_role("option", name="my-edit").click()
        expect(other.locator("#status")).to_contain_text("Loaded my-edit", timeout=PATIENCE)
        run_and_wait(other)
        after = shown(other)
    finally:
        again.process.terminate()
        again.process.wait(20)
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


def test_a_model_that_cannot_be_loaded_leaves_the_one_at_hand(
    browser: Browser, tiny_folder: Path, tmp_path: Path, home: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    served = serve(tmp_path / "edits", home, "--model", "atelier", "--model", str(broken), "--model", str(tiny_folder))
    try:
        page = browser.new_page(locale="en-US")
        page.goto(served.url)
        page.get_by_text("Advanced").click(timeout=PATIENCE)
        steps = page.get_by_label("number input for Steps")
        for name, said, size in (
            ("atelier", "Done in", 128),
            ("broken", "no whole Stable Diffusion model", None),
            (tiny_folder.name, "Done in", 16),
        ):  # what is said differs each time, so that the last is never taken for the next
            page.locator("#model input").click()
            page.get_by_role("option", name=name).click()
            expect(steps).to_have_value("20" if name == "atelier" else "50")
            steps.fill("3")
            steps.press("Enter")
            page.locator("#run").click()
            expect(page.locator("#status")).to_contain_text(said, timeout=PATIENCE)
            assert str(tmp_path) not in page.content()
            assert size is None or shown(page)[0].shape == (size, size, 3)
    finally:
        served.process.terminate()
        served.process.wait(20)


def open_runs(page: Page) -> None:
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("#runs .grid-container img").first).to_be_visible(timeout=PATIENCE)


def test_every_comparison_is_in_the_runs_and_a_link_opens_it(page: Page, browser: Browser) -> None:
    page.get_by_label("Prompt").first.fill("a fish in the style of Vincent van Gogh")
    run_and_wait(page)
    drawn = shown(page)
    open_runs(page)
    page.locator("#runs .grid-container button").first.click()
    expect(page.locator("#run-facts")).to_contain_text("a fish in the style of Vincent van Gogh")
    link = page.locator("#run-link input, #run-link textarea").input_value()
    page.locator("#run-replay").click()
    expect(page.locator("#runs-status")).to_contain_text("Identical", timeout=PATIENCE)

    fresh = browser.new_context(locale="en-US")
    visitor = fresh.new_page()
    visitor.goto(link)
    expect(visitor.locator("#run-facts")).to_contain_text("a fish", timeout=PATIENCE)
    pictures = visitor.locator("#run-pictures .grid-container img")
    expect(pictures).to_have_count(2)
    for i, expected in enumerate(drawn):
        body = visitor.request.get(pictures.nth(i).get_attribute("src")).body()
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(body))), expected)
    visitor.locator("#run-mine").click()
    expect(visitor.get_by_label("Prompt").first).to_have_value("a fish in the style of Vincent van Gogh")
    visitor.goto(link.split("=")[0] + "=nothing")
    expect(visitor.locator("#runs-status")).to_contain_text("There is no run", timeout=PATIENCE)
    fresh.close()


def test_a_picture_restores_its_settings_and_strength_scales_the_edit(page: Page, tmp_path: Path) -> None:
    page.get_by_text("Advanced").click()
    for strength in ("0", "1"):
        page.get_by_label("number input for Strength").fill(strength)
        page.get_by_label("number input for Strength").press("Enter")
        page.get_by_label("Prompt").first.fill(f"a tree by Vincent van Gogh, {strength}")
        page.locator("#run").click()
        expect(page.locator("#cancel")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#cancel")).to_be_hidden(timeout=PATIENCE)
        original, edited = shown(page)
        assert (np.abs(original - edited).mean() > 5) == (strength == "1")
    address = page.locator("#pairs .grid-container img").nth(1).get_attribute("src")
    picture = tmp_path / "edited.png"
    picture.write_bytes(page.request.get(address).body())
    page.reload()
    other = tmp_path / "other.png"
    Image.new("RGB", (8, 8)).save(other)
    for file, said in ((other, "not a picture that this program made"), (picture, "settings of that picture")):
        with page.expect_file_chooser() as chooser:
            page.locator("#from-picture").click()
        chooser.value.set_files(file)
        expect(page.locator("#status")).to_contain_text(said, timeout=PATIENCE)
    expect(page.get_by_label("Prompt").first).to_have_value("a tree by Vincent van Gogh, 1")


def test_the_library_of_edits(app: Served, page: Page, tmp_path: Path) -> None:
    page.locator("#name textarea, #name input").fill("library test")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    page.get_by_role("tab", name="Edits").click()
    page.locator("#edits-search input, #edits-search textarea").fill("library")
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
    page.locator("#edit-delete").click()
    expect(page.locator("#edits-status")).to_contain_text("is deleted")
    assert not (app.edits / "library-renamed.safetensors").exists()
    page.locator("#edit-undo").click()
    expect(page.locator("#edits-status")).to_contain_text("is back")
    assert (app.edits / "library-renamed.safetensors").is_file()

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


def test_debiasing_can_be_stopped_and_what_is_best_is_kept(app: Served, page: Page) -> None:
    page.get_by_role("tab", name="Debias").click()
    page.get_by_label("Wished shares, in %").fill("50, 60")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status [role=alert]")).to_contain_text("with sum 1", timeout=PATIENCE)
    page.get_by_label("Wished shares, in %").fill("50, 50")
    page.get_by_text("Advanced").locator("visible=true").click()
    page.get_by_label("Pictures of each, in each iteration").fill("12")
    page.get_by_label("Tolerance, in points").fill("29")
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status")).to_contain_text("Iteration 1", timeout=3 * PATIENCE)
    expect(page.locator("#debias-bars")).to_contain_text("doctor")
    page.locator("#debias-stop").click()
    expect(page.locator("#debias-status")).to_contain_text("Done in", timeout=3 * PATIENCE)
    assert page.locator("#debias-bars .uce-share").count() == 6
    expect(page.locator("#debias-pictures .grid-container img")).to_have_count(16)
    page.locator("#debias-name input, #debias-name textarea").fill("fairer")
    page.locator("#debias-save").click()
    expect(page.locator("#debias-status")).to_contain_text("Saved as", timeout=PATIENCE)
    assert Edit.load(app.edits / "fairer.safetensors").spec.concepts == ("doctor", "nurse")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_accessibility_violation(theme: str, app: Served, browser: Browser) -> None:
    """axe-core's opinion of every tab, with results in it where they come quickly."""
    page = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 900})
    page.goto(f"{app.url}/?__theme={theme}")
    page.locator("#show-me").click(timeout=PATIENCE)
    expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)
    for name in ("Compare", "Debias", "Leakage", "Edits", "Runs"):
        page.get_by_role("tab", name=name).click()
        if name == "Compare":
            page.get_by_text("Advanced").locator("visible=true").click()
        if name == "Runs":
            page.locator("#runs .grid-container button").first.click()
            expect(page.locator("#run-facts table")).to_be_visible(timeout=PATIENCE)
        page.wait_for_timeout(1000)  # what fades in has no contrast before
        found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], node["html"][:80]) for v in found for node in v["nodes"]] == [], name
    page.close()


def test_no_tab_is_wider_than_a_phone(app: Served, browser: Browser) -> None:
    page = browser.new_page(locale="ko-KR", viewport={"width": 390, "height": 844})
    page.goto(app.url)
    page.locator("#show-me").click(timeout=PATIENCE)
    expect(page.locator("#status")).to_contain_text("완료", timeout=PATIENCE)
    for name in ("비교", "편향 완화", "누출", "편집", "실행 기록"):
        tab = page.get_by_role("tab", name=name)
        if not tab.is_visible():
            page.locator(".overflow-menu > button").click()
        page.get_by_role("tab", name=name).or_(page.locator(".overflow-dropdown button", has_text=name)).first.click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.close()


def test_who_is_hit_is_said_and_whom_to_retain_suggested(page: Page) -> None:
    run_and_wait(page)
    page.locator("#hit").click()
    rows = page.locator("#impact tbody tr")
    expect(rows).to_have_count(14, timeout=PATIENCE)
    assert rows.first.inner_text().split("\t")[:2] == ["Vincent van Gogh", "erased"]
    drifts = [float(row.split("\t")[-1]) for row in rows.all_inner_texts()]
    assert drifts == sorted(drifts, reverse=True)
    page.locator("#suggest").click()
    expect(page.locator("#status")).to_contain_text("Added to the retained", timeout=PATIENCE)
    run_and_wait(page)


def test_a_gallery_shows_pinned_runs_to_those_with_a_password(
    browser: Browser, page: Page, tmp_path: Path, home: Path
) -> None:
    page.get_by_label("Prompt").first.fill("a ghost, for the gallery")
    run_and_wait(page)
    store = Store(home / "runs")
    run = store.page(search="gallery")[0].id
    passwords.add(tmp_path / "visitors", "max", "sunflower")
    served = serve(tmp_path / "edits", home, "--read-only", "--auth-file", str(tmp_path / "visitors"))
    try:
        visitor = browser.new_context(locale="en-US").new_page()
        visitor.goto(served.url)
        visitor.get_by_label("username").fill("max", timeout=PATIENCE)
        visitor.get_by_label("password").fill("sunflower")
        visitor.get_by_role("button", name="Login").click()
        expect(visitor.locator("#runs-count")).to_contain_text("No runs here yet", timeout=PATIENCE)
        assert visitor.get_by_role("tab").count() == 1
        visitor.goto(f"{served.url}/?run={run}")
        expect(visitor.locator("#run-facts")).to_contain_text("a ghost", timeout=PATIENCE)
        for button in ("#run-mine", "#run-replay", "#runs-import"):
            expect(visitor.locator(button)).to_be_hidden()
        for button in ("#run-pin", "#run-delete"):
            expect(visitor.locator(button)).to_be_disabled()
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


def test_leaks_are_looked_for_and_recorded(page: Page, tmp_path: Path) -> None:
    page.locator("#name textarea, #name input").fill("leaking")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    page.get_by_role("tab", name="Leakage").click()
    page.locator("#leakage-edit input").click()
    page.get_by_role("option", name="leaking").click()
    expect(page.locator("#leakage-artist input")).to_have_value("Vincent van Gogh")
    page.locator("#leakage-run").click()
    expect(page.locator("#leakage-status")).to_contain_text("Picture", timeout=PATIENCE)
    page.locator("#leakage-cancel").click()
    expect(page.locator("#leakage-status")).to_contain_text("Cancelled", timeout=10_000)
    page.locator("#leakage-run").click()
    expect(page.locator("#leakage-status")).to_contain_text("Done in", timeout=4 * PATIENCE)
    expect(page.locator("#leakage-summary")).to_contain_text("% → 0% of the pictures")
    heads = page.locator("#leakage-heat tbody th").all_inner_texts()
    assert heads[:5] == [
        f"Erased: {facet}" for facet in ("bare name", "style", "portrait", "content", "indirect wording")
    ]
    assert page.locator("#leakage-matrix section").count() == 6
    assert page.locator("#leakage-matrix img").count() >= 50
    with page.expect_download() as download:
        page.locator("#leakage-report").click()
    download.value.save_as(tmp_path / "report.html")
    assert "leaking: Vincent van Gogh" in (tmp_path / "report.html").read_text(encoding="utf-8")
    open_runs(page)
    page.locator("#runs .grid-container button").first.click()
    expect(page.locator("#run-facts")).to_contain_text("the erased are seen in")
    expect(page.locator("#run-replay")).to_be_disabled()


def test_runs_are_pinned_noted_compared_sent_and_deleted(page: Page, tmp_path: Path) -> None:
    for prompt in ("an apple, one", "an apple, two"):
        page.get_by_label("Prompt").first.fill(prompt)
        page.locator("#run").click()
        expect(page.locator("#cancel")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#cancel")).to_be_hidden(timeout=PATIENCE)
    open_runs(page)
    page.locator("#runs-search input, #runs-search textarea").fill("apple")
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    page.locator("#runs .grid-container button").nth(1).click()
    expect(page.locator("#run-facts")).to_contain_text("an apple, one")
    page.locator("#run-pin").click()
    expect(page.locator("#run-pin")).to_contain_text("Unpin")
    page.locator("#run-note input, #run-note textarea").fill("a good one")
    page.locator("#run-note input, #run-note textarea").blur()
    expect(page.locator("#runs-status")).to_contain_text("Note kept")
    page.locator("#run-against").click()
    expect(page.locator("#runs-status")).to_contain_text("Set aside")
    page.locator("#runs .grid-container button").nth(0).click()
    expect(page.locator("#run-facts")).to_contain_text("Differs in")
    expect(page.locator("#run-pictures .grid-container img")).to_have_count(4)
    with page.expect_download() as download:
        page.locator("#run-export").click()
    archive = tmp_path / "run.zip"
    download.value.save_as(archive)
    page.locator("#run-delete").click()
    expect(page.locator("#runs-count")).to_contain_text("of 1")

    def upload(file: Path) -> None:
        with page.expect_file_chooser() as chooser:
            page.locator("#runs-import").click()
        chooser.value.set_files(file)

    upload(archive)
    expect(page.locator("#runs-status")).to_contain_text("Imported", timeout=PATIENCE)
    expect(page.locator("#runs-count")).to_contain_text("of 2")
    bad = tmp_path / "bad.zip"
    bad.write_text("no zip")
    upload(bad)
    expect(page.locator("#runs-status")).to_contain_text("not an exported run", timeout=PATIENCE)


def test_korean_browser_gets_korean(app: Served, browser: Browser) -> None:
    page = browser.new_page(locale="ko-KR")
    page.goto(app.url)
    expect(page.locator("#run")).to_contain_text("지우고 비교하기", timeout=PATIENCE)
    page.locator("#show-me").click()
    expect(page.locator("#status")).to_contain_text("완료", timeout=PATIENCE)
    page.close()


def test_endpoint(app: Served, home: Path) -> None:
    client = Client(app.url, verbose=False)
    request = {
        "erase": ["Vincent van Gogh"],
        "retain": ["Claude Monet"],
        "prompt": "a cat by Vincent van Gogh",
        "seed": 3,
    }
    original, edited, scores, run = client.predict(**request, steps=4, guidance_scale=4, api_name="/compare")
    with Image.open(original) as first, Image.open(edited) as second:
        assert first.size == second.size == (128, 128)
    assert set(scores) == {"clip_original", "clip_edited", "lpips"}
    assert Store(home / "runs").get(run).title == request["prompt"]
    with pytest.raises(AppError, match="nothing to erase"):
        client.predict(**{**request, "erase": []}, api_name="/compare")
    assert client.predict(**request, steps=4, guidance_scale=4, api_name="/compare")[3] == run


def test_nothing_but_compare_is_offered_and_files_stay_private(app: Served) -> None:
    client = Client(app.url, verbose=False)
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/compare"]
    for path in ("README.md", "requirements.txt", str(ROOT / "README.md"), "/etc/passwd"):
        with pytest.raises(OSError, match=r"40[34]"):
            urlopen(f"{app.url}/gradio_api/file={path}", timeout=10)
