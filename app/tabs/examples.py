"""A tab's example, a recorded run that ships: a button that opens it, the mark that it is one, and what hides all
examples. What of the tab shows the run is the tab's own."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from app.browser.events import QUIET, Filled
from app.browser.examples import EXAMPLE, close_button, hide_button, show_button
from app.studio.studio import Studio
from app.tabs.tab import Tab
from app.words import label
from uce_core.runs.run import AnyRun

SHOWN = ("offer", "mark")
Handler = Callable[..., Filled]


class ExamplePanel(Tab):
    """Widgets, by name. tab: for their element ids. example: the run's name."""

    def __init__(self, studio: Studio, tab: str, example: str) -> None:
        super().__init__(studio)
        self.tab, self.example = tab, example

    def build_offer(self) -> None:
        """Where nothing is shown yet."""
        with gr.Row(elem_classes="uce-offer") as self.parts["offer"]:
            self.parts["see"] = gr.Button(
                label("example_see"), size="md", elem_id=f"{self.tab}-example", elem_classes=EXAMPLE
            )
            hide_button()
            show_button()

    def build_mark(self) -> None:
        """Above what shows the example."""
        with gr.Row(visible=False, elem_classes=["uce-mark", EXAMPLE], elem_id=f"{self.tab}-mark") as self.parts[
            "mark"
        ]:
            gr.Markdown(label("example_mark"))
            hide_button()

    def wire(
        self, open_it: Handler, close_it: Handler, asked: list[Any], shown_run: list[Any], outputs: list[Any]
    ) -> None:
        """asked, shown_run: the fields that the one handler is told, and the other."""
        self.parts["see"].click(open_it, asked, outputs, **QUIET)
        close_button(f"{self.tab}-example-close").click(close_it, shown_run, outputs, **QUIET)

    @property
    def shown(self) -> list[Any]:
        """The widgets that of fills."""
        return [self.parts[name] for name in SHOWN]

    def of(self, run: AnyRun | None) -> Filled:
        """As it is while a run is shown, or none."""
        return self.marked(run) | self._updates(offer=gr.Row(visible=run is None))

    def marked(self, run: AnyRun | None) -> Filled:
        """The mark alone."""
        return self._updates(mark=gr.Row(visible=bool(run and run.is_example)))

    def neither(self) -> Filled:
        """While something is shown that is no run yet."""
        return self.marked(None) | self._updates(offer=gr.Row(visible=False))
