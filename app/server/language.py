"""The page in the language that its address asks for, /?lang=ko, or else that the browser asks for.

Gradio picks labels by the browser's language alone, so the page is served with a line that tells its
scripts another one.
"""

from typing import Any
from urllib.parse import parse_qs

from app.words import WORDS

SWITCH = (  # to the other language, with whatever else the address asks for
    "() => {const address = new URL(location); "
    "address.searchParams.set('lang', navigator.language.startsWith('ko') ? 'en' : 'ko'); location = address}"
)
SET_LANGUAGE = (
    "<script>for (const [name, value] of [['language', '{0}'], ['languages', ['{0}']]]) "
    "Object.defineProperty(navigator, name, {{value}})</script>"
)

LONGEST_QUERY = 1000  # bytes that are looked at


class InLanguage:
    """ASGI middleware. wanted: the operator's choice; auto leaves it to the visitor."""

    def __init__(self, app: Any, wanted: str) -> None:
        self.app, self.wanted = app, wanted

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        language = self._language(scope)
        if not language:
            await self.app(scope, receive, send)
            return
        parts: list[dict[str, Any]] = []

        async def keep(part: dict[str, Any]) -> None:
            parts.append(part)

        await self.app(scope, receive, keep)
        start, body = parts[0], b"".join(part.get("body", b"") for part in parts[1:])
        body = body.replace(b"<head>", b"<head>" + SET_LANGUAGE.format(language).encode(), 1)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start | {"headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    def _language(self, scope: Any) -> str:
        """Of a request for the page, if it is not left to the browser; "" for all other requests."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or scope["method"] != "GET" or path not in ("", "/"):
            return ""
        asked = parse_qs(scope["query_string"][:LONGEST_QUERY].decode("latin-1")).get("lang", [""])[0]
        return next((one for one in (self.wanted, asked) if one in WORDS), "")
