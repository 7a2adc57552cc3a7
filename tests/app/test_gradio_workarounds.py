"""Gradio still does what app/gradio_workarounds.py is for. A test that fails here says that a workaround can go.

What only the page shows is looked at on a page of Gradio's own (bare_gradio.py), in a Korean browser.
"""

import asyncio
import inspect
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial, wraps
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from gradio import processing_utils
from gradio.blocks import BlocksConfig
from gradio.context import LocalContext
from gradio.processing_utils import _check_allowed
from gradio.route_utils import call_process_api
from gradio.state_holder import SessionState
from gradio.utils import error_payload
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, Page, Request, Route, expect
from starlette.testclient import TestClient

from app import gradio_workarounds as workarounds
from app.main import theme
from app.words import WORDS
from tests.app.serving import HELD, PATIENCE, ROOT, ask_while_the_stream_ends, free_port, settle, until_up

RED = "rgb(255, 0, 0)"  # of borders in bare_gradio.py
MODULE = "app.gradio_workarounds"
PAGE = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
TAB_SHOWN = """new MutationObserver((_, observer) => {
  if (!document.querySelector('[role=tab]')) return;
  observer.disconnect();
  window.shownAt = performance.now();
}).observe(document, {childList: true, subtree: true})"""
FRAMES = """() => new Promise(counted => {
  const before = requestAnimationFrame(() => {});
  setTimeout(() => counted(requestAnimationFrame(() => {}) - before - 1), 500);
})"""


