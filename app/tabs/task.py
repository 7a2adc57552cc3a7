"""The part of the Leakage tab where a saved edit is evaluated by a task: a paper's protocol, or one of our own."""

from collections.abc import Iterator

import gradio as gr

from app.browser.events import INTO_VIEW, PRIVATE, QUIET, UNCHANGED, Filled
from app.browser.storage import keep_run
from app.gradio_workarounds import LATEST
from app.html.pieces import notice, problem, progress_bar, section
from app.html.runs import findings_of
from app.html.tasks import found_tables, plan_facts
from app.server.visitors import visitor_of
from app.studio.detached import Work
from app.studio.progress import Event, Progress
from app.studio.results import Result
from app.tabs.compare_widgets import recorded_link
from app.tabs.generation_tab import BUTTONS, GenerationTab, progress_html
from app.tabs.tab import ShownRun, report_button
from app.words import choices, error_text, label, translate
from uce_core.evaluation.tables import PAPERS
from uce_core.evaluation.task_files import names, read_task
from uce_core.generation.progress import Cancelled
from uce_core.runs.run import AnyRun, EvaluationRun

SHOWN = ("status", "summary", "report", "tables", "link", "found", *BUTTONS)
ASKED = ("edit", "task", "model")


class TaskPanel(GenerationTab):
    """Widgets, by name, and handlers."""

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        gr.Markdown(label("task_about"), elem_classes="uce-part")
        gr.Markdown(label("task_goes_on"), visible=self._goes_on)
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300):
                self._build_model("task-model")
                parts["edit"] = gr.Dropdown(
                    [], label=label("leakage_edit"), info=label("leakage_edit_info"), elem_id="task-edit"
                )
                parts["task"] = gr.Dropdown(
                    choices("task_name", names()), value="facets", label=label("task"), info=label("task_info"),
                    elem_id="task-task",
                )  # fmt: skip
                parts["plan"] = gr.HTML(elem_id="task-plan")
                parts["run"] = gr.Button(label("task_run"), variant="primary", elem_id="task-run")
                self._build_turns("task-")
            with gr.Column(scale=8, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="task-status")
                parts["summary"] = gr.HTML(elem_id="task-summary")
                parts["report"] = gr.DownloadButton(label("leakage_report"), visible=False, elem_id="task-report")
                parts["tables"] = gr.HTML(elem_id="task-tables")
                parts["link"] = recorded_link("task-link")
                parts["found"] = gr.Textbox("", visible=False)  # id of the run that was recorded
        self._wire(page, tab)

    def _wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        asked, shown = [parts[name] for name in ASKED], [parts[name] for name in SHOWN]
        tab.select(self.offered, asked, [parts[name] for name in ("edit", "plan", "run")], **QUIET)
        gr.on([one.input for one in asked], self.planned, asked, parts["plan"], **LATEST, **QUIET)
        [finished] = self._wire_turns(page, {"fn": self.run, "inputs": asked, "outputs": shown}, parts["run"].click)
        watch = self.watch if self._goes_on else None
        keep_run(page, "task", parts["found"], [finished], self.again, shown, watch)
        parts["run"].click(None, js=INTO_VIEW("task-status"), **PRIVATE)

    def offered(self, chosen: str | None, task: str, model: str, request: gr.Request) -> Filled:
        """The library as it is now; without an edit there is nothing to press."""
        edits = self._library(request).erasing()
        chosen = chosen if chosen in edits else next(iter(edits), None)
        return self._updates(
            edit=gr.Dropdown(choices=edits, value=chosen),
            plan=self.planned(chosen, task, model, request),
            run=gr.Button(visible=bool(edits)),
        )

    def planned(self, edit: str | None, task: str, model: str, request: gr.Request) -> str:
        """What would be generated, or why it cannot be."""
        language = self._language(request)
        if not edit:
            return ""
        try:
            return plan_facts(self.studio.planned(edit, task, visitor_of(request).id, model), language)
        except ValueError as error:
            return problem(error_text(error, language))

    @property
    def _goes_on(self) -> bool:
        return self.studio.settings.detaches_tasks

    def run(self, edit: str | None, task: str, model: str, request: gr.Request) -> Iterator[Filled]:
        """Generate, measure and show, with progress. What was found before stays in sight until there is something
        new."""
        edit = edit or ""
        title = f"{edit}: {task}"
        yield self._busy(self._how_far(title, None, request))
        if self._goes_on:
            yield from self._in_turn(self._detached(title, edit, task, model, request), request)
        else:
            events = self.studio.task(self._stop(request), edit, task, model)
            yield from self._in_turn(self._evaluated(title, events, request), request)

    def _detached(self, title: str, edit: str, task: str, model: str, request: gr.Request) -> Iterator[Filled]:
        stop = self.studio.turns.new_stop(visitor_of(request).id, request.session_hash or "", self._action)
        work = self.studio.detached.begin(title, stop, self.studio.task(stop, edit, task, model))
        yield from self._watched(work, request)

    def watch(self, request: gr.Request) -> Iterator[Filled]:
        """What of the visitor's is under way, begun in whichever window, or has ended unseen."""
        work = self.studio.detached.of(visitor_of(request).id)
        if not work:
            yield UNCHANGED
            return
        yield self._busy(self._how_far(work.title, None, request))
        yield from self._watched(work, request)

    def _watched(self, work: Work, request: gr.Request) -> Iterator[Filled]:
        yield from self._in_turn(self._evaluated(work.title, work.follow(), request), request)
        self.studio.detached.seen(work)  # Gradio asks for no more once the window is gone

    def _evaluated(self, title: str, events: Iterator[Event | Result | None], request: gr.Request) -> Iterator[Filled]:
        try:
            for event in events:
                if isinstance(event, Result):
                    yield self._finished(event, request)
                else:
                    yield self._status(self._how_far(title, event, request))
        except Cancelled:
            yield self._idle(notice(translate(self._language(request), "task_cancelled")))

    def _how_far(self, title: str, event: Event | None, request: gr.Request) -> str:
        language = self._language(request)
        if event is None:
            return progress_bar(f"{title} · {translate(language, 'task_begins')}", 0)
        if isinstance(event, Progress) and event.done == event.total:
            return progress_bar(f"{title} · {translate(language, 'task_measuring')}", 1)
        return progress_html(event, "generating_images", language, title)

    def cancel(self, request: gr.Request) -> None:
        """Also what another window of the visitor's has begun."""
        super().cancel(request)
        self.studio.detached.cancel(visitor_of(request).id)

    def _shown(self, shown: ShownRun, request: gr.Request) -> Filled:
        return self._show(shown, request)  # tasks have no example

    def _show(self, shown: ShownRun, request: gr.Request) -> Filled:
        run, language = shown.run, self._language(request)
        return self._updates(
            summary=section(run.title, findings_of(run, language)),
            tables=found_tables(shown.report, shows(run), language) if shown.report else "",
            report=report_button(shown),
            link=self._link_to(request, run),
            found=run.id,
        )


def shows(run: AnyRun) -> tuple[str, ...]:
    """Which of the papers' metrics a run's task has printed."""
    task = run.request.task if isinstance(run, EvaluationRun) else ""
    return tuple(read_task(task).task.shows if task in names() else PAPERS)
