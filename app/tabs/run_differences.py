"""Runs that were ticked in the list beside each other: the settings in which they differ, and their images where they
were asked for the same ones. picks.js knows which are ticked."""

from collections.abc import Sequence

import gradio as gr

from app.browser.events import INTO_VIEW, PRIVATE, QUIET, Filled
from app.html.clock import zone_of
from app.html.differences import differences_table
from app.html.pairs import runs_grid
from app.html.pieces import problem
from app.server.visitors import visitor_of
from app.studio.visitor import Action
from app.tabs.tab import Tab
from app.words import error_text, label
from uce_core.problems import Problem
from uce_core.runs.run import AnyRun, ComparisonRun

MOST = 20  # runs
MOST_COLUMNS = 6  # of images


class RunDifferences(Tab):
    """Widgets, by name, and handlers."""

    def build_buttons(self) -> None:
        """Below the list; there while a run is ticked."""
        with gr.Row(elem_classes="uce-picking"):
            for name in ("show", "clear"):
                self.parts[name] = gr.Button(
                    label(f"runs_picked_{name}"),
                    size="sm",
                    min_width=140,
                    elem_id=f"runs-picked-{name}",
                    elem_classes="uce-picked",
                )
        self.parts["picked"] = gr.Textbox(visible="hidden")

    def build(self) -> None:
        self.parts["shown"] = gr.HTML(elem_id="runs-differences")

    def wire(self) -> None:
        parts = self.parts
        parts["show"].click(
            self.show, parts["picked"], parts["shown"], js="() => [window.ucePicks.all()]", **QUIET
        ).then(None, js=INTO_VIEW("runs-differences"), **PRIVATE)
        parts["clear"].click(None, None, parts["shown"], js="() => { window.ucePicks.clear(); return ''; }", **QUIET)

    def show(self, picked: str, request: gr.Request) -> str:
        """picked: ids, with spaces between them."""
        try:
            return self._beside(self._of_list(picked, request), request)
        except ValueError as error:
            return problem(error_text(error, self._language(request)))

    def linked(self, runs: Sequence[str], request: gr.Request) -> Filled:
        """Runs that a link names by their ids, in which whoever has it may look; nothing if that is only one."""
        found = [run for run in map(self._if_kept, list(dict.fromkeys(runs))[:MOST]) if run]
        return {self.parts["shown"]: self._beside(found, request) if len(found) > 1 else ""}

    def _of_list(self, picked: str, request: gr.Request) -> list[AnyRun]:
        """Those of the runs that the visitor finds in the list. Raises ValueError for too few or too many."""
        ids = list(dict.fromkeys(picked.split()))
        visitor = visitor_of(request)
        found = [run for run in map(self._if_kept, ids[: MOST + 1]) if run]
        runs = [run for run in found if run.pinned or run.is_example or visitor.may(Action.LIST_RUNS, run.visitor)]
        if not 2 <= len(runs) <= MOST:
            raise Problem(
                "runs_to_compare",
                "Selected runs: {count}. Select 2 to {most} to compare them.",
                count=len(runs),
                most=MOST,
            )
        return runs

    def _beside(self, runs: Sequence[AnyRun], request: gr.Request) -> str:
        """Below, their images, where they can stand beside the same originals."""
        if not _same_images(runs):
            return self.table(runs, request)
        names = [" · ".join(filter(None, (str(number), run.edit_title))) for number, run in enumerate(runs, 1)]
        images = runs_grid(runs, [self._addresses(run) for run in runs], names, self._language(request))
        return self.table(runs, request) + images

    def table(self, runs: Sequence[AnyRun], request: gr.Request) -> str:
        thumbnails = [self._thumbnail(run) for run in runs]
        return differences_table(runs, thumbnails, self._language(request), zone_of(request))


def _same_images(runs: Sequence[AnyRun]) -> bool:
    """Whether they are comparisons of the same originals."""
    comparisons = len(runs) <= MOST_COLUMNS and all(isinstance(run, ComparisonRun) for run in runs)
    return comparisons and len({(run.model, run.generations) for run in runs}) == 1
