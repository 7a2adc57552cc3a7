"""python -m benchmarks.soak: a page for others under mixed load and faults, and whether anything was mixed up or lost.

Each client is a browser of its own (a cookie) that compares under one of several edits, of the text, the weights and
the values, in random order; in between it leaves in the middle, sends what makes no sense, and holds connections open.
Every image is held against the same one generated alone, in this process. Prints what was asked and refused, mix-ups,
lost runs, the growth of memory, and the latency in the first and the last quarter of the time. Exits with 1 if
something was mixed up or lost.
"""

import argparse
import random
import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from scipy import stats

from scripts.serving import served
from uce_core import GenerationSpec, compare, erase, load_model, preset
from uce_core.runs.store import Store

PROMPTS = ("a house by {}", "a boat in the style of {}", "{}, mountains", "a cat")
STEPS = 4
WITHIN = {"uce": 1, "speed": 1, "uce-tensor": 1, "adavd": 32}  # of 255, by which an image may differ from the one that
# is generated alone: AdaVD's sharp factors enlarge the last bits of texts, which were encoded beside others
AT_ONCE = 30.0  # seconds of which memory counts as one figure
COOKIE = "uce-visitor"
STRANGE = (b"", b"{", b"[1]", b'{"data": null}', b'{"data": [' + b" " * 100_000 + b"]}", b"\xff" * 1000, b"[" * 50_000)
FREE = ("--max-waiting", "200", "--max-each", "50", "--max-requests", "100000", "--max-images-an-hour", "1000000")


@dataclass(frozen=True)
class Asked:
    artist: str
    method: str
    prompt: str
    seed: int


@dataclass
class Seen:
    """What all clients saw. Appending is safe among threads."""

    counts: Counter[str] = field(default_factory=Counter)
    mixed_up: list[Asked] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    latencies: list[tuple[float, float]] = field(default_factory=list)  # when it was asked, and seconds
    memory: list[tuple[float, float]] = field(default_factory=list)  # when, and MB


Images = tuple[np.ndarray, np.ndarray]


def alone(edits: int) -> dict[Asked, Images]:
    """Original and edited image of everything that will be asked, under so many edits."""
    model, found = load_model("atelier"), {}
    for number, artist in enumerate(model.catalog[:edits]):
        method = list(WITHIN)[number % len(WITHIN)]
        edit = erase(model, preset("default", [artist], (), method))
        for turn, prompt in enumerate(PROMPTS):
            asked = Asked(artist, method, prompt.format(artist), 100 * number + turn)
            [pair] = compare(model, edit, [GenerationSpec(asked.prompt, asked.seed, STEPS)])
            found[asked] = (pixels(pair.original), pixels(pair.edited))
    return found


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB")).astype(int)


def a_browser(url: str) -> Client:
    """With a cookie, as a page's visitor has one."""
    cookie = httpx.get(url).cookies[COOKIE]
    return Client(url, verbose=False, headers={"cookie": f"{COOKIE}={cookie}"}, httpx_kwargs={"timeout": 600})


def compared(client: Client, asked: Asked, expected: Images, began: float, seen: Seen) -> None:
    at = time.monotonic()
    given = {"erase": [asked.artist], "retain": [], "prompt": asked.prompt, "seed": asked.seed, "steps": STEPS}
    original, edited, _, run = client.predict(**given, method=asked.method, api_name="/compare")
    seen.latencies.append((at - began, time.monotonic() - at))
    seen.counts["compared"] += 1
    seen.runs.append(run)
    for file, right in zip((original, edited), expected, strict=True):
        if np.abs(pixels(Image.open(file)) - right).max() > WITHIN[asked.method]:
            seen.mixed_up.append(asked)


def left(client: Client, asked: Asked, chance: random.Random) -> None:
    """In the middle of what was asked."""
    job = client.submit(erase=[asked.artist], prompt=asked.prompt, seed=asked.seed, steps=100, api_name="/compare")
    time.sleep(chance.random())
    job.cancel()


