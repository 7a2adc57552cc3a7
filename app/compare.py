"""The Compare tab: pick artists, write a prompt, see original and edited side by side."""

import contextlib
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import address
from app.controls import NOTHING_LOADED, asking, saving, showing
from app.fields import (
    DEFAULT_SPEC,
    DRAWING_FIELDS,
    MODEL_TURN,
    SPEC_FIELDS,
    drawings_of,
    fields_of_drawings,
    fields_of_run,
    fields_of_spec,
    first_drawing,
    seeds_of,
    wanted_of,
)
from app.render import impact_bars, notice, problem, score_table, verdict_lines
from app.render_pairs import Shown, drafts, grid
from app.results import Comparison
from app.studio import Studio
from app.tab import INTO_VIEW, NOTHING_NEW, PRIVATE, QUIET, Filled
from app.turns import BUTTONS, DrawingTab, going_on
from app.uploads import tell_refusals
from app.words import explain, label, say
from app.work import Progress
from uce_core import GenerationSpec
from uce_core.presets import preset
from uce_core.problems import Problem
from uce_core.runs import facts_in

FOLLOW_MODEL = ("erase", "retain", "steps", "guidance_scale")
FILLED = (*SPEC_FIELDS, *DRAWING_FIELDS, "strength", "loaded")  # by a picture or a run
SHOWN = (
    "status", "drafts", "welcome", "panel", "pairs", "verdicts", "scores", "link", "pin", "drawn", "impact", *BUTTONS,
)  # fmt: skip
SOLVED_EARLY = ("erase", "retain", "guide", "wording", "span", "lam", "erase_scale", "retain_scale")
DRAW_AGAIN = """() => {
  const again = () => {
    const run = document.querySelector('#run');
    if (run.disabled) window.uceAgain = setTimeout(again, 200);
    else if (document.querySelector('#pairs .uce-pair')) run.click();
  };
  clearTimeout(window.uceAgain);
  window.uceAgain = setTimeout(again, 400);  // when the slider has come to rest
}"""
MANY_SEEDS = 10**6  # random ones are below: easy to read out


