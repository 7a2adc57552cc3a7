"""What a browser window keeps through a reload, another language and the way back: how fields are filled in, and which
run a tab shows. A new window begins with the fields of the last one, and shows nothing. storage.js does it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from app.browser.events import MODEL_TURN, PRIVATE, QUIET
from app.gradio_workarounds import LATEST

HEAD = f"<script>({(Path(__file__).parent / 'storage.js').read_text(encoding='utf-8')})()</script>"


def keep_fields(page: gr.Blocks, name: str, fields: Mapping[str, Any], passed_on: bool = True) -> None:
    """name: of what they are the fields; what was kept under another one is none of these. passed_on: to new
    windows."""
    key = json.dumps(f"{name} {' '.join(fields)}")  # other versions of this program have other fields
    parts = list(fields.values())
    changes = [part.change for part in parts if part.visible]
    keep = f"(...values) => window.uceWindow.keep({key}, values, {json.dumps(passed_on)})"
    gr.on(changes, None, parts, None, js=keep, **LATEST, **QUIET)
    page.load(None, None, parts, js=f"() => window.uceWindow.kept({key}, {len(parts)})", **QUIET)


def keep_run(
    page: gr.Blocks,
    name: str,
    run: gr.Textbox,
    finished: list[Any],
    again: Callable[..., Any],
    outputs: list[Any],
    watch: Callable[..., Any] | None = None,
) -> None:
    """run: holds the id of what is shown, set before finished happens. again: shows a run as if it had just been
    generated, and nothing new for "". watch: shows, after that, what has gone on without the window."""
    loaded = page.load(again, run, outputs, js=f"() => window.uceWindow.shown('{name}')", **QUIET)
    watched = [loaded.then(watch, None, outputs, **MODEL_TURN, **QUIET)] if watch else []
    for event in (*finished, *watched):
        event.then(None, run, None, js=f"run => window.uceWindow.show('{name}', run)", **PRIVATE)
