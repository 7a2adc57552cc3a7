"""What holds on every tab: access for all, phones, languages."""

import re
import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.app.serving import (
    HELD,
    PATIENCE,
    Served,
    ask_while_the_stream_ends,
    enter,
    free_port,
    run_and_wait,
    serve,
    settle,
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_accessibility_violation(theme: str, app: Served, page: Page) -> None:
    """axe-core's opinion of every tab, with results in it where they come quickly."""
    page.goto(f"{app.url}/?__theme={theme}")
    page.locator("#show-me").click(timeout=PATIENCE)
    expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)
    for name in ("Compare", "Debias", "Leakage", "Review", "Edits", "Runs"):
        page.get_by_role("tab", name=name).click()
        if name == "Compare":
            page.get_by_text("Advanced").locator("visible=true").click()
            page.locator("#grid > button").click()
            page.locator("#grid-run").click()
            expect(page.locator("#grid-sheet img")).to_be_visible(timeout=PATIENCE)
        if name == "Runs":
            page.locator("#runs a").first.click()
            expect(page.locator("#run-facts .uce-facts").first).to_be_visible(timeout=PATIENCE)
        assert violations(page) == [], name
    page.locator("#run-images .uce-pair").first.click()
    assert violations(page) == [], "the large view"


def test_what_is_asked_while_the_stream_of_answers_ends_is_answered(app: Served, browser: Browser) -> None:
    page = browser.new_page(locale="en-US")
    page.add_init_script(HELD)
    page.goto(f"{app.url}/?tab=runs")
    example = page.get_by_role("link", name="no-van-gogh")
    expect(example).to_be_visible(timeout=PATIENCE)
    settle(page)
    ask_while_the_stream_ends(page, partial(page.locator("#ask-again").dispatch_event, "click"), example.click)
    expect(page.locator("#run-facts .uce-facts").first).to_be_visible()
    page.close()


def violations(page: Page) -> list[tuple[str, str]]:
    settle(page)  # what fades in has no contrast before
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    return [(v["id"], node["html"][:80]) for v in found for node in v["nodes"]]


def test_a_page_at_rest_asks_for_nothing(app: Served, page: Page) -> None:
    """No frame of the browser, and of the server a look at its queue now and then."""
    frames = """() => new Promise(counted => {
        const before = requestAnimationFrame(() => {});
        setTimeout(() => counted(requestAnimationFrame(() => {}) - before - 1), 500);
    })"""
    until = time.monotonic() + PATIENCE / 1000
    while page.evaluate(frames):  # it has things to do at first
        page.wait_for_timeout(1_000)  # what counts frames asks for one, too: stop_idle_loader.js waits half a second
        assert time.monotonic() < until, "it never comes to rest"
    server = psutil.Process(app.process.pid)
    began, before = time.monotonic(), server.num_ctx_switches().voluntary
    assert page.evaluate(frames) == 0
    assert server.num_ctx_switches().voluntary - before < 400 * (time.monotonic() - began)


def test_no_tab_is_wider_than_a_phone(app: Served, browser: Browser) -> None:
    page = browser.new_page(locale="ko-KR", viewport={"width": 390, "height": 844})
    page.goto(app.url)
    page.locator("#show-me").click(timeout=PATIENCE)
    expect(page.locator("#status")).to_contain_text("완료", timeout=PATIENCE)
    for name in ("비교", "편향 완화", "누출", "평가", "편집", "실행 기록"):
        choose_tab(page, name)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.close()


def test_nothing_jumps_while_images_are_generated(page: Page) -> None:
    """The browser's own account of what has moved: after the welcome, and after other images."""
    settle(page)  # it is still being put together when its first button can be seen
    page.evaluate("""() => new PerformanceObserver(list => {
        window.moved = (window.moved ?? 0) + list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
    }).observe({type: 'layout-shift'})""")
    for _ in range(2):
        run_and_wait(page)
        page.locator("#seeds-another").click()
        expect(page.get_by_label("Seeds")).to_have_value(re.compile(","))
    assert page.evaluate("window.moved ?? 0") < 0.05


def test_on_a_phone_what_one_looks_at_stays_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for seeds in ("1", "1, 2"):
        page.get_by_label("Seeds").fill(seeds)
        page.locator("#run").click()
        expect(page.locator("#previews img").first).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)
        settle(page)
        expect(page.locator("#status")).to_be_in_viewport()
        expect(page.locator("#pairs img").first).to_be_in_viewport()
    page.get_by_text("Advanced").click()
    enter(page, "Steps", "30")
    page.locator("#run").click()
    expect(page.locator("#previews img").first).to_be_visible(timeout=PATIENCE)
    page.locator("#name").scroll_into_view_if_needed()
    expect(page.locator("#previews")).not_to_be_in_viewport()
    before = page.locator("#name").bounding_box()
    expect(page.locator("#cancel")).to_be_hidden(timeout=PATIENCE)
    settle(page)
    after = page.locator("#name").bounding_box()
    assert abs(after["y"] - before["y"]) < 100, "a button goes, results come: who reads the fields goes on reading"
    expect(page.locator("#uce-echo")).to_contain_text("Done in")
    page.locator("#name textarea, #name input").fill("on a phone")
    page.locator("#save").click()
    expect(page.locator("#uce-echo")).to_contain_text("Saved as on-a-phone")
    expect(page.locator("#status")).not_to_be_in_viewport()
    choose_tab(page, "Runs")
    for number in range(2):
        page.locator("#runs a").nth(number).click()
        expect(page.locator("#run-images .uce-pair img").first).to_be_in_viewport()


