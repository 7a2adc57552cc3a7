"""What comes before Gradio: which requests are let through, and how answers are marked for browsers.

Knows nothing about models, runs and visitors' names; what a request may ask of the model is decided elsewhere.
"""

import asyncio
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from app.server.address import caller, path_of
from app.studio.rates import Rate
from app.studio.settings import Settings

ROUTES = re.compile(  # of Gradio's those that this page and gradio_client use; "" is the page
    r"/?"
    r"|/(assets|static|svelte)/.*"
    r"|/healthz"
    r"|/(config|theme\.css|favicon\.ico|robots\.txt|manifest\.json|login|logout|pwa_icon.*)/?"
    r"|/image/[0-9a-f]{64}\.(png|webp)"
    r"|/gradio_api/(info|app_id|startup-events|theme\.css|login_check|user|token|upload|upload_progress)/?"
    r"|/gradio_api/(queue/(join|data)|run/predict|cancel|reset|heartbeat/[^/]+|call/.+|file=.+)/?"
)
FILE = re.compile(r"/gradio_api/file=(.*)", re.S)
SHOWN_INLINE = ("image/png", "image/webp", "image/jpeg")  # of files; anything else is downloaded
LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")
FORWARDED = ("forwarded", "x-forwarded-host", "x-forwarded-for", "x-real-ip")
READING = ("GET", "HEAD", "OPTIONS")
STALLED = 30.0  # seconds between two parts of a body
HOUR, EVERYBODY = 3600.0, 10  # seconds; times what an address may upload, that all together may
LONGEST_PATH = 4096  # characters; Linux takes so many bytes
LOGINS = 10  # tries of one address in a minute
MOST_JSON = 2_000_000  # bytes of a request that is no upload
AROUND_A_FILE = 100_000  # bytes of an upload that are not the file's
POLICY = "; ".join(  # Gradio's page builds functions out of strings, and has inline scripts and styles
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
SANDBOXED = "sandbox; default-src 'none'"
MARKS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # a run's link is not told to others
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True)
class Refusal:
    """status: of HTTP. sentence: why, and what to do."""

    status: int
    sentence: str


