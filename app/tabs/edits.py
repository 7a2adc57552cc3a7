"""The Edits tab: the library of saved edits; search, details, strength, rename, delete and undo, download, upload."""

from pathlib import Path
from typing import Any

import gradio as gr

from app.browser.events import IF_MADE, INTO_VIEW, MODEL_TURN, PRIVATE, QUIET, TO_TOP, UNCHANGED, Filled
from app.browser.uploads import tell_refusals
from app.gradio_workarounds import LATEST
from app.html.clock import zone_of
from app.html.pieces import edit_table, notice, problem, section
from app.server.visitors import visitor_of
from app.studio.downloads import fresh_folder
from app.studio.edit_library import name_in
from app.studio.studio import Studio
from app.tabs.compare import CompareTab
from app.tabs.compare_fields import MOST_STRENGTH, encode_loaded_edit, fields_of_spec
from app.tabs.compare_fill import FILLED
from app.tabs.ids import COMPARE
from app.tabs.tab import Tab
from app.words import choices, error_text, label, translate
from uce_core.edits.formats import CHECKPOINT, DTYPES, FORMATS, OWN
from uce_core.edits.spec import ErasureSpec

CHOSEN = ("detail", "facts", "own", "rename_to", "strength", "status")


class EditsTab(Tab):
    """Widgets, by name, and handlers."""

    def __init__(self, studio: Studio, compare: CompareTab) -> None:
        super().__init__(studio)
        self.compare = compare

    def build(self, tabs: gr.Tabs, tab: gr.Tab) -> None:
        parts, self.tabs = self.parts, tabs
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                parts["search"] = gr.Textbox(label=label("edits_search"), max_length=200, elem_id="edits-search")
                parts["count"] = gr.HTML(elem_id="edits-count", visible=False)
                parts["names"] = gr.Radio([], label=label("edits"), elem_id="edits", elem_classes="uce-list")
                parts["upload"] = gr.UploadButton(
                    label("edits_upload"), file_types=[".safetensors"], elem_id="edit-upload"
                )
            with gr.Column(scale=7, min_width=320, elem_classes="uce-results"):
                parts["status"] = gr.HTML(elem_id="edits-status")
                parts["undo"] = gr.Button(
                    label("undo"), visible=False, size="sm", elem_id="edit-undo", elem_classes="uce-small-button"
                )
                with gr.Column(visible=False) as parts["detail"]:
                    self._build_detail()
        self._wire(tab)

    def _build_detail(self) -> None:
        parts = self.parts
        parts["close"] = gr.Button(
            label("edits_close"), size="sm", elem_id="edit-close", elem_classes="uce-small-button"
        )
        parts["facts"] = gr.HTML(elem_id="edit-facts")
        parts["strength"] = gr.Slider(
            -MOST_STRENGTH, MOST_STRENGTH, 1, step=0.05, label=label("strength"), info=label("strength_info")
        )
        parts["use"] = gr.Button(label("edits_use"), variant="primary", elem_id="edit-use")
        with gr.Row(elem_classes="uce-ends"):
            parts["format"] = gr.Dropdown(
                choices("edits_format", self._formats()),
                value=OWN,
                label=label("edits_format"),
                info=label("edits_format_info"),
                elem_id="edit-format",
                scale=3,
            )
            parts["dtype"] = gr.Dropdown(
                list(DTYPES),
                value=DTYPES[0],
                label=label("edits_dtype"),
                info=label("edits_dtype_info"),
                visible=False,
                elem_id="edit-dtype",
                scale=2,
            )
            parts["get"] = gr.Button(label("edits_download"), elem_id="edit-get")
            parts["download"] = gr.DownloadButton(elem_id="edit-download", visible="hidden")
        with gr.Row(elem_classes="uce-ends") as parts["own"]:
            parts["rename_to"] = gr.Textbox(label=label("edits_rename_to"), max_length=80, elem_id="edit-rename-to")
            parts["rename"] = gr.Button(label("edits_rename"), elem_id="edit-rename")
            parts["delete"] = gr.Button(label("edits_delete"), variant="stop", elem_id="edit-delete")

    def _formats(self) -> list[str]:
        """Checkpoints are large, and stay where the app runs: only for whoever sits there."""
        return [OWN, *(one for one in FORMATS if one != CHECKPOINT or self.studio.settings.is_local)]

    def _wire(self, tab: gr.Tab) -> None:
        parts = self.parts
        names, status = parts["names"], parts["status"]
        chosen = [parts[name] for name in CHOSEN]
        listing = [names, parts["count"], parts["detail"]]
        tab.select(self.undoable, None, parts["undo"], **QUIET)
        relist: dict[str, Any] = {"fn": self.listed, "inputs": [parts["search"], names], "outputs": listing, **QUIET}
        gr.on([tab.select, parts["search"].change], **LATEST, **relist)
        names.input(self.choose, names, chosen, **QUIET).then(None, js=INTO_VIEW("edits-status"), **PRIVATE)
        parts["close"].click(self.close, None, [names, parts["detail"], status], **QUIET)
        fields = [*(self.compare.parts[name] for name in (*FILLED, "status")), self.tabs, status]
        parts["use"].click(self.use, [names, parts["strength"]], fields, **QUIET).then(None, js=TO_TOP, **PRIVATE)
        parts["format"].change(self.choose_format, parts["format"], [parts["dtype"], parts["get"]], **QUIET)
        wanted = [names, *(parts[name] for name in ("format", "strength", "dtype"))]
        made = [parts["download"], status]
        exported = parts["get"].click(self.export, wanted, made, **MODEL_TURN, **QUIET)
        exported.then(None, parts["download"], None, js=IF_MADE("edit-download"), **PRIVATE)
        changed = [names, parts["detail"], parts["undo"], status]
        parts["rename"].click(self.rename, [names, parts["rename_to"], parts["search"]], [names, *chosen], **QUIET)
        parts["delete"].click(self.delete, [names, parts["search"]], changed, **QUIET).then(**relist)
        back = [*changed, *(parts[name] for name in ("facts", "own", "rename_to", "strength"))]
        parts["undo"].click(self.undo, parts["search"], back, **QUIET).then(**relist)
        parts["upload"].upload(
            self.take, [parts["upload"], parts["search"]], [names, *chosen], **MODEL_TURN, **PRIVATE
        ).then(**relist)
        tell_refusals(parts["upload"], status)

    def _names(self, search: str, chosen: str | None, request: gr.Request) -> gr.Radio:
        found = self._library(request).search(search)
        return gr.Radio(choices=found, value=chosen if chosen in found else None, visible=bool(found))

    def listed(self, search: str, chosen: str | None, request: gr.Request) -> Filled:
        """Those that are searched for; what is said of the chosen one goes with it."""
        library = self._library(request)
        found = library.search(search)
        none = "edits_not_found" if library.names() else "edits_none"
        count = gr.HTML("" if found else notice(translate(self._language(request), none)), visible=not found)
        gone = {"value": None} if chosen and chosen not in found else {}  # else as it is, or was chosen in the meantime
        names = gr.Radio(choices=found, visible=bool(found), **gone)
        return self._updates(names=names, count=count, detail=gr.Column(visible=False) if gone else gr.skip())

    def choose(self, name: str, request: gr.Request) -> Filled:
        """What the edit is; also of one that fits no model offered here."""
        language, library = self._language(request), self._library(request)
        try:
            edit = library.read(name)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)), detail=gr.Column(visible=False))
        facts = edit_table(edit, library.file(name).stat().st_size, language, zone_of(request))
        return self._updates(
            detail=gr.Column(visible=True),
            facts=section(name, facts),
            own=gr.Row(visible=library.is_own(name)),
            rename_to=name,
            strength=1,
            status="",
        )

    def close(self) -> Filled:
        """The list alone."""
        return self._updates(names=gr.Radio(value=None), detail=gr.Column(visible=False), status="")

    def use(self, name: str, strength: float, request: gr.Request) -> Filled:
        """The edit in the Compare tab's fields, and that tab in front."""
        language = self._language(request)
        try:
            spec = self._library(request).spec(name)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        values: dict[str, Any] = {"strength": strength, "loaded": encode_loaded_edit(name), "erase": [], "retain": []}
        if isinstance(spec, ErasureSpec):
            values |= fields_of_spec(spec) | {"loaded": encode_loaded_edit(name, spec)}
        values["status"] = notice(translate(language, "edits_in_use", name=name))
        filled = {self.compare.parts[key]: value for key, value in values.items()}
        return filled | {self.tabs: gr.Tabs(selected=COMPARE)}

    def choose_format(self, to: str, request: gr.Request) -> Filled:
        """What can be chosen besides, and what the button does."""
        word = "edits_save_checkpoint" if to == CHECKPOINT else "edits_download"
        return self._updates(
            dtype=gr.Dropdown(visible=to not in (OWN, CHECKPOINT)),
            get=gr.Button(translate(self._language(request), word)),
        )

    def export(self, name: str, to: str, strength: float, dtype: str, request: gr.Request) -> Filled:
        """A file in a folder of its own; a checkpoint stays where the app writes it."""
        language = self._language(request)
        try:
            if to == CHECKPOINT:
                path = self.studio.export_checkpoint(name, visitor_of(request), strength)
                said = notice(translate(language, "edits_advice_checkpoint", path=path))
                return self._updates(download=None, status=said)
            path = fresh_folder() / f"{name}{'' if to == OWN else f'-{to}'}.safetensors"
            self.studio.export(name, visitor_of(request).id, to, strength, dtype, path)
        except ValueError as error:
            return self._updates(download=None, status=problem(error_text(error, language)))
        advice = "" if to == OWN else notice(translate(language, f"edits_advice_{to}"))
        return self._updates(download=str(path), status=advice)

    def rename(self, name: str, to: str, search: str, request: gr.Request) -> Filled:
        language = self._language(request)
        try:
            new = self._library(request).rename(name, to)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        said = self._updates(status=notice(translate(language, "edits_renamed", name=new)))
        return {self.parts["names"]: self._names(search, new, request)} | self.choose(new, request) | said

    def delete(self, name: str, search: str, request: gr.Request) -> Filled:
        """It is set aside, so that it can be had back."""
        language = self._language(request)
        try:
            self._library(request).delete(name)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        return self.undoable(request) | self._updates(
            names=self._names(search, None, request),
            detail=gr.Column(visible=False),
            status=notice(translate(language, "edits_deleted", name=name)),
        )

    def undoable(self, request: gr.Request) -> Filled:
        """The visitor's last deletion that can be undone, also from before the page was loaded."""
        deleted = self._library(request).deleted()
        return self._undo_of(name_in(deleted[-1]) if deleted else None, self._language(request))

    def undo(self, search: str, request: gr.Request) -> Filled:
        """The last deletion first."""
        language, library = self._language(request), self._library(request)
        deleted = library.deleted()
        if not deleted:  # it is too late, or was undone in another window
            return self.undoable(request)
        try:
            name = library.undelete(deleted[-1])
        except ValueError as error:
            return self.undoable(request) | self._updates(status=problem(error_text(error, language)))
        back = self._updates(
            names=self._names(search, name, request), status=notice(translate(language, "edits_restored", name=name))
        )
        return self.choose(name, request) | self.undoable(request) | back

    def take(self, file: str | None, search: str, request: gr.Request) -> Filled:
        """An uploaded edit file, if it is sound."""
        if not file:
            return UNCHANGED
        language = self._language(request)
        try:
            name = self._library(request).take(Path(file))
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        said = {self.parts["status"]: notice(translate(language, "edits_uploaded", name=name))}
        return {self.parts["names"]: self._names(search, name, request)} | self.choose(name, request) | said
