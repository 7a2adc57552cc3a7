"""Where visitors see the page, also behind a proxy that serves it under a path of its own."""

import gradio as gr


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


def _first(values: str) -> str:
    """Of those that several proxies in a row have written."""
    return values.split(",")[0].strip()