class CompareTab(DrawingTab):
    """Widgets, by name, and handlers; holds no state of any visitor."""

    def __init__(self, studio: Studio, catalog: tuple[str, ...], drawing: GenerationSpec) -> None:
        super().__init__(studio)
        self.drawing = drawing
        self.catalog = list(catalog)

    def build(self, page: gr.Blocks) -> None:
        settings = self.studio.settings
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self._build_model("model")
                self.parts |= asking(settings, self.catalog, self.drawing)
                with gr.Row(elem_classes="uce-press"):
                    self.parts["run"] = gr.Button(label("run"), variant="primary", elem_id="run", scale=3)
                    self._build_turns("")
                self.parts |= saving(self.studio.library.names())
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                self.parts |= showing(settings)
        self._wire_drawing()
        self._wire_fields()
        page.load(self.refresh, None, self.parts["saved"], **QUIET)
        page.load(
            self.ask_again, self.parts["asked_last"], [self.parts[name] for name in (*FILLED, "model")],
            **QUIET,
        )  # fmt: skip
        page.unload(self.cancel)

    def _asked(self) -> tuple[set[Any], set[Any]]:
        """The fields that an edit depends on, and all that a comparison does."""
        spec = {self.parts[name] for name in (*SPEC_FIELDS, "strength", "loaded", "model")}
        return spec, spec | {self.parts[name] for name in DRAWING_FIELDS}

    def _wire_drawing(self) -> None:
        parts = self.parts
        _, fields = self._asked()
        shown = [parts[name] for name in SHOWN]
        first = parts["show_me"].click(self.beautiful, parts["model"], list(fields), **QUIET)
        presses = (parts["run"].click, parts["prompt"].submit, first.then)
        self._wire_turns({"fn": self.run, "inputs": fields, "outputs": shown}, *presses)
        asked = [parts["run"].click, parts["prompt"].submit]
        gr.on(asked, self.remember, fields, parts["asked_last"], queue=False, **QUIET)
        parts["run"].click(None, js=INTO_VIEW("status"), **PRIVATE)
        parts["strength"].input(None, js=DRAW_AGAIN, **QUIET)
        parts["pin"].click(self.pin, parts["drawn"], [parts["pin"], parts["status"]], **QUIET)

    def _wire_fields(self) -> None:
        parts = self.parts
        spec_fields, _ = self._asked()
        filled = [parts[name] for name in FILLED]
        gr.on(
            [parts[name].change for name in SOLVED_EARLY] + [parts["prompt"].focus],
            self.solve_early, spec_fields, None, trigger_mode="always_last", concurrency_limit=1, **QUIET,
        )  # fmt: skip
        for name in ("erase", "retain"):
            parts[name].input(self.put_aside, parts["loaded"], parts["loaded"], **QUIET)
        parts["examples"].click(self.use_example, [parts["examples"], parts["erase"]], parts["prompt"], **QUIET)
        parts["random"].click(self.random_seed, None, parts["seeds"], **QUIET)
        parts["another"].click(self.another_seed, parts["seeds"], parts["seeds"], **QUIET)
        parts["preset"].input(
            self.use_preset, [parts[name] for name in ("preset", "erase", "retain")],
            [*(parts[name] for name in (*SPEC_FIELDS, "loaded")), parts["status"]], **QUIET,
        )  # fmt: skip
        parts["save"].click(
            self.save, spec_fields | {parts["name"]}, [parts["saved"], parts["status"]], **MODEL_TURN, **PRIVATE
        )
        parts["saved"].select(
            self.load, [parts["saved"], parts["model"]], [*spec_fields, parts["status"]], **MODEL_TURN, **PRIVATE
        )
        parts["model"].input(self.choose_model, parts["model"], [parts[name] for name in FOLLOW_MODEL], **QUIET)
        parts["suggest"].click(self.suggest, spec_fields, [parts["retain"], parts["status"]], **MODEL_TURN, **QUIET)
        parts["hit"].click(self.impact, spec_fields, [parts["impact"], parts["status"]], **MODEL_TURN, **QUIET)
        parts["picture"].upload(self.use_picture, parts["picture"], [*filled, parts["model"], parts["status"]], **QUIET)
        tell_refusals(parts["picture"], parts["status"])

    def _named(self, filled: Filled) -> dict[str, Any]:
        return {name: filled[part] for name, part in self.parts.items() if part in filled}

    def remember(self, filled: Filled) -> dict[str, Any]:
        """What is asked, for the browser to keep."""
        return self._named(filled)

    def ask_again(self, asked: dict[str, Any] | None) -> Filled:
        """The fields as they were when this browser last asked, if they still make sense."""
        try:
            if not asked or asked["model"] not in self.studio.settings.offered:
                return NOTHING_NEW
            wanted_of(asked)
            drawings_of(asked)
            return self._filled(**{name: asked[name] for name in (*FILLED, "model")})
        except (ValueError, TypeError, KeyError):  # of another version of this program
            return NOTHING_NEW

    def run(self, filled: Filled, request: gr.Request) -> Iterator[Filled]:
        """Solve, draw and show, with progress; whatever goes wrong is said and the buttons come back."""
        stop = self.studio.begin(request.session_hash or "")
        yield from self._in_turn(self._drawn(self._named(filled), stop, request), request)

    def _drawn(self, fields: dict[str, Any], stop: threading.Event, request: gr.Request) -> Iterator[Filled]:
        language = self._language(request)
        yield self._begun(fields["model"], language)
        wanted, drawings = wanted_of(fields), drawings_of(fields)
        for event, unfinished in self.studio.compare(stop, wanted, drawings):
            if isinstance(event, Progress):
                shown = drafts(unfinished, [drawing.seed for drawing in drawings], language)
                yield self._told(going_on(event, "drawing", language)) | self._filled(drafts=shown)
            else:
                yield self._finished(event, request)

    def _idle(self, status: str) -> Filled:
        return super()._idle(status) | self._filled(drafts="")

    def _finished(self, comparison: Comparison, request: gr.Request) -> Filled:
        language = self._language(request)
        pairs, spec = comparison.pairs, comparison.spec
        texts = [say(language, "done", seconds=f"{comparison.seconds:.1f}")]
        unknown = comparison.model.unknown((*spec.erase, *spec.retain)) if spec else []
        if unknown:
            texts.append(say(language, "not_in_catalogue", names=", ".join(unknown)))
        if not comparison.model.exact:
            texts.append(say(language, "half_weights"))
        pictures = self._pictures(comparison.run, [(pair.original, pair.edited) for pair in pairs])
        shown = [
            Shown(both, f"{say(language, 'seed')} {pair.spec.seed}", pair.spec.prompt)
            for pair, both in zip(pairs, pictures, strict=True)
        ]
        link = f"{address(request, self.studio.settings.root_path)}/?run={comparison.run}" if comparison.run else ""
        return self._idle(notice(*texts)) | self._filled(
            welcome=gr.Column(visible=False),
            panel=gr.Column(visible=True),
            pairs=grid(shown, language),
            verdicts=verdict_lines(pairs, comparison.verdicts, spec.erase if spec else (), language),
            scores=score_table(pairs, language),
            link=gr.Textbox(value=link, visible=bool(link)),
            pin=gr.Button(label("runs_pin"), interactive=True, visible=bool(link) and self.studio.settings.own),
            drawn=comparison.run,
            impact="",
        )

    def pin(self, run: str, request: gr.Request) -> Filled:
        """Keep the run that is shown from ageing out, which is for this computer's own visitors only."""
        language = self._language(request)
        if not self.studio.settings.own:
            return NOTHING_NEW
        try:
            self.studio.kept.pin(run)
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)))
        pinned = gr.Button(label("runs_pinned_one"), interactive=False)
        return self._filled(pin=pinned, status=notice(say(language, "runs_pinned_now")))

    def put_aside(self, loaded: tuple[str, str]) -> tuple[str, str]:
        """An edit in use that says nothing for the fields, when the visitor fills them."""
        name, spec = loaded
        return (name, spec) if spec else NOTHING_LOADED

    def beautiful(self, model: str) -> Filled:
        """The fields for the first picture: what a newcomer shall see."""
        drawing = first_drawing(self.studio.family(model))
        return self._filled(**fields_of_spec(DEFAULT_SPEC), **fields_of_drawings([drawing]), loaded=NOTHING_LOADED)

    def solve_early(self, filled: Filled) -> None:
        """While the prompt is still being written, so that drawing begins at once."""
        with contextlib.suppress(ValueError):  # said when the comparison is asked for
            self.studio.solve_early(wanted_of(self._named(filled)))

    def random_seed(self) -> str:
        return str(secrets.randbelow(MANY_SEEDS))

    def another_seed(self, text: str) -> str:
        """The one after the last joins them."""
        try:
            seeds = seeds_of(text)
        except ValueError:
            return text  # said when the comparison is asked for
        return ", ".join(map(str, [*seeds, max(seeds) + 1]))

    def use_preset(self, name: str, erase: list[str], retain: list[str], request: gr.Request) -> Filled:
        """The fields as a preset has them; what has no field is remembered."""
        if not name:  # the list was left without a choice
            return NOTHING_NEW
        try:
            spec = preset(name, erase, retain)
        except ValueError as error:
            return self._filled(status=problem(explain(error, self._language(request))))
        return self._filled(**fields_of_spec(spec), loaded=("", spec.to_json()))

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
            if facts.get("model") in self.studio.settings.offered:
                values["model"] = facts["model"]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            text = explain(error, language) if isinstance(error, Problem) else say(language, "picture_unknown")
            return self._filled(status=problem(text))
        return self._filled(**values, status=notice(say(language, "picture_used")))

    def use_example(self, sample: list[str], erase: list[str]) -> str:
        return sample[0].replace("…", erase[0] if erase else self.catalog[0])

    def save(self, filled: Filled, request: gr.Request) -> Filled:
        language = self._language(request)
        fields = self._named(filled)
        try:
            path = self.studio.library.save(self.studio.edit(wanted_of(fields)), fields["name"])
        except (ValueError, OSError) as error:
            return self._filled(status=problem(explain(error, language)))
        return self._filled(
            saved=gr.Dropdown(choices=self.studio.library.names(), value=path.stem),
            status=notice(say(language, "saved_as", name=path.stem)),
        )

    def load(self, name: str, model: str, request: gr.Request) -> Filled:
        """The fields of a saved edit, and its name and whole spec to remember."""
        language = self._language(request)
        try:
            spec = self.studio.spec(name, model)
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)))
        return self._filled(
            **fields_of_spec(spec),
            loaded=(name, spec.to_json()),
            strength=1.0,
            status=notice(say(language, "loaded", name=name)),
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
