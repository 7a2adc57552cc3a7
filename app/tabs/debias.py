"""The Debias tab: professions, attributes and target shares; the search is shown live."""

from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from app.browser.events import INTO_VIEW, PRIVATE, QUIET, Filled
from app.browser.storage import keep_fields, keep_run
from app.gradio_workarounds import LATEST
from app.html.pairs import run_grid
from app.html.pieces import in_percent, notice, progress_bar, share_bars
from app.html.runs import findings_of
from app.studio.examples import DEBIASING
from app.studio.progress import EVENTS, Stop
from app.studio.results import Result
from app.studio.studio import Studio
from app.tabs.compare_widgets import recorded_link
from app.tabs.examples import ExamplePanel
from app.tabs.generation_tab import BUTTONS, GenerationTab, progress_html
from app.tabs.ids import DEBIAS
from app.tabs.names import remarks, understand
from app.tabs.tab import ShownRun
from app.words import label, translate
from uce_core.checks import in_range, one_of
from uce_core.concepts.names import PEOPLE, understood
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.methods import debiasing
from uce_core.methods.debias_quality import lost, spoilt
from uce_core.problems import Problem
from uce_core.runs.run import DebiasingRun

SPEC = DebiasSpec(concepts=("doctor", "nurse"), images=100, tolerance=0.15, iterations=8)  # minutes on two CPU cores
OFFERED = ["doctor", "nurse", "chef", "teacher"]
NAMED = ("concepts", "attributes")  # fields of names
ASKED = (*NAMED, "ratios", "solved_by", "images", "tolerance", "iterations")
SHOWN = ("status", "bars", "pairs", "link", "found", "save", "name", *BUTTONS)


