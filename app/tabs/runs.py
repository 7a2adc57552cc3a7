"""The Runs tab: all that was drawn, last drawn first; pin, note, compare two, replay, export, permalink.

A link /?run=<id> opens one run for whoever may see the app. Unless the app is this computer's own,
visitors see the list of pinned runs and their own, and reach others by their link.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from app.browser.events import IF_MADE, INTO_VIEW, NOTHING_NEW, PRIVATE, QUIET, TO_TOP, Filled
from app.browser.navigation import AT, RUN
from app.browser.storage import DREW
from app.browser.uploads import tell_refusals
from app.html.clock import zone_of
from app.html.pairs import grid, run_pairs
from app.html.pieces import notice, problem, section
from app.html.runs import difference_table, findings_of, run_name, run_scores, settings_table
from app.server.address import address
from app.studio.downloads import fresh_folder
from app.studio.edit_library import named_file
from app.studio.recording import changing
from app.studio.studio import Studio
from app.tabs.compare import CompareTab
from app.tabs.compare_fill import FILLED
from app.tabs.debias import ASKED, DebiasTab
from app.tabs.ids import COMPARE, DEBIAS
from app.tabs.replay import OLD_NEWS, Replaying
from app.tabs.reuse_run import fields_to_continue
from app.tabs.run_list import RunList
from app.tabs.tab import Tab
from app.words import error_text, label, translate
from uce_core.runs.archive import export_run
from uce_core.runs.replay import drawings_of
from uce_core.runs.store import Run, Store

RESULT = ("detail", "pictures", "facts", "note", "pin", "against", "link", "status", "chosen", "aside")
NARROW: dict[str, Any] = {"min_width": 140}  # two beside each other on a phone


class RunsTab(Tab):
    """Widgets, by name, and handlers; which run a visitor looks at is the visitor's own state. drawing: the tabs
    that "make it mine" fills; None where nothing is drawn or taken."""

    def __init__(self, studio: Studio, drawing: tuple[CompareTab, DebiasTab] | None) -> None:
        super().__init__(studio)
        self.drawing = drawing
        self.list = RunList(studio)
        self.replaying = Replaying(studio)

    def build(self, page: gr.Blocks, tabs: gr.Tabs, tab: gr.Tab) -> None:
        parts, self.tabs = self.parts, tabs
        self.list.build_query()
        parts["chosen"] = gr.State("")
        parts["aside"] = gr.State("")  # id of a run to compare the next one with
        parts["taken"] = gr.Textbox("", visible=False)  # id of the run that was imported last
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self.list.build()
                parts["upload"] = gr.UploadButton(
                    label("runs_import"), file_types=[".zip"], elem_id="runs-import", visible=self.drawing is not None
                )
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="runs-status")
                parts["undo"] = gr.Button(
                    label("undo"), visible=False, size="sm", elem_id="run-undo", elem_classes="uce-small-button"
                )
                if self.drawing:
                    self.replaying.build()
                parts["open"] = gr.Button(elem_id="run-open", elem_classes="uce-hidden")
                with gr.Column(visible=False) as parts["detail"]:
                    self._build_detail()
        self._wire(page, tab)

    def _build_detail(self) -> None:
        parts, is_local = self.parts, self.studio.settings.is_local
        parts["close"] = gr.Button(label("runs_close"), size="sm", elem_id="run-close", elem_classes="uce-small-button")
        parts["pictures"] = gr.HTML(elem_id="run-pictures")
        with gr.Row():
            if self.drawing:
                parts["mine"] = gr.Button(label("runs_mine"), variant="primary", elem_id="run-mine", **NARROW)
                self.replaying.build_button()
                parts["save"] = gr.Button(label("save"), elem_id="run-save", **NARROW)
            parts["export"] = gr.Button(label("runs_export"), elem_id="run-export", **NARROW)
            parts["download"] = gr.DownloadButton(elem_id="run-download", elem_classes="uce-hidden")
        with gr.Row():
            parts["pin"] = gr.Button(label("runs_pin"), elem_id="run-pin", visible=is_local, **NARROW)
            parts["against"] = gr.Button(label("runs_against"), elem_id="run-against", **NARROW)
        parts["note"] = gr.Textbox(
            label=label("runs_note"), info=label("runs_note_info"), max_length=2000, elem_id="run-note"
        )
        parts["link"] = gr.Textbox(
            label=label("runs_link"),
            info=label("runs_link_info"),
            interactive=False,
            buttons=["copy"],
            elem_id="run-link",
        )
        parts["facts"] = gr.HTML(elem_id="run-facts")
        parts["delete"] = gr.Button(
            label("runs_delete"), variant="stop", size="sm", elem_id="run-delete", visible=is_local
        )

    def _wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        shown, aside = [parts[name] for name in RESULT], parts["aside"]
        self.list.wire(page)
        page.load(self.opened, None, shown, **QUIET)
        # The address is what is asked for: navigation.js has written it when it presses this button.
        parts["open"].click(
            self.open,
            [parts["link"], aside],
            shown,
            js=f"(link, aside) => [({RUN})(), aside]",
            trigger_mode="always_last",
            **QUIET,
        ).then(None, js=INTO_VIEW("runs-status"), **PRIVATE)
        parts["close"].click(self.close, None, shown, js=f"() => {{ ({AT})('') }}", **QUIET)
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
        if self.drawing:
            self._wire_drawing(page, self.drawing, shown)
        else:  # the tab is open from the start
            page.load(**self.list.from_the_newest)
        tab.select(**self.list.as_it_is)
        if self.studio.settings.is_local:
            tab.select(self.undoable, None, parts["undo"], **QUIET)

    def _follow(self, shown: Any) -> None:
        """After an event that opens or closes a run, the page's address says so."""
        shown.then(None, self.parts["link"], None, js=AT, **PRIVATE)

    def _wire_drawing(self, page: gr.Blocks, drawing: tuple[CompareTab, DebiasTab], shown: list[Any]) -> None:
        """What draws or takes something."""
        parts = self.parts
        self.replaying.wire(page, parts["chosen"])
        for name in ("open", "close", "delete"):
            parts[name].click(None, None, self.replaying.parts["status"], js=OLD_NEWS, **QUIET)
        parts["save"].click(self.save_edit, parts["chosen"], parts["status"], **QUIET)
        fields = [tab.parts[name] for tab, names in zip(drawing, (FILLED, ASKED), strict=True) for name in names]
        more = [tab.parts[name] for tab in drawing for name in ("model", "status")]
        parts["mine"].click(
            self.make_mine, parts["chosen"], [*fields, *more, self.tabs, parts["status"]], **QUIET
        ).then(None, js=TO_TOP, **PRIVATE)
        taken = parts["upload"].upload(self.take, parts["upload"], [*shown, parts["taken"], parts["upload"]], **QUIET)
        taken.then(None, js=INTO_VIEW("runs-status"), **PRIVATE)
        taken.then(None, parts["taken"], None, js=DREW, **PRIVATE)
        taken.then(**self.list.from_the_newest)
        self._follow(taken)
        tell_refusals(parts["upload"], parts["status"])

    def opened(self, request: gr.Request) -> Filled:
        """The run that the page's address asks for."""
        run = request.query_params.get("run", "")
        return self._shown(run, request) if run else NOTHING_NEW

    def open(self, run: str, other: str, request: gr.Request) -> Filled:
        """A run, beside the one that was set aside if there is one; "" for none."""
        return self._shown(run, request, other) if run else self.close()

    def close(self) -> Filled:
        """The list alone."""
        return self._updates(chosen="", link="", status="", detail=gr.Column(visible=False))

    def _shown(self, run: str, request: gr.Request, other: str = "") -> Filled:
        """Everything of a run; if another was set aside, how the two differ."""
        language, zone = self._language(request), zone_of(request)
        try:
            found = self.studio.kept.get(run)
        except ValueError as error:
            return self.close() | self._updates(status=problem(error_text(error, language)))
        aside = other if self._if_kept(other) else ""  # it may have been deleted since then
        against = self._if_kept(aside) if aside != run else None
        shown = [(found, "runs_this"), (against, "runs_aside")] if against else [(found, "")]
        return self._updates(
            detail=gr.Column(visible=True),
            pictures="".join(self._pictured(one, key, request) for one, key in shown),
            facts=(difference_table(found, against, language, zone) if against else run_scores(found, language))
            + settings_table(found, language, zone),
            note=gr.Textbox(value=found.note, interactive=self.studio.settings.is_local),
            pin=gr.Button(self._pin_label(found.pinned)),
            against=gr.Button(label("runs_against_end" if aside else "runs_against")),
            link=f"{address(request, self.studio.settings.root_path)}/?run={found.id}",
            status=notice(translate(language, "runs_against_now")) if aside == run else "",
            chosen=found.id,
            aside=aside,
        )

    def _pictured(self, run: Run, key: str, request: gr.Request) -> str:
        """Its pictures and what came of it. key: of what it is called beside another one."""
        language = self._language(request)
        name = run_name(run, language, zone_of(request))
        shown = grid(run_pairs(run, self._recorded(run), language), language) + findings_of(run, language)
        return section(f"{translate(language, key)}: {name}" if key else name, shown)

    def _pin_label(self, pinned: bool) -> Any:
        return label("runs_unpin" if pinned else "runs_pin")

    def write_note(self, run: str, note: str, request: gr.Request) -> str:
        return self._changed(run, lambda kept: kept.write_note(run, note), lambda: "runs_noted", request)

    def pin(self, run: str, request: gr.Request) -> Filled:
        """Pin it, or let it age out again."""
        pinned = False

        def turn(kept: Store) -> None:
            nonlocal pinned
            pinned = not kept.get(run).pinned
            kept.pin(run, pinned)

        status = self._changed(run, turn, lambda: "runs_pinned_now" if pinned else "runs_unpinned_now", request)
        return self._updates(pin=gr.Button(self._pin_label(pinned)), status=status)

    def _changed(self, run: str, change: Callable[[Store], None], done: Callable[[], str], request: gr.Request) -> str:
        """What to say after a change, which only visitors of this computer's own app may make. done: the text's key,
        asked for after the change."""
        language = self._language(request)
        if not run or not self.studio.settings.is_local:
            return ""
        try:
            with changing():
                change(self.studio.kept)
        except ValueError as error:
            return problem(error_text(error, language))
        return notice(translate(language, done()))

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
        status = self._changed(run, lambda kept: kept.soft_delete(run), lambda: "runs_deleted", request)
        if self._if_kept(run):
            return self._updates(status=status)
        return self.close() | self.undoable(request) | self._updates(status=status)

    def undoable(self, request: gr.Request) -> Filled:
        """The last deletion that can be undone, also from before the page was loaded."""
        soft_deleted = self.studio.kept.soft_deleted()
        return self._undo_of(soft_deleted[-1].title if soft_deleted else None, self._language(request))

    def undo(self, request: gr.Request) -> Filled:
        """The last deletion first."""
        soft_deleted = self.studio.kept.soft_deleted()
        if not soft_deleted:  # it is too late, or was undone in another window
            return self.undoable(request)
        run = soft_deleted[-1].id
        status = self._changed(run, lambda kept: kept.undelete(run), lambda: "runs_back", request)
        return self._shown(run, request) | self.undoable(request) | self._updates(status=status)

    def export(self, run: str, request: gr.Request) -> Filled:
        """A zip in a folder of its own; with what people judged if they did so here."""
        kept = self.studio.kept
        try:
            found = kept.get(run)
            path = fresh_folder() / f"uce-run-{named_file(found)}.zip"
            export_run(kept, found, path, self.studio.settings.is_local)
        except ValueError as error:
            return self._updates(download=None, status=problem(error_text(error, self._language(request))))
        return self._updates(download=str(path), status="")

    def take(self, file: str, request: gr.Request) -> Filled:
        """Import an uploaded zip, and show it."""
        language = self._language(request)
        try:
            run = self.studio.take_run(Path(file))
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)), taken="", upload=None)
        status = notice(translate(language, "runs_imported"))
        return self._shown(run, request) | self._updates(status=status, taken=run, upload=None)

    def make_mine(self, run: str, request: gr.Request) -> Filled:
        """The run's settings in the fields of the tab that continues it, and that tab in front."""
        assert self.drawing is not None  # the button is there only with it
        language = self._language(request)
        try:
            found = self.studio.kept.get(run)
            values = fields_to_continue(self.studio.kept, found)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        if found.request["model"] in self.studio.settings.offered:
            values["model"] = found.request["model"]
        debiasing = found.kind == "debias"
        values, changed = self._fitted(values, language)
        if found.kind == "compare" and len({one.prompt for one in drawings_of(found)}) > 1:
            changed.append(translate(language, "runs_first_prompt"))
        button = translate(language, "debias_run" if debiasing else "run")
        values["status"] = notice(translate(language, "runs_made_mine", button=button), *changed)
        filled = {self.drawing[debiasing].parts[name]: value for name, value in values.items()}
        return filled | {self.tabs: gr.Tabs(selected=DEBIAS if debiasing else COMPARE)}
