"""Requests: any path, query, header and cookie at the gate, and any value in a field."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote

import gradio as gr
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from app.html.clock import COOKIE
from app.server.field_limits import LONGEST, LONGEST_NAME, hold_limits
from app.server.gate import LOCAL, ROUTES, Gate
from app.server.health import Health
from app.server.images import StoredImages
from app.server.language import InLanguage
from app.studio.limits import Limits
from app.studio.settings import Settings
from tests.hostile.material import TEXTS, UTF8, VALUES, at
from tests.hostile.promises import Property

DIGEST = "ab" * 32
PATHS = (
    "/", "/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/upload", "/gradio_api/file=", "/config",
    "/gradio_api/call/compare", "/login", f"/image/{DIGEST}.png", "/healthz", "/metrics", "/assets/",
    "/gradio_api/heartbeat/x",
)  # fmt: skip
HEADERS = (
    b"host", b"origin", b"sec-fetch-site", b"content-length", b"transfer-encoding", b"x-forwarded-for",
    b"x-forwarded-host", b"cookie", b"accept-language", b"content-type", b"user-agent",
)  # fmt: skip
USUAL = (
    "localhost:7860", "[::1]", "127.0.0.1", "http://127.0.0.1:7860", "http://[", "null", "https://evil.example",
    "same-origin", "-1", "1" * 400, "²", "chunked", f"{COOKIE}=Asia%2FSeoul", ":" * 9000,
)  # fmt: skip
WALKS = (
    "../",
    "./",
    "%2e%2e/",
    "//",
    "a/" * 30_000,
    "%00",
    "\x00",
    "~",
    "/proc/self/environ",
    "\\",
    "http:",
    "%68ttps://x",
)
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "\x00")


@st.composite
def scopes(draw: DrawFn) -> dict[str, Any]:
    path = PATHS[at(draw, len(PATHS))]
    for _ in range(at(draw, 3)):
        path += WALKS[at(draw, len(WALKS))] if at(draw, 2) else draw(UTF8)
    if not at(draw, 4):
        path = f"/gradio_api/file={FILES}{path}"
    headers = [] if at(draw, 3) == 0 else [(b"host", b"127.0.0.1:7860")]
    for _ in range(at(draw, 4)):
        value = USUAL[at(draw, len(USUAL))] if at(draw, 2) else draw(TEXTS)
        headers.append((HEADERS[at(draw, len(HEADERS))], value.encode(errors="surrogatepass")))
    return {
        "type": "websocket" if not at(draw, 20) else "http",
        "method": METHODS[at(draw, len(METHODS))],
        "path": path,
        "raw_path": path.encode(errors="surrogatepass"),
        "query_string": (f"lang={draw(UTF8)}" if at(draw, 2) else "lang=ko&" * 9000).encode(),
        "root_path": "" if at(draw, 3) else "/studio",
        "headers": headers,
        "client": (None, ("192.0.2.1", 1), ("", 0))[at(draw, 3)],
    }


FILES = "/tmp/uce-of-strangers/files"


@dataclass
class Answered:
    """status: 0 where nothing is said. asked: the path that came through to Gradio, None if none did."""

    status: int = 0
    asked: str | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()

    def ask(scope: dict[str, Any]) -> Answered:
        found = Answered()

        async def gradio(scope: Any, receive: Any, send: Any) -> None:
            found.asked = str(scope["path"])
            headers = [(b"content-type", b"text/html"), (b"content-disposition", b'inline; filename="a.html"')]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"<head></head>"})

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(part: dict[str, Any]) -> None:
            found.status = part.get("status", found.status)
            found.headers |= dict(part.get("headers", ()))
            found.body += part.get("body", b"")

        within = InLanguage(StoredImages(gradio, lambda file: folder / "x.png"), "auto")
        behind = bool(scope["root_path"])
        settings = Settings(root_path="/studio" if behind else "", limits=Limits(requests=10**9))
        app = Gate(Health(within, lambda: ""), settings, Path(FILES))
        try:
            app(scope, receive, send).send(None)  # nothing here waits
        except StopIteration:
            return found
        raise AssertionError("it waits")

    def check(scope: dict[str, Any], found: Answered) -> None:
        assert found.status < 500
        assert FILES.encode() not in found.body
        if found.status:
            assert b"content-security-policy" in found.headers
            assert found.headers[b"x-content-type-options"] == b"nosniff"
        if found.asked is None:
            return
        asked = scope["path"].removeprefix(scope["root_path"])
        assert ROUTES.fullmatch(asked)
        assert scope["type"] == "http"
        if asked.startswith("/gradio_api/file="):
            name = os.path.normpath(unquote(asked.removeprefix("/gradio_api/file=")))
            assert not name.startswith(FILES), "a stored file by its path"
            assert b"attachment" in found.headers[b"content-disposition"]
        if not scope["root_path"]:
            host = next(value for name, value in scope["headers"] if name == b"host").decode("latin-1")
            assert host.casefold().startswith(LOCAL)

    widgets = {
        "text": gr.Textbox(max_length=100),
        "long": gr.Textbox(),
        "names": gr.Dropdown(["a"], multiselect=True, allow_custom_value=True),
        "choice": gr.Dropdown(["a"], allow_custom_value=True),
    }
    hold_limits(cast(Any, SimpleNamespace(blocks=widgets)), 50)

    def fill(case: tuple[str, Any]) -> Any:
        name, value = case
        try:
            return widgets[name].preprocess(value)
        except gr.Error as error:  # which Gradio shows
            said = str(error)
            assert said.isprintable()
            assert len(said) < 500
            return None

    def check_field(case: tuple[str, Any], value: Any) -> None:
        texts = value if isinstance(value, list) else [value]
        assert all(isinstance(text, str | None) for text in texts), "not what the handlers take"
        "".join(text or "" for text in texts).encode()
        assert len(texts) <= 50
        most = {"text": 100, "long": LONGEST}.get(case[0], LONGEST_NAME)
        assert all(len(text or "") <= most for text in texts)

    common: dict[str, Any] = {"folder": folder}
    yield Property(name="requests", cases=scopes(), parse=ask, use=check, weight=8, most=100.0, **common)
    fields = st.tuples(st.sampled_from(sorted(widgets)), VALUES)
    yield Property(name="fields", cases=fields, parse=fill, use=check_field, weight=6, **common)
