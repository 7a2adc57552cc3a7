"""One app for all browser tests, and two Chromiums: one for windows of new profiles, and one that has been here before.

Its cache has the page's scripts as they are compiled; all else that a page may keep is forgotten after each test.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

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
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium() -> str:
    """The one without the parts that a window has, where it is installed: a tenth less to compute."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "install Debian's chromium package: the browser tests need it"
    return path


@pytest.fixture(scope="package")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def profile(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """That has been here before; one empty page of it stays open."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium,
        args=FLAGS,
        locale="en-US",
        viewport={"width": 1280, "height": 900},
    )
    yield context
    context.close()


@pytest.fixture
def page(app: Served, profile: BrowserContext) -> Iterator[Page]:
    yield from visited(app, profile)


@pytest.fixture
def quick_page(quick_app: Served, profile: BrowserContext) -> Iterator[Page]:
    yield from visited(quick_app, profile)


def visited(app: Served, profile: BrowserContext) -> Iterator[Page]:
    page = profile.new_page()
    tell(page)
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
    forget(profile, app.url)
    assert outside == [], "the page asked for something outside"


def tell(page: Page) -> None:
    """What the page asked for and complained of; pytest shows it beside a failure."""
    page.on("request", lambda request: print(request.method, request.url[:200], (request.post_data or "")[:300]))
    page.on("requestfailed", lambda request: print("failed:", request.url[:200], request.failure))
    page.on("console", lambda message: print(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: print("error:", error))


def forget(profile: BrowserContext, url: str) -> None:
    """All but the cache."""
    empty, *others = profile.pages
    for page in others:
        page.close()
    profile.clear_cookies()
    kept = {"origin": url, "storageTypes": "local_storage,indexeddb,service_workers,cache_storage"}
    session = profile.new_cdp_session(empty)
    session.send("Storage.clearDataForOrigin", kept)
    session.detach()
