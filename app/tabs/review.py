"""The Review tab: people judge by eye, blind and each in an order of their own, what is left of a style.

Nothing that is shown while judging says which image is edited: the images come as in blind.py, and
what a task consists of stays on the server, in the visitor's own state.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

import gradio as gr

from app.browser.events import PRIVATE, QUIET, UNCHANGED, Filled
from app.browser.storage import keep_fields
from app.html.blind import blind_image
from app.html.clock import moment, zone_of
from app.html.pieces import notice, problem, progress_bar
from app.html.review import task_images
from app.server.visitors import visitor_of
from app.studio.examples import LEAKAGE
from app.studio.studio import Studio
from app.studio.visitor import Action, Visitor
from app.tabs.examples import ExamplePanel
from app.tabs.review_results import ReviewResultsPanel, reviewed
from app.tabs.review_widgets import PLACES, asking, rating
from app.tabs.tab import Tab
from app.words import error_text, label, translate
from uce_core.problems import Problem
from uce_core.review.tasks import SCALES, Rating, Task, first_open, named, tasks
from uce_core.runs.ratings import canonical_reviewer, items_of, ratings_of, reviewable_runs, save_ratings
from uce_core.runs.run import AnyRun

KEYS = (Path(__file__).parent.parent / "browser" / "review_keys.js").read_text(encoding="utf-8")
TO_TOP = "() => document.querySelector('#review-panel')?.scrollIntoView({block: 'start'})"
GUESTS = 10**4  # numbers of those who try the example without a name
RATING_FIELDS = tuple(f"{scale}_{place}" for place in PLACES for scale in SCALES)
SHOWN = (
    "session",
    "setup",
    "panel",
    "second",
    "progress",
    "images",
    *RATING_FIELDS,
    "flag",
    "comment",
    "back",
    "status",
)


@dataclass(frozen=True)
class Session:
    """What a reviewer is at. reviewer: the name that counts. number: of the task."""

    run: str
    reviewer: str
    visitor: Visitor
    mode: str
    number: int


class ReviewTab(Tab):
    """Widgets, by name, and handlers; what a reviewer is at is the visitor's own state."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self.results = ReviewResultsPanel(studio)
        self.examples = ExamplePanel(studio, "review", LEAKAGE)

    def build(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        parts["session"] = gr.State(None)
        parts["chosen"] = gr.Textbox("", visible=False)  # id of the set that this window chose last
        with gr.Column() as parts["setup"]:
            gr.Markdown(label("review_about"))
            self.examples.build_offer()
            parts |= asking()
        parts["status"] = gr.HTML(elem_id="review-status")
        self.examples.build_mark()
        with gr.Column(visible=False, elem_id="review-panel") as parts["panel"]:
            parts |= rating()
        self.results.build(parts["run"], parts["reviewer"], parts["see"], parts["status"])
        self._wire(page, tab)

    def _wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        parts = self.parts
        shown = [*(parts[name] for name in SHOWN), *self.results.shown, *self.examples.shown]
        page.load(None, js=KEYS, **PRIVATE)
        keep_fields(page, "review", {name: parts[name] for name in ("reviewer", "mode")}, passed_on=False)
        offered = [parts[name] for name in ("run", "reviewer", "begin", "see", "status")]
        tab.select(self.offered, parts["chosen"], offered, js="() => window.uceWindow.shown('review')", **QUIET)
        parts["run"].change(None, parts["run"], None, js="run => window.uceWindow.show('review', run ?? '')", **QUIET)
        wanted = [parts[name] for name in ("run", "reviewer", "mode")]
        parts["begin"].click(self.begin, wanted, shown, **QUIET).then(None, js=TO_TOP, **PRIVATE)
        answers = {parts[name] for name in ("session", *RATING_FIELDS, "flag", "comment")}
        parts["save"].click(self.save, answers, shown, **QUIET).then(None, js=TO_TOP, **PRIVATE)
        parts["back"].click(self.back, parts["session"], shown, **QUIET).then(None, js=TO_TOP, **PRIVATE)
        parts["pause"].click(self.pause, parts["session"], shown, **QUIET)
        asked, at = [parts[name] for name in ("reviewer", "mode")], [parts["session"], self.results.parts["reported"]]
        self.examples.wire(self.open_example, self.close_example, asked, at, shown)
        rated = [parts[name].input for name in RATING_FIELDS]
        gr.on(rated, None, None, parts["status"], js="() => ''", **QUIET)  # what is missing may be there now

    def offered(self, chosen: str | None, request: gr.Request) -> Filled:
        """The sets as they are now, and who has logged in."""
        language = self._language(request)
        found = reviewable_runs(self.studio.store, visitor_of(request).may(Action.LIST_RUNS))
        choices = [(self._title(run, language, zone_of(request)), run.id) for run in found]
        known = [run.id for run in found]
        return self._updates(
            run=gr.Dropdown(choices=choices, value=chosen if chosen in known else next(iter(known), None)),
            reviewer=gr.Textbox(value=request.username, interactive=False) if request.username else gr.skip(),
            begin=gr.Button(interactive=bool(found)),
            see=gr.Button(interactive=bool(found)),
            status="" if found else notice(translate(language, "review_none")),
        )

    @staticmethod
    def _title(run: AnyRun, language: str, zone: tzinfo) -> str:
        pairs = translate(language, "review_pairs", count=len(run.files_of("original")))
        return f"{'★ ' if run.pinned else ''}{run.title} · {pairs} · {moment(run.latest, zone)}"

    def begin(self, run: str | None, reviewer: str | None, mode: str, request: gr.Request) -> Filled:
        """Where the reviewer left off; once more from the beginning if everything is rated."""
        language = self._language(request)
        try:
            visitor = visitor_of(request)
            found = reviewed(self.studio, run, visitor)
            store = self.studio.store.for_visitor(visitor.id)
            name = visitor.name or canonical_reviewer(store, found.id, named(reviewer or ""))
            session = Session(found.id, name, visitor, mode, 0)
            asked = self._asked(session)
            number = first_open(asked, self._ratings(session))
            if number < len(asked):
                return self._at(replace(session, number=number), language)
            return self._at(session, language) | self._updates(status=notice(translate(language, "review_again")))
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))

    def open_example(self, reviewer: str | None, mode: str, request: gr.Request) -> Filled:
        """Begin with it, under a name of its own if the visitor has none."""
        language = self._language(request)
        try:
            run = self.studio.examples()[self.examples.example]
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        guest = translate(language, "example_reviewer", number=secrets.randbelow(GUESTS))
        return self.begin(run.id, (reviewer or "").strip() or guest, mode, request)

    def close_example(self, session: Session | None, reported: str) -> Filled:
        """The fields, if it is being rated, or its results are what is shown."""
        shown = self._if_kept(session.run if session else reported)
        return self._closed() | self.results.hidden() if shown and shown.is_example else UNCHANGED

    def _asked(self, session: Session) -> list[Task]:
        items = items_of(reviewed(self.studio, session.run, session.visitor))
        return tasks(items, session.run, session.reviewer, session.mode)

    def _ratings(self, session: Session) -> dict[str, Rating]:
        return {one.item: one for one in ratings_of(self.studio.store, session.run, session.reviewer)}

    def _at(self, session: Session, language: str) -> Filled:
        """The session's task with what the reviewer said of it before, or the results after the last one."""
        asked, rated = self._asked(session), self._ratings(session)
        if session.number >= len(asked):
            thanks = notice(translate(language, "review_finished"))
            return self._closed(thanks) | self.results.report(session.run, session.visitor, language)
        task = asked[session.number]
        store = self.studio.store
        run = store.get(session.run)
        images = [blind_image(store.path(run.files_of(item.side)[item.pair])) for item in task]
        done = sum(all(item.key in rated for item in one) for one in asked)
        text = translate(language, "review_progress", number=session.number + 1, total=len(asked), done=done)
        before = rated.get(task[0].key)
        shown = self._updates(
            session=session,
            setup=gr.Column(visible=False),
            panel=gr.Column(visible=True),
            second=gr.Column(visible=len(task) > 1),
            progress=progress_bar(text, done / len(asked)),
            images=task_images(images, session.number + 1, task[0].prompt, language),
            **self._answers(task, rated, language),
            flag=bool(before and before.flag),
            comment=before.comment if before else "",
            back=gr.Button(interactive=session.number > 0),
            status="",
        )
        return shown | self.results.hidden() | self.examples.marked(run)

    def _answers(self, task: Task, rated: dict[str, Rating], language: str) -> dict[str, gr.Radio]:
        """What was said of each image before, under labels that name the artist."""
        answers = {}
        for place, item in zip(PLACES, task, strict=False):
            mark = f"{place.upper()} · " if len(task) > 1 else ""
            before = rated.get(item.key)
            for scale in SCALES:
                key = "review_style_of" if scale == "style" and item.artist else f"review_{scale}"
                answers[f"{scale}_{place}"] = gr.Radio(
                    label=mark + translate(language, key, artist=item.artist),
                    value=getattr(before, scale) if before else None,
                )
        return answers

    def save(self, filled: Filled, request: gr.Request) -> Filled:
        """Keep the answers, and go on to the next task."""
        session: Session | None = filled[self.parts["session"]]
        if session is None:
            return self._closed()
        language = self._language(request)
        try:
            task = self._asked(session)[session.number]
            said = self._said(session, task, filled)
            self.studio.store.pin(session.run)  # before: what people have rated does not age out
            save_ratings(self.studio.store.for_visitor(session.visitor.id), session.run, said)
            return self._at(replace(session, number=session.number + 1), language)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))

    def _said(self, session: Session, task: Task, filled: Filled) -> list[Rating]:
        """One for each image; a pair's two share flag and comment. Raises ValueError if a rating is missing."""
        ratings = [{scale: filled[self.parts[f"{scale}_{place}"]] for scale in SCALES} for place in PLACES[: len(task)]]
        if any(value is None for some in ratings for value in some.values()):
            raise Problem("ratings_incomplete", "A rating is missing: answer every question, then save.")
        flag, comment = (filled[self.parts[name]] for name in ("flag", "comment"))
        return [
            Rating(
                item=item.key, reviewer=session.reviewer, **some, flag=flag, comment=comment or "", mode=session.mode
            )
            for item, some in zip(task, ratings, strict=True)
        ]

    def back(self, session: Session | None, request: gr.Request) -> Filled:
        """To the task before, to change what was said."""
        if session is None:
            return self._closed()
        language = self._language(request)
        try:
            return self._at(replace(session, number=max(0, session.number - 1)), language)
        except ValueError as error:
            return self._closed(status=problem(error_text(error, language)))

    def pause(self, session: Session | None, request: gr.Request) -> Filled:
        return self._closed(status=notice(translate(self._language(request), "review_paused")))

    def _closed(self, status: str = "") -> Filled:
        return self._updates(
            session=None,
            setup=gr.Column(visible=True),
            panel=gr.Column(visible=False),
            images="",
            status=status,
        ) | self.examples.marked(None)
