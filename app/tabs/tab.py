"""What the tabs share: widgets by name, the visitor's language, and long work whose every end is said."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from app.browser.events import Filled
from app.browser.navigation import LINKED
from app.html.pieces import notice, problem
from app.server.address import address
from app.server.images import address_of
from app.server.visitors import visitor_of
from app.studio.downloads import report_to_download
from app.studio.edit_library import Library
from app.studio.failures import sentence_for
from app.studio.progress import Stop
from app.studio.studio import Studio
from app.tabs.compare_fields import clamped
from app.words import error_text, language_of, translate
from uce_core.evaluation.edit_report import EditReport
from uce_core.generation.progress import Cancelled
from uce_core.problems import Problem
from uce_core.review.tasks import SIDES
from uce_core.runs.reports import page_of, report_of
from uce_core.runs.run import AnyRun, EvaluationRun


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """A run with what a page needs to show it. addresses: of its images. beside: other runs of the same
    generations. report, page: of an evaluation."""

    run: AnyRun
    addresses: Sequence[tuple[str, str]]
    beside: Sequence["ShownRun"] = ()
    report: EditReport | None = None
    page: Path | None = None


class Tab:
    """parts: widgets by name; no state of any visitor."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.parts: dict[str, Any] = {}

    def _updates(self, **values: Any) -> Filled:
        return {self.parts[name]: value for name, value in values.items()}

    def _language(self, request: gr.Request) -> str:
        return language_of(request, self.studio.settings.language)

    def _library(self, request: gr.Request) -> Library:
        """The visitor's saved edits, and the operator's."""
        return self.studio.library(visitor_of(request).id)

    def _undo_of(self, name: str | None, language: str) -> Filled:
        """The button that undoes a deletion. name: of what it brings back; None if there is nothing."""
        if name is None:
            return self._updates(undo=gr.Button(visible=False))
        return self._updates(undo=gr.Button(translate(language, "undo_of", name=name), visible=True))

    def _if_kept(self, run: str) -> AnyRun | None:
        """A recorded run; None if there is none of that id, or no longer."""
        try:
            return self.studio.store.get(run)
        except ValueError:
            return None

    def _addresses(self, run: AnyRun) -> list[tuple[str, str]]:
        """Of original and edited of each pair of a recorded run."""
        root_path = self.studio.settings.root_path
        sides = ([address_of(file, root_path) for file in run.files_of(side)] for side in SIDES)
        return list(zip(*sides, strict=True))

    def _thumbnail(self, run: AnyRun) -> str:
        """Its address; an image of nothing if it is gone."""
        files = run.files_of("thumbnail")
        return address_of(files[0], self.studio.settings.root_path) if files else "data:,"

    def _of_run(self, run: AnyRun) -> ShownRun:
        """A recorded run."""
        store, addresses = self.studio.store, self._addresses(run)
        if not isinstance(run, EvaluationRun):
            return ShownRun(run=run, addresses=addresses)
        return ShownRun(run=run, addresses=addresses, report=report_of(store, run), page=page_of(store, run))

    def _values(self, filled: Filled) -> dict[str, Any]:
        """The widgets' values by name."""
        return {name: filled[part] for name, part in self.parts.items() if part in filled}

    def _fitted(self, fields: Mapping[str, Any], language: str) -> tuple[dict[str, Any], list[str]]:
        """Fields from elsewhere within what may be asked here, and what to say of each that had more."""
        found = clamped(fields, self.studio.settings.limits.steps)
        changed = [(name, value, found[name]) for name, value in fields.items() if found[name] != value]
        return found, [
            translate(language, "limited", name=translate(language, name), asked=asked, here=here)
            for name, asked, here in changed
        ]

    def _save_of_run(self, run: str, name: str, request: gr.Request) -> str:
        """Save a recorded run's edit; returns what to say of it."""
        language = self._language(request)
        try:
            path = self.studio.save_of_run(run, name, visitor_of(request).id)
        except ValueError as error:
            return problem(error_text(error, language))
        return notice(translate(language, "saved_as", name=path.stem))

    def _address(self, request: gr.Request, *runs: AnyRun) -> str:
        """The link of runs beside each other; "" if none could be recorded."""
        ids = LINKED.join(run.id for run in runs if run.id)
        return f"{address(request, self.studio.settings.root_path)}/?run={ids}" if ids else ""

    @property
    def _action(self) -> str:
        """What is done here: compare, replay …"""
        return type(self).__name__.removesuffix("Tab").removesuffix("Panel").lower()

    def _stop(self, request: gr.Request) -> Stop:
        """What stops what the visitor is about to begin here."""
        return self.studio.turns.begin(visitor_of(request).id, request.session_hash or "", self._action)

    def cancel(self, request: gr.Request) -> None:
        """Stop what the visitor is generating here."""
        self.studio.turns.cancel(request.session_hash or "", self._action)


def report_button(shown: ShownRun) -> gr.DownloadButton:
    """For the page of an evaluation, where there is one."""
    if not shown.page or not isinstance(shown.run, EvaluationRun):
        return gr.DownloadButton(value=None, visible=False)
    return gr.DownloadButton(value=str(report_to_download(shown.run, shown.page)), visible=True)


def with_errors_shown(events: Iterator[Filled], idle: Callable[[str], Filled], language: str) -> Iterator[Filled]:
    """The events; whatever ends them early is said, and idle brings the buttons back."""
    try:
        yield from events
    except Cancelled:
        yield idle(notice(translate(language, "cancelled")))
    except Problem as error:
        yield idle(problem(error_text(error, language)))
    except Exception as error:
        yield idle(problem(sentence_for(error, language)))
