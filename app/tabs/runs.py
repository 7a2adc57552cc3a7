"""The Runs tab: all that was generated, last generated first; pin, note, compare two, replay, export, permalink.

A link /?run=<id> opens one run for whoever may see the app, /?run=<id>,<id> several. Unless the app is
this computer's own, visitors see the list of pinned runs and their own, and reach others by their link.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from app.browser.events import IF_MADE, INTO_VIEW, PRIVATE, QUIET, TO_TOP, UNCHANGED, Filled
from app.browser.examples import close_button
from app.browser.navigation import CLOSED, LINKED, RUN, SET_ADDRESS
from app.browser.uploads import tell_refusals
from app.gradio_workarounds import LATEST
from app.html.clock import zone_of
from app.html.pairs import run_grid
from app.html.pieces import heat_map, notice, problem, section
from app.html.runs import (
    findings_of,
    run_impact_bars,
    run_name,
    run_scores,
    settings_table,
)
from app.server.visitors import visitor_of
from app.studio.downloads import fresh_folder
from app.studio.edit_library import named_file
from app.studio.recording import changing
from app.studio.studio import Studio
from app.studio.visitor import Action
from app.tabs.compare import CompareTab
from app.tabs.compare_fill import FILLED
from app.tabs.debias import ASKED, DebiasTab
from app.tabs.ids import COMPARE, DEBIAS
from app.tabs.replay import CLEAR_STATUS, ReplayPanel
from app.tabs.reuse_run import fields_to_reuse
from app.tabs.run_differences import RunDifferences
from app.tabs.run_list import RunList
from app.tabs.run_widgets import detail
from app.tabs.tab import ShownRun, Tab, report_button
from app.words import error_text, label, translate
from uce_core.runs.archive import export_run
from uce_core.runs.run import AnyRun

SHOWN_OF_RUN = ("images", "report", "facts", "note", "pin", "delete", "against", "link")
RESULT = ("detail", *SHOWN_OF_RUN, "save", "status", "chosen", "aside")  # there is no save where nothing is taken


class RunsTab(Tab):
    """Widgets, by name, and handlers; which run a visitor looks at is the visitor's own state. reuse_tabs: the tabs
    whose fields a run's settings are reused in; None where nothing is generated or taken."""

    def __init__(self, studio: Studio, reuse_tabs: tuple[CompareTab, DebiasTab] | None) -> None:
        super().__init__(studio)
        self.reuse_tabs = reuse_tabs
        self.list = RunList(studio)
        self.differences = RunDifferences(studio)
        self.replaying = ReplayPanel(studio)

    def build(self, page: gr.Blocks, tabs: gr.Tabs, tab: gr.Tab) -> None:
        parts, self.tabs = self.parts, tabs
        self.list.build_query()
        parts["chosen"] = gr.State("")
        parts["aside"] = gr.State("")  # id of a run to compare the next one with
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self.list.build()
                self.differences.build_buttons()
                parts["upload"] = gr.UploadButton(
                    label("runs_import"),
                    file_types=[".zip"],
                    elem_id="runs-import",
                    visible=self.reuse_tabs is not None,
                )
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="runs-status")
                parts["undo"] = gr.Button(
                    label("undo"), visible=False, size="sm", elem_id="run-undo", elem_classes="uce-small-button"
                )
                if self.reuse_tabs:
                    self.replaying.build()
                self.differences.build()
                parts["open"] = gr.Button(elem_id="run-open", visible="hidden")
                with gr.Column(visible=False) as parts["detail"]:
                    parts |= detail(self.replaying if self.reuse_tabs else None)
        self._wire(page, tab)

    def _wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        shown, aside = [parts[name] for name in RESULT if name in parts], parts["aside"]
        self.list.wire(page)
        self.differences.wire()
        opened = [*shown, self.differences.parts["shown"]]
        page.load(self.opened, None, opened, **QUIET)
        # The address is what is asked for: navigation.js has written it when it presses this button.
        parts["open"].click(
            self.open,
            [parts["link"], aside],
            opened,
            js=f"(link, aside) => [({RUN})(), aside]",
            **LATEST,
            **QUIET,
        ).then(None, js=INTO_VIEW("runs-status"), **PRIVATE)
        parts["close"].click(self.all_runs, None, opened, js=f"() => {{ ({SET_ADDRESS})('') }}", **QUIET)
        hidden = close_button("run-example-close").click(self.close_example, parts["chosen"], shown, **QUIET)
        hidden.then(None, parts["link"], None, js=CLOSED, **PRIVATE)
        parts["note"].blur(self.write_note, [parts["chosen"], parts["note"]], parts["status"], **QUIET)
        parts["pin"].click(self.pin, parts["chosen"], [parts["pin"], parts["status"]], **QUIET).then(
            **self.list.as_it_is
        )
        parts["against"].click(self.set_aside, [parts["chosen"], aside], shown, **QUIET)
        undoable = [*shown, parts["undo"]]
        for changed in (
            parts["delete"].click(self.delete, parts["chosen"], undoable, **QUIET),
            parts["undo"].click(self.undo, None, undoable, **QUIET),
        ):
            changed.then(**self.list.as_it_is)
            self._follow(changed)
        parts["export"].click(self.export, parts["chosen"], [parts["download"], parts["status"]], **QUIET).then(
            None, parts["download"], None, js=IF_MADE("run-download"), **PRIVATE
        )
        if self.reuse_tabs:
            self._wire_reuse(page, self.reuse_tabs, shown)
        else:  # the tab is open from the start
            page.load(**self.list.from_the_newest)
        tab.select(**self.list.as_it_is)
        if not self.studio.settings.read_only:
            tab.select(self.undoable, None, parts["undo"], **QUIET)

    def _follow(self, shown: Any) -> None:
        """After an event that opens or closes a run, the page's address says so."""
        shown.then(None, self.parts["link"], None, js=SET_ADDRESS, **PRIVATE)

    def _wire_reuse(self, page: gr.Blocks, reuse_tabs: tuple[CompareTab, DebiasTab], shown: list[Any]) -> None:
        """What generates or takes something."""
        parts = self.parts
        self.replaying.wire(page, parts["chosen"])
        self.replaying.parts["run"].click(None, None, parts["status"], js="() => ''", **QUIET)  # of an earlier act
        for name in ("open", "close", "delete"):
            parts[name].click(None, None, self.replaying.parts["status"], js=CLEAR_STATUS, **QUIET)
        parts["save"].click(self.save_edit, parts["chosen"], parts["status"], **QUIET)
        fields = [tab.parts[name] for tab, names in zip(reuse_tabs, (FILLED, ASKED), strict=True) for name in names]
        more = [tab.parts[name] for tab in reuse_tabs for name in ("model", "status")]
        parts["mine"].click(self.reuse, parts["chosen"], [*fields, *more, self.tabs, parts["status"]], **QUIET).then(
            None, js=TO_TOP, **PRIVATE
        )
        taken = parts["upload"].upload(self.take, parts["upload"], [*shown, parts["upload"]], **QUIET)
        taken.then(None, js=INTO_VIEW("runs-status"), **PRIVATE)
        taken.then(**self.list.from_the_newest)
        self._follow(taken)
        tell_refusals(parts["upload"], parts["status"])

    def opened(self, request: gr.Request) -> Filled:
        """The run that the page's address asks for, or several."""
        runs = request.query_params.get("run", "")
        return self._linked(runs, request) if runs else UNCHANGED

    def open(self, runs: str, other: str, request: gr.Request) -> Filled:
        """A run, beside the one that was set aside if there is one; several beside each other; "" for none."""
        return self._linked(runs, request, other) if runs else self.close()

    def _linked(self, runs: str, request: gr.Request, other: str = "") -> Filled:
        """Several beside each other, and below everything of the first."""
        first, *more = runs.split(LINKED)
        shown = self._shown(first, request, other)
        return shown | self.differences.linked([first, *more], request) if more else shown

    def all_runs(self, request: gr.Request) -> Filled:
        """The list alone, also where a link had brought several runs."""
        return self.close() | self.differences.linked([], request)

    def close(self) -> Filled:
        """No run beside the list."""
        return self._updates(chosen="", link="", status="", detail=gr.Column(visible=False))

    def close_example(self, run: str) -> Filled:
        """The list alone, if it is what is open."""
        opened = self._if_kept(run)
        return self.close() if opened and opened.is_example else UNCHANGED

    def _shown(self, run: str, request: gr.Request, other: str = "") -> Filled:
        """Everything of a run; if another was set aside, how the two differ."""
        try:
            found = self.studio.store.get(run)
        except ValueError as error:
            return self.close() | self._updates(status=problem(error_text(error, self._language(request))))
        aside = found if other == run else self._if_kept(other) if other else None  # it may have been deleted
        return self._show(found, aside, request)

    def _show(self, run: AnyRun, aside: AnyRun | None, request: gr.Request) -> Filled:
        language, zone, visitor = self._language(request), zone_of(request), visitor_of(request)
        against = aside if aside and aside.id != run.id else None
        beside = [(run, "runs_this"), (against, "runs_aside")] if against else [(run, "")]
        shown, saved = self._of_run(run), gr.Button(visible=not run.changes_nothing)
        figures = self.differences.table((run, against), request) if against else _figures(shown, language)
        return self._updates(
            detail=gr.Column(visible=True),
            images="".join(self._section(one, key, request) for one, key in beside),
            report=report_button(shown),
            facts=figures + settings_table(run, language, zone),
            note=gr.Textbox(value=run.note, interactive=visitor.may(Action.CHANGE_RUNS, run.visitor)),
            pin=gr.Button(self._pin_label(run.pinned), visible=visitor.may(Action.PIN_RUNS, run.visitor)),
            delete=gr.Button(visible=visitor.may(Action.CHANGE_RUNS, run.visitor)),
            against=gr.Button(label("runs_against_end" if aside else "runs_against")),
            link=self._address(request, run),
            status=notice(translate(language, "runs_against_now")) if aside and not against else "",
            chosen=run.id,
            aside=aside.id if aside else "",
            **{"save": saved} if self.reuse_tabs else {},
        )

    def _section(self, run: AnyRun, key: str, request: gr.Request) -> str:
        """Its images and what came of it. key: of what it is called beside another one."""
        language = self._language(request)
        name = run_name(run, language, zone_of(request))
        shown = run_grid(run, self._addresses(run), language) + findings_of(run, language)
        return section(f"{translate(language, key)}: {name}" if key else name, shown)

    def _pin_label(self, pinned: bool) -> Any:
        return label("runs_unpin" if pinned else "runs_pin")

    def write_note(self, run: str, note: str, request: gr.Request) -> str:
        found = self._if_kept(run)
        write = partial(self.studio.store.write_note, run, note)
        return self._changed(Action.CHANGE_RUNS, found, write, "runs_noted", request)

    def pin(self, run: str, request: gr.Request) -> Filled:
        """Pin it, or let it age out again."""
        found = self._if_kept(run)
        pinned = not (found and found.pinned)
        said = "runs_pinned_now" if pinned else "runs_unpinned_now"
        status = self._changed(Action.PIN_RUNS, found, partial(self.studio.store.pin, run, pinned), said, request)
        now = self._if_kept(run)
        return self._updates(pin=gr.Button(self._pin_label(bool(now and now.pinned))), status=status)

    def _changed(
        self, action: Action, run: AnyRun | None, change: Callable[[], None], said: str, request: gr.Request
    ) -> str:
        """What to say after a change of a run, if the visitor may make it; "" if there is no run. said: key of the
        text."""
        language = self._language(request)
        if not run:
            return ""
        try:
            visitor_of(request).check(action, run.visitor)
            with changing():
                change()
        except ValueError as error:
            return problem(error_text(error, language))
        return notice(translate(language, said))

    def set_aside(self, run: str, aside: str, request: gr.Request) -> Filled:
        """To be compared with every run that is opened from now on; pressed again, no longer."""
        shown = self._shown(run, request, "" if aside else run)
        return (
            shown | self._updates(status=notice(translate(self._language(request), "runs_against_ended")))
            if aside
            else shown
        )

    def save_edit(self, run: str, request: gr.Request) -> str:
        """The run's edit among the saved ones."""
        return self._save_of_run(run, "", request)

    def delete(self, run: str, request: gr.Request) -> Filled:
        """In such a way that it can be had back."""
        delete = partial(self.studio.store.soft_delete, run)
        status = self._changed(Action.CHANGE_RUNS, self._if_kept(run), delete, "runs_deleted", request)
        if self._if_kept(run):
            return self._updates(status=status)
        return self.close() | self.undoable(request) | self._updates(status=status)

    def _deleted(self, request: gr.Request) -> AnyRun | None:
        """The last one that the visitor may have back."""
        visitor = visitor_of(request)
        found = [run for run in self.studio.store.soft_deleted() if visitor.may(Action.CHANGE_RUNS, run.visitor)]
        return found[-1] if found else None

    def undoable(self, request: gr.Request) -> Filled:
        """The last deletion that can be undone, also from before the page was loaded; of nobody else's run."""
        deleted = self._deleted(request)
        return self._undo_of(deleted.title if deleted else None, self._language(request))

    def undo(self, request: gr.Request) -> Filled:
        """The last deletion first."""
        deleted = self._deleted(request)
        if not deleted:  # it is too late, or was undone in another window
            return self.undoable(request)
        undelete = partial(self.studio.store.undelete, deleted.id)
        status = self._changed(Action.CHANGE_RUNS, deleted, undelete, "runs_restored", request)
        return self._shown(deleted.id, request) | self.undoable(request) | self._updates(status=status)

    def export(self, run: str, request: gr.Request) -> Filled:
        """A zip in a folder of its own; with what people judged if they did so here."""
        store = self.studio.store
        try:
            found = store.get(run)
            path = fresh_folder() / f"uce-run-{named_file(found)}.zip"
            export_run(store, found, path, visitor_of(request).may(Action.READ_REVIEWERS, found.visitor))
        except ValueError as error:
            return self._updates(download=None, status=problem(error_text(error, self._language(request))))
        return self._updates(download=str(path), status="")

    def take(self, file: str | None, request: gr.Request) -> Filled:
        """Import an uploaded zip, and show it."""
        if not file:
            return UNCHANGED
        language = self._language(request)
        try:
            run = self.studio.take_run(Path(file), visitor_of(request).id)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)), upload=None)
        status = notice(translate(language, "runs_imported"))
        return self._shown(run, request) | self._updates(status=status, upload=None)

    def reuse(self, run: str, request: gr.Request) -> Filled:
        """The run's settings in the fields of the tab that continues it, and that tab in front."""
        assert self.reuse_tabs is not None  # the button is there only with it
        language, store = self._language(request), self.studio.store
        try:
            found = store.get(run)
            tab, values = fields_to_reuse(found, store)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        if found.model in self.studio.settings.offered:
            values["model"] = found.model
        values, changed = self._fitted(values, language)
        if tab == COMPARE and len(found.prompts) > 1:
            changed.append(translate(language, "runs_first_prompt"))
        button = translate(language, "debias_run" if tab == DEBIAS else "run")
        values["status"] = notice(translate(language, "runs_reused", button=button), *changed)
        into = self.reuse_tabs[tab == DEBIAS]
        filled = {into.parts[name]: value for name, value in values.items()}
        return filled | {self.tabs: gr.Tabs(selected=tab)}


def _figures(shown: ShownRun, language: str) -> str:
    """Of a run that is shown by itself."""
    heat = heat_map(shown.report, language) if shown.report else ""
    return heat + run_scores(shown.run, language) + run_impact_bars(shown.run, language)
