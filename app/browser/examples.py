"""Whether a browser shows the examples: until they are hidden, in all of its windows, and again when they are asked
for. examples.js keeps it, page.css hides what has a class for it."""

from pathlib import Path

import gradio as gr

from app.words import label

HEAD = f"<script>({(Path(__file__).parent / 'examples.js').read_text(encoding='utf-8')})()</script>"
EXAMPLE = "uce-example"  # class of what is hidden with them


def hide_button() -> gr.Button:
    return gr.Button(label("examples_hide"), size="sm", elem_classes=[EXAMPLE, "uce-examples-hide"])


def show_button() -> gr.Button:
    """In the place of what was hidden."""
    return gr.Button(label("examples_show"), size="sm", elem_classes="uce-examples-show")


def close_button(name: str) -> gr.Button:
    """Pressed when they are hidden, for what shows one. name: its element id."""
    return gr.Button(elem_id=name, elem_classes="uce-example-close", visible="hidden")
