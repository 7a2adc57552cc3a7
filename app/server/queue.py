"""Gradio's queue: how often it looks for work, and what a visitor is told when too many requests wait."""

from collections.abc import Awaitable, Callable

import gradio as gr
from fastapi import Request
from fastapi.responses import JSONResponse

from app.studio.settings import Settings
from app.words import error_text, language_of
from uce_core.problems import Problem

LOOKS = 0.01  # seconds between two of them
PROGRESS_LOOKS = 0.1  # the same, for progress of a kind that is not used here


def look_seldom(page: gr.Blocks) -> None:
    """By itself it looks a thousand times in a second, for as long as the app is up, and each time holds up the thread
    that draws."""
    page._queue.sleep_when_free = LOOKS
    page._queue.progress_update_sleep_when_free = PROGRESS_LOOKS


def queue_is_full(settings: Settings) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    """A handler for what Gradio answers with status 503: its queue takes no more."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        full = Problem(
            "{most} requests are waiting already, and no more are taken here: try again in a minute.",
            most=settings.limits.waiting,
        )
        said = error_text(full, language_of(request, settings.language))
        return JSONResponse({"detail": said}, 429)  # Gradio's page hides what comes with 503 behind words of its own

    return refused
