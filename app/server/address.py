"""Where visitors see the page and where they come from, also behind a proxy that serves it under a path of its own."""

from typing import Any

import gradio as gr
from starlette.datastructures import Headers

from app.studio.settings import Settings


def address(request: gr.Request, root_path: str) -> str:
    """Without a slash at its end. root_path: as the operator gave it; a whole address is taken as it is.

    Else host and scheme are what the proxy says it was asked, in X-Forwarded-Host and X-Forwarded-Proto.
    """
    if root_path.startswith(("http://", "https://")):
        return root_path.rstrip("/")
    headers, asked = request.headers, request.request.url
    host = _first(headers.get("x-forwarded-host", "")) or asked.netloc
    scheme = _first(headers.get("x-forwarded-proto", "")) or asked.scheme
    return f"{scheme}://{host}{root_path.rstrip('/')}"


def path_of(scope: Any) -> str:
    """That a request asks for, without that under which a proxy serves the app."""
    return str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))


def caller(scope: Any, settings: Settings) -> str:
    """The address that a request comes from; behind a proxy, the one that it says."""
    address = str((scope.get("client") or ("",))[0])
    if settings.behind_proxy:
        address = Headers(scope=scope).get("x-forwarded-for", address).split(",")[-1].strip()
    return address


def _first(values: str) -> str:
    """Of those that several proxies in a row have written."""
    return values.split(",")[0].strip()