def disturbed(url: str, chance: random.Random) -> str:
    """Sends what makes no sense; returns how it was answered."""
    if chance.random() < 0.3:
        where = httpx.URL(url)
        with socket.create_connection((where.host, where.port or 80)) as half:
            half.sendall(b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: a\r\n")
            time.sleep(chance.random())
        return "half a request"
    path = chance.choice(("queue/join", "run/predict", "call/compare", "cancel", "reset", "upload"))
    answer = httpx.post(f"{url}/gradio_api/{path}", content=chance.choice(STRANGE), timeout=60)
    if "Traceback" in answer.text:
        return "a traceback"
    return f"nonsense, answered {answer.status_code}"


def one_client(url: str, number: int, until: threading.Event, right: dict[Asked, Images], seen: Seen) -> None:
    chance, client, began = random.Random(number), a_browser(url), time.monotonic()
    wanted = list(right)
    while not until.is_set():
        asked, what = chance.choice(wanted), chance.random()
        try:
            if what < 0.8:
                compared(client, asked, right[asked], began, seen)
            elif what < 0.85:
                left(client, asked, chance)
                seen.counts["left in the middle"] += 1
                client = a_browser(url)
            else:
                seen.counts[disturbed(url, chance)] += 1
        except (AppError, httpx.HTTPError, OSError) as error:
            seen.counts[f"failed: {type(error).__name__}: {str(error)[:80]}"] += 1


def memory_of(port: int) -> float:
    """MB of the app, as it says."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    found = re.search(r"^process_resident_memory_bytes (\S+)", text, re.M)
    assert found, "no figure of memory"
    return float(found[1]) / 10**6


def soak(url: str, metrics: int, clients: int, seconds: float, comparisons: int, right: dict[Asked, Images]) -> Seen:
    seen, until, began = Seen(), threading.Event(), time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(one_client, url, number, until, right, seen) for number in range(clients)]
        while time.monotonic() - began < seconds and seen.counts["compared"] < comparisons:
            with suppress(httpx.HTTPError):
                seen.memory.append((time.monotonic() - began, memory_of(metrics)))
            time.sleep(2)
        until.set()
        for client in running:
            client.result()
    return seen


def p95(latencies: list[tuple[float, float]], start: float, end: float) -> float:
    """Of what was asked between two moments."""
    return float(np.percentile([took for at, took in latencies if start <= at <= end] or [np.nan], 95))


def growth(memory: list[tuple[float, float]]) -> str:
    """MB a minute, with its uncertainty (95 %): of means over AT_ONCE, as what is measured every two seconds follows
    what was there before, and would count as more evidence than it is."""
    parts: dict[int, list[tuple[float, float]]] = {}
    for at, size in memory:
        parts.setdefault(int(at / AT_ONCE), []).append((at / 60, size))
    means = [np.mean(part, axis=0) for part in parts.values()]
    if len(means) < 3:
        return "too short to say"
    line = stats.linregress(*np.transpose(means))
    return f"{line.slope:+.2f} ± {1.96 * line.stderr:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--edits", type=int, default=16)
    parser.add_argument("--metrics-port", type=int, default=9464)
    parser.add_argument("--comparisons", type=int, default=10**9, help="stop after so many, too")
    chosen = parser.parse_args()
    right = alone(chosen.edits)
    options = ("--host", "0.0.0.0", "--metrics-port", str(chosen.metrics_port), *FREE)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), *options) as url:
        warm = Seen()
        compared(a_browser(url), next(iter(right)), next(iter(right.values())), 0, warm)
        seen = soak(url, chosen.metrics_port, chosen.clients, 60 * chosen.minutes, chosen.comparisons, right)
        store = Store(Path(folder) / "runs")
        kept = {run.id for run in store.page(10**6) if all(store.path(file).is_file() for file in run.files)}
    lost = [run for run in seen.runs if run not in kept]
    end = max(at for at, _ in seen.latencies)
    print("| what | how many |\n|---|---|")
    for what, count in sorted(seen.counts.items()):
        print(f"| {what} | {count} |")
    print(f"| mixed up | {len(seen.mixed_up)} |\n| runs lost | {len(lost)} |")
    third = len(seen.memory) // 3
    for name, some in (("first", seen.memory[:third]), ("last", seen.memory[-third:])):  # caches fill in the beginning
        print(f"| memory in the {name} third, MB a minute | {growth(some)}, at {some[-1][1]:.0f} |")
    first, last = p95(seen.latencies, 0, end / 4), p95(seen.latencies, 3 * end / 4, end)
    print(f"| p95 of a comparison, first and last quarter | {first:.1f} s, {last:.1f} s |")
    sys.exit(bool(seen.mixed_up or lost))


if __name__ == "__main__":
    main()