def choose_tab(page: Page, name: str) -> None:
    """On a phone some are in a menu."""
    if not page.get_by_role("tab", name=name).is_visible():
        page.locator(".overflow-menu > button").click()
    page.get_by_role("tab", name=name).or_(page.locator(".overflow-dropdown button", has_text=name)).first.click()


def test_the_language_can_be_switched_and_the_back_button_brings_it_back(app: Served, page: Page) -> None:
    page.goto(f"{app.url}/?__theme=light")
    expect(page.locator("#run")).to_contain_text("Erase and compare", timeout=PATIENCE)
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_label("Seeds").fill("33")
    page.locator("#language").click()
    expect(page.locator("#run")).to_contain_text("삭제 후 비교", timeout=PATIENCE)
    expect(page.locator("#seeds input, #seeds textarea")).to_have_value("33")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    assert "__theme=light" in page.url
    page.locator("#seeds input, #seeds textarea").fill("x")
    page.locator("#run").click()
    expect(page.locator("#status [role=alert]")).to_contain_text("정수가 아닙니다", timeout=PATIENCE)
    page.go_back()
    expect(page.locator("#run")).to_contain_text("Erase and compare", timeout=PATIENCE)


def test_a_request_that_is_not_taken_is_said_in_the_pages_language_or_english(app: Served, browser: Browser) -> None:
    for locale, sentence in (("ko-KR", "생성하지 못했습니다"), ("de-DE", "Nothing was generated")):
        context = browser.new_context(locale=locale)
        page = context.new_page()
        page.goto(app.url)
        expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
        page.route("**/queue/join*", lambda route: route.fulfill(status=429, json={"detail": "full"}))
        page.locator("#run").click()
        expect(page.locator("#status")).to_contain_text(sentence)
        expect(page.locator("#run")).to_be_enabled()
        context.close()


def test_the_address_says_where_one_is_and_the_way_back_leads_there(page: Page) -> None:
    run_and_wait(page)
    page.get_by_role("tab", name="Edits").click()
    expect(page).to_have_url(re.compile(r"\?tab=edits$"))
    page.get_by_role("tab", name="Runs").click()
    expect(page).to_have_url(re.compile(r"\?tab=runs$"))
    page.locator("#runs a").first.click()
    expect(page.locator("#run-facts .uce-facts").first).to_be_visible()
    expect(page.locator("#runs a[aria-current]")).to_have_count(1)
    opened = page.url
    assert "?run=" in opened
    page.locator("#run-images .uce-pair").click()
    expect(page.locator("#run-images dialog")).to_be_visible()
    page.go_back()  # as one does on a phone
    expect(page.locator("#run-images dialog")).to_be_hidden()
    page.locator("#run-images .uce-pair").click()
    page.keyboard.press("Escape")
    expect(page.locator("#run-images dialog")).to_be_hidden()
    assert page.url == opened
    expect(page).to_have_title("Runs · UCE Studio")
    page.locator("#run-close").click()
    expect(page.locator("#run-facts .uce-facts").first).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?tab=runs$"))
    page.go_back()
    expect(page.locator("#run-facts .uce-facts").first).to_be_visible()
    assert page.url == opened
    for seen in ("#runs-count", "#edits-search", "#run"):
        page.go_back()
        expect(page.locator(seen)).to_be_visible()
    expect(page).not_to_have_url(re.compile("tab="))
    page.go_forward()
    expect(page.locator("#edits-search")).to_be_visible()
    page.reload()
    expect(page.locator("#edits-search")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{page.url.split('?')[0]}?tab=nowhere")
    expect(page.locator("#run")).to_be_visible(timeout=PATIENCE)


def test_of_two_quick_clicks_the_last_counts(page: Page) -> None:
    for prompt in ("a pair of clicks, one", "a pair of clicks, two"):
        page.get_by_label("Prompt").first.fill(prompt)
        page.locator("#run").click()
        expect(page.locator("#pairs .uce-pair").first).to_have_attribute(
            "data-title", re.compile(prompt), timeout=PATIENCE
        )
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("#runs a").nth(1)).to_contain_text("clicks, one")
    page.evaluate("for (const number of [0, 1, 0, 1]) document.querySelectorAll('#runs a')[number].click()")
    expect(page.locator("#run-images h3")).to_contain_text("clicks, one")
    settle(page)
    expect(page.locator("#run-images h3")).to_contain_text("clicks, one")
    assert page.locator("#run-link input, #run-link textarea").input_value() == page.url


