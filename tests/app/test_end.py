"""How the app ends when it is told to."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from gradio_client import Client

from tests.app.serving import PATIENCE, serve
from uce_core.runs.store import Store

IMPORTING = """
import time
from app.ending import ends_at_once
with ends_at_once():
    print('in', flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_is_stopped_and_nothing_is_left(
    tmp_path: Path, told: signal.Signals, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    served = serve(tmp_path / "edits", tmp_path / "home", "--max-steps", "250", "--log", "off", forked=False)
    client = Client(served.url, verbose=False)
    *_, first = client.predict(prompt="a cat", seed=1, steps=2, api_name="/compare")
    endless = client.submit(prompt="a cat", seed=2, steps=250, api_name="/compare")
    while endless.status().code.name != "PROCESSING":
        time.sleep(0.1)
    os.kill(served.process.pid, told)
    assert served.process.wait(PATIENCE / 1000) == 0
    with suppress(Exception):  # whatever Gradio's client makes of it
        endless.result(timeout=1)
    assert capfd.readouterr().err == ""
    assert [run.id for run in Store(tmp_path / "home" / "runs").page()] == [first]
    assert list((tmp_path / "temp").glob("uce-studio-*")) == []


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_while_it_is_imported_it_ends_at_once_and_says_nothing(told: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "in\n"
    process.send_signal(told)
    assert process.communicate(timeout=PATIENCE / 1000) == ("", "")
    assert process.returncode == 0
