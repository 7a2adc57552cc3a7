"""The Compare tab: pick artists, write a prompt, see original and edited side by side."""

import threading
from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.browser.events import INTO_VIEW, MODEL_TURN, NOTHING_NEW, PRIVATE, QUIET, Filled
from app.browser.storage import keep_run
from app.html.pairs import drafts, grid, run_pairs, seeded
from app.html.pieces import impact_bars, notice, problem, score_table, verdict_lines
from app.html.runs import findings_of, run_scores
from app.studio.progress import Progress
from app.studio.recording import changing
from app.studio.results import Comparison
from app.studio.studio import Studio
from app.tabs.compare_fields import DRAWING_FIELDS, drawings_of, edit_request_of
from app.tabs.compare_fill import EDIT_FIELDS, Filling
from app.tabs.compare_widgets import asking, saving, showing
from app.tabs.generation_tab import BUTTONS, DrawingTab, going_on
from app.words import error_text, label, translate
from uce_core import EditSpec, GenerationSpec, Model

SHOWN = (
    "status", "drafts", "welcome", "panel", "pairs", "verdicts", "scores", "link", "pin", "drawn", "impact", *BUTTONS,
)  # fmt: skip
DRAW_AGAIN = """() => {
  const again = () => {
    const number = document.querySelector('#strength input[type=number]');
    if (!(number.value !== '' && +number.value >= +number.min && +number.value <= +number.max)) return;  // half written
    const run = document.querySelector('#run');
    if (run.disabled) window.uceAgain = setTimeout(again, 200);
    else if (document.querySelector('#pairs .uce-pair')) document.getElementById('redraw').click();
  };
  clearTimeout(window.uceAgain);
  window.uceAgain = setTimeout(again, 400);  // when the slider has come to rest
}"""


