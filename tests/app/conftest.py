"""One app and one Chromium for all browser tests; for each test a page of a fresh profile."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.app.serving import FLAGS, PATIENCE, Served, serve

expect.set_options(timeout=20_000)  # ms; what comes at once here takes seconds on a busy machine


@pytest.fixture(autouse=True)
def loops_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gradio makes several for each page that is built outside of one, and forgets them."""
    made, real = list[asyncio.AbstractEventLoop](), asyncio.new_event_loop
    monkeypatch.setattr("asyncio.new_event_loop", lambda: made.append(real()) or made[-1])
    yield
    for loop in made:
        if not loop.is_running():
            loop.close()


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Served]:
    yield from running(serve(tmp_path_factory.mktemp("edits"), home))


@pytest.fixture(scope="package")
def quick_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With few steps, for what generates many images."""
    folders = (tmp_path_factory.mktemp(name) for name in ("edits", "home"))
    yield from running(serve(*folders, "--max-steps", "3"))


def running(served: Served) -> Iterator[Served]:
    yield served
    served.process.terminate()
    served.process.wait(20)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "install Debian's chromium package: the browser tests need it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(app: Served, browser: Browser) -> Iterator[Page]:
    yield from visited(app, browser)


@pytest.fixture
def quick_page(quick_app: Served, browser: Browser) -> Iterator[Page]:
    yield from visited(quick_app, browser)


def visited(app: Served, browser: Browser) -> Iterator[Page]:
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
