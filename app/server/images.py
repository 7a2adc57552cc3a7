"""Recorded images under addresses of their own, as /image/<digest>.png, so that the page names no path of this
machine.

Nobody guesses a digest; who may see the app is asked as for every other file.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from uce_core.runs.run import StoredFile

NAME = re.compile(r"/image/([0-9a-f]{64})(\.png|\.webp)")


def address_of(part: StoredFile, root_path: str) -> str:
    """On this host. root_path: as the operator gave it."""
    return f"{urlsplit(root_path).path.rstrip('/')}/image/{part.digest}{part.suffix}"


class StoredImages:
    """ASGI middleware: asks Gradio for the file. path_of: where a part is stored."""

    def __init__(self, app: Any, path_of: Callable[[StoredFile], Path]) -> None:
        self.app, self.path_of = app, path_of

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        under = scope.get("root_path", "")
        asked = NAME.fullmatch(scope.get("path", "").removeprefix(under)) if scope["type"] == "http" else None
        file = self.path_of(StoredFile("", 0, asked[1], asked[2])) if asked else None
        if file and file.is_file():  # else nobody has it, which Gradio says without a path
            path = f"{under}/gradio_api/file={file}"
            scope = scope | {"path": path, "raw_path": path.encode()}
            send = _without_a_name(send)
        await self.app(scope, receive, send)


def _without_a_name(send: Any) -> Any:
    """The page names what is downloaded, which Gradio would name after its digest. Browsers need not ask again: other
    content has another digest."""

    async def sent(part: dict[str, Any]) -> None:
        if part["type"] == "http.response.start" and part["status"] in (200, 206):
            headers = [pair for pair in part["headers"] if pair[0] != b"content-disposition"]
            part = part | {"headers": [*headers, (b"cache-control", b"private, max-age=31536000, immutable")]}
        await send(part)

    return sent