class Gate:
    """ASGI middleware, the first. files: the folder of stored files, of which only images are served, by digest."""

    def __init__(self, app: Any, settings: Settings, files: Path) -> None:
        self.app, self.settings, self.files = app, settings, str(files.resolve())
        self._asking, self._logging_in = Rate(settings.limits.requests), Rate(LOGINS)
        bytes_an_hour = settings.limits.uploads_an_hour * 10**6
        self._uploading, self._all_uploading = Rate(bytes_an_hour, HOUR), Rate(EVERYBODY * bytes_an_hour, HOUR)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        request = scope["request_id"] = secrets.token_hex(6)  # what the log and the visitor call it
        refused = self.refused(scope) if scope["type"] == "http" else Refusal(404, "")
        if refused and scope["type"] == "http":
            await PlainTextResponse(refused.sentence, refused.status)(scope, receive, marked(send, "", request))
        elif not refused:
            await self.app(scope, _patient(receive), marked(send, path_of(scope), request))

    def refused(self, scope: Any) -> Refusal | None:
        headers, path = Headers(scope=scope), path_of(scope)
        takes_nothing = self.settings.read_only and _is_upload(path)
        if not ROUTES.fullmatch(path) or self._is_withheld(path) or takes_nothing:
            return Refusal(404, "There is nothing here.")
        return (
            self._of_elsewhere(headers, scope["method"])
            or self._too_large(headers, path, scope["method"])
            or self._too_often(scope, headers, path)
        )

    def _is_withheld(self, path: str) -> bool:
        """Whether it asks for a stored file by its path, or for a file of another host."""
        asked = FILE.fullmatch(path)
        if not asked:
            return False
        name = unquote(asked[1])
        if len(name) > LONGEST_PATH or "\0" in name:  # of no file
            return True
        return name.startswith(("http:", "https:", "//")) or str(Path(name).resolve()).startswith(self.files)

    def _of_elsewhere(self, headers: Headers, method: str) -> Refusal | None:
        """Whether another site, or another host's name for this one, is behind it."""
        host = headers.get("host", "")
        if self.settings.is_local:
            if _without_port(host) not in LOCAL:
                return Refusal(403, "This app is its computer's own: open it as localhost.")
            if any(name in headers for name in FORWARDED):
                return Refusal(403, "This app is its computer's own: behind a proxy, start it with --root-path.")
        if method in READING:
            return None
        own = {
            host,
            headers.get("x-forwarded-host", "").split(",")[0].strip(),
            urlsplit(self.settings.root_path).netloc,
        }
        origin = headers.get("origin")
        foreign = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        if foreign if origin is None else _host_in(origin) not in own - {""}:
            return Refusal(403, "This request comes from another site.")
        return None

    def _too_large(self, headers: Headers, path: str, method: str) -> Refusal | None:
        """Before anything of it is read."""
        if method in READING:
            return None
        if "transfer-encoding" in headers:
            return Refusal(411, "The length of a request must be said.")
        most = self.settings.limits.upload * 2**20 + AROUND_A_FILE if _is_upload(path) else MOST_JSON
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > most:
            return Refusal(413, f"This request is too large: {most // 10**6} MB is the most here.")
        return None

    def _too_often(self, scope: Any, headers: Headers, path: str) -> Refusal | None:
        if self.settings.is_local or scope["method"] in READING:
            return None
        address = caller(scope, self.settings)
        seconds = (self._logging_in if path.rstrip("/") == "/login" else self._asking).wait(address)
        if seconds:
            return Refusal(429, f"Too many requests: try again in {seconds} s.")
        size = int(headers.get("content-length", "0")) if _is_upload(path) else 0
        seconds = size and (self._uploading.wait(address, size) or self._all_uploading.wait("", size))
        return Refusal(429, f"Too many uploads: try again in {1 + seconds // 60} minutes.") if seconds else None


def _patient(receive: Any) -> Any:
    """A body that does not go on coming ends like one whose sender has left."""
    more = True

    async def received() -> Any:
        nonlocal more
        try:
            message = await asyncio.wait_for(receive(), STALLED if more else None)
        except TimeoutError:
            message = {"type": "http.disconnect"}
        more = message.get("more_body", False)
        return message

    return received


def _is_upload(path: str) -> bool:
    return path.rstrip("/") == "/gradio_api/upload"


def _host_in(origin: str) -> str:
    """With its port; "" if it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _without_port(host: str) -> str:
    return re.sub(r":\d*$", "", host).casefold()


def marked(send: Any, path: str, request: str) -> Any:
    """Answers with what browsers are told of them: for whom they are, and what may run in them. request: its id."""

    async def sent(part: dict[str, Any]) -> None:
        if part["type"] == "http.response.start":
            part = part | {"headers": list(part["headers"])}
            headers = MutableHeaders(scope=part)
            for name in [name for name in headers if name.startswith("access-control-")]:  # for no other site
                del headers[name]
            headers.update(MARKS | {"content-security-policy": POLICY, "x-request-id": request})
            if FILE.fullmatch(path):
                headers["content-security-policy"] = SANDBOXED
                if headers.get("content-type", "").split(";")[0] not in SHOWN_INLINE:
                    headers["content-disposition"] = "attachment" + _name_in(headers.get("content-disposition", ""))
            cookies = headers.getlist("set-cookie")
            if cookies:
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", cookie if "Partitioned" in cookie else _lax(cookie))
        await send(part)

    return sent


def _lax(cookie: str) -> str:
    return re.sub("samesite=none", "SameSite=Lax", cookie, flags=re.I)


def _name_in(disposition: str) -> str:
    """; filename=…, as it was said."""
    _, semicolon, name = disposition.partition(";")
    return semicolon + name