class CompareTab(DrawingTab):
    """Widgets, by name, and handlers; holds no state of any visitor."""

    def __init__(self, studio: Studio, catalog: tuple[str, ...], drawing: GenerationSpec) -> None:
        super().__init__(studio)
        self.drawing = drawing
        self.catalog = list(catalog)
        self.filling = Filling(studio, self.parts, self.catalog)

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
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
        self.filling.wire(page, tab)
        self._wire(page)
        page.unload(self.gone)

    def _wire(self, page: gr.Blocks) -> None:
        parts = self.parts
        edit_fields = {parts[name] for name in EDIT_FIELDS}
        fields = edit_fields | {parts[name] for name in DRAWING_FIELDS}
        shown = [parts[name] for name in SHOWN]
        first = parts["show_me"].click(self.filling.beautiful, parts["model"], list(fields), **QUIET)
        redraw = gr.Button(elem_id="redraw", elem_classes="uce-hidden")  # its results are not brought into view
        presses = (parts["run"].click, parts["prompt"].submit, redraw.click, first.then)
        drawn = self._wire_turns(page, {"fn": self.run, "inputs": fields, "outputs": shown}, *presses)
        keep_run(page, "compare", parts["drawn"], drawn, self.again, shown)
        parts["run"].click(None, js=INTO_VIEW("status"), **PRIVATE)
        parts["strength"].input(None, js=DRAW_AGAIN, **QUIET)
        parts["pin"].click(self.pin, parts["drawn"], [parts["pin"], parts["status"]], **QUIET)
        parts["save"].click(
            self.save, edit_fields | {parts["name"]}, [parts["saved"], parts["status"]], **MODEL_TURN, **PRIVATE
        )
        hit = parts["hit"].click(
            self.who_is_hit, edit_fields, [parts["impact"], parts["status"]], **MODEL_TURN, **QUIET
        )
        hit.then(None, js="() => document.getElementById('impact').scrollIntoView({block: 'nearest'})", **PRIVATE)

    def run(self, filled: Filled, request: gr.Request) -> Iterator[Filled]:
        """Solve, draw and show, with progress; whatever goes wrong is said and the buttons come back."""
        stop = self._stop(request)
        yield from self._in_turn(self._drawn(self._values(filled), stop, request), request)

    def _drawn(self, fields: dict[str, Any], stop: threading.Event, request: gr.Request) -> Iterator[Filled]:
        language = self._language(request)
        yield self._begun(fields["model"], language)
        wanted, drawings = edit_request_of(fields), drawings_of(fields)
        for event, unfinished in self.studio.compare(stop, wanted, drawings):
            if isinstance(event, Progress):
                shown = drafts(unfinished, [drawing.seed for drawing in drawings], language)
                yield self._told(going_on(event, "drawing", language)) | self._updates(drafts=shown)
            else:
                yield self._finished(event, request)

    def _idle(self, status: str) -> Filled:
        return super()._idle(status) | self._updates(drafts="")

    def _finished(self, comparison: Comparison, request: gr.Request) -> Filled:
        language = self._language(request)
        pairs, spec = comparison.pairs, comparison.spec
        seeds = [pair.spec.seed for pair in pairs]
        done = translate(language, "done", seconds=f"{comparison.seconds:.1f}")
        texts = [done, *self._unknown(comparison.model, spec, language)]
        if not comparison.model.has_fp32_source:
            texts.append(translate(language, "half_weights"))
        if not comparison.run:
            texts.append(translate(language, "not_recorded"))
        pictures = self._pictures(comparison.run, [(pair.original, pair.edited) for pair in pairs])
        shown = [
            seeded(both, pair.spec.prompt, pair.spec.seed, language) for pair, both in zip(pairs, pictures, strict=True)
        ]
        found = {
            "pairs": grid(shown, language),
            "verdicts": verdict_lines(seeds, comparison.verdicts, spec.erase if spec else (), language),
            "scores": score_table(seeds, [pair.scores for pair in pairs], language),
        }
        return self._idle(notice(*texts)) | self._results(found, comparison.run, request)

    def again(self, run: str, request: gr.Request) -> Filled:
        """What this window showed before it was loaded again."""
        language = self._language(request)
        recorded = self._if_kept(run)
        if not recorded:
            return NOTHING_NEW
        found = {
            "pairs": grid(run_pairs(recorded, self._recorded(recorded), language), language),
            "verdicts": findings_of(recorded, language),
            "scores": run_scores(recorded, language),
        }
        return self._results(found, run, request)

    def _results(self, found: dict[str, str], run: str, request: gr.Request) -> Filled:
        """found: HTML of pairs, verdicts and scores. run: its id; "" if it could not be recorded."""
        is_local, recorded = self.studio.settings.is_local, self._if_kept(run)
        pinned = bool(recorded and recorded.pinned)  # if the same was compared and pinned before
        pin = gr.Button(
            label("runs_pinned_one" if pinned else "runs_pin"), interactive=not pinned, visible=is_local and bool(run)
        )
        return self._updates(
            welcome=gr.Column(visible=False),
            panel=gr.Column(visible=True),
            **found,
            link=self._link(run, request),
            pin=pin,
            drawn=run,
            impact="",
        )

    def gone(self, request: gr.Request) -> None:
        """The visitor has closed the page."""
        self.studio.gone(request.session_hash or "")

    def pin(self, run: str, request: gr.Request) -> Filled:
        """Keep the run that is shown from ageing out, which is for this computer's own visitors only."""
        language = self._language(request)
        if not self.studio.settings.is_local:
            return NOTHING_NEW
        try:
            with changing():
                self.studio.kept.pin(run)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        pinned = gr.Button(label("runs_pinned_one"), interactive=False)
        return self._updates(pin=pinned, status=notice(translate(language, "runs_pinned_now")))

    def who_is_hit(self, filled: Filled, request: gr.Request) -> Filled:
        """Whom the edit in the fields hits, without drawing."""
        language = self._language(request)
        try:
            wanted = edit_request_of(self._values(filled))
            hit = self.studio.impact(wanted)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        erased, retained = (wanted.spec.erase, wanted.spec.retain) if wanted.spec else ((), ())
        return self._updates(impact=impact_bars(hit, erased, retained, language))

    def save(self, filled: Filled, request: gr.Request) -> Filled:
        language = self._language(request)
        fields = self._values(filled)
        try:
            wanted = edit_request_of(fields)
            path = self.studio.library.save(self.studio.edit(wanted), fields["name"])
            unknown = self._unknown(self.studio.model(wanted.model), wanted.spec, language)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        return self._updates(
            saved=gr.Dropdown(choices=self.studio.library.names(), value=path.stem),
            status=notice(translate(language, "saved_as", name=path.stem), *unknown),
        )

    @staticmethod
    def _unknown(model: Model, spec: EditSpec | None, language: str) -> list[str]:
        """What to say of concepts that the model's catalogue does not have."""
        names = model.unknown((*spec.erase, *spec.retain)) if spec else []
        return [translate(language, "not_in_catalogue", names=", ".join(names))] if names else []
