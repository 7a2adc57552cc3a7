"""Generating a recorded run again: its button in the Runs tab, and how the images compare with those that were kept."""

from collections.abc import Iterator

import gradio as gr

from app.browser.events import INTO_VIEW, PRIVATE, Filled
from app.html.clock import zone_of
from app.html.pieces import notice
from app.html.runs import replay_lines, run_name
from app.studio.progress import EVENTS, Stop
from app.tabs.generation_tab import AS_IT_IS, BUTTONS, GenerationTab, progress_html
from app.words import label

CLEAR_STATUS = f"() => document.querySelector('#replay-status .uce-progress') ? {AS_IT_IS} : ''"  # of another run


class ReplayPanel(GenerationTab):
    """Widgets, by name, and handlers. What is said names the run: the visitor may look at another one by then."""

    def build(self) -> None:
        """What is said, and how to stop it: outside of what shows a run, which may be another one or none by then."""
        self.parts["status"] = gr.HTML(elem_id="replay-status")
        self._build_turns("replay-")

    def build_button(self) -> None:
        self.parts["run"] = gr.Button(label("runs_replay"), elem_id="run-replay", min_width=140)

    def wire(self, page: gr.Blocks, chosen: gr.State) -> None:
        """chosen: the run's id."""
        outputs = [self.parts[name] for name in ("status", *BUTTONS)]
        press = self.parts["run"].click
        self._wire_turns(page, {"fn": self.run, "inputs": chosen, "outputs": outputs}, press)
        press(None, js=INTO_VIEW("replay-status"), **PRIVATE)

    def run(self, run: str, request: gr.Request) -> Iterator[Filled]:
        """Generate it again, with progress, and say how the images compare."""
        stop = self._stop(request)
        yield from self._in_turn(self._again(run, stop, request), request)

    def _again(self, run: str, stop: Stop, request: gr.Request) -> Iterator[Filled]:
        language = self._language(request)
        found = self.studio.store.get(run)
        yield self._begun(found.model, language)
        for event in self.studio.replay(stop, run):
            if isinstance(event, EVENTS):
                yield self._status(progress_html(event, "generating", language))
            else:
                yield self._idle(notice(run_name(found, language, zone_of(request)), *replay_lines(event, language)))
