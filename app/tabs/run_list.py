"""The list of recorded runs, what was generated last first: searched, by kind, a page at a time; the examples that ship
below it."""

from datetime import tzinfo
from typing import Any

import gradio as gr

from app.browser.events import PRIVATE, QUIET, Filled
from app.browser.examples import EXAMPLE, hide_button, show_button
from app.browser.navigation import MARK
from app.browser.storage import keep_fields
from app.gradio_workarounds import LATEST
from app.html.clock import zone_of
from app.html.pieces import notice
from app.html.runs import example_links, run_links
from app.server.visitors import visitor_of
from app.studio.visitor import Action
from app.tabs.tab import Tab
from app.words import label, translate
from uce_core.runs.run import KINDS

PAGE = 24  # runs at a time
QUERY = ("search", "kind", "pinned_only")
SHOWN = ("links", "offset", "count", "newer", "older", "examples")
NEW = f"() => {{ ({MARK})(); window.ucePicks?.show(); }}"  # list: which run is open in it, and which are ticked


class RunList(Tab):
    """Widgets, by name, and handlers. Unless the app is this computer's own, the list has the pinned runs and the
    visitor's."""

    def build_query(self) -> None:
        """A row of fields, and what is remembered of the list."""
        parts = self.parts
        with gr.Row():
            parts["search"] = gr.Textbox(
                "", label=label("runs_search"), max_length=200, elem_id="runs-search", scale=3, min_width=260
            )
            parts["kind"] = gr.Dropdown(
                [(label("runs_all"), ""), *((label(f"runs_{kind}"), kind) for kind in KINDS)],
                value="", label=label("runs_kind"), elem_id="runs-kind", min_width=140,
            )  # fmt: skip
            parts["pinned_only"] = gr.Checkbox(
                label=label("runs_pinned"), visible=self.studio.settings.is_local, min_width=140
            )
        parts["offset"] = gr.State(0)

    def build(self) -> None:
        """The list itself, in the column that is being built."""
        parts = self.parts
        parts["count"] = gr.HTML(elem_id="runs-count")
        parts["links"] = gr.HTML(elem_id="runs")
        with gr.Row():
            for name in ("newer", "older"):
                parts[name] = gr.Button(label(f"runs_{name}"), elem_id=f"runs-{name}", interactive=False, min_width=140)
        parts["examples"] = gr.HTML(elem_id="runs-examples", elem_classes=EXAMPLE)
        with gr.Row(elem_classes="uce-offer"):
            hide_button()
            show_button()

    def wire(self, page: gr.Blocks) -> None:
        parts = self.parts
        keep_fields(page, "runs", {name: parts[name] for name in QUERY}, passed_on=False)
        gr.on([parts[name].change for name in QUERY], **LATEST, **self.from_the_newest)
        gr.on([parts[name].change for name in ("links", "examples")], None, js=NEW, **PRIVATE)
        for name, handler in (("newer", self.newer), ("older", self.older)):
            parts[name].click(handler, self._place, self._shown, **QUIET)

    @property
    def _place(self) -> list[Any]:
        return [self.parts[name] for name in (*QUERY, "offset")]

    @property
    def _shown(self) -> list[Any]:
        return [self.parts[name] for name in SHOWN]

    @property
    def from_the_newest(self) -> dict[str, Any]:
        """For an event listener: the first page."""
        return {"fn": self.first, "inputs": self._place, "outputs": self._shown} | QUIET

    @property
    def as_it_is(self) -> dict[str, Any]:
        """For an event listener: the page that is shown, after something has changed."""
        return {"fn": self.page, "inputs": self._place, "outputs": self._shown} | QUIET

    def first(self, search: str, kind: str, pinned: bool, _: int, request: gr.Request) -> Filled:
        return self.page(search, kind, pinned, 0, request)

    def newer(self, search: str, kind: str, pinned: bool, offset: int, request: gr.Request) -> Filled:
        return self.page(search, kind, pinned, max(0, offset - PAGE), request)

    def older(self, search: str, kind: str, pinned: bool, offset: int, request: gr.Request) -> Filled:
        return self.page(search, kind, pinned, offset + PAGE, request)

    def page(self, search: str | None, kind: str | None, pinned: bool, offset: int, request: gr.Request) -> Filled:
        search, kind = search or "", kind or ""  # an untouched field comes as None
        store, language = self.studio.store, self._language(request)
        visitor = visitor_of(request)
        everything = visitor.may(Action.LIST_RUNS)
        pinned = pinned or not everything
        own = visitor.id if visitor.may(Action.LIST_RUNS, visitor.id) else ""
        total = store.count(search, pinned, kind, own)
        offset = min(offset, max(0, total - 1) // PAGE * PAGE)  # the last page's only run may have been deleted
        found = store.page(PAGE, offset, search, pinned, kind, own)
        last = offset + len(found)
        nothing = "runs_none" if everything else f"runs_none_{'read' if self.studio.settings.read_only else 'pinned'}"
        none = "runs_not_found" if store.count(pinned=not everything, whose=own) else nothing
        text = translate(language, "runs_count" if found else none, first=offset + 1, last=last, total=total)
        thumbnails = [self._thumbnail(run) for run in found]
        return self._updates(
            links=gr.HTML(run_links(found, thumbnails, language, zone_of(request)), visible=bool(found)),
            offset=offset,
            count=notice(text),
            newer=gr.Button(interactive=offset > 0),
            older=gr.Button(interactive=last < total),
            examples=self._examples(language, zone_of(request)),
        )

    def _examples(self, language: str, zone: tzinfo) -> str:
        """Nothing if they cannot be had, which is in the log: the list is there without them."""
        try:
            found = list(self.studio.examples().values())
        except ValueError:
            return ""
        return example_links(found, [self._thumbnail(run) for run in found], language, zone)
