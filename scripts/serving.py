"""The app in a process of its own, with an empty home, for scripts and benchmarks that look at its page."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def served(home: Path | None = None, *options: str) -> Iterator[str]:
    """Its address; ended on leaving. home: with what it begins, by default nothing. options: of the command line."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as empty:
        folder = str(home or empty)
        command = [sys.executable, "-m", "app", "--port", str(port), "--edits", f"{folder}/edits", *options]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "UCE_STUDIO_HOME": folder})
        url = f"http://127.0.0.1:{port}"
        try:
            while True:
                try:
                    with urlopen(url, timeout=5):
                        break
                except OSError:
                    if process.poll() is not None:
                        raise
                    time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's, or another of that name on the path."""
    path = shutil.which("chromium")
    if not path:
        sys.exit("Error: there is no chromium here: install Debian's package of that name.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
