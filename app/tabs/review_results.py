"""What the reviewers' ratings of a set add up to, below the Review tab's fields, and its downloads."""

from typing import Any

import gradio as gr

from app.browser.events import IF_MADE, PRIVATE, QUIET, Filled
from app.html.pieces import problem
from app.html.review import results_page
from app.server.visitors import visitor_of
from app.studio.downloads import fresh_folder
from app.studio.edit_library import named_file
from app.studio.studio import Studio
from app.studio.visitor import Action, Visitor
from app.tabs.tab import Tab
from app.words import error_text, label, translate
from uce_core.problems import Problem
from uce_core.review.tasks import SIDES
from uce_core.runs.ratings import canonical_reviewer, items_of, ratings_of, results_of, reviewers_of, write_review
from uce_core.runs.run import AnyRun

SUFFIXES = ("csv", "json")
SHOWN = ("results", "report", "reported", *SUFFIXES)


def reviewed(studio: Studio, run: str | None, visitor: Visitor) -> AnyRun:
    """Raises ValueError if there is no such run, its images are gone, or it is not for the visitor to review."""
    if not run:
        raise Problem("nothing_to_review", "There is nothing to review: pin a run first.")
    found = studio.store.get(run)
    if not found.pinned and not visitor.may(Action.LIST_RUNS):
        raise Problem("run_not_pinned", "Run {run} is not pinned: only pinned runs can be reviewed here.", run=run)
    if not all(studio.store.path(part).is_file() for side in SIDES for part in found.files_of(side)):
        raise Problem("run_images_missing", "Images of run {run} are missing: choose another set.", run=run)
    return found


class ReviewResultsPanel(Tab):
    """Widgets, by name, and handlers; whose results are shown is the visitor's own state."""

    def build(self, run: gr.Dropdown, reviewer: gr.Textbox, see: gr.Button, status: gr.HTML) -> None:
        """see: the button that asks for the results of the chosen run. reviewer: who asks, as far as that is said."""
        parts = self.parts
        parts["status"] = status
        parts["reported"] = gr.State("")  # the run whose results are shown
        with gr.Column(visible=False, elem_id="review-results") as parts["results"]:
            parts["report"] = gr.HTML(elem_id="review-report")
            with gr.Row():
                for suffix in SUFFIXES:
                    parts[suffix] = gr.Button(label(f"review_{suffix}"), elem_id=f"review-{suffix}")
                parts["download"] = gr.DownloadButton(elem_id="review-download", visible="hidden")
        see.click(self.see, [run, reviewer], [*self.shown, status], **QUIET)
        for suffix, export in (("csv", self.as_csv), ("json", self.as_json)):
            exported = parts[suffix].click(export, parts["reported"], [parts["download"], status], **QUIET)
            exported.then(None, parts["download"], None, js=IF_MADE("review-download"), **PRIVATE)

    @property
    def shown(self) -> list[Any]:
        """The widgets that report and hidden fill."""
        return [self.parts[name] for name in SHOWN]

    def see(self, run: str | None, reviewer: str | None, request: gr.Request) -> Filled:
        """The results so far, for whoever is not still rating."""
        language, visitor = self._language(request), visitor_of(request)
        try:
            found = reviewed(self.studio, run, visitor)
            self._check_review_complete(found, visitor, reviewer or "")
            return self.report(found.id, visitor, language) | self._updates(status="")
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))

    def _check_review_complete(self, run: AnyRun, visitor: Visitor, reviewer: str) -> None:
        """Raises ValueError if the visitor has begun and not finished, under whatever name. reviewer: the one that the
        owner goes by, who may use any."""
        store, count, name = self.studio.store, len(items_of(run)), " ".join(reviewer.split())
        theirs = [name for name, whose in reviewers_of(store, run.id).items() if whose == visitor.id]
        for one in theirs if visitor.id else [canonical_reviewer(store, run.id, name)] if name else []:
            done = len(ratings_of(store, run.id, one))
            if 0 < done < count:
                raise Problem(
                    "review_unfinished",
                    "{reviewer} has rated {done} of {count} images: finish first, so that the results do "
                    "not influence the ratings.",
                    reviewer=one,
                    done=done,
                    count=count,
                )

    def report(self, run: str, visitor: Visitor, language: str) -> Filled:
        """Names, remarks and downloads for whoever may read them."""
        store = self.studio.store
        recorded, found = store.get(run), results_of(store, run)
        named = visitor.may(Action.READ_REVIEWERS, recorded.visitor)
        files = {side: [store.path(part) for part in recorded.files_of(side)] for side in SIDES}
        title = f"{translate(language, 'example')} · {recorded.title}" if recorded.is_example else recorded.title
        page = results_page(title, found, files, named, language)
        exports = {suffix: gr.Button(visible=named and bool(found.ratings)) for suffix in SUFFIXES}
        return self._updates(results=gr.Column(visible=True), report=page, reported=run, **exports)

    def hidden(self) -> Filled:
        return self._updates(results=gr.Column(visible=False), report="", reported="")

    def as_csv(self, run: str, request: gr.Request) -> Filled:
        return self._export(run, "csv", request)

    def as_json(self, run: str, request: gr.Request) -> Filled:
        return self._export(run, "json", request)

    def _export(self, run: str, suffix: str, request: gr.Request) -> Filled:
        """A file in a folder of its own."""
        try:
            found, visitor = reviewed(self.studio, run, visitor_of(request)), visitor_of(request)
            visitor.check(Action.READ_REVIEWERS, found.visitor)
            path = fresh_folder() / f"uce-review-{named_file(found)}.{suffix}"
            return self._updates(download=str(write_review(self.studio.store, run, path)), status="")
        except ValueError as error:
            return self._updates(download=None, status=problem(error_text(error, self._language(request))))
