"""The app as a host runs it: behind a proxy, and with limits."""

import io
from collections.abc import Iterator
from concurrent.futures import as_completed
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.app.proxy import PREFIX, proxied
from tests.app.serving import PATIENCE, Served, drop, run_and_wait, serve
from uce_core.runs.store import Store

REQUEST = {"prompt": "a cat by Vincent van Gogh", "seed": 3, "api_name": "/compare"}
LONG = 250  # steps: seconds, in which others wait


@pytest.fixture
def behind(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page of an app that a proxy serves under a path."""
    served = serve(tmp_path / "edits", tmp_path / "home", "--root-path", PREFIX)
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    elsewhere: list[str] = []
    try:
        with proxied(served.url) as address:
            page = context.new_page()
            inside = (f"{address}/", "data:", "blob:")
            page.on(
                "request",
                lambda request: elsewhere.append(request.url) if not request.url.startswith(inside) else None,
            )
            page.goto(f"{address}/")
            yield page
            context.close()
    finally:
        served.process.terminate()
        served.process.wait(20)
    assert elsewhere == [], "the page asked for something that is not under the proxy's path"


def test_a_proxy_serves_the_page_under_its_path(behind: Page, tmp_path: Path) -> None:
    page, address = behind, behind.url.rstrip("/")
    page.get_by_label("Prompt").first.fill("a boat in the style of Vincent van Gogh", timeout=PATIENCE)
    run_and_wait(page)
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("#runs a")).to_contain_text(["a boat"])
    [kept] = Store(tmp_path / "home" / "runs").page()
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context(locale="en-US")
    visitor = other.new_page()
    visitor.goto(f"{address}/?tab=runs")  # nobody who comes through it is the owner
    expect(visitor.locator("#runs-count")).to_contain_text("No runs here yet. Pinned runs", timeout=PATIENCE)
    other.close()
    page.goto(f"{address}/?run={kept.id}")
    expect(page.locator("#run-facts")).to_contain_text("a boat", timeout=PATIENCE)
    assert page.locator("#run-link input, #run-link textarea").input_value() == f"{address}/?run={kept.id}"
    images = page.locator("#run-images .uce-pair img")
    expect(images).to_have_count(2)
    body = page.request.get(urljoin(page.url, images.nth(0).get_attribute("src"))).body()
    assert Image.open(io.BytesIO(body)).size == (128, 128)
    assert Client(f"{address}/", verbose=False).predict(**REQUEST, steps=4)[3] != kept.id


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("limited")
    queue = ("--max-together", "1", "--max-waiting", "1", "--max-each", "2")
    limits = ("--max-images", "4", "--max-steps", str(LONG), "--max-upload", "1", *queue)
    served = serve(folder / "edits", folder / "home", *limits)
    yield served
    served.process.terminate()
    served.process.wait(20)


def test_more_than_the_limits_is_refused_in_one_sentence(limited: Served, browser: Browser, tmp_path: Path) -> None:
    with pytest.raises(AppError, match=f"steps is {LONG + 1}: use a whole number from 1 to {LONG}"):
        Client(limited.url, verbose=False).predict(**REQUEST, steps=LONG + 1)
    large = {"files": ("edit.safetensors", b"0" * 2_000_000)}
    assert httpx.post(f"{limited.url}/gradio_api/upload", files=large).status_code == 413
    page = browser.new_page(locale="ko-KR")
    page.goto(limited.url)
    expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="편향 완화").click()
    page.locator("#debias-run").click()
    expect(page.locator("#debias-status")).to_contain_text("여기서는 4장까지 허용", timeout=PATIENCE)
    page.get_by_role("tab", name="편집", exact=True).click()
    expect(page.locator("#edit-upload")).to_be_visible()
    file = tmp_path / "large.safetensors"
    file.write_bytes(b"0" * (2**20 + 1))
    drop(page, file)
    expect(page.locator("#edits-status")).to_contain_text("large.safetensors: 제한 크기 1 MB를")
    page.close()


def test_who_comes_when_too_many_wait_is_told_so(limited: Served, browser: Browser) -> None:
    page = browser.new_page(locale="ko-KR")
    page.goto(limited.url)
    expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
    client = Client(limited.url, verbose=False, httpx_kwargs={"timeout": PATIENCE / 1000})
    jobs = [client.submit(**REQUEST | {"seed": seed}, steps=LONG) for seed in range(3)]  # one is generated, one waits
    answered = next(as_completed(job.future for job in jobs))
    with pytest.raises(AppError, match="You already have 2 requests here"):
        answered.result()
    page.locator("#run").click()
    expect(page.locator("#status")).to_contain_text("이미 요청 1개가 대기 중이어서", timeout=PATIENCE)
    page.close()
