"""/healthz, whether the app can serve, and /metrics, for Prometheus, where the operator wants it."""

from collections.abc import Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from app.server.address import path_of
from app.studio import telemetry  # noqa: F401  # the figures

HEALTH, METRICS = "/healthz", "/metrics"


class Health:
    """ASGI middleware. not_ready: why the app cannot serve yet, "" if it can. shown: whether figures are."""

    def __init__(self, app: Any, not_ready: Callable[[], str], shown: bool) -> None:
        self.app, self.not_ready, self.shown = app, not_ready, shown

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = path_of(scope) if scope["type"] == "http" else ""
        answer: Any = self.app
        if path == HEALTH:
            why = self.not_ready()
            answer = JSONResponse({"ready": not why, "why": why}, 503 if why else 200)
        elif path == METRICS and self.shown:
            answer = Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
        await answer(scope, receive, send)
