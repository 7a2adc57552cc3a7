"""Recorded pictures under addresses of their own, /picture/<digest>.png, so that the page names no path of the machine.

Nobody guesses a digest; who may see the app is asked as for every other file.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from uce_core.store import Part

NAME = re.compile(r"/picture/([0-9a-f]{64})\.png")


def address_of(part: Part, root_path: str) -> str:
    """On this host. root_path: as the operator gave it."""
    return f"{urlsplit(root_path).path.rstrip('/')}/picture/{part.digest}{part.suffix}"


class StoredPictures:
    """ASGI middleware: asks Gradio for the file. path_of: where a part is stored."""

    def __init__(self, app: Any, path_of: Callable[[Part], Path]) -> None:
        self.app, self.path_of = app, path_of

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        under = scope.get("root_path", "")
        asked = NAME.fullmatch(scope.get("path", "").removeprefix(under)) if scope["type"] == "http" else None
        file = self.path_of(Part("", 0, asked[1], ".png")) if asked else None
        if file and file.is_file():  # else nobody has it, which Gradio says without a path
            path = f"{under}/gradio_api/file={file}"
            scope = scope | {"path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)