@pytest.fixture(scope="module")
def bare_url() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.app.bare_gradio", str(port)], cwd=ROOT)
    until_up(f"http://127.0.0.1:{port}", process)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_page(locale="ko-KR", viewport={"width": 900, "height": 900})
    page.add_init_script(TAB_SHOWN)
    page.goto(address)
    expect(page.locator("#count")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("window.loadedAt")
    return page


@pytest.fixture
def bare(bare_url: str, browser: Browser) -> Iterator[Page]:
    """To do something on."""
    page = opened(browser, bare_url)
    yield page
    page.close()


@pytest.fixture(scope="module")
def seen(bare_url: str, browser: Browser) -> Iterator[Page]:
    """Only to be looked at."""
    page = opened(browser, bare_url)
    yield page
    page.close()


def listed() -> list[str]:
    """Names of all workarounds, as this file's tests have them."""
    helps = ("ELSEWHERE", "POLL", "PROGRESS_POLL")
    functions = [
        name for name, value in inspect.getmembers(workarounds, inspect.isfunction) if value.__module__ == MODULE
    ]
    constants = [name.lower() for name in vars(workarounds) if name.isupper() and name not in helps]
    return [*functions, *constants, *workarounds.ELSEWHERE]


def test_each_workaround_has_a_test() -> None:
    assert len(listed()) > 20
    assert [name for name in listed() if f"test_{name}" not in globals()] == []
    assert [one.file for one in workarounds.ELSEWHERE.values() if not (ROOT / one.file).is_file()] == []


def in_a_loop(test: Callable[[], object]) -> Callable[[], object]:
    """Done in a thread with an event loop, which Gradio makes otherwise and does not close."""

    async def inside() -> object:
        return test()

    @wraps(test)
    def done() -> object:
        with ThreadPoolExecutor() as threads:
            return threads.submit(asyncio.run, inside()).result()

    return done


def blocks() -> gr.Blocks:
    return gr.Blocks(analytics_enabled=False)


def parsed(first: str) -> int:
    """How many sources are parsed while Gradio is imported in a new process, by way of another import."""
    code = f"""
import ast
parse, count = ast.parse, 0
def counted(*arguments, **options):
    global count
    count += 1
    return parse(*arguments, **options)
ast.parse = counted
{first}
import gradio
print(count)"""
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def test_no_stubs() -> None:
    assert parsed("") > 50
    assert parsed("import app.gradio_workarounds") < 10


@in_a_loop
def test_poll_queue_seldom() -> None:
    queue = blocks().queue()._queue
    assert queue.sleep_when_free < workarounds.POLL
    assert queue.progress_update_sleep_when_free < workarounds.PROGRESS_POLL


@in_a_loop
def test_end_log_ins() -> None:
    """Gradio remembers by an attribute of the app, a plain dictionary."""
    page = blocks()
    app = gr.routes.App.create_app(page)
    assert type(app.tokens) is dict
    workarounds.end_log_ins(app, 0.05, most=10)
    app.tokens["token"] = "Kim"
    assert app.tokens.get("token") == "Kim"
    assert list(app.tokens.keys()) == ["token"]
    time.sleep(0.06)
    assert app.tokens.get("token") is None


def test_take_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    async def fetch(url: str) -> None:
        fetched.append(url)
        raise ConnectionError

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_get", fetch)
    for name in ("async_ssrf_protected_download", "ssrf_protected_download", "save_url_to_cache"):
        monkeypatch.setattr(processing_utils, name, getattr(processing_utils, name))  # put back at the end

    def given(address: str) -> None:
        async def moved() -> None:
            await gr.File().async_move_resource_to_block_cache(address)

        with ThreadPoolExecutor() as threads:
            threads.submit(asyncio.run, moved()).result()

    with pytest.raises(ConnectionError):
        given("http://a.example/one.png")
    workarounds.take_no_addresses()
    with pytest.raises(gr.Error, match="as uploads"):
        given("http://a.example/two.png")
    assert fetched == ["http://a.example/one.png"]


def test_write_images_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who reads a file that is written once more still has all of it."""
    monkeypatch.setattr(
        processing_utils, "save_pil_to_cache", processing_utils.save_pil_to_cache
    )  # put back at the end
    image = Image.new("RGB", (8, 8), "red")

    def read_on() -> tuple[bytes, bytes]:
        path = Path(processing_utils.save_pil_to_cache(image, str(tmp_path), format="png"))
        whole = path.read_bytes()
        with monkeypatch.context() as patched, path.open("rb") as file:
            patched.setattr(processing_utils, "encode_pil_to_bytes", lambda image, format: b"")  # half of writing
            patched.setattr(processing_utils, "hash_bytes", lambda content: path.parent.name)
            processing_utils.save_pil_to_cache(image, str(tmp_path), format="png")
            return whole, file.read()

    whole, found = read_on()
    assert found == b"" != whole
    workarounds.write_images_whole()
    whole, found = read_on()
    assert found == whole
    with Image.open(processing_utils.save_pil_to_cache(image, str(tmp_path), format="png")) as written:
        assert written.size == (8, 8)


def test_queue_full(bare: Page) -> None:
    for status, said in ((503, "currently busy"), (workarounds.QUEUE_FULL, "in our words")):
        answer = {"status": status, "json": {"detail": "in our words"}}
        bare.route("**/queue/join*", partial(Route.fulfill, **answer))
        bare.locator("#count").click()
        expect(bare.locator(".toast-body").last).to_contain_text(said)
        bare.unroute("**/queue/join*")


def direct_call(**queue: bool) -> int:
    """The status that a direct call to an event's address is answered with."""
    with blocks() as page:
        gr.Button().click(lambda: None, api_name="work")
    page.queue(**queue)
    with closing(TestClient(gr.routes.App.create_app(page))) as client:
        return client.post("/gradio_api/run/work", json={"data": []}).status_code


@in_a_loop
def test_no_direct_calls() -> None:
    assert direct_call() == 200
    assert direct_call(**workarounds.NO_DIRECT_CALLS) == 404


@in_a_loop
def test_delete_old_files() -> None:
    assert blocks().delete_cache is None


def test_paths_to_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").touch()
    page = SimpleNamespace(has_launched=True, allowed_paths=[], blocked_paths=[])
    monkeypatch.setattr("gradio.processing_utils.tempfile.gettempdir", lambda: "/nowhere")
    LocalContext.blocks.set(page)
    try:
        _check_allowed(tmp_path / "secret.txt", check_in_upload_folder=False)
        page.blocked_paths = workarounds.paths_to_block(tmp_path.parent / "files")
        with pytest.raises(gr.exceptions.InvalidPathError):
            _check_allowed(tmp_path / "secret.txt", check_in_upload_folder=False)
    finally:
        LocalContext.blocks.set(None)


@in_a_loop
def test_latest() -> None:
    with blocks() as page, gr.Tab() as tab:
        gr.on([tab.select, gr.Textbox().change], lambda: None)
    assert [one.trigger_mode for one in page.fns.values()] == ["once"]


def test_what_happens_while_a_listener_is_busy_is_dropped(bare: Page) -> None:
    out, sent = field(bare, "out"), list[Request]()
    bare.on("request", lambda request: sent.append(request) if "/queue/join" in request.url else None)
    bare.locator("#count").click()
    expect(out).to_have_value(re.compile(", [0-6]$"), timeout=PATIENCE)
    bare.locator("#count").click()
    expect(out).to_have_value(re.compile(", 9$"), timeout=PATIENCE)
    settle(bare)
    assert len(sent) == 1


def field(page: Page, name: str) -> Locator:
    return page.locator(f"#{name} :is(input, textarea)").first


def test_no_progress(bare: Page) -> None:
    """What is an output and is not changed is worked on all the same."""
    bare.evaluate("""() => {
      window.worked = 0;
      new MutationObserver(records => { window.worked += records.length })
        .observe(document.getElementById('still'), {subtree: true, childList: true, attributes: true});
    }""")
    bare.locator("#count").click()
    expect(field(bare, "out")).to_have_value(re.compile(", 9"), timeout=PATIENCE)
    assert bare.evaluate("window.worked") > 10


@in_a_loop
def test_no_updates() -> None:
    with blocks() as page:
        first, second = gr.Textbox(), gr.Textbox()
        gr.Button().click(lambda: None, None, [first, second])
    [event] = page.fns.values()

    def answer(given: object) -> list[object]:
        with ThreadPoolExecutor() as threads:
            return threads.submit(asyncio.run, page.postprocess_data(event, given, SessionState(page))).result()

    assert answer(workarounds.NO_UPDATES) == [{"__type__": "update"}] * 2
    with pytest.raises(ValueError, match="didn't return enough output values"):
        answer({})


def test_keep_no_copies_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    with blocks() as page:
        first, second = gr.Textbox(), gr.Textbox()
        gr.Button().click(lambda: None)
    of_this_visit, fields = gr.Textbox(max_length=7), page.default_config

    def kept(visit: SessionState) -> tuple[int, bool, bool]:
        """Configurations, and whether the lists of widgets and of listeners are copies."""
        visit._update_value_in_config(first._id, "typed")
        visit[second._id] = of_this_visit
        own = visit.blocks_config
        fields.blocks[-1], fields.fns[-1] = first, fields.fns[0]
        copies = -1 not in own.blocks, -1 not in own.fns
        del fields.blocks[-1], fields.fns[-1]
        return len(list(visit.components)), *copies

    monkeypatch.setattr(BlocksConfig, "__copy__", BlocksConfig.__copy__)  # put back at the end
    monkeypatch.setattr(SessionState, "config_values", None, raising=False)  # taken away again at the end
    monkeypatch.delattr(SessionState, "config_values")
    configurations, *copies = kept(SessionState(page))
    assert configurations >= 2
    assert copies == [True, True]
    workarounds.keep_no_copies_of_the_page()
    visit, other = SessionState(page), SessionState(page)
    assert kept(visit) == (0, False, False)
    assert visit[second._id] is of_this_visit
    assert other[second._id] is fields.blocks[second._id] is second
    assert list(visit.blocks_config.blocks) == list(fields.blocks)


def visits(page: gr.Blocks, count: int) -> tuple[int, int, int]:
    """Of each one event, which nobody waits for: windows that are remembered, those with news, and events."""
    asked = {"data": [], "fn_index": 0}
    with closing(TestClient(gr.routes.App.create_app(page))) as client:
        for number in range(count):
            answer = client.post("/gradio_api/queue/join", json={**asked, "session_hash": f"{number}"})
            assert answer.status_code == 200
    queue = page._queue
    return len(queue.pending_event_ids_session), len(queue.pending_messages_per_session), len(queue.event_analytics)


@in_a_loop
def test_forget_what_is_over() -> None:
    def page() -> gr.Blocks:
        with blocks() as made:
            gr.Button().click(lambda: None)
        return made.queue()

    assert visits(page(), 5) == (5, 5, 5)
    forgetful = page()
    workarounds.forget_what_is_over(forgetful, windows=3)
    assert visits(forgetful, 5) == (3, 3, 0)


def test_lossless(seen: Page) -> None:
    assert seen.locator("#image img").get_attribute("src").endswith(".webp")
    assert inspect.signature(gr.Image).parameters["format"].default == "webp"


def test_plain_error(bare: Page) -> None:
    bare.locator("#fail").click()
    expect(bare.locator(".toast-body b")).to_have_text("bold")
    assert "<b>" not in str(workarounds.plain_error("<b>bold</b>").message)


def test_around_events() -> None:
    """The queue and the direct route say what this says, and handle events by this."""
    for shown, told in ((True, "SQL, paths, names"), (False, None)):
        assert error_payload(RuntimeError("SQL, paths, names"), shown)["error"] == told
    assert "app.get_blocks().process_api(" in inspect.getsource(call_process_api)
    assert "request" in inspect.signature(gr.Blocks.process_api).parameters


def test_prefix() -> None:
    [english] = PAGE.glob("en-*.js")
    theirs = set(re.findall(r"\w+ as (\w+)", english.read_text(encoding="utf-8")))
    assert theirs & set(WORDS["en"]), "no text of ours has the name of one of theirs"


def test_missing_texts(bare: Page) -> None:
    [key] = workarounds.MISSING_TEXTS
    bare.evaluate("""() => {
      window.read = '';
      new MutationObserver(() => {
        for (const live of document.querySelectorAll('[aria-live]')) window.read += live.textContent;
      }).observe(document.body, {subtree: true, childList: true, characterData: true});
    }""")
    bare.locator("#count").click()
    bare.wait_for_function("key => window.read.includes(key)", arg=key, timeout=PATIENCE)


def colour_of(of: gr.themes.Base, name: str, dark: bool) -> str:
    """As "#rrggbb"."""
    value = (getattr(of, f"{name}_dark", None) if dark else None) or getattr(of, name)
    while value.startswith("*"):
        return colour_of(of, value[1:].removesuffix("_dark"), dark)
    return {"white": "#ffffff", "black": "#000000"}.get(value, value)


def contrast(first: str, second: str) -> float:
    """WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


BESIDE = {  # what it must be told from
    "input_border_color": "block_background_fill",
    "checkbox_border_color": "block_background_fill",
    "body_text_color_subdued": "input_background_fill",
    "input_placeholder_color": "input_background_fill",
    "block_label_text_color": "block_label_background_fill",
    "button_primary_background_fill": "button_primary_text_color",
    "button_primary_background_fill_hover": "button_primary_text_color_hover",
    "button_secondary_background_fill_hover": "button_secondary_text_color_hover",
    "checkbox_label_background_fill_selected": "checkbox_label_text_color_selected",
}


@pytest.mark.parametrize("key", workarounds.LEGIBLE)
def test_legible(key: str) -> None:
    soft, ours = gr.themes.Soft(primary_hue="indigo", neutral_hue="slate"), theme()
    name, dark = key.removesuffix("_dark"), key.endswith("_dark")
    if name == "input_border_width":
        assert (soft.input_border_width, soft.input_border_width_dark) == ("0px", None)
        return
    least = 3 if "border" in name else 4.5
    before, after = (contrast(colour_of(of, name, dark), colour_of(of, BESIDE[name], dark)) for of in (soft, ours))
    assert before < least <= after


def test_plain_titles() -> None:
    soft = gr.themes.Soft(primary_hue="indigo", neutral_hue="slate")
    title, box = (colour_of(soft, f"block_title_{part}", dark=False) for part in ("text_color", "background_fill"))
    assert contrast(title, box) < 4.5
    assert contrast(colour_of(theme(), "block_title_text_color", dark=False), "#ffffff") >= 4.5


def test_endless_loader(seen: Page) -> None:
    seen.wait_for_function("performance.now() > window.loadedAt + 3000")
    assert seen.evaluate(FRAMES) >= 5, "in half a second, also on a busy machine"


def test_lost_answers(bare_url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script(HELD)
    page.goto(bare_url)
    page.wait_for_function("window.loadedAt")
    ask_while_the_stream_ends(page, page.locator("#say-this").click, page.locator("#say-that").click)
    expect(page.locator("#this textarea")).to_have_value("this")
    page.evaluate(FRAMES)
    expect(page.locator("#that textarea")).to_have_value("")
    page.locator("#say-this").click()
    expect(page.locator("#that textarea")).to_have_value("that")
    page.close()


@pytest.mark.parametrize(
    "label", ["number input for Amount", "range slider for Amount", "Reset to default value", "Copy", "More tabs"]
)
def test_untranslated_texts(label: str, seen: Page) -> None:
    assert seen.locator("html").get_attribute("lang") == "ko"
    expect(seen.get_by_label(label, exact=True)).to_have_count(1)


def test_untranslated_news_that_the_app_is_away() -> None:
    [script] = PAGE.glob("Blocks-*.js")
    assert "`Connection to the server was lost" in script.read_text(encoding="utf-8")


def test_chips_named_by_number(seen: Page) -> None:
    assert seen.locator("#names .token-remove").first.get_attribute("title").endswith(" 0")


def test_english_refusals(bare: Page, tmp_path: Path) -> None:
    (tmp_path / "one.txt").touch()
    with bare.expect_file_chooser() as chooser:
        bare.locator("#upload").click()
    chooser.value.set_files(tmp_path / "one.txt")
    expect(bare.locator(".toast-body")).to_contain_text("Invalid file type")


def test_no_drop_on_buttons(bare: Page, tmp_path: Path) -> None:
    sent: list[Request] = []
    bare.on("request", lambda request: sent.append(request) if "/upload" in request.url else None)
    (tmp_path / "one.png").touch()
    button = bare.locator("#upload")
    button.evaluate("""button => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['-'], 'one.png', {type: 'image/png'}));
      for (const kind of ['dragenter', 'dragover', 'drop'])
        button.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
    }""")
    with bare.expect_request(lambda request: "/upload" in request.url), bare.expect_file_chooser() as chooser:
        button.click()
        chooser.value.set_files(tmp_path / "one.png")
    assert len(sent) == 1, "what is chosen, and not what was dropped before"


def test_tabs_before_load(seen: Page) -> None:
    shown, loaded = seen.evaluate("[window.shownAt, window.loadedAt]")
    assert shown < loaded


def test_download_needs_file(bare: Page) -> None:
    downloads: list[Download] = []
    bare.on("download", lambda download: downloads.append(download))
    bare.locator("#download").click()
    expect(field(bare, "out")).to_have_value("written", timeout=PATIENCE)
    settle(bare)
    with bare.expect_download() as download:
        bare.locator("#download").click()
    assert download.value.suggested_filename == "made.txt"
    settle(bare)
    assert len(downloads) == 1, "none by the first click"


def test_language_of_browser_only(bare: Page, bare_url: str) -> None:
    assert {"lang", "language", "locale"}.isdisjoint(inspect.signature(gr.Blocks.launch).parameters)
    bare.goto(f"{bare_url}/?lang=en")
    expect(bare.locator("#count")).to_be_visible(timeout=PATIENCE)
    expect(bare.locator("html")).to_have_attribute("lang", "ko")


def test_paths_in_addresses(seen: Page) -> None:
    assert f"file={Path(tempfile.gettempdir()).resolve()}/" in seen.locator("#image img").get_attribute("src")


def test_empty_html_has_height(seen: Page) -> None:
    assert seen.locator("#empty").bounding_box()["height"] > 0


def style(page: Page, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate("(element, name) => getComputedStyle(element)[name]", name)


def test_container_hides_overflow(seen: Page) -> None:
    assert style(seen, ".gradio-container", "overflow") == "hidden"


def test_dropdown_borders(seen: Page) -> None:
    assert style(seen, "#link :is(input, textarea)", "borderColor") == RED
    assert style(seen, "#names .wrap:has(> .wrap-inner)", "borderColor") != RED


def test_selected_tab_contrast(seen: Page) -> None:
    red, green, blue = map(int, re.findall(r"\d+", style(seen, "[role=tab][aria-selected=true]", "color")))
    assert (
        contrast(f"#{red:02x}{green:02x}{blue:02x}", colour_of(gr.themes.Soft(), "body_background_fill", False)) < 4.5
    )


def test_white_behind_dark(bare: Page, bare_url: str) -> None:
    bare.goto(f"{bare_url}/?__theme=dark")
    expect(bare.locator("#count")).to_be_visible(timeout=PATIENCE)
    expect(bare.locator("body.dark")).to_have_count(1)
    assert style(bare, "body", "backgroundColor") == "rgb(255, 255, 255)"
