"""python -m benchmarks.in_the_browser: how long a person waits, in Chromium, with Atelier on this machine.

The app is warm: its model is loaded. Medians of several presses, but for the page, which is opened afresh each
time. Between the presses for a new edit its image is generated without app, page and scores, to say how much of the
wait is the model's own. Needs Debian's chromium.
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from app.studio.request import DEFAULT_SPEC, first_generation
from scripts.serving import chromium, served
from uce_core import Edit, compare, erase, generate, load_model
from uce_core.runs.record import comparison_record
from uce_core.runs.run import ComparisonRun, recorded
from uce_core.runs.store import Store

PRESSES = 7
NUMBERS = itertools.count()
MANY = 5_000  # runs in the list
PATIENCE = 120_000  # ms
DONE = ("#run:disabled", "#run:not(:disabled)")  # when it can be pressed again, everything is shown


def seconds_until(page: Page, press: str, *seen: str) -> float:
    """From a click to the moment when the page shows something, one after the other, by the page's own clock."""
    seconds: float = page.evaluate(
        """([press, seen]) => new Promise(resolve => {
            const began = performance.now(), waiting = [...seen];
            const observer = new MutationObserver(() => {
                if (document.querySelector(waiting[0])) waiting.shift();
                if (waiting.length) return;
                observer.disconnect();
                resolve((performance.now() - began) / 1000);
            });
            observer.observe(document.body, {subtree: true, childList: true, attributes: true});
            document.querySelector(press).click();
        })""",
        [press, seen],
    )
    return seconds


def ready(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.locator("#show-me")).to_be_visible(timeout=PATIENCE)
    return page


def first_paint(browser: Browser, url: str) -> float:
    """Until the first button can be seen."""
    page = browser.new_page()
    began = time.perf_counter()
    ready(page, url)
    found = time.perf_counter() - began
    page.close()
    return found


def pressed(page: Page, seen: tuple[str, ...], before: Callable[[Page], None]) -> float:
    """Median of seconds from the press to what is then seen."""
    found = []
    for _ in range(PRESSES):
        before(page)
        page.wait_for_timeout(1500)
        found.append(seconds_until(page, "#run", *seen))
        expect(page.locator("#run")).to_be_enabled(timeout=PATIENCE)
    return statistics.median(found)


def new_prompt(page: Page) -> None:
    page.get_by_label("Prompt").first.fill(f"a house by Vincent van Gogh, number {next(NUMBERS)}")


def new_edit(page: Page) -> None:
    """The same prompt under an edit that was never solved."""
    field = page.get_by_label("Retain", exact=True)
    field.fill(f"somebody {next(NUMBERS)}")
    field.press("Enter")


def generation_alone() -> Callable[[], float]:
    """Seconds for the edited image, by the library in this process."""
    model = load_model("atelier")
    specs, edit = [first_generation(model.family)], erase(model, DEFAULT_SPEC)
    assert isinstance(edit, Edit)
    generate(model, specs, edits=[edit])

    def seconds() -> float:
        began = time.perf_counter()
        generate(model, specs, edits=[edit])
        return time.perf_counter() - began

    return seconds


def fill(home: Path) -> None:
    """A store with many comparisons, as a diligent researcher has: one that was made, and others that differ in their
    title and seed. Of the images only the thumbnail, which is all that the list shows."""
    model, store = load_model("atelier"), Store(home / "runs")
    edit, spec = erase(model, DEFAULT_SPEC), first_generation(model.family)
    made = comparison_record(model, edit, compare(model, edit, [spec]))
    thumbnail = [file for file in made.files if file.role == "thumbnail"]
    assert isinstance(made.run, ComparisonRun)
    for number in range(MANY):
        request = made.run.request.model_copy(update={"generations": (replace(spec, seed=number),)})
        run = made.run.model_copy(update={"title": f"run {number}", "request": request})
        store.add(run.kind, run.title, *recorded(run), thumbnail)
    [listed] = store.page(1)
    assert isinstance(listed, ComparisonRun), "the list is measured with runs that can be read"


def main() -> None:
    with chromium() as browser, tempfile.TemporaryDirectory() as home:
        fill(Path(home))
        with served(Path(home)) as url:
            page = ready(browser.new_page(locale="en-US", viewport={"width": 1280, "height": 900}), url)
            page.locator("#show-me").click()
            expect(page.locator("#verdicts li")).to_be_visible(timeout=PATIENCE)
            paint = statistics.median(first_paint(browser, url) for _ in range(PRESSES))
            preview = pressed(page, ("#previews img",), new_prompt)
            whole = pressed(page, DONE, new_prompt)
            generate_alone, alone = generation_alone(), list[float]()

            def new_edit_between(page: Page) -> None:
                alone.append(generate_alone())
                new_edit(page)

            again = pressed(page, DONE, new_edit_between)
            tab = "[role=tab]:last-of-type"
            assert page.locator(tab).inner_text() == "Runs"
            listed = seconds_until(page, tab, "#runs img")
    print("| in Chromium | time |\n|---|---|")
    print(f"| the page is opened: its first button can be seen | {paint:.2f} s |")
    print(f"| click → first live preview | {preview:.2f} s |")
    print(f"| click → both images with scores and words | {whole:.2f} s |")
    print(f"| the same prompt under a new edit | {again:.2f} s |")
    print(f"| the edited image alone, without the app | {statistics.median(alone):.2f} s |")
    print(f"| the list of {MANY:,} runs is opened | {listed:.2f} s |")


if __name__ == "__main__":
    main()
