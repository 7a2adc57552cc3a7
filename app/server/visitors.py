"""Who a visitor is, from one visit to the next: a signed cookie that a browser gets with its first page.

A script, or a browser that keeps no cookies, is known by its address; who has logged in, by the name. A window, which
Gradio calls a session and which names itself, belongs to the visitor who opened it. Knows nothing about what visitors
do.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from cachetools import LRUCache
from itsdangerous import BadSignature, TimestampSigner
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.server.address import caller, path_of
from app.studio.rates import Rate
from app.studio.settings import Settings
from app.studio.visitor import OWNER, Role, Visitor, visitor_id
from uce_core.files import atomic_file

COOKIE, KEY = "uce-visitor", "visitors.key"
LASTS = 365 * 24 * 3600  # seconds
NEWCOMERS = 60  # of one address in a minute, who get a cookie
WINDOWS = 10_000  # whose visitor is remembered
NAMED_IN_BODY = ("/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/cancel", "/gradio_api/reset")
CALL, DATA, HEARTBEAT = "/gradio_api/call/", "/gradio_api/queue/data", "/gradio_api/heartbeat/"


def key_in(home: Path) -> bytes:
    """What cookies are signed with; made when it is first needed, and kept."""
    path = home / KEY
    if not path.is_file():
        home.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as part:
            part.touch(0o600)
            part.write_text(secrets.token_hex(32))
    return path.read_bytes()


def visitor_of(request: gr.Request) -> Visitor:
    """Who makes a request of an event."""
    found: Visitor = request.request.scope["visitor"]
    if found.role is Role.STRANGER and request.username:
        return Visitor(Role.LOGGED_IN, visitor_id("login", request.username), request.username)
    return found


class Visitors:
    """ASGI middleware, behind the gate, which has bounded the request."""

    def __init__(self, app: Any, settings: Settings, key: bytes) -> None:
        self.app, self.settings, self._key = app, settings, key
        self._signer = TimestampSigner(key, digest_method=hashlib.sha256)
        self._newcomers = Rate(NEWCOMERS)
        self._blocked = Blocked(settings.block_file)
        self._windows: LRUCache[str, str] = LRUCache(WINDOWS)  # visitors by the window's name

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.settings.is_local:
            scope["visitor"] = OWNER
        else:
            token = self._token(scope)
            if not token and self._is_page(scope) and not self._newcomers.wait(caller(scope, self.settings)):
                token = secrets.token_urlsafe(24)
                send = self._given(token, scope, send)
            scope["visitor"] = self._visitor(token, scope)
        if self._blocked.has(scope["visitor"].id, caller(scope, self.settings)):
            await PlainTextResponse("The operator of this app has blocked you.", 403)(scope, receive, send)
            return
        window, receive = await _window(scope, receive)
        whose = self._windows.setdefault(window, scope["visitor"].id) if window else scope["visitor"].id
        if whose == scope["visitor"].id:
            await self.app(scope, receive, send)
        else:
            await PlainTextResponse("This window is another visitor's.", 403)(scope, receive, send)

    def _token(self, scope: Any) -> str:
        """Of the cookie, if it is one of ours; else ""."""
        value = Request(scope).cookies.get(COOKIE, "")
        try:
            return bytes(self._signer.unsign(value, max_age=LASTS)).decode()
        except BadSignature:
            return ""

    def _visitor(self, token: str, scope: Any) -> Visitor:
        role = Role.READER if self.settings.read_only else Role.STRANGER
        if token:
            return Visitor(role, visitor_id("browser", token))
        return Visitor(role, visitor_id("address", f"{self._key.hex()} {caller(scope, self.settings)}"))

    @staticmethod
    def _is_page(scope: Any) -> bool:
        return scope["method"] == "GET" and path_of(scope) in ("", "/")

    def _given(self, token: str, scope: Any, send: Any) -> Any:
        """Answers with the cookie. On a Space the page is in a frame of another site, where a browser keeps only
        cookies that are for that site's frames alone (Partitioned)."""
        headers = Headers(scope=scope)
        secure = "https" in (scope["scheme"], headers.get("x-forwarded-proto", "").split(",")[0].strip())
        framed = bool(os.environ.get("SPACE_ID"))
        path = self.settings.path or "/"
        value = f"{COOKIE}={self._signer.sign(token).decode()}; Path={path}; Max-Age={LASTS}; HttpOnly"
        value += "; SameSite=None; Secure; Partitioned" if framed else "; SameSite=Lax" + "; Secure" * secure

        async def sent(part: dict[str, Any]) -> None:
            if part["type"] == "http.response.start":
                part = part | {"headers": list(part["headers"])}
                MutableHeaders(scope=part).append("set-cookie", value)
            await send(part)

        return sent


class Blocked:
    """Whom the operator has blocked: addresses and ids of visitors, a line each, in a file that may change at any
    time. file: None for nobody."""

    def __init__(self, file: Path | None) -> None:
        self._file, self._read, self._names = file, 0.0, frozenset[str]()

    def has(self, *names: str) -> bool:
        """Whether one of them is."""
        if not self._file:
            return False
        with suppress(FileNotFoundError):
            changed = self._file.stat().st_mtime
            if changed != self._read:
                self._names = frozenset(self._file.read_text(encoding="utf-8").split())
                self._read = changed
        return not self._names.isdisjoint(names)


async def _window(scope: Any, receive: Any) -> tuple[str, Any]:
    """The name of the window that a request is of, "" if it is of none; and the request's body, to be read again."""
    path = path_of(scope).rstrip("/")
    if path.startswith(HEARTBEAT):
        return path.removeprefix(HEARTBEAT), receive
    if path == DATA:
        return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0], receive
    if scope["method"] != "POST" or not (path in NAMED_IN_BODY or path.startswith(CALL)):
        return "", receive
    body = await _read(receive)
    try:
        name = json.loads(body).get("session_hash")
    except (ValueError, AttributeError, RecursionError):  # Gradio says what is wrong with it
        name = None
    return str(name or ""), _again(body, receive)


async def _read(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes, receive: Any) -> Callable[[], Any]:
    """A body that has been read."""
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Any:
        return parts.pop() if parts else await receive()

    return received