class DebiasTab(GenerationTab):
    """Widgets, by name, and handlers."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.examples = ExamplePanel(studio, DEBIAS, DEBIASING)

    def build(self, page: gr.Blocks) -> None:
        parts = self.parts
        pick: dict[str, Any] = {"multiselect": True, "allow_custom_value": True}
        gr.Markdown(label("debias_about"))
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300):
                self._build_model("debias-model")
                parts["concepts"] = gr.Dropdown(
                    OFFERED, value=list(SPEC.concepts), label=label("debias_concepts"),
                    info=label("debias_concepts_info"), **pick,
                )  # fmt: skip
                parts["attributes"] = gr.Dropdown(
                    list(SPEC.attributes), value=list(SPEC.attributes), label=label("debias_attributes"),
                    info=label("debias_attributes_info"), **pick,
                )  # fmt: skip
                parts["ratios"] = gr.Textbox(
                    "50, 50", label=label("debias_ratios"), info=label("debias_ratios_info"), max_length=100
                )
                with gr.Accordion(label("advanced"), open=False):
                    parts["solved_by"] = gr.Dropdown(
                        [(method.title, name) for name, method in debiasing().items()], value=SPEC.solved_by,
                        label=label("solved_by"), info=label("solved_by_info"), elem_id="debias-method",
                    )  # fmt: skip
                    parts["images"] = gr.Number(
                        SPEC.images, label=label("debias_images"), info=label("debias_images_info"), precision=0
                    )
                    parts["tolerance"] = gr.Number(
                        100 * SPEC.tolerance, label=label("debias_tolerance"), info=label("debias_tolerance_info")
                    )
                    parts["iterations"] = gr.Number(
                        SPEC.iterations, label=label("debias_iterations"), info=label("debias_iterations_info"),
                        precision=0,
                    )  # fmt: skip
                parts["run"] = gr.Button(label("debias_run"), variant="primary", elem_id="debias-run")
                self._build_turns("debias-", "debias_stop", "debias_stopping")
                parts["name"] = gr.Textbox(label=label("name"), max_length=80, visible=False, elem_id="debias-name")
                parts["save"] = gr.Button(label("save"), visible=False, elem_id="debias-save")
            with gr.Column(scale=8, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="debias-status")
                self.examples.build_offer()
                self.examples.build_mark()
                parts["bars"] = gr.HTML(elem_id="debias-bars")
                parts["pairs"] = gr.HTML(elem_id="debias-pairs")
                parts["link"] = recorded_link("debias-link")
                parts["found"] = gr.Textbox("", visible=False)  # id of the run that holds the edit
        self._wire(page)

    def _wire(self, page: gr.Blocks) -> None:
        parts = self.parts
        asked = {parts[name] for name in (*ASKED, "model")}  # a set: Gradio hands them over by component
        shown = [*(parts[name] for name in SHOWN), *self.examples.shown]
        finished = self._wire_turns(page, {"fn": self.run, "inputs": asked, "outputs": shown}, parts["run"].click)
        for name in NAMED:
            written = [parts[name].input, parts[name].blur]  # Gradio tells of a new name when the field is left
            gr.on(written, self.understand, parts[name], [parts[name], parts["status"]], **LATEST, **QUIET)
        keep_fields(page, "debias", {name: parts[name] for name in ASKED})
        keep_run(page, "debias", parts["found"], finished, self.again, shown)
        self.examples.wire(self.open_example, self.close_example, [], [parts["found"]], shown)
        for ended in finished:
            ended.then(None, js=INTO_VIEW("debias-status"), **PRIVATE)
        parts["run"].click(None, js=INTO_VIEW("debias-status"), **PRIVATE)
        parts["save"].click(self.save, [parts["found"], parts["name"]], parts["status"], **QUIET)

    def understand(self, names: list[str], request: gr.Request) -> tuple[Any, Any]:
        """The names as models know them, and what is to be said if they were written otherwise."""
        return understand(names, PEOPLE, self._language(request))

    def run(self, filled: Filled, request: gr.Request) -> Iterator[Filled]:
        """Search, showing each iterate; stopped, what is best so far stays."""
        stop = self._stop(request)
        fields = {name: filled[self.parts[name]] for name in ASKED}
        yield from self._in_turn(self._searched(fields, filled[self.parts["model"]], stop, request), request)

    def _searched(self, fields: dict[str, Any], model: str, stop: Stop, request: gr.Request) -> Iterator[Filled]:
        """What was found before stays in sight until there is something new."""
        language = self._language(request)
        yield self._begun(model, language)
        spec = spec_of(**fields)
        for event, so_far in self.studio.debias(stop, spec, model):
            if isinstance(event, EVENTS):
                status = progress_html(event, "debias_generating", language, number=len(so_far.history))
                if stop.is_set():
                    status = progress_bar(translate(language, "debias_stopping"), 1)
                shown = self._status(status + notice(*unrecognised(so_far.unrecognised, language)))
                if so_far.history:
                    bars = self._updates(bars=share_bars(spec, so_far.history, language))
                    shown |= self._nothing() | bars | self.examples.neither()
                yield shown
            else:
                yield self._finished(event, request)

    def _remarks(self, result: Result, language: str) -> list[str]:
        texts = [translate(language, "saved_as", name=result.saved)] if result.saved else []
        if not isinstance(result.run, DebiasingRun):
            return texts
        spec = result.run.request.edit
        named = remarks(understood((*spec.concepts, *spec.attributes), PEOPLE), language)
        return [*outcome_texts(result.run, language), *unrecognised(result.unknown, language), *named, *texts]

    def _show(self, shown: ShownRun, request: gr.Request) -> Filled:
        run, language = shown.run, self._language(request)
        saved = {name: gr.update(visible=bool(run.id) and not run.changes_nothing) for name in ("save", "name")}
        return self._updates(
            bars=findings_of(run, language),
            pairs=run_grid(run, shown.addresses, language),
            found=run.id,
            link=self._link_to(request, run),
            **saved,
        )

    def _nothing(self) -> Filled:
        hidden = {name: gr.update(visible=False) for name in ("save", "name", "link")}
        return self._updates(bars="", pairs="", found="", **hidden)

    def save(self, run: str, name: str, request: gr.Request) -> str:
        return self._save_of_run(run, name, request)


def outcome_texts(run: DebiasingRun, language: str) -> list[str]:
    """How the search ended, and whether images spoiled on the way."""
    spec, outcome = run.request.edit, run.outcome
    gap = outcome.history[outcome.best].gap
    points = {"half": spec.half_width, "gap": gap, "tolerance": spec.tolerance}
    texts = [translate(language, verdict_of(run), **{name: f"{100 * share:.0f}" for name, share in points.items()})]
    if one := spoilt(outcome.history):
        key = "debias_spoilt" if one is outcome.history[outcome.best] else "debias_passed_over"
        texts.append(translate(language, key, scores=lost(spec.concepts, outcome.history[0], one)))
    return texts


def verdict_of(run: DebiasingRun) -> str:
    """Key of the text that says how the search ended."""
    stopped, converged = run.request.stopped is not None, run.outcome.converged
    if run.changes_nothing:
        return "debias_as_it_is" if converged else "debias_stopped_early" if stopped else "debias_no_change"
    return "debias_converged" if converged else "debias_stopped" if stopped else "debias_best"


def unrecognised(names: Sequence[str], language: str) -> list[str]:
    """What to say of concepts and attributes that mean nothing to the model or the classifier."""
    return [translate(language, "debias_unrecognised", names=", ".join(names))] if names else []


def fields_of(spec: DebiasSpec) -> dict[str, Any]:
    """What has a field."""
    return {
        "concepts": list(spec.concepts),
        "attributes": list(spec.attributes),
        "ratios": in_percent(spec.ratios),
        "solved_by": spec.solved_by,
        "images": spec.images,
        "tolerance": round(100 * spec.tolerance, 6),
        "iterations": spec.iterations,
    }


def _whole(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Thirds in percent, as someone writes them, do not make up 100 to the last digit."""
    total = sum(shares)
    return tuple(share / total for share in shares) if 0 < abs(total - 1) < 0.001 else shares


def spec_of(
    concepts: list[str],
    attributes: list[str],
    ratios: str,
    solved_by: str,
    images: float | None,
    tolerance: float | None,
    iterations: float | None,
) -> DebiasSpec:
    """Raises ValueError with one sentence if the fields make no sense."""
    one_of("method", solved_by, debiasing())
    try:
        parts = ratios.replace("%", "").replace(";", ",").split(",")
        shares = _whole(tuple(float(part) / 100 for part in parts if part.strip()))
    except ValueError:
        raise Problem(
            "ratios_not_numbers",
            "{field}: {value!r} is not a list of numbers: separate numbers with commas.",
            field="ratios",
            value=ratios,
        ) from None
    numbers = {"images": images, "tolerance": tolerance, "iterations": iterations}
    for name, value in numbers.items():
        if value is None:
            raise Problem("field_empty", "{field} is empty: enter a number.", field=name)
    points = in_range("tolerance", numbers["tolerance"] or 0, 0.1, 100)
    named, shown = (understood(texts or (), PEOPLE).names for texts in (concepts, attributes))
    return DebiasSpec(
        concepts=named, attributes=shown, ratios=shares, solved_by=solved_by,
        images=int(images or 0), tolerance=points / 100, iterations=int(iterations or 0),
    )  # fmt: skip
