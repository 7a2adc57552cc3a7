"""Files that visitors hand in, with a button or dropped on its tab: what is not taken is refused before it is sent."""

from pathlib import Path

import gradio as gr

from app.browser.events import QUIET
from app.html.pieces import problem
from app.words import WORDS, by_language, translate

SCRIPT = (Path(__file__).parent / "uploads.js").read_text(encoding="utf-8")
UPLOAD_ERRORS = ("several", "kind", "large")


def uploads(most: int) -> str:
    """JavaScript for the page. most: megabytes of a file."""
    slots = {"file": "{file}", "kind": "{kind}", "most": most}  # filled in by the page
    texts = {
        code: {fault: problem(translate(code, f"upload_{fault}", **slots)) for fault in UPLOAD_ERRORS} for code in WORDS
    }
    return f"() => ({SCRIPT})({most}, () => {by_language(texts)})"


def tell_refusals(button: gr.UploadButton, status: gr.HTML) -> None:
    """Where the page says that a file for the button is not taken."""
    refused = gr.Button(elem_id=f"{button.elem_id}-refused", visible="hidden")
    refused.click(None, None, status, js="() => window.uceRefused", **QUIET)
