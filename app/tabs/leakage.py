"""The Leakage tab: what a saved edit leaves of an artist, facet by facet, as images and a heat map; below, tasks."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.browser.events import INTO_VIEW, PRIVATE, QUIET, Filled
from app.browser.storage import keep_run
from app.gradio_workarounds import LATEST
from app.html.pairs import leakage_matrix
from app.html.pieces import heat_map, section
from app.html.runs import findings_of
from app.studio.examples import LEAKAGE
from app.studio.progress import EVENTS, Stop
from app.studio.studio import Studio
from app.tabs.compare_widgets import recorded_link
from app.tabs.examples import ExamplePanel
from app.tabs.generation_tab import BUTTONS, GenerationTab, progress_html
from app.tabs.names import artist_choices, understand
from app.tabs.tab import ShownRun, report_button
from app.tabs.task import TaskPanel
from app.words import label
from uce_core.concepts.names import understood
from uce_core.runs.run import EvaluationRun

SHOWN = ("status", "summary", "heat", "matrix", "report", "link", "found", *BUTTONS)
MOST = 4  # images of each prompt


class LeakageTab(GenerationTab):
    """Widgets, by name, and handlers."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.examples = ExamplePanel(studio, "leakage", LEAKAGE)
        self.tasks = TaskPanel(studio)

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        gr.Markdown(label("leakage_about"))
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300):
                self._build_model("leakage-model")
                parts["edit"] = gr.Dropdown(
                    [], label=label("leakage_edit"), info=label("leakage_edit_info"), elem_id="leakage-edit"
                )
                parts["artist"] = gr.Dropdown(
                    [], label=label("leakage_artist"), info=label("leakage_artist_info"), allow_custom_value=True,
                    elem_id="leakage-artist",
                )  # fmt: skip
                parts["images"] = gr.Slider(
                    1, MOST, 1, step=1, label=label("leakage_images"), info=label("leakage_images_info")
                )
                parts["run"] = gr.Button(label("leakage_run"), variant="primary", elem_id="leakage-run")
                self._build_turns("leakage-")
            with gr.Column(scale=8, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="leakage-status")
                self.examples.build_offer()
                self.examples.build_mark()
                parts["summary"] = gr.HTML(elem_id="leakage-summary")
                parts["report"] = gr.DownloadButton(label("leakage_report"), visible=False, elem_id="leakage-report")
                parts["heat"] = gr.HTML(elem_id="leakage-heat")
                parts["matrix"] = gr.HTML(elem_id="leakage-matrix")
                parts["link"] = recorded_link("leakage-link")
                parts["found"] = gr.Textbox("", visible=False)  # id of the run that was recorded
        self._wire(page, tab)
        self.tasks.build(page, tab)

    def _wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        tab.select(self.offered, parts["edit"], [parts[name] for name in ("edit", "artist", "run")], **QUIET)
        parts["edit"].input(self.artists, parts["edit"], parts["artist"], **QUIET)
        written = [parts["artist"].input, parts["artist"].blur]  # Gradio tells of a new name when the field is left
        said = [parts["artist"], parts["model"]]
        gr.on(written, self.understand, said, [parts["artist"], parts["status"]], **LATEST, **QUIET)
        asked = [parts[name] for name in ("edit", "artist", "images", "model")]
        shown = [*(parts[name] for name in SHOWN), *self.examples.shown]
        [finished] = self._wire_turns(page, {"fn": self.run, "inputs": asked, "outputs": shown}, parts["run"].click)
        keep_run(page, "leakage", parts["found"], [finished], self.again, shown)
        self.examples.wire(self.open_example, self.close_example, [], [parts["found"]], shown)
        parts["run"].click(None, js=INTO_VIEW("leakage-status"), **PRIVATE)

    def offered(self, chosen: str | None, request: gr.Request) -> Filled:
        """The library as it is now; without an edit there is nothing to press."""
        names = self._library(request).erasing()
        chosen = chosen if chosen in names else next(iter(names), None)
        edits = gr.Dropdown(choices=names, value=chosen)
        return self._updates(edit=edits, artist=self.artists(chosen, request), run=gr.Button(visible=bool(names)))

    def artists(self, name: str | None, request: gr.Request) -> gr.Dropdown:
        """Whom the edit erases."""
        try:
            spec = self._library(request).spec(name) if name else None
        except ValueError:  # said when it is used
            spec = None
        erased = list(spec.edited) if spec else []
        choices = artist_choices(erased or self.studio.models.catalog(), self._language(request))
        return gr.Dropdown(choices=choices, value=erased[0] if erased else None)

    def understand(self, artist: str | None, model: str, request: gr.Request) -> tuple[Any, Any]:
        """The name as models know it, and what is to be said if it was written otherwise, or these are several."""
        names, said = understand([artist] if artist else [], self.studio.models.catalog(model), self._language(request))
        return names[0] if isinstance(names, list) and len(names) == 1 else gr.skip(), said

    def run(
        self, name: str | None, artist: str | None, images: int, model: str, request: gr.Request
    ) -> Iterator[Filled]:
        """Generate, measure and show, with progress."""
        stop = self._stop(request)
        events = self._measured(stop, (name or "", artist or "", int(images), model), request)
        yield from self._in_turn(events, request)

    def _measured(self, stop: Stop, asked: tuple[str, str, int, str], request: gr.Request) -> Iterator[Filled]:
        """What was found before stays in sight until there is something new."""
        language = self._language(request)
        name, artist, images, model = asked
        yield self._begun(model, language)
        artists = understood([artist] if artist else [], self.studio.models.catalog(model)).names
        for event in self.studio.leakage(stop, name, artists, images, model):
            if isinstance(event, EVENTS):
                yield self._status(progress_html(event, "generating_images", language))
            else:
                yield self._finished(event, request)

    def _show(self, shown: ShownRun, request: gr.Request) -> Filled:
        run, report, language = shown.run, shown.report, self._language(request)
        matrix = leakage_matrix(run, shown.addresses, language) if isinstance(run, EvaluationRun) else ""
        return self._updates(
            summary=section(run.title, findings_of(run, language)),
            heat=heat_map(report, language) if report else "",
            matrix=matrix,
            report=report_button(shown),
            link=self._link_to(request, run),
            found=run.id,
        )

    def _nothing(self) -> Filled:
        hidden = {name: gr.update(visible=False) for name in ("report", "link")}
        return self._updates(summary="", heat="", matrix="", found="", **hidden)
