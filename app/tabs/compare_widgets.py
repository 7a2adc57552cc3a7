"""The widgets of the Compare tab, by name: what is asked on one side, what is shown on the other. No handlers."""

from pathlib import Path
from typing import Any

import gradio as gr

from app.studio.request import DEFAULT_SPEC
from app.studio.settings import Settings
from app.tabs.compare_fields import MOST_STRENGTH, in_use
from app.words import choices, label
from uce_core import GenerationSpec
from uce_core.concepts.wordings import SPANS, WORDINGS
from uce_core.edits.presets import PRESETS

EXAMPLES = (
    "a house in the style of …",
    "a painting of a cat by …",
    "a boat, … style",
    "… style flower",
    "a photo of a cat",
    "a bridge in the style of Claude Monet",
)
WELCOME = str(Path(__file__).parent / "welcome.png")  # Atelier's artists, drawn by atelier/grid.py

Parts = dict[str, Any]


def asking(settings: Settings, catalog: list[str], drawing: GenerationSpec) -> Parts:
    """What is to be erased and drawn."""
    spec = DEFAULT_SPEC
    pick: Parts = {"choices": catalog, "multiselect": True, "allow_custom_value": True}
    parts: Parts = {}
    with gr.Row(visible=False, elem_classes="uce-in-use") as parts["in_use"]:
        parts["using"] = gr.HTML(elem_id="using")
        parts["let_go"] = gr.Button(label("let_go"), size="sm", elem_id="let-go", min_width=110, scale=0)
    parts |= {
        "erase": gr.Dropdown(value=list(spec.erase), label=label("erase"), info=label("erase_info"), **pick),
        "retain": gr.Dropdown(value=list(spec.retain), label=label("retain"), info=label("retain_info"), **pick),
        "suggest": gr.Button(label("suggest"), size="sm", elem_id="suggest"),
        "prompt": gr.Textbox(
            drawing.prompt, label=label("prompt"), info=label("prompt_info"), lines=2, max_length=1000
        ),
        "picture": gr.UploadButton(label("from_picture"), file_types=[".png"], size="sm", elem_id="from-picture"),
        "examples": gr.Dataset(
            components=[gr.Textbox(visible=False)], samples=[[text] for text in EXAMPLES],
            label=label("examples"), type="values",
        ),
    }  # fmt: skip
    with gr.Row(equal_height=True):
        parts["seeds"] = gr.Textbox(
            str(drawing.seed), label=label("seeds"), info=label("seeds_info"), max_length=400, elem_id="seeds", scale=3
        )
        with gr.Column(min_width=110, scale=1, elem_classes="uce-dice"):
            parts["random"] = gr.Button(label("seeds_random"), size="sm", elem_id="seeds-random", min_width=100)
            parts["another"] = gr.Button(label("seeds_another"), size="sm", elem_id="seeds-another", min_width=100)
    with gr.Accordion(label("advanced"), open=False):
        parts |= _advanced(settings, drawing)
    return parts


def saving(saved: list[str]) -> Parts:
    """saved: names of saved edits."""
    return {
        "saved": gr.Dropdown(saved, value=None, label=label("saved"), info=label("saved_info"), elem_id="saved"),
        "name": gr.Textbox(label=label("name"), info=label("name_info"), max_length=80, elem_id="name"),
        "save": gr.Button(label("save"), elem_id="save"),
    }


def _advanced(settings: Settings, drawing: GenerationSpec) -> Parts:
    spec = DEFAULT_SPEC
    return {
        "preset": gr.Dropdown(
            choices("preset", PRESETS), value=None, label=label("preset"), info=label("preset_info"), elem_id="preset"
        ),
        "guide": gr.Textbox(spec.guide, label=label("guide"), info=label("guide_info"), max_length=200),
        "wording": gr.Dropdown(
            choices("wording", WORDINGS), value=spec.wording, label=label("wording"), info=label("wording_info"),
            allow_custom_value=True,
        ),
        "span": gr.Radio(choices("span", SPANS), value=spec.span, label=label("span"), info=label("span_info")),
        "lam": gr.Number(spec.lam, label=label("lam"), info=label("lam_info")),
        "erase_scale": gr.Number(spec.erase_scale, label=label("erase_scale"), info=label("erase_scale_info")),
        "retain_scale": gr.Number(spec.retain_scale, label=label("retain_scale"), info=label("retain_scale_info")),
        "strength": gr.Slider(
            -MOST_STRENGTH, MOST_STRENGTH, 1, step=0.05, label=label("strength"), info=label("strength_draws"),
            elem_id="strength",
        ),
        "steps": gr.Slider(
            1, settings.limits.steps, drawing.steps, step=1, label=label("steps"), info=label("steps_info")
        ),
        "guidance_scale": gr.Slider(
            0, 50, drawing.guidance_scale, step=0.5, label=label("guidance_scale"), info=label("guidance_scale_info")
        ),
    }  # fmt: skip


def showing(settings: Settings) -> Parts:
    """What was drawn, and before anything was a welcome."""
    parts: Parts = {"status": gr.HTML(elem_id="status")}
    parts["drafts"] = gr.HTML(elem_id="drafts")
    with gr.Column(elem_classes="uce-welcome") as parts["welcome"]:
        gr.Markdown(label("welcome_title"), elem_classes="uce-welcome-title")
        if settings.models[0] == "atelier":
            still: Parts = {"show_label": False, "container": False, "interactive": False, "buttons": []}
            gr.Image(WELCOME, alt_text=label("welcome_alt"), elem_id="welcome", **still)
            gr.Markdown(label("welcome_text"))
        else:
            gr.Markdown(label("welcome_text_other"))
        parts["show_me"] = gr.Button(label("welcome_button"), variant="primary", size="lg", elem_id="show-me")
    parts["loaded"] = gr.JSON(in_use(), visible="hidden")
    parts["drawn"] = gr.Textbox("", visible=False)  # id of the run that is shown
    with gr.Column(visible=False, elem_classes="uce-panel") as parts["panel"]:
        parts["pairs"] = gr.HTML(elem_id="pairs")
        parts["verdicts"] = gr.HTML(elem_id="verdicts")
        parts["scores"] = gr.HTML(elem_id="scores")
        with gr.Row(equal_height=False):
            parts["link"] = recorded_link("compare-link")
            parts["pin"] = gr.Button(label("runs_pin"), elem_id="compare-pin", size="sm", visible=settings.is_local)
        parts["hit"] = gr.Button(label("hit"), size="sm", elem_id="hit")
        parts["impact"] = gr.HTML(elem_id="impact")
    return parts


def recorded_link(name: str) -> gr.Textbox:
    """To what was drawn and has recorded itself. name: its element id."""
    return gr.Textbox(
        label=label("runs_link"), info=label("compare_link_info"), interactive=False, buttons=["copy"], elem_id=name,
        visible=False, scale=3,
    )  # fmt: skip
