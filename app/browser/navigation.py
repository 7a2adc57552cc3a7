"""Where a visitor is, in the page's address: which tab, ?tab=edits, and in Runs which run, ?run=<id>, or which runs
beside each other, ?run=<id>,<id>. So links, a reload and the browser's way back lead there. navigation.js writes and
reads it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

from app.browser.events import PRIVATE, QUIET
from app.gradio_workarounds import LATEST

SCRIPT = (Path(__file__).parent / "navigation.js").read_text(encoding="utf-8")
LINKED = ","  # between the ids of runs in an address
OPEN = "() => ({__type__: 'update', selected: window.ucePlace.begin()})"
RUN = "() => window.ucePlace.run()"  # that the address asks for
SET_ADDRESS = "link => window.ucePlace.at(link)"
CLOSED = "link => { if (!link) window.ucePlace.closed() }"
MARK = "() => window.ucePlace.mark()"  # the open run, in a new list


def head(names: Sequence[str]) -> str:
    """For the page's head, so that it hears the first click. names: of the tabs, by their ids; where the address names
    none of them, the first is open."""
    return f"<script>({SCRIPT})({list(names)})</script>"


def tab(title: I18nData, name: str) -> gr.Tab:
    """name: its id."""
    return gr.Tab(title, id=name, elem_id=f"tab-{name}")


def keep_place(page: gr.Blocks, tabs: gr.Tabs, by_name: Mapping[str, gr.Tab]) -> None:
    """by_name: the tabs by their ids."""
    for name, tab in by_name.items():
        tab.select(None, js=f"() => window.ucePlace.to('{name}')", **PRIVATE)
    opens = gr.Button(elem_id="tab-open", visible="hidden")
    gr.on([page.load, opens.click], None, None, tabs, js=OPEN, **LATEST, **QUIET)
