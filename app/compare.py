"""The Compare tab: pick artists, write a prompt, see original and edited side by side."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from app.fields import (
    DEFAULT_SPEC,
    DRAWING_FIELDS,
    MODEL_TURN,
    MOST_STRENGTH,
    SPEC_FIELDS,
    drawings_of,
    fields_of_drawing,
    fields_of_run,
    fields_of_spec,
    first_drawing,
    wanted_of,
)
from app.render import impact_bars, notice, problem, progress_bar, score_table
from app.studio import Comparison, Studio
from app.tab import PRIVATE, Filled, Tab, to_the_end
from app.words import explain, label, say
from app.work import Progress
from uce_core import EditSpec, GenerationSpec
from uce_core.concepts import SPANS, WORDINGS
from uce_core.problems import Problem
from uce_core.runs import facts_in

EXAMPLES = (
    "a house in the style of …",
    "a painting of a cat by …",
    "a boat, … style",
    "… style flower",
    "a photo of a cat",
    "a bridge in the style of Claude Monet",
)
WELCOME = str(Path(__file__).parent / "welcome.png")  # Atelier's artists, drawn by atelier/grid.py
FOLLOW_MODEL = ("erase", "retain", "steps", "guidance_scale")
FILLED = (*SPEC_FIELDS, *DRAWING_FIELDS, "strength", "loaded")  # by a picture or a run
SHOWN = ("status", "welcome", "panel", "gallery", "scores", "slider", "run", "cancel")
NOTHING_LOADED = ("", "")
SHOW_STATUS = "() => document.querySelector('#status').scrollIntoView({behavior: 'smooth', block: 'nearest'})"


class CompareTab(Tab):
    """Widgets, by name, and handlers; holds no state of any visitor."""

    def __init__(self, studio: Studio, catalog: tuple[str, ...], drawing: GenerationSpec) -> None:
        super().__init__(studio)
        self.drawing = drawing
        self.catalog = list(catalog)

    def build(self, page: gr.Blocks) -> None:
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self.parts |= self._build_controls()
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                self.parts |= self._build_results()
        self._wire()
        page.load(self.refresh, None, self.parts["saved"], **PRIVATE)
        page.unload(self.cancel)

    def _build_controls(self) -> dict[str, gr.components.Component]:
        spec, drawing = DEFAULT_SPEC, self.drawing
        pick: dict[str, Any] = {"choices": self.catalog, "multiselect": True, "allow_custom_value": True}
        offered = list(self.studio.settings.offered)
        fields: dict[str, Any] = {
            "model": gr.Dropdown(
                offered,
                value=offered[0],
                label=label("model"),
                info=label("model_info"),
                visible=len(offered) > 1,
                elem_id="model",
            ),
            "erase": gr.Dropdown(value=list(spec.erase), label=label("erase"), info=label("erase_info"), **pick),
            "retain": gr.Dropdown(value=list(spec.retain), label=label("retain"), info=label("retain_info"), **pick),
            "suggest": gr.Button(label("suggest"), size="sm", elem_id="suggest"),
            "prompt": gr.Textbox(
                drawing.prompt, label=label("prompt"), info=label("prompt_info"), lines=2, max_length=1000
            ),
        }
        fields["picture"] = gr.UploadButton(
            label("from_picture"), file_types=[".png"], size="sm", elem_id="from-picture"
        )
        fields["examples"] = gr.Dataset(
            components=[gr.Textbox(visible=False)],
            samples=[[text] for text in EXAMPLES],
            label=label("examples"),
            type="values",
        )
        with gr.Row():
            fields["seed"] = gr.Number(drawing.seed, label=label("seed"), precision=0, min_width=120)
            fields["three_seeds"] = gr.Checkbox(False, label=label("three_seeds"), info=label("three_seeds_info"))
        with gr.Accordion(label("advanced"), open=False):
            fields |= self._build_advanced(spec, drawing)
        with gr.Row():
            fields["run"] = gr.Button(label("run"), variant="primary", elem_id="run", scale=3)
            fields["cancel"] = gr.Button(label("cancel"), variant="stop", elem_id="cancel", visible=False)
        fields["saved"] = gr.Dropdown(
            self.studio.library.names(), value=None, label=label("saved"), info=label("saved_info"), elem_id="saved"
        )
        fields["name"] = gr.Textbox(label=label("name"), info=label("name_info"), max_length=80, elem_id="name")
        fields["save"] = gr.Button(label("save"), elem_id="save")
        return fields

    def _build_advanced(self, spec: EditSpec, drawing: GenerationSpec) -> dict[str, gr.components.Component]:
        return {
            "guide": gr.Textbox(spec.guide, label=label("guide"), info=label("guide_info"), max_length=200),
            "wording": gr.Dropdown(
                list(WORDINGS),
                value=spec.wording,
                label=label("wording"),
                info=label("wording_info"),
                allow_custom_value=True,
            ),
            "span": gr.Radio(list(SPANS), value=spec.span, label=label("span"), info=label("span_info")),
            "lam": gr.Number(spec.lam, label=label("lam"), info=label("lam_info")),
            "strength": gr.Slider(
                -MOST_STRENGTH, MOST_STRENGTH, 1, step=0.05, label=label("strength"), info=label("strength_info")
            ),
            "steps": gr.Slider(1, 100, drawing.steps, step=1, label=label("steps"), info=label("steps_info")),
            "guidance_scale": gr.Slider(
                0,
                20,
                drawing.guidance_scale,
                step=0.5,
                label=label("guidance_scale"),
                info=label("guidance_scale_info"),
            ),
        }

    def _build_results(self) -> dict[str, Any]:
        results: dict[str, Any] = {}
        with gr.Column(elem_classes="uce-welcome") as results["welcome"]:
            gr.Markdown(label("welcome_title"), elem_classes="uce-welcome-title")
            if self.studio.settings.models[0] == "atelier":
                still: dict[str, Any] = {"show_label": False, "container": False, "interactive": False, "buttons": []}
                gr.Image(WELCOME, alt_text=label("welcome_alt"), **still)
                gr.Markdown(label("welcome_text"))
            else:
                gr.Markdown(label("welcome_text_other"))
            results["show_me"] = gr.Button(label("welcome_button"), variant="primary", size="lg", elem_id="show-me")
        results["status"] = gr.HTML(elem_id="status")
        results["loaded"] = gr.State(NOTHING_LOADED)  # name and spec (JSON) of the saved edit in the fields
        with gr.Column(visible=False) as results["panel"]:
            results["gallery"] = gr.Gallery(
                label=label("results"), show_label=False, format="png", columns=2, object_fit="contain",
                interactive=False, elem_id="pairs", buttons=["download", "fullscreen"],
            )  # fmt: skip
            results["scores"] = gr.HTML(elem_id="scores")
            results["slider"] = gr.ImageSlider(
                label=label("slider"), format="png", interactive=False, elem_id="slider", max_height=420
            )
            results["position"] = gr.Slider(0, 100, 50, step=1, label=label("slider_position"), elem_id="position")
            results["hit"] = gr.Button(label("hit"), size="sm", elem_id="hit")
            results["impact"] = gr.HTML(elem_id="impact")
        return results

    def _wire(self) -> None:
        parts = self.parts
        spec_fields = {parts[name] for name in (*SPEC_FIELDS, "strength", "loaded", "model")}
        fields = spec_fields | {parts[name] for name in DRAWING_FIELDS}
        status, shown = parts["status"], [parts[name] for name in SHOWN]
        run = {"fn": self.run, "inputs": fields, "outputs": shown, "show_progress": "hidden", **MODEL_TURN, **PRIVATE}
        wait = {"fn": self.wait, "outputs": status, "show_progress": "hidden", "queue": False, **PRIVATE}
        gr.on([parts["run"].click, parts["prompt"].submit], **wait).then(**run)
        parts["run"].click(None, js=SHOW_STATUS, **PRIVATE)
        parts["show_me"].click(self.beautiful, parts["model"], list(fields), **PRIVATE).then(**wait).then(**run)
        parts["cancel"].click(self.cancel, None, None, queue=False, **PRIVATE)
        parts["examples"].click(self.use_example, [parts["examples"], parts["erase"]], parts["prompt"], **PRIVATE)
        parts["save"].click(self.save, spec_fields | {parts["name"]}, [parts["saved"], status], **MODEL_TURN, **PRIVATE)
        parts["saved"].select(
            self.load, [parts["saved"], parts["model"]], [*spec_fields, status], **MODEL_TURN, **PRIVATE
        )
        parts["model"].input(
            self.choose_model, parts["model"], [parts[name] for name in FOLLOW_MODEL], show_progress="hidden", **PRIVATE
        )
        parts["suggest"].click(self.suggest, spec_fields, [parts["retain"], status], **MODEL_TURN, **PRIVATE)
        parts["hit"].click(self.impact, spec_fields, [parts["impact"], status], **MODEL_TURN, **PRIVATE)
        parts["picture"].upload(
            self.use_picture, parts["picture"], [*(parts[name] for name in FILLED), status], **PRIVATE
        )
        parts["gallery"].select(self.select, parts["gallery"], parts["slider"], **PRIVATE)
        parts["position"].input(self.slide, parts["position"], parts["slider"], show_progress="hidden", **PRIVATE)

    def _named(self, filled: Filled) -> dict[str, Any]:
        return {name: filled[part] for name, part in self.parts.items() if part in filled}

    def wait(self, request: gr.Request) -> str:
        """Said at once; stays while another visitor's pictures are drawn."""
        return progress_bar(say(self._language(request), "waiting"), 0)

    def run(self, filled: Filled, request: gr.Request) -> Iterator[Filled]:
        """Solve, draw and show, with progress; whatever goes wrong is said and the buttons come back."""
        language = self._language(request)
        stop = self.studio.begin(request.session_hash or "")
        yield from to_the_end(self._drawn(self._named(filled), stop, language), self._idle, language)

    def _drawn(self, fields: dict[str, Any], stop: threading.Event, language: str) -> Iterator[Filled]:
        at_hand = self.studio.at_hand(fields["model"])
        yield self._busy(progress_bar(say(language, "preparing" if at_hand else "loading_model"), 0))
        for event in self.studio.compare(stop, wanted_of(fields), drawings_of(fields)):
            if isinstance(event, Progress):
                left = max(1, round(event.seconds_left))
                text = say(language, "drawing", done=event.done, total=event.total, left=left)
                yield self._busy(progress_bar(text, event.done / event.total))
            else:
                yield self._finished(event, language)

    def _busy(self, status: str) -> Filled:
        return self._filled(status=status, run=gr.Button(interactive=False), cancel=gr.Button(visible=True))

    def _idle(self, status: str) -> Filled:
        return self._filled(status=status, run=gr.Button(interactive=True), cancel=gr.Button(visible=False))

    def _finished(self, comparison: Comparison, language: str) -> Filled:
        pairs, spec = comparison.pairs, comparison.spec
        texts = [say(language, "done", seconds=f"{comparison.seconds:.1f}")]
        unknown = comparison.model.unknown((*spec.erase, *spec.retain)) if spec else []
        if unknown:
            texts.append(say(language, "not_in_catalogue", names=", ".join(unknown)))
        if not comparison.model.exact:
            texts.append(say(language, "half_weights"))
        shown = [
            (image, f"{say(language, key)} · {say(language, 'seed')} {pair.spec.seed}")
            for pair, images in zip(pairs, self.studio.pictures(comparison), strict=True)
            for key, image in zip(("original", "edited"), images, strict=True)
        ]
        return self._idle(notice(*texts)) | self._filled(
            welcome=gr.Column(visible=False),
            panel=gr.Column(visible=True),
            gallery=gr.Gallery(value=shown, selected_index=None),
            scores=score_table(pairs, language),
            slider=(shown[0][0], shown[1][0]),
        )

    def beautiful(self, model: str) -> Filled:
        """The fields for the first picture: what a newcomer shall see."""
        drawing = first_drawing(self.studio.family(model))
        return self._filled(**fields_of_spec(DEFAULT_SPEC), **fields_of_drawing(drawing), loaded=NOTHING_LOADED)

    def suggest(self, filled: Filled, request: gr.Request) -> Filled:
        """Those most hit by the edit join the retained."""
        language = self._language(request)
        fields = self._named(filled)
        try:
            names = self.studio.suggest(wanted_of(fields))
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)))
        said = say(language, "suggested", names=", ".join(names)) if names else say(language, "nobody_to_suggest")
        return self._filled(retain=[*fields["retain"], *names], status=notice(said))

    def impact(self, filled: Filled, request: gr.Request) -> Filled:
        """Whom the edit in the fields hits, without drawing."""
        language = self._language(request)
        try:
            wanted = wanted_of(self._named(filled))
            hit = self.studio.impact(wanted)
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)))
        erased, retained = (wanted.spec.erase, wanted.spec.retain) if wanted.spec else ((), ())
        return self._filled(impact=impact_bars(hit, erased, retained, language))

    def use_picture(self, file: str, request: gr.Request) -> Filled:
        """The fields as they were when a picture of this program was drawn."""
        language = self._language(request)
        try:
            facts = facts_in(Path(file))
            values = fields_of_run(facts.get("edit"), [facts["drawing"]], facts.get("strength", 1.0))
        except (ValueError, TypeError, KeyError) as error:
            text = explain(error, language) if isinstance(error, Problem) else say(language, "picture_unknown")
            return self._filled(status=problem(text))
        return self._filled(**values, status=notice(say(language, "picture_used")))

    def use_example(self, sample: list[str], erase: list[str]) -> str:
        return sample[0].replace("…", erase[0] if erase else self.catalog[0])

    def select(self, shown: list[tuple[str, str]], event: gr.SelectData) -> tuple[str, str]:
        """The pair of the picture that was clicked, for the slider."""
        first = event.index // 2 * 2
        return shown[first][0], shown[first + 1][0]

    def slide(self, position: float) -> gr.ImageSlider:
        return gr.ImageSlider(slider_position=position)

    def save(self, filled: Filled, request: gr.Request) -> Filled:
        language = self._language(request)
        fields = self._named(filled)
        try:
            path = self.studio.library.save(self.studio.edit(wanted_of(fields)), fields["name"])
        except (ValueError, OSError) as error:
            return self._filled(status=problem(explain(error, language)))
        return self._filled(
            saved=gr.Dropdown(choices=self.studio.library.names(), value=path.stem),
            status=notice(say(language, "saved_as", path=path)),
        )

    def load(self, name: str, model: str, request: gr.Request) -> Filled:
        """The fields of a saved edit, and its name and whole spec to remember."""
        language = self._language(request)
        try:
            spec = self.studio.spec(name, model)
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)))
        return self._filled(
            **fields_of_spec(spec), loaded=(name, spec.to_json()), status=notice(say(language, "loaded", name=name))
        )

    def choose_model(self, name: str) -> Filled:
        """What the chosen model knows and is drawn with; it is loaded when it is first needed."""
        catalog, family = list(self.studio.catalog(name)), self.studio.family(name)
        return self._filled(
            erase=gr.Dropdown(choices=catalog),
            retain=gr.Dropdown(choices=catalog),
            steps=family.steps,
            guidance_scale=family.guidance_scale,
        )

    def refresh(self) -> gr.Dropdown:
        """The list of saved edits as it is now, for a page that is opened."""
        return gr.Dropdown(choices=self.studio.library.names())
