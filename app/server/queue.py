"""What a visitor is told when too many requests wait in Gradio's queue."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import JSONResponse

from app.gradio_workarounds import QUEUE_FULL
from app.studio.limits import queue_full
from app.studio.settings import Settings
from app.words import error_text, language_of

MOST = 200  # events of all kinds; requests that generate wait in the engine's line


def queue_is_full(settings: Settings) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    """A handler for what Gradio answers with status 503: its queue takes no more."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        said = error_text(queue_full(MOST), language_of(request, settings.language))
        return JSONResponse({"detail": said}, QUEUE_FULL)

    return refused
