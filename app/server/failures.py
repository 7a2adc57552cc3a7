"""Who asks, known to all that is done for them; and whatever fails, told them in one sentence."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gradio as gr
from fastapi import Request
from fastapi.responses import PlainTextResponse

from app.gradio_workarounds import around_events, plain_error
from app.studio.failures import sentence_for
from app.studio.jobs import ASKER, Asker
from app.studio.visitor import Visitor
from app.words import language_of


def tell_failures(page: gr.Blocks, language: str) -> None:
    """Of every handler and endpoint of a page. language: the operator's choice."""

    @contextmanager
    def told(request: gr.Request | None) -> Iterator[None]:
        scope = request.request.scope if request and request.request else {}
        known: Visitor | None = scope.get("visitor")
        with _asked_by(scope, (known and known.id) or (request and request.session_hash) or ""):
            try:
                yield
            except gr.Error:
                raise
            except Exception as error:
                raise plain_error(sentence_for(error, language_of(request, language))) from None

    around_events(page, told)


def server_error(language: str) -> Callable[[Request, Exception], Awaitable[PlainTextResponse]]:
    """A handler for what fails anywhere else."""

    async def told(request: Request, error: Exception) -> PlainTextResponse:
        with _asked_by(request.scope):
            said = sentence_for(error, language_of(request, language))
            return PlainTextResponse(said, 500, {"x-request-id": ASKER.get().request})

    return told


@contextmanager
def _asked_by(scope: Mapping[str, Any], visitor: str = "") -> Iterator[None]:
    asker = ASKER.set(Asker(scope.get("request_id", ""), visitor))
    try:
        yield
    finally:
        ASKER.reset(asker)
