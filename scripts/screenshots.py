"""python -m scripts.screenshots: the README's images of the app, taken anew in Chromium.

With --phone also each tab as a phone shows it, in Korean and dark, into the folder --out.
"""

import argparse
from pathlib import Path

from playwright.sync_api import Page, expect

from app.words import WORDS
from scripts.serving import ROOT, chromium, served

PATIENCE = 240_000  # ms


class Journey:
    """What a newcomer does, tab by tab, in one language."""

    def __init__(self, page: Page, language: str, out: Path, suffix: str) -> None:
        self.page, self.words, self.out, self.suffix = page, WORDS[language], out, suffix

    def shot(self, name: str, whole: bool = False) -> None:
        self.page.wait_for_timeout(1000)  # images fade in
        self.page.screenshot(path=self.out / f"{name}{self.suffix}.png", full_page=whole)

    def open(self, tab: str) -> None:
        name = self.words[tab]
        if not self.page.get_by_role("tab", name=name).is_visible():
            self.page.locator(".overflow-menu > button").click()
        chosen = self.page.get_by_role("tab", name=name)
        chosen.or_(self.page.locator(".overflow-dropdown button", has_text=name)).first.click()

    def said(self, status: str, key: str) -> None:
        """The end of a text, after its slot."""
        expect(self.page.locator(status)).to_contain_text(self.words[key].split("}")[1], timeout=PATIENCE)

    def go(self, whole: bool) -> None:
        page = self.page
        page.locator("#show-me").click(timeout=PATIENCE)
        self.said("#status", "done")
        self.shot("screenshot", whole)
        page.locator("#compare-pin").click()
        page.locator("#save").click()
        self.said("#status", "saved_as")
        self.open("edits")
        page.locator("#edits label").first.click()
        self.shot("edits", whole)
        self.open("tab_leakage")
        page.locator("#leakage-run").click()
        self.said("#leakage-status", "done")
        self.shot("leakage", whole)
        self.open("tab_review")
        page.locator("#review-name input, #review-name textarea").fill("Kim")
        page.locator("#review-begin").click()
        expect(page.locator("#review-images img").first).to_be_visible(timeout=PATIENCE)
        self.shot("review", whole)
        self.open("tab_runs")
        page.locator("#runs a").last.click()
        expect(page.locator("#run-facts .uce-facts").first).to_be_visible(timeout=PATIENCE)
        self.shot("runs", whole)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--phone", action="store_true")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        with served() as url:
            page = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 900})
            page.goto(f"{url}/?__theme=light")
            Journey(page, "en", chosen.out, "").go(whole=False)
        if chosen.phone:
            with served() as url:
                page = browser.new_page(locale="ko-KR", viewport={"width": 390, "height": 844}, color_scheme="dark")
                page.goto(f"{url}/?__theme=dark")
                Journey(page, "ko", chosen.out, "-phone").go(whole=True)


if __name__ == "__main__":
    main()
