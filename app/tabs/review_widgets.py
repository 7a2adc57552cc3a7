"""The widgets of the Review tab, by name: what is to be reviewed, and what is said of an image. No handlers."""

from typing import Any

import gradio as gr

from app.words import label
from uce_core.review.tasks import LONGEST_COMMENT, LONGEST_NAME, MODES, MOST, SCALES, SINGLE

PLACES = ("a", "b")  # of a pair's images, from left to right
Parts = dict[str, Any]


def asking() -> Parts:
    """What is reviewed, by whom, and how."""
    parts: Parts = {}
    with gr.Row():
        parts["run"] = gr.Dropdown(
            [], label=label("review_set"), info=label("review_set_info"), elem_id="review-set", scale=5,
            min_width=280,
        )  # fmt: skip
        parts["reviewer"] = gr.Textbox(
            label=label("review_name"), info=label("review_name_info"), max_length=LONGEST_NAME,
            elem_id="review-name", scale=3, min_width=200,
        )  # fmt: skip
        parts["mode"] = gr.Radio(
            [(label(f"review_mode_{mode}"), mode) for mode in MODES], value=SINGLE, label=label("review_mode"),
            info=label("review_mode_info"), elem_id="review-mode", scale=4, min_width=260,
        )  # fmt: skip
    with gr.Row():
        parts["begin"] = gr.Button(label("review_begin"), variant="primary", elem_id="review-begin", scale=3)
        parts["see"] = gr.Button(label("review_see"), elem_id="review-see", scale=2)
    return parts


def rating() -> Parts:
    """A task: what is looked at, and what is said of it."""
    parts: Parts = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=320):
            parts["progress"] = gr.HTML(elem_id="review-progress")
            parts["images"] = gr.HTML(elem_id="review-images")
        with gr.Column(scale=5, min_width=320, elem_classes="uce-ratings"):
            parts |= _ratings(PLACES[0])
            with gr.Column(visible=False, elem_classes="uce-ratings") as parts["second"]:
                parts |= _ratings(PLACES[1])
            parts["flag"] = gr.Checkbox(label=label("review_flag"), container=False, elem_id="review-flag")
            parts["comment"] = gr.Textbox(
                label=label("review_comment"), lines=1, max_length=LONGEST_COMMENT, elem_id="review-comment"
            )
            with gr.Row():
                parts["back"] = gr.Button(label("review_back"), elem_id="review-back", min_width=90)
                parts["pause"] = gr.Button(label("review_pause"), elem_id="review-pause", min_width=90)
                parts["save"] = gr.Button(
                    label("review_save"), variant="primary", elem_id="review-save", scale=2, min_width=150
                )
            gr.Markdown(label("review_keys"), elem_classes="uce-keys")
    return parts


def _ratings(place: str) -> Parts:
    """Of one image."""
    return {
        f"{scale}_{place}": gr.Radio(
            [(label(f"review_{scale}_{value}"), value) for value in range(MOST + 1)],
            label=label(f"review_{scale}"),
            elem_classes="uce-rating",
            elem_id=f"review-{scale}-{place}",
        )
        for scale in SCALES
    }
