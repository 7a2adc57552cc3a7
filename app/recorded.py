"""The Runs tab: everything that was drawn, newest first; pin, note, compare two, replay, export, permalink.

A link /?run=<id> opens one run for whoever may see the app. Unless the app is this computer's own,
visitors see the list of pinned runs only, and reach others by their link.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import address
from app.compare import FILLED, CompareTab
from app.debias import ASKED, DebiasTab, fields_of
from app.downloads import fresh_folder
from app.fields import MODEL_TURN, fields_of_run
from app.render import difference_table, notice, problem, progress_bar, replay_notice, settings_table
from app.render_pairs import grid, run_pairs
from app.studio import Studio
from app.tab import IF_MADE, INTO_VIEW, NOTHING_NEW, PRIVATE, QUIET, TO_TOP, Filled, Tab, to_the_end
from app.turns import NOT_DRAWN, WAITING, going_on
from app.uploads import tell_refusals
from app.words import explain, label, say
from app.work import Progress
from uce_core import EditSpec
from uce_core.archives import export_run
from uce_core.problems import Problem
from uce_core.runs import edit_of
from uce_core.store import Run, Store

PAGE = 24  # runs at a time
KINDS = ("compare", "debias", "evaluate")
COMPARE, DEBIAS, RUNS = "compare", "debias", "runs"  # tabs, by id
QUERY = ("search", "kind", "pinned_only")
RESULT = ("detail", "pictures", "facts", "note", "pin", "delete", "replay", "link", "status", "chosen")


class RunsTab(Tab):
    """Widgets, by name, and handlers; which run a visitor looks at is the visitor's own state. drawing: the tabs
    that "make it mine" fills; None where nothing is drawn or taken."""

    def __init__(self, studio: Studio, drawing: tuple[CompareTab, DebiasTab] | None) -> None:
        super().__init__(studio)
        self.drawing = drawing

    def build(self, page: gr.Blocks, tabs: gr.Tabs, tab: gr.Tab) -> None:
        parts, self.tabs = self.parts, tabs
        with gr.Row():
            parts["search"] = gr.Textbox(
                "", label=label("runs_search"), max_length=200, elem_id="runs-search", scale=3, min_width=260
            )
            parts["kind"] = gr.Dropdown(
                [(label("runs_all"), ""), *((label(f"runs_{kind}"), kind) for kind in KINDS)],
                value="", label=label("runs_kind"), elem_id="runs-kind", min_width=140,
            )  # fmt: skip
            parts["pinned_only"] = gr.Checkbox(
                label=label("runs_pinned"), visible=self.studio.settings.own, min_width=140
            )
        parts["listed"] = gr.State([])  # ids on the page that is shown
        parts["offset"] = gr.State(0)
        parts["chosen"] = gr.State("")
        parts["kept_for_comparing"] = gr.State("")
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                parts["count"] = gr.HTML(elem_id="runs-count")
                parts["gallery"] = gr.Gallery(
                    show_label=False, label=label("tab_runs"), columns=2, object_fit="cover", allow_preview=False,
                    interactive=False, elem_id="runs", buttons=[], height="auto",
                )  # fmt: skip
                with gr.Row():
                    parts["newer"] = gr.Button(label("runs_newer"), elem_id="runs-newer", interactive=False)
                    parts["older"] = gr.Button(label("runs_older"), elem_id="runs-older", interactive=False)
                parts["upload"] = gr.UploadButton(
                    label("runs_import"), file_types=[".zip"], elem_id="runs-import", visible=self.drawing is not None
                )
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="runs-status")
                with gr.Column(visible=False) as parts["detail"]:
                    self._build_detail()
        self._wire(page, tab)

    def _build_detail(self) -> None:
        parts = self.parts
        parts["pictures"] = gr.HTML(elem_id="run-pictures")
        with gr.Row():
            narrow: dict[str, Any] = {"min_width": 140}  # two beside each other on a phone
            drawing = narrow | {"visible": self.drawing is not None}
            parts["mine"] = gr.Button(label("runs_mine"), variant="primary", elem_id="run-mine", **drawing)
            parts["replay"] = gr.Button(label("runs_replay"), elem_id="run-replay", **drawing)
            parts["export"] = gr.Button(label("runs_export"), elem_id="run-export", **narrow)
            parts["download"] = gr.DownloadButton(elem_id="run-download", elem_classes="uce-hidden")
        with gr.Row():
            parts["pin"] = gr.Button(label("runs_pin"), elem_id="run-pin", **narrow)
            parts["against"] = gr.Button(label("runs_against"), elem_id="run-against", **narrow)
            parts["delete"] = gr.Button(label("runs_delete"), variant="stop", elem_id="run-delete", **narrow)
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

    def _wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        query = [parts[name] for name in QUERY]
        listing = [parts[name] for name in ("gallery", "listed", "offset", "count", "newer", "older")]
        shown = [parts[name] for name in RESULT]
        gr.on([part.change for part in query], self.first, query, listing, **QUIET)
        parts["newer"].click(self.newer, [*query, parts["offset"]], listing, **QUIET)
        parts["older"].click(self.older, [*query, parts["offset"]], listing, **QUIET)
        beside = parts["kept_for_comparing"]
        parts["gallery"].select(self.choose, [parts["listed"], beside], [*shown, beside], **QUIET).then(
            None, js=INTO_VIEW("runs-status"), **PRIVATE
        )
        parts["note"].blur(self.write_note, [parts["chosen"], parts["note"]], parts["status"], **QUIET)
        parts["pin"].click(self.pin, parts["chosen"], [parts["pin"], parts["status"]], **QUIET).then(
            self._listing, [*query, parts["offset"]], listing, **QUIET
        )
        parts["against"].click(
            self.keep_for_comparing, parts["chosen"], [parts["kept_for_comparing"], parts["status"]], **QUIET
        )
        parts["delete"].click(self.delete, parts["chosen"], shown, **QUIET).then(self.first, query, listing, **QUIET)
        parts["export"].click(self.export, parts["chosen"], [parts["download"], parts["status"]], **QUIET).then(
            None, parts["download"], None, js=IF_MADE("run-download"), **PRIVATE
        )
        if self.drawing:
            self._wire_drawing(self.drawing, shown, query, listing)
        else:  # the tab is open from the start
            page.load(self.first, query, listing, **QUIET)
        tab.select(self.first, query, listing, **QUIET)
        page.load(self.opened, None, [*shown, self.tabs], **QUIET)

    def _wire_drawing(
        self, drawing: tuple[CompareTab, DebiasTab], shown: list[Any], query: list[Any], listing: list[Any]
    ) -> None:
        """What draws or takes something."""
        parts = self.parts
        parts["replay"].click(None, js=INTO_VIEW("runs-status"), **PRIVATE)
        again = (
            parts["replay"]
            .click(None, None, parts["status"], js=f"() => {WAITING}", **QUIET)
            .then(self.replay, parts["chosen"], parts["status"], **MODEL_TURN, **QUIET)
        )
        again.failure(None, None, parts["status"], js=f"() => {NOT_DRAWN}", **QUIET)
        fields = [tab.parts[name] for tab, names in zip(drawing, (FILLED, ASKED), strict=True) for name in names]
        more = [tab.parts[name] for tab in drawing for name in ("model", "status")]
        parts["mine"].click(
            self.make_mine, parts["chosen"], [*fields, *more, self.tabs, parts["status"]], **QUIET
        ).then(None, js=TO_TOP, **PRIVATE)
        parts["upload"].upload(self.take, parts["upload"], [*shown, parts["upload"]], **QUIET).then(
            self.first, query, listing, **QUIET
        )
        tell_refusals(parts["upload"], parts["status"])

    def first(self, search: str, kind: str, pinned: bool, request: gr.Request) -> Filled:
        return self._listing(search, kind, pinned, 0, request)

    def newer(self, search: str, kind: str, pinned: bool, offset: int, request: gr.Request) -> Filled:
        return self._listing(search, kind, pinned, max(0, offset - PAGE), request)

    def older(self, search: str, kind: str, pinned: bool, offset: int, request: gr.Request) -> Filled:
        return self._listing(search, kind, pinned, offset + PAGE, request)

    def _listing(self, search: str | None, kind: str | None, pinned: bool, offset: int, request: gr.Request) -> Filled:
        search, kind = search or "", kind or ""  # an untouched field comes as None
        kept, language = self.studio.kept, self._language(request)
        pinned = pinned or not self.studio.settings.own
        total = kept.count(search, pinned, kind)
        found = kept.page(PAGE, offset, search, pinned, kind)
        last = offset + len(found)
        none = "runs_not_found" if kept.count(pinned=not self.studio.settings.own) else "runs_none"
        text = say(language, "runs_count" if found else none, first=offset + 1, last=last, total=total)
        return self._filled(
            gallery=gr.Gallery(value=[self._thumbnail(run, language) for run in found], selected_index=None),
            listed=[run.id for run in found],
            offset=offset,
            count=notice(text),
            newer=gr.Button(interactive=offset > 0),
            older=gr.Button(interactive=last < total),
        )

    def _thumbnail(self, run: Run, language: str) -> tuple[str, str]:
        """Its caption says of what kind it is, unless it is a comparison, as most are."""
        [picture] = run.files("thumbnail")
        mark = "★ " if run.pinned else ""
        kind = "" if run.kind == "compare" else f"{say(language, f'runs_{run.kind}')}: "
        return str(self.studio.kept.path(picture)), f"{mark}{kind}{run.title} · {run.created:%m-%d %H:%M}"

    def choose(self, listed: list[str], other: str, request: gr.Request, event: gr.SelectData) -> Filled:
        return self._shown(listed[event.index], request, other) | self._filled(kept_for_comparing="")

    def opened(self, request: gr.Request) -> Filled:
        """What the page's address asks for: nothing, or the tab with that run."""
        run = request.query_params.get("run", "")
        return self._shown(run, request) | {self.tabs: gr.Tabs(selected=RUNS)} if run else NOTHING_NEW

    def _shown(self, run: str, request: gr.Request, other: str = "") -> Filled:
        """Everything of a run; if another was set aside, how the two differ."""
        language = self._language(request)
        try:
            found = self.studio.kept.get(run)
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)), detail=gr.Column(visible=False), chosen="")
        try:
            against = self.studio.kept.get(other) if other and other != run else None
        except ValueError:  # deleted since it was set aside
            against = None
        table = settings_table(found, language) + (difference_table(against, found, language) if against else "")
        runs = [against, found] if against else [found]
        return self._filled(
            detail=gr.Column(visible=True),
            pictures="".join(grid(run_pairs(run, self._recorded(run), language), language) for run in runs),
            facts=table,
            replay=gr.Button(interactive=found.kind == "compare"),
            note=gr.Textbox(value=found.note, interactive=self.studio.settings.own),
            delete=gr.Button(interactive=self.studio.settings.own),
            pin=gr.Button(self._pin_label(found.pinned), interactive=self.studio.settings.own),
            link=f"{address(request, self.studio.settings.root_path)}/?run={found.id}",
            status="",
            chosen=found.id,
        )

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
        return self._filled(pin=gr.Button(self._pin_label(pinned)), status=status)

    def _changed(self, run: str, change: Callable[[Store], None], done: Callable[[], str], request: gr.Request) -> str:
        """What to say after a change, which only visitors of this computer's own app may make. done: the text's key,
        asked for after the change."""
        language = self._language(request)
        if not run or not self.studio.settings.own:
            return ""
        try:
            change(self.studio.kept)
        except ValueError as error:
            return problem(explain(error, language))
        return notice(say(language, done()))

    def keep_for_comparing(self, run: str, request: gr.Request) -> tuple[str, str]:
        return run, notice(say(self._language(request), "runs_against_now"))

    def delete(self, run: str, request: gr.Request) -> Filled:
        status = self._changed(run, lambda kept: kept.delete([run]), lambda: "runs_deleted", request)
        return self._filled(detail=gr.Column(visible=False), chosen="", status=status)

    def export(self, run: str, request: gr.Request) -> Filled:
        """A zip in a folder of its own; with what people judged if they did so here."""
        kept = self.studio.kept
        try:
            found = kept.get(run)
            path = fresh_folder() / f"uce-run-{found.id}.zip"
            export_run(kept, found, path, self.studio.settings.own)
        except ValueError as error:
            return self._filled(download=None, status=problem(explain(error, self._language(request))))
        return self._filled(download=str(path), status="")

    def take(self, file: str, request: gr.Request) -> Filled:
        """Import an uploaded zip, and show it."""
        language = self._language(request)
        try:
            run = self.studio.take_run(Path(file))
        except ValueError as error:
            return self._filled(status=problem(explain(error, language)), upload=None)
        return self._shown(run, request) | self._filled(status=notice(say(language, "runs_imported")), upload=None)

    def replay(self, run: str, request: gr.Request) -> Iterator[Filled]:
        """Draw it again, and say how the pictures compare."""
        language = self._language(request)
        stop = self.studio.begin(request.session_hash or "")
        yield from to_the_end(self._again(run, stop, language), self._said, language)

    def _again(self, run: str, stop: threading.Event, language: str) -> Iterator[Filled]:
        yield self._said(progress_bar(say(language, "preparing"), 0))
        for event in self.studio.replay(stop, run):
            if isinstance(event, Progress):
                yield self._said(going_on(event, "drawing", language))
            else:
                yield self._said(replay_notice(event, language))

    def _said(self, status: str) -> Filled:
        return self._filled(status=status)

    def make_mine(self, run: str, request: gr.Request) -> Filled:
        """The run's settings in the fields of the tab that continues it, and that tab in front."""
        assert self.drawing is not None  # the button is there only with it
        language = self._language(request)
        try:
            found = self.studio.kept.get(run)
            debiasing = found.kind == "debias"
            values = fields_of(found.request["edit"]) if debiasing else self._compared(found)
        except Problem as error:
            return self._filled(status=problem(explain(error, language)))
        except (ValueError, TypeError, KeyError, IndexError):
            return self._filled(status=problem(say(language, "runs_unknown")))
        if found.request["model"] in self.studio.settings.offered:
            values["model"] = found.request["model"]
        parts = self.drawing[debiasing].parts
        front = gr.Tabs(selected=DEBIAS if debiasing else COMPARE)
        values["status"] = notice(say(language, "runs_made_mine"))
        return {parts[name]: value for name, value in values.items()} | {self.tabs: front}

    def _compared(self, run: Run) -> dict[str, Any]:
        """Fields of a comparison; of an evaluation its edit, with the first prompt that asks for a style."""
        asked = run.request
        edit = edit_of(self.studio.kept, run)
        if not isinstance(edit.spec, EditSpec):
            raise Problem("The edit of run {run} does not say what it erases: export the run to use it.", run=run.id)
        if run.kind == "compare":
            return fields_of_run(asked["edit"], asked["drawings"], asked.get("strength", 1.0))
        pictures = run.outcome["pictures"]
        first = next((one for one in pictures if one["facet"] == "style"), pictures[0])
        drawing = {name: first[name] for name in ("prompt", "seed")}
        drawing |= {name: asked[name] for name in ("steps", "guidance_scale")}
        return fields_of_run(asdict(edit.spec), [drawing], edit.strength)
