"""The Compare tab: pick artists, write a prompt, see original and edited side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from app.browser.events import INTO_VIEW, MODEL_TURN, PRIVATE, QUIET, Filled
from app.browser.storage import keep_run
from app.html.columns import column_findings, column_scores, column_titles
from app.html.pairs import preview_grid, run_grid, runs_grid
from app.html.pieces import impact_bars, notice, problem
from app.html.runs import findings_of, run_impact_bars, run_scores
from app.server.visitors import visitor_of
from app.studio.examples import COMPARISON
from app.studio.progress import EVENTS, Stop
from app.studio.recording import changing
from app.studio.results import Overshoot, Result
from app.studio.studio import Studio
from app.studio.visitor import Action
from app.tabs.compare_columns import column_choices, column_requests
from app.tabs.compare_fields import GENERATION_FIELDS, generations_of
from app.tabs.compare_fill import EDIT_FIELDS, Filling, asked_edit
from app.tabs.compare_grid import GridPanel
from app.tabs.compare_widgets import asking, saving, showing
from app.tabs.examples import ExamplePanel
from app.tabs.generation_tab import BUTTONS, GenerationTab, progress_html
from app.tabs.ids import COMPARE
from app.tabs.tab import ShownRun
from app.words import error_text, label, translate
from uce_core.checks import normalised
from uce_core.generation.spec import GenerationSpec, negative_unread
from uce_core.runs.run import ComparisonRun

SHOWN = (
    "status", "previews", "welcome", "panel", "pairs", "verdicts", "scores", "link", "pin", "shown", "impact", *BUTTONS,
)  # fmt: skip
BETWEEN = " "  # of the ids of runs that are shown beside each other
REGENERATE = """() => {
  const again = () => {
    const number = document.querySelector('#strength input[type=number]');
    const whole = !number || (number.value !== '' && +number.value >= +number.min && +number.value <= +number.max);
    if (!whole) return;  // half written
    const run = document.querySelector('#run');
    if (run.disabled) window.uceAgain = setTimeout(again, 200);
    else if (document.querySelector('#pairs .uce-pair')) document.getElementById('redraw').click();
  };
  clearTimeout(window.uceAgain);
  window.uceAgain = setTimeout(again, 400);  // when the slider has come to rest
}"""
REGENERATE_COLUMNS = f"""columns => {{
  const chosen = JSON.stringify(columns);
  if (chosen === (window.uceColumns ?? '[]')) return;  // the field was left as it was
  window.uceColumns = chosen;
  ({REGENERATE})();
}}"""


class CompareTab(GenerationTab):
    """Widgets, by name, and handlers; holds no state of any visitor."""

    def __init__(self, studio: Studio, catalog: tuple[str, ...], first: GenerationSpec) -> None:
        super().__init__(studio)
        self.first = first
        self.catalog = list(catalog)
        self.filling = Filling(studio, self.parts, self.catalog)
        self.examples = ExamplePanel(studio, COMPARE, COMPARISON)
        self.grid = GridPanel(studio, self.parts)

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
        settings, saved = self.studio.settings, self.studio.library().names()
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self._build_model("model")
                self.parts |= asking(
                    settings, self.catalog, self.first, self.studio.models.family("").reads_pooled, saved
                )
                self.grid.build()
                with gr.Row(elem_classes="uce-press"):
                    self.parts["run"] = gr.Button(label("run"), variant="primary", elem_id="run", scale=3)
                    self._build_turns("")
                self.parts |= saving(saved)
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                self.parts |= showing(settings, self.examples)
                self.grid.build_results()
        self.filling.wire(page, tab)
        self.grid.wire(page)
        self._wire(page)
        page.unload(self.gone)

    def _wire(self, page: gr.Blocks) -> None:
        parts = self.parts
        edit_fields = {parts[name] for name in EDIT_FIELDS}
        fields = edit_fields | {parts[name] for name in (*GENERATION_FIELDS, "columns")}
        shown = [*(parts[name] for name in SHOWN), *self.examples.shown]
        first = parts["show_me"].click(self.filling.fill_welcome_example, parts["model"], list(fields), **QUIET)
        redraw = gr.Button(elem_id="redraw", visible="hidden")  # its results are not brought into view
        presses = (parts["run"].click, parts["prompt"].submit, redraw.click, first.then)
        done = self._wire_turns(page, {"fn": self.run, "inputs": fields | {parts["shown"]}, "outputs": shown}, *presses)
        keep_run(page, "compare", parts["shown"], done, self.again, shown)
        self.examples.wire(self.open_example, self.close_example, [], [parts["shown"]], shown)
        parts["run"].click(None, js=INTO_VIEW("status"), **PRIVATE)
        parts["run"].click(None, js="() => clearTimeout(window.uceAgain)", **PRIVATE)  # it does the same
        parts["strength"].input(None, js=REGENERATE, **QUIET)
        written = [
            parts["columns"].input,
            parts["columns"].blur,
        ]  # Gradio tells of what is typed when the field is left
        gr.on(written, None, parts["columns"], js=REGENERATE_COLUMNS, **QUIET)
        parts["pin"].click(self.pin, parts["shown"], [parts["pin"], parts["status"]], **QUIET)
        parts["save"].click(
            self.save, edit_fields | {parts["name"]}, [parts["saved"], parts["status"]], **MODEL_TURN, **PRIVATE
        )
        asked = edit_fields | {parts["shown"]}
        affected = parts["affected"].click(
            self.show_impact, asked, [parts["impact"], parts["status"]], **MODEL_TURN, **QUIET
        )
        affected.then(None, js="() => document.getElementById('impact').scrollIntoView({block: 'nearest'})", **PRIVATE)

    def run(self, filled: Filled, request: gr.Request) -> Iterator[Filled]:
        """Solve, generate and show, with progress; whatever goes wrong is said and the buttons come back."""
        stop = self._stop(request)
        yield from self._in_turn(self._compared(self._values(filled), stop, request), request)

    def _compared(self, fields: dict[str, Any], stop: Stop, request: gr.Request) -> Iterator[Filled]:
        language = self._language(request)
        yield self._begun(fields["model"], language)
        asked, specs = asked_edit(self.studio, fields, request), generations_of(fields)
        edits = [asked, *column_requests(asked, fields, column_choices(self._library(request).names()))]
        for event, live in self.studio.compare(stop, edits, specs, fields["shown"].split(BETWEEN)):
            if isinstance(event, EVENTS):
                shown = preview_grid(live.previews, [spec.seed for spec in specs], language, live.columns)
                said = notice(*self._overshoot(live.overshoot, language)) + progress_html(event, "generating", language)
                yield self._status(said) | self._updates(previews=shown)
            else:
                yield self._finished(event, request)

    def _idle(self, status: str) -> Filled:
        return super()._idle(status) | self._updates(previews="")

    def _remarks(self, result: Result, language: str) -> list[str]:
        texts, run = [*super()._remarks(result, language), *self._unknown(result.unknown, language)], result.run
        texts += self._overshoot(result.overshoot, language)
        if isinstance(run, ComparisonRun) and run.erased and not names_any(run.prompts, run.erased):
            texts.append(translate(language, "prompt_without_erased"))
        if negative_unread(run.generations, [run.spec, *(one.run.spec for one in result.beside)]):
            texts.append(translate(language, "negative_unread"))
        return [*texts, translate(language, "no_fp32_weights")] if result.half else texts

    def _show(self, shown: ShownRun, request: gr.Request) -> Filled:
        run, language = shown.run, self._language(request)
        pin = gr.Button(
            label("runs_pinned_one" if run.pinned else "runs_pin"),
            interactive=not run.pinned,
            visible=bool(run.id) and visitor_of(request).may(Action.PIN_RUNS, run.visitor),
        )
        return self._updates(
            welcome=gr.Column(visible=False),
            panel=gr.Column(visible=True),
            link=self._link_to(request, run, *(one.run for one in shown.beside)),
            pin=pin,
            shown=BETWEEN.join(one.run.id for one in (shown, *shown.beside) if one.run.id),
            impact=run_impact_bars(run, language),
            **_results(shown, language),
        )

    def _recorded(self, run: str) -> ShownRun | None:
        """run: ids of runs beside each other."""
        found = [one for one in map(self._if_kept, run.split(BETWEEN)) if isinstance(one, ComparisonRun)]
        same = [self._of_run(one) for one in found if one.generations == found[0].generations]
        return replace(same[0], beside=same[1:]) if same else None

    def _nothing(self) -> Filled:
        return self._updates(welcome=gr.Column(visible=True), panel=gr.Column(visible=False), pairs="", shown="")

    def gone(self, request: gr.Request) -> None:
        """The visitor has closed the page."""
        self.studio.turns.gone(request.session_hash or "")

    def pin(self, run: str, request: gr.Request) -> Filled:
        """Keep the run that is shown from ageing out."""
        language = self._language(request)
        try:
            with changing():
                for one in run.split(BETWEEN):
                    visitor_of(request).check(Action.PIN_RUNS, self.studio.store.get(one).visitor)
                    self.studio.store.pin(one)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        pinned = gr.Button(label("runs_pinned_one"), interactive=False)
        return self._updates(pin=pinned, status=notice(translate(language, "runs_pinned_now")))

    def show_impact(self, filled: Filled, request: gr.Request) -> Filled:
        """Which other artists the edit in the fields affects, without generating. If it is the edit of the run that is
        shown, the run keeps the answer."""
        language, fields = self._language(request), self._values(filled)
        run = self._if_kept(fields["shown"].split(BETWEEN)[0])
        try:
            asked = asked_edit(self.studio, fields, request)
            if (
                isinstance(run, ComparisonRun)
                and asked.spec
                and (run.spec, run.request.strength)
                == (
                    asked.spec,
                    asked.strength,
                )
            ):
                return self._updates(impact=run_impact_bars(self.studio.impact_of_run(run), language))
            found = self.studio.impact(asked)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        erased, retained = (asked.spec.erase, asked.spec.retain) if asked.spec else ((), ())
        return self._updates(impact=impact_bars(found, erased, retained, language))

    def save(self, filled: Filled, request: gr.Request) -> Filled:
        language = self._language(request)
        fields = self._values(filled)
        try:
            asked = asked_edit(self.studio, fields, request)
            path = self._library(request).save(self.studio.edit(asked), fields["name"])
            named = (*asked.spec.erase, *asked.spec.retain) if asked.spec else ()
            unknown = self._unknown(self.studio.unknown(named, asked.model), language)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        return self._updates(
            saved=gr.Dropdown(choices=self._library(request).names(), value=path.stem),
            status=notice(translate(language, "saved_as", name=path.stem), *unknown),
        )

    @staticmethod
    def _overshoot(found: Overshoot | None, language: str) -> list[str]:
        """What to say of an edit that is so strong that images turn to noise."""
        if found is None:
            return []
        said = translate(language, "overshoot", times=f"{found.times:.1f}")
        return [f"{found.edit}: {said}" if found.edit else said]

    @staticmethod
    def _unknown(names: Sequence[str], language: str) -> list[str]:
        """What to say of concepts that the model's catalogue does not have."""
        return [translate(language, "not_in_catalogue", names=", ".join(names))] if names else []


def _results(shown: ShownRun, language: str) -> dict[str, str]:
    """HTML of images, verdicts and scores; of several edits column by column."""
    runs = [one.run for one in (shown, *shown.beside) if isinstance(one.run, ComparisonRun)]
    if len(runs) == 1:
        run = shown.run
        return {
            "pairs": run_grid(run, shown.addresses, language),
            "verdicts": findings_of(run, language),
            "scores": run_scores(run, language),
        }
    titles = column_titles(runs, language)
    addresses = [one.addresses for one in (shown, *shown.beside)]
    return {
        "pairs": runs_grid(runs, addresses, titles, language),
        "verdicts": column_findings(runs, titles, language),
        "scores": column_scores(runs, titles, language),
    }


def names_any(prompts: Sequence[str], concepts: Sequence[str]) -> bool:
    """Whether a prompt has a concept's last word, by which people call an artist: "Gogh"."""
    written = normalised(" ".join(prompts))
    return any(normalised(concept).split()[-1] in written for concept in concepts)
