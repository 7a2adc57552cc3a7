"""The log: a line for each request, what failed with its place, and nothing that anybody typed."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from fastapi import Request
from gradio_client import Client
from gradio_client.exceptions import AppError
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server import log
from app.server.failures import server_error, tell_failures
from app.server.gate import Gate
from app.studio import engine
from app.studio.engine import Engine, on_engine_as_job
from app.studio.jobs import ASKER, Asker, Failed
from app.studio.progress import Stop, stream_progress
from app.studio.settings import Settings
from app.words import WORDS, error_text
from tests.app.serving import ROOT, free_port, until_up
from uce_core import Cancelled, GenerationSpec, Model, generate
from uce_core.problems import Problem
from uce_core.stages import RECORDING, stage

SECRET = "a prompt that nobody else is to read"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What has been written so far, as JSON; the log is put back in the end."""
    written, root = io.StringIO(), logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(sys, "stderr", written)
    level, own = root.level, logging.getLogger("app").level
    log.start("json")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.setLevel(level)
    logging.getLogger("app").setLevel(own)


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine()
    monkeypatch.setattr(engine, "ENGINE", found)
    return found


def ended(kind: str) -> float:
    return REGISTRY.get_sample_value("uce_errors_total", {"kind": kind}) or 0.0


def raising(error: Exception) -> Callable[[object], None]:
    def work(on_step: object) -> None:
        raise error

    return work


def test_a_request_is_told_in_one_line(one: Engine, tiny: Model, lines: Any) -> None:
    def work(on_step: object) -> str:
        generate(tiny, [GenerationSpec(SECRET, seed, steps=2) for seed in range(3)])
        with stage(RECORDING):
            return "a result"

    assert list(stream_progress(Stop("anne", "anne", "compare", "7f3a"), work))[-1] == "a result"
    [told] = lines()
    assert (told["message"], told["action"], told["outcome"]) == ("compare done", "compare", "done")
    assert (told["request"], told["images"], told["level"]) == ("7f3a", 3, "INFO")
    assert list(told["seconds"]) == ["waiting", "generating", "recording", "total"]
    assert told["seconds"]["total"] >= told["seconds"]["generating"] > 0
    list(stream_progress(Stop("anne", "anne", "compare"), lambda on_step: None))
    list(
        stream_progress(Stop("bert \ud800", "bert \ud800", "compare"), lambda on_step: None)
    )  # what a script calls itself
    anne, again, bert = (line["visitor"] for line in lines())
    assert anne == again != bert
    assert "anne" not in str(lines())
    assert SECRET not in str(lines())


@pytest.mark.parametrize(
    ("error", "outcome", "raised"),
    [
        (Problem("prompt_empty", "The prompt is empty: write what to generate."), "refused", Problem),
        (Cancelled(), "stopped", Cancelled),
        (RuntimeError(SECRET), "failed", Failed),
        (ValueError(SECRET), "failed", Failed),
        (OSError(28, "No space left on device", f"/{SECRET}"), "failed", Failed),
    ],
    ids=str,
)
def test_every_end_has_its_outcome(
    error: Exception, outcome: str, raised: type[Exception], one: Engine, lines: Any
) -> None:
    kind = error.id if isinstance(error, Problem) else type(error).__name__
    before = ended(kind)
    with pytest.raises(raised):
        list(stream_progress(Stop("anne", "anne", "compare", "7f3a"), raising(error)))
    [told] = lines()
    assert (told["outcome"], told["request"]) == (outcome, "7f3a")
    assert told.get("problem") == getattr(error, "id", None)
    assert ended(kind) - before == (outcome != "stopped")
    if outcome == "failed":
        assert "test_log.py" in told["traceback"]
        assert told["traceback"].splitlines()[-1].startswith(type(error).__name__)
        assert ("No space left on device" in told["traceback"]) == isinstance(error, OSError)
    assert SECRET not in str(told)


def test_what_is_refused_before_it_begins_is_told_too(one: Engine, lines: Any) -> None:
    def check() -> None:
        raise Problem("queue_full", "{most} requests are already waiting: try again in a minute.", most=1)

    with pytest.raises(Problem):
        list(stream_progress(Stop("anne", "anne", "compare"), lambda on_step: pytest.fail("begun"), check))
    assert [(line["outcome"], line["problem"]) for line in lines()] == [("refused", "queue_full")]


def test_who_leaves_is_told_as_stopped(one: Engine, lines: Any) -> None:
    def work(on_step: Any) -> None:
        for number in range(10_000_000):
            on_step(number, 10_000_000)

    events = stream_progress(Stop("anne", "anne", "compare"), work)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert [line["outcome"] for line in lines()] == ["stopped"]


def test_short_work_is_a_job_of_its_own_unless_it_is_part_of_one(one: Engine, lines: Any) -> None:
    @on_engine_as_job
    def impact() -> int:
        return 1

    token = ASKER.set(Asker("7f3a", "anne"))
    assert impact() == 1
    ASKER.reset(token)
    assert list(stream_progress(Stop("anne", "anne", "compare"), lambda on_step: impact()))[-1] == 1
    assert [(line["action"], line["request"]) for line in lines()] == [("impact", "7f3a"), ("compare", "")]


def test_other_packages_messages_are_not_filled_in(lines: Any) -> None:
    logging.getLogger("somebody").warning("cannot read %s\nsecond line", SECRET)
    logging.getLogger("somebody").info("hello")
    logging.getLogger("app.server").warning("the run %s is damaged", "3")
    assert [line["message"] for line in lines()] == ["cannot read %s", "the run 3 is damaged"]


