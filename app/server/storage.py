"""What a visitor is told when there is no space for what is uploaded."""

import logging
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import Request
from fastapi.responses import PlainTextResponse

from app.studio.settings import Settings
from app.words import error_text, language_of
from uce_core.files import writing

INSUFFICIENT_STORAGE = 507


def no_space(settings: Settings) -> Callable[[Request, Exception], Awaitable[PlainTextResponse]]:
    """A handler for the system's errors, on which Gradio's page shows the answer's text; others than of a full or
    read-only disk are raised again."""

    async def refused(request: Request, error: Exception) -> PlainTextResponse:
        try:
            with writing(Path(tempfile.gettempdir()).name):
                raise error
        except ValueError as problem:
            logging.getLogger(__name__).exception("an upload could not be kept")
            said = error_text(problem, language_of(request, settings.language))
            return PlainTextResponse(said, INSUFFICIENT_STORAGE)

    return refused
