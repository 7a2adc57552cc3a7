"""python -m tests.app.proxy TARGET PORT: a reverse proxy that serves the app under a path, as nginx does for a lab."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.app.serving import ROOT, free_port, until_up

PREFIX = "/studio"
OF_THE_CONNECTION = ("connection", "host", "keep-alive", "transfer-encoding")


@contextlib.contextmanager
def proxied(target: str) -> Iterator[str]:
    """The address at which the target is served while the context lasts, without a slash at its end."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.app.proxy", target, str(port)], cwd=ROOT)
    try:
        until_up(f"http://127.0.0.1:{port}{PREFIX}/", process)
        yield f"http://127.0.0.1:{port}{PREFIX}"
    finally:
        process.terminate()
        process.wait(20)


def proxy(target: str) -> Starlette:
    """The target sees neither the path nor the host that was asked, but in X-Forwarded-Host; answers stream."""
    client = httpx.AsyncClient(timeout=None, trust_env=False)

    async def passed_on(request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in OF_THE_CONNECTION}
        headers |= {"x-forwarded-host": request.headers["host"], "x-forwarded-proto": "http"}
        path = request.url.path.removeprefix(PREFIX)
        url = httpx.URL(target).copy_with(path=path, query=request.url.query.encode())
        asked = client.build_request(request.method, url, headers=headers, content=request.stream())
        answer = await client.send(asked, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in OF_THE_CONNECTION}
        return StreamingResponse(answer.aiter_raw(), answer.status_code, kept, background=BackgroundTask(answer.aclose))

    return Starlette(routes=[Route(PREFIX + "/{path:path}", passed_on, methods=["GET", "POST", "HEAD", "OPTIONS"])])


if __name__ == "__main__":
    uvicorn.run(proxy(sys.argv[1]), port=int(sys.argv[2]), log_level="critical", ws="none", timeout_graceful_shutdown=1)
