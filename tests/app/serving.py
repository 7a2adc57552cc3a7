"""The app in a process of its own, and what a person does on its page again and again."""

import base64
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.app.forked import Forked

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]
PATIENCE = 60_000  # ms, for a comparison on a slow machine
HELD = """(() => {  // between hold() and release(), what the streams of answers say is under way
  const plain = window.fetch;
  let held = Promise.resolve();
  window.hold = () => { held = new Promise(release => { window.release = release; }); };
  window.fetch = async (address, options) => {
    const answer = await plain(address, options);
    if (!answer.url.includes('/queue/data')) return answer;
    const late = new TransformStream({transform: async (part, on) => { await held; on.enqueue(part); }});
    return new Response(answer.body.pipeThrough(late), answer);
  };
})()"""
STILL = """() => new Promise(still => {
  let frames = 0, place = '';
  const observer = new MutationObserver(() => { frames = 0; });
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const moves = one => one.playState === 'running' && one.effect.getComputedTiming().endTime < Infinity;
  const look = () => {
    const now = `${scrollX} ${scrollY}`;
    frames = now !== place || document.getAnimations().some(moves) ? 0 : frames + 1;
    place = now;
    if (frames < 20) return requestAnimationFrame(look);
    observer.disconnect();
    still(true);
  };
  look();
})"""


@dataclass
class Served:
    """python -m app in a process of its own."""

    url: str
    edits: Path
    process: subprocess.Popen[bytes] | Forked


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve(edits: Path, home: Path, *more: str, port: int = 0, forked: bool = True) -> Served:
    """forked: from a process that has imported everything already."""
    port = port or free_port()
    arguments = ("--port", str(port), "--edits", str(edits), *more)
    environment = {**os.environ, "UCE_STUDIO_HOME": str(home)}
    process: subprocess.Popen[bytes] | Forked
    if forked:
        process = Forked(arguments, environment, str(ROOT))
    else:
        process = subprocess.Popen([sys.executable, "-m", "app", *arguments], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    until_up(url, process)
    return Served(url, edits, process)


def until_up(url: str, process: subprocess.Popen[bytes] | Forked) -> None:
    """Wait until a process answers at an address."""
    for _ in range(4 * 240):
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            assert process.poll() is None, "the process ended"
            time.sleep(0.25)
    process.kill()
    raise AssertionError("nothing came up in four minutes")


def run_and_wait(page: Page) -> None:
    page.locator("#run").click()
    expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)


def run_another(page: Page, before: str = "") -> str:
    """A run that was not there before, as its link says, which is returned. before: the link that is shown."""
    page.locator("#run").click()
    expect(link_shown(page)).not_to_have_value(before, timeout=PATIENCE)
    return link_shown(page).input_value()


def link_shown(page: Page) -> Locator:
    """The link of what was compared last."""
    return page.locator("#compare-link textarea, #compare-link input")


def drop(page: Page, *files: Path) -> None:
    """Files dragged from the desktop onto the middle of the page, and let go."""
    told = [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files]
    page.evaluate(
        """files => {
          const dataTransfer = new DataTransfer();
          for (const [name, text] of files)
            dataTransfer.items.add(new File([Uint8Array.from(atob(text), letter => letter.charCodeAt())], name));
          const target = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
          for (const kind of ['dragover', 'drop'])
            target.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
        }""",
        told,
    )


def settle(page: Page) -> None:
    """Wait until the page is put together and nothing on it fades, moves, scrolls or is written any more: for 20 of
    its frames."""
    page.wait_for_function(STILL, timeout=PATIENCE)


def enter(page: Page, slider: str, value: str) -> None:
    """A number beside a slider; the page has taken it when the slider has moved. Fields that have just been folded
    out do not hear what is typed at once."""
    settle(page)
    field = page.get_by_label(f"number input for {slider}")
    field.fill(value)
    field.press("Enter")
    expect(page.get_by_label(f"range slider for {slider}")).to_have_value(value)


def shown(page: Page, count: int = 2) -> list[np.ndarray]:
    """The images of the gallery, as they were generated."""
    images = page.locator("#pairs .uce-pair img")
    expect(images).to_have_count(count)
    return images_at(page, images)


def images_at(page: Page, images: Locator) -> list[np.ndarray]:
    """Of <img> elements, as they were sent."""
    addresses = [urljoin(page.url, images.nth(i).get_attribute("src")) for i in range(images.count())]
    return [np.asarray(Image.open(io.BytesIO(page.request.get(address).body()))).astype(int) for address in addresses]


def ask_while_the_stream_ends(page: Page, first: Callable[[], None], second: Callable[[], None]) -> None:
    """Do one thing, and another when the server has ended its stream and the page does not know yet. For pages with
    HELD."""
    page.evaluate("window.hold()")
    with page.expect_event("requestfinished", lambda request: "/queue/data" in request.url):
        first()
    with page.expect_response(lambda answer: "/queue/join" in answer.url):
        second()
    page.evaluate("window.release()")


def open_runs(page: Page) -> None:
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("#runs img").first).to_be_visible(timeout=PATIENCE)
