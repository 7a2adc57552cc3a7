"""What a visitor is told when too many requests wait in Gradio's queue."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import JSONResponse

from app.gradio_workarounds import QUEUE_FULL
from app.studio.settings import Settings
from app.words import error_text, language_of
from uce_core.problems import Problem


def queue_is_full(settings: Settings) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    """A handler for what Gradio answers with status 503: its queue takes no more."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        full = Problem(
            "queue_full",
            "{most} requests are already waiting, which is the limit here: try again in a minute.",
            most=settings.limits.waiting,
        )
        said = error_text(full, language_of(request, settings.language))
        return JSONResponse({"detail": said}, QUEUE_FULL)

    return refused
