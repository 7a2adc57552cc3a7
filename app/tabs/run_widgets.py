"""The widgets of an open run in the Runs tab, by name. No handlers."""

from typing import Any

import gradio as gr

from app.tabs.replay import ReplayPanel
from app.words import label
from uce_core.runs.store import LONGEST_NOTE

NARROW: dict[str, Any] = {"min_width": 140}  # two beside each other on a phone
Parts = dict[str, Any]


def detail(replaying: ReplayPanel | None) -> Parts:
    """An open run. replaying: where it can be generated again, or reused."""
    parts: Parts = {}
    parts["close"] = gr.Button(label("runs_close"), size="sm", elem_id="run-close", elem_classes="uce-small-button")
    parts["images"] = gr.HTML(elem_id="run-images")
    parts["report"] = gr.DownloadButton(label("leakage_report"), visible=False, elem_id="run-report")
    with gr.Row():
        if replaying:
            parts["mine"] = gr.Button(label("runs_reuse"), variant="primary", elem_id="run-mine", min_width=170)
            replaying.build_button()
            parts["save"] = gr.Button(label("save"), elem_id="run-save", **NARROW)
        parts["export"] = gr.Button(label("runs_export"), elem_id="run-export", **NARROW)
        parts["download"] = gr.DownloadButton(elem_id="run-download", visible="hidden")
    with gr.Row():
        parts["pin"] = gr.Button(label("runs_pin"), elem_id="run-pin", **NARROW)
        parts["against"] = gr.Button(label("runs_against"), elem_id="run-against", **NARROW)
    parts["note"] = gr.Textbox(
        label=label("runs_note"), info=label("runs_note_info"), max_length=LONGEST_NOTE, elem_id="run-note"
    )
    parts["link"] = gr.Textbox(
        label=label("runs_link"),
        info=label("runs_link_info"),
        interactive=False,
        buttons=["copy"],
        elem_id="run-link",
    )
    parts["facts"] = gr.HTML(elem_id="run-facts")
    parts["delete"] = gr.Button(label("runs_delete"), variant="stop", size="sm", elem_id="run-delete")
    return parts
