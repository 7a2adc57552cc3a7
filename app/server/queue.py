"""What a visitor is told when Gradio does not take a request: too many wait in its queue, or it makes no sense."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.gradio_workarounds import QUEUE_FULL
from app.studio.limits import queue_full
from app.studio.settings import Settings
from app.words import error_text, language_of

MOST = 200  # events of all kinds; requests that generate wait in the engine's line


async def makes_no_sense(request: Request, error: Exception) -> JSONResponse:
    """A handler for requests of another form than Gradio's. What was sent is not sent back: it may be large, and JSON
    that is none."""
    faults = error.errors() if isinstance(error, RequestValidationError) else ()
    where = ", ".join(".".join(map(str, fault["loc"]))[:100] for fault in faults[:3])
    return JSONResponse({"detail": f"This request makes no sense: look at {where or 'which event it asks for'}."}, 422)


def queue_is_full(settings: Settings) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    """A handler for what Gradio answers with status 503: its queue takes no more."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        said = error_text(queue_full(MOST), language_of(request, settings.language))
        return JSONResponse({"detail": said}, QUEUE_FULL)

    return refused