def test_causes_are_told_without_their_texts(lines: Any) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        logging.getLogger("app").exception("it failed")
    [told] = lines()
    kinds = [line for line in told["traceback"].splitlines() if line and not line.startswith(" ")]
    assert kinds == ["KeyError", "RuntimeError"]
    assert SECRET not in str(told)


@pytest.mark.parametrize(("kind", "written"), [("text", True), ("off", False)])
def test_it_is_text_or_nothing(
    kind: str, written: bool, lines: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    log.start(kind)
    before = ended("ZeroDivisionError")
    error = ZeroDivisionError(SECRET)
    logging.getLogger("app").error(
        "compare failed", extra={"facts": {"request": "7f3a", "n": {"a": 1}}}, exc_info=error
    )
    assert ended("ZeroDivisionError") == before + 1
    assert ("ERROR compare failed request=7f3a a=1\nZeroDivisionError\n" in out.getvalue()) == written
    assert bool(out.getvalue()) == written
    assert SECRET not in out.getvalue()


def handled(handler: Callable[[int], None], value: object, language: str) -> None:
    """An event of a page with one field, a number; in a thread, as Gradio makes an event loop and does not close it."""

    async def event() -> None:
        with gr.Blocks(analytics_enabled=False) as page:
            gr.Button().click(handler, gr.Number(precision=0))
        tell_failures(page, language)
        scope = {"type": "http", "headers": [], "query_string": b"", "request_id": "7f3a"}
        request = gr.Request(request=Request(scope), session_hash="anne")
        await page.process_api(0, [value], request=request)

    with ThreadPoolExecutor() as threads:
        threads.submit(asyncio.run, event()).result()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_nobody_foresaw_is_one_sentence(language: str, lines: Any) -> None:
    """Whatever is raised, by the handler or where its fields are read."""

    def handler(number: int) -> None:
        raise ValueError(f"/etc/{SECRET}")

    for value in (1, SECRET):
        with pytest.raises(gr.Error) as raised:
            handled(handler, value, language)
        assert raised.value.message == WORDS[language]["failed"].format(request="7f3a")
    assert [(line["request"], line["outcome"]) for line in lines()] == [("7f3a", "failed")] * 2
    assert SECRET not in str(lines())


def test_what_fails_outside_of_handlers_is_one_sentence(tmp_path: Path, lines: Any) -> None:
    async def fails(request: Request) -> None:
        raise RuntimeError(SECRET)

    gate = Middleware(Gate, settings=Settings(), files=tmp_path)
    served = Starlette(False, [Route("/", fails)], [gate], exception_handlers={500: server_error("auto")})
    client = TestClient(served, "http://127.0.0.1:7860", raise_server_exceptions=False)
    answer = client.get("/", headers={"accept-language": "ko"})
    request = answer.headers["x-request-id"]
    assert (answer.status_code, answer.text) == (500, WORDS["ko"]["failed"].format(request=request))
    assert [line["request"] for line in lines()] == [request]
    assert SECRET not in str(lines())


def test_only_a_problem_is_told_in_its_own_words() -> None:
    with pytest.raises(UnicodeDecodeError):
        error_text(UnicodeDecodeError("utf-8", b"\xff", 0, 1, SECRET), "en")


def test_a_served_app_logs_measures_and_hides(tmp_path: Path) -> None:
    port, figures = free_port(), free_port()
    command = [sys.executable, "-m", "app", "--port", str(port), "--metrics-port", str(figures), "--log", "json"]
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("w") as file:
        process = subprocess.Popen([*command, "--edits", str(tmp_path / "edits")], cwd=ROOT, stderr=file)
        try:
            until_up(url, process)
            client = Client(url, verbose=False)
            client.predict(prompt=SECRET, seed=3, steps=2, api_name="/compare")
            with pytest.raises(AppError, match="nothing to erase"):
                client.predict(prompt=SECRET, seed=3, erase=[], api_name="/compare")
            values = [["Monet"], [], "a cat", SECRET, "art", 2, 3.0]  # the seed is no number
            asked = httpx.post(f"{url}/gradio_api/call/compare", json={"data": values})
            answer = httpx.get(f"{url}/gradio_api/call/compare/{asked.json()['event_id']}", timeout=60).text
            measured = httpx.get(f"http://127.0.0.1:{figures}/metrics").text
            assert httpx.get(f"{url}/metrics").status_code == 404
        finally:
            process.terminate()
            assert process.wait(20) == 0
    told = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["level"], line["outcome"]) for line in told] == [("INFO", "done"), ("ERROR", "failed")]
    request = asked.headers["x-request-id"]
    assert told[1]["request"] == request
    assert WORDS["en"]["failed"].format(request=request) in answer
    assert SECRET not in (tmp_path / "log").read_text() + answer + measured
    assert (told[0]["model"], told[0]["images"]) == ("atelier", 2)
    for name in ("waiting", "generating", "scoring", "recording"):
        assert f'uce_stage_seconds_count{{stage="{name}"}} 1.0' in measured
    assert 'uce_requests_total{action="/compare",outcome="done"} 1.0' in measured
    kind = told[1]["traceback"].splitlines()[-1].rpartition(".")[2]
    assert f'uce_errors_total{{kind="{kind}"}} 1.0' in measured
    assert "process_resident_memory_bytes" in measured
