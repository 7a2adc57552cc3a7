"""/healthz: whether the app can serve."""

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse

from app.server.address import path_of
from app.studio import telemetry  # noqa: F401  # the figures

HEALTH = "/healthz"


class Health:
    """ASGI middleware. not_ready: why the app cannot serve yet, "" if it can."""

    def __init__(self, app: Any, not_ready: Callable[[], str]) -> None:
        self.app, self.not_ready = app, not_ready

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = path_of(scope) if scope["type"] == "http" else ""
        answer: Any = self.app
        if path == HEALTH:
            why = self.not_ready()
            answer = JSONResponse({"ready": not why, "why": why}, 503 if why else 200)
        await answer(scope, receive, send)
