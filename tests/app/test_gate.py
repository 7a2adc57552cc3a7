"""The gate in front of Gradio, by raw HTTP: what gets through, and how answers are marked."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server.field_limits import hold_limits
from app.server.gate import MOST_JSON, Gate
from app.server.health import Health
from app.studio.limits import Limits
from app.studio.rates import Rate
from app.studio.settings import Settings
from tests.app.serving import PATIENCE, Served

HERE = "http://127.0.0.1:7860"
JOIN = "/gradio_api/queue/join"


async def inside(request: Request) -> Response:
    """What Gradio would answer: with headers that allow any site, a cookie for every site, and HTML."""
    if "file=" in request.url.path:
        kind = "image/png" if request.url.path.endswith(".png") else "text/html"
        return Response("<script>", media_type=kind, headers={"content-disposition": 'inline; filename="a.html"'})
    answer = JSONResponse({"read": len(await request.body())})
    answer.headers["access-control-allow-origin"] = request.headers.get("origin", "*")
    answer.headers["access-control-allow-credentials"] = "true"
    answer.set_cookie("access-token", "secret", httponly=True, samesite="none", secure=True)
    answer.set_cookie("other", "1")
    return answer


def inside_app() -> Starlette:
    return Starlette(routes=[Route("/{path:path}", inside, methods=["GET", "POST"])])


def behind(tmp_path: Path, address: str = HERE, **settings: Any) -> TestClient:
    gate = Gate(inside_app(), Settings(**{"limits": Limits(upload=1)} | settings), tmp_path / "files")
    return TestClient(gate, base_url=address)


USED = "/ /?run=abc /config /assets/index.js /gradio_api/queue/join /gradio_api/call/compare /login /image/{}.png \
/gradio_api/run/predict"
UNUSED = """
/metrics /monitoring /monitoring/summary /docs /openapi.json /image/../x
/gradio_api/openapi.json /gradio_api/run/compare /gradio_api/api/compare /gradio_api/vibe-edit /gradio_api/deep_link
/gradio_api/runs /gradio_api/stream/abc /gradio_api/process_recording /gradio_api/dev/reload
/gradio_api/proxy=https://a.example /gradio_api/file=https://a.example/a.png /gradio_api/file=http:/a.example/a.png
"""


@pytest.mark.parametrize("path", USED.format(64 * "a").split())
def test_what_the_page_uses_gets_through(tmp_path: Path, path: str) -> None:
    assert behind(tmp_path).get(path).status_code == 200


@pytest.mark.parametrize("path", UNUSED.split())
def test_nothing_else_does(tmp_path: Path, path: str) -> None:
    assert behind(tmp_path).get(path).status_code == 404


def test_a_stored_file_is_not_served_by_its_path(tmp_path: Path) -> None:
    """A report that came with an imported run would be a page of this app's origin."""
    client, files = behind(tmp_path), (tmp_path / "files").resolve()
    for path in (
        files / "ab" / "x.html",
        f"{files}/../files/x.html",
        str(files).replace("f", "%66") + "/x.html",
        f"{files}/x.html%00",
        "a/" * 3_000,
    ):
        assert client.get(f"/gradio_api/file={path}").status_code == 404
    assert client.get(f"/gradio_api/file={tmp_path}/gradio/x.png").status_code == 200


def test_files_but_images_are_downloads_in_which_nothing_runs(tmp_path: Path) -> None:
    page = behind(tmp_path).get("/gradio_api/file=/tmp/gradio/a.html")
    assert page.headers["content-disposition"] == 'attachment; filename="a.html"'
    assert page.headers["content-security-policy"].startswith("sandbox")
    image = behind(tmp_path).get("/gradio_api/file=/tmp/gradio/a.png")
    assert image.headers["content-disposition"].startswith("inline")
    assert image.headers["content-security-policy"].startswith("sandbox")


def test_every_answer_has_an_id_of_its_own(tmp_path: Path) -> None:
    client = behind(tmp_path)
    ids = [client.get(path).headers["x-request-id"] for path in ("/", "/", "/docs")]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in ids)