def test_times_are_by_the_visitors_clock(app: Served, browser: Browser, page: Page) -> None:
    run_and_wait(page)
    context = browser.new_context(locale="en-US", timezone_id="Pacific/Kiritimati")  # 14 hours ahead
    visitor = context.new_page()
    visitor.goto(f"{app.url}/?tab=runs")
    there = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    today = f"{there:%m-%d %H}|{there - timedelta(minutes=5):%m-%d %H}"
    expect(visitor.locator("#runs a").first).to_contain_text(re.compile(today), timeout=PATIENCE)
    expect(visitor.locator("#runs a").first).not_to_contain_text("UTC")
    context.close()
    context = browser.new_context(locale="en-US")
    context.add_init_script("Object.defineProperty(document, 'cookie', {set() {}, get: () => ''})")
    visitor = context.new_page()
    visitor.goto(f"{app.url}/?tab=runs")
    expect(visitor.locator("#runs a").first).to_contain_text("UTC", timeout=PATIENCE)
    context.close()


def test_what_gradio_says_by_itself_is_said_in_korean_too(app: Served, browser: Browser) -> None:
    page = browser.new_page(locale="ko-KR")
    page.goto(app.url)
    page.get_by_text("고급 설정").first.click(timeout=PATIENCE)
    expect(page.get_by_label("강도 숫자 입력")).to_be_visible()
    expect(page.get_by_role("button", name="빈센트 반 고흐 (Vincent van Gogh) 제거")).to_be_visible()
    english = page.locator("[aria-label*='number input'], [aria-label*='range slider'], [aria-label*='Reset to']")
    expect(english).to_have_count(0)
    page.close()


def test_an_app_that_goes_away_says_so_and_the_page_goes_on_when_it_is_back(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    served = serve(tmp_path / "edits", tmp_path / "home", port=port)
    page = browser.new_page(locale="ko-KR")
    page.goto(served.url)
    expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
    settle(page)  # it is still being put together when its first button can be seen
    page.locator("#seeds input, #seeds textarea").fill("1, 2, 3, 4, 5, 6, 7, 8, 9")
    page.locator("#run").click()
    expect(page.locator("#status .uce-progress")).to_contain_text("스텝", timeout=PATIENCE)
    served.process.kill()
    served.process.wait(20)
    expect(page.locator(".toast-body")).to_contain_text("앱이 응답하지 않습니다", timeout=PATIENCE)
    expect(page.locator("#status .uce-progress")).to_be_hidden()
    again = serve(tmp_path / "edits", tmp_path / "home", port=port)
    try:
        expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".toast-body")).to_have_count(0, timeout=PATIENCE)
        expect(page.locator("#seeds input, #seeds textarea")).to_have_value(
            "1, 2, 3, 4, 5, 6, 7, 8, 9", timeout=PATIENCE
        )
        page.close()
    finally:
        again.process.terminate()
        again.process.wait(20)


def test_the_operator_may_fix_the_language(browser: Browser, tmp_path: Path) -> None:
    served = serve(tmp_path, tmp_path, "--lang", "ko", "--read-only")
    try:
        page = browser.new_page(locale="en-US")
        page.goto(f"{served.url}/?lang=en")
        expect(page.locator("#runs-count")).to_contain_text("실행 기록이 없습니다", timeout=PATIENCE)
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page.locator("#language")).to_be_hidden()
    finally:
        served.process.terminate()
        served.process.wait(20)


def test_korean_browser_gets_korean(app: Served, browser: Browser) -> None:
    page = browser.new_page(locale="ko-KR")
    page.goto(app.url)
    expect(page.locator("#run")).to_contain_text("삭제 후 비교", timeout=PATIENCE)
    page.locator("#show-me").click()
    expect(page.locator("#status")).to_contain_text("완료", timeout=PATIENCE)
    page.get_by_text("고급 설정").locator("visible=true").click()
    expect(page.get_by_label("마지막 토큰부터 끝까지")).to_be_visible()
    page.get_by_label("λ(보존)").fill("0")
    page.locator("#run").click()
    expect(page.locator("#status [role=alert]")).to_contain_text("“λ(보존)” 값이 0", timeout=PATIENCE)
    page.close()


def test_a_new_home_says_what_is_missing_and_offers_nothing_to_press(tmp_path: Path, browser: Browser) -> None:
    served = serve(tmp_path / "edits", tmp_path / "home")
    try:
        visitor = browser.new_page(locale="en-US")
        visitor.goto(served.url)
        visitor.get_by_role("tab", name="Review").click()
        expect(visitor.locator("#review-status")).to_contain_text("Nothing to review yet", timeout=PATIENCE)
        for button in ("#review-begin", "#review-see"):
            expect(visitor.locator(button)).to_be_disabled()
        visitor.get_by_role("tab", name="Leakage").click()
        expect(visitor.locator("#leakage-run")).to_be_hidden()
        visitor.get_by_role("tab", name="Edits").click()
        expect(visitor.locator("#edits-count")).to_contain_text("No saved edit", timeout=PATIENCE)
        visitor.get_by_role("tab", name="Runs").click()
        expect(visitor.locator("#runs-count")).to_contain_text("No runs here yet", timeout=PATIENCE)
        expect(visitor.locator("#runs")).to_be_hidden()
        visitor.close()
    finally:
        served.process.terminate()
        served.process.wait(20)