def test_answers_are_for_no_other_site(tmp_path: Path) -> None:
    answer = behind(tmp_path).get("/config", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "object-src 'none'" in answer.headers["content-security-policy"]
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("samesite=lax" in cookie.casefold() and "none" not in cookie.casefold() for cookie in cookies)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": HERE}, 200),
        ({"origin": HERE, "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "http://127.0.0.1:7861"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_other_sites_change_nothing(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    assert behind(tmp_path).post(JOIN, json={}, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:7860"}, 200),
        ({"host": "[::1]:7860"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": ""}, 403),
        ({"x-forwarded-host": "lab.example"}, 403),
        ({"x-forwarded-for": "192.0.2.1"}, 403),
    ],
)
def test_the_owners_own_app_answers_to_this_computer_only(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    assert behind(tmp_path).get("/", headers=headers).status_code == status


def test_behind_a_proxy_the_page_has_its_outer_address(tmp_path: Path) -> None:
    client = behind(tmp_path, "http://10.0.0.5:7860", root_path="/studio")
    headers = {"x-forwarded-host": "lab.example", "origin": "https://lab.example"}
    assert client.post(JOIN, json={}, headers=headers).status_code == 200
    assert client.post(JOIN, json={}, headers=headers | {"origin": "https://evil.example"}).status_code == 403
    client = behind(tmp_path, "http://10.0.0.5:7860", root_path="https://lab.example/studio")
    assert client.post(JOIN, json={}, headers={"origin": "https://lab.example"}).status_code == 200


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    client, read = behind(tmp_path), []

    def parts() -> Iterator[bytes]:
        read.append(1)
        yield b"0" * 10

    assert client.post(JOIN, content=b"0" * MOST_JSON).json() == {"read": MOST_JSON}
    assert client.post(JOIN, content=b"0" * (MOST_JSON + 1)).status_code == 413
    assert client.post("/gradio_api/upload", content=b"0" * (MOST_JSON - 1_000_000)).status_code == 200
    assert client.post("/gradio_api/upload", content=b"0" * MOST_JSON).status_code == 413
    assert client.post(JOIN, content=parts()).status_code == 411
    assert client.post(JOIN, content=b"", headers={"content-length": "-1"}).status_code == 413
    assert client.post(JOIN, content=b"", headers={"content-length": "9" * 5000}).status_code == 413


def test_whoever_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    client = behind(tmp_path, root_path="/studio", limits=Limits(requests=3))

    def ask(address: str, path: str = JOIN) -> httpx.Response:
        return client.post(path, json={}, headers={"x-forwarded-for": f"203.0.113.9, {address}"})

    assert [ask("192.0.2.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert "try again in 60 s" in ask("192.0.2.1").text
    assert ask("192.0.2.2").status_code == 200, "another address"
    assert client.get("/", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 200, "looking is free"
    assert [ask("192.0.2.3", "/login").status_code for _ in range(11)] == [200] * 10 + [429]


def test_health_is_told() -> None:
    why = ["the model is not loaded yet"]
    client = TestClient(Health(inside_app(), lambda: why[0]), base_url=HERE)
    assert client.get("/healthz").json() == {"ready": False, "why": why[0]}
    assert client.get("/healthz").status_code == 503
    why[0] = ""
    assert client.get("/healthz").status_code == 200


def test_texts_hold_nothing_that_no_tokenizer_or_database_takes() -> None:
    texts, names = gr.Textbox(), gr.Dropdown(multiselect=True, allow_custom_value=True)
    hold_limits(SimpleNamespace(blocks={1: texts, 2: names}), 10)  # type: ignore[arg-type]
    assert texts.preprocess("a\0 cat 물결") == "a cat 물결"
    with pytest.raises(gr.Error, match="something else than text"):
        texts.preprocess("a \ud800 cat")
    assert names.preprocess(["a\0", "b"]) == ["a", "b"]


def test_the_window_moves() -> None:
    now = [0.0]
    rate = Rate(2, clock=lambda: now[0])
    assert [rate.wait("a") for now[0] in (0, 30, 40)] == [0, 0, 21]
    assert [rate.wait("a") for now[0] in (60, 61, 90)] == [0, 30, 0]


def test_a_real_page_runs_within_its_policy_and_holds_its_limits(app: Served, browser: Browser) -> None:
    context = browser.new_context(locale="en-US")
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    answer = page.goto(app.url)
    assert answer is not None
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    page.locator("#show-me").click(timeout=PATIENCE)
    page.locator("#pairs .uce-pair img").first.wait_for(timeout=PATIENCE)
    assert not [text for text in said if "Content Security Policy" in text]
    context.close()
    client = Client(app.url, verbose=False)
    for too_much in ({"prompt": "x" * 10_001}, {"erase": ["x"] * 2_001}, {"retain": ["x" * 301]}):
        with pytest.raises(AppError, match="A field holds more than it may"):
            client.predict(**too_much, api_name="/compare")
    raw = httpx.post(f"{app.url}{JOIN}", json={}, headers={"origin": "https://evil.example"})
    assert raw.status_code == 403
    assert httpx.get(f"{app.url}/", headers={"host": "evil.example"}).status_code == 403
    assert httpx.get(f"{app.url}/monitoring").status_code == 404
