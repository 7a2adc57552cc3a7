"""Tabs that generate: one visitor at a time has the model; the others see that they wait, and may leave the queue.

What comes of it is a run. A tab shows a run in one way, whether it has just been generated or is read back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr
from PIL import Image

from app.browser.events import MODEL_TURN, QUIET, UNCHANGED, Filled
from app.html.pieces import notice, problem, progress_bar
from app.studio.progress import Event, Waiting
from app.studio.results import Result
from app.tabs.examples import ExamplePanel
from app.tabs.tab import ShownRun, Tab, with_errors_shown
from app.words import WORDS, by_language, error_text, label, translate
from uce_core.concepts.names import weighting_in
from uce_core.images import data_url
from uce_core.runs.png_metadata import png_of
from uce_core.runs.run import AnyRun

BUTTONS = ("run", "cancel", "leave")
UNITS, LONGEST = (("seconds", 1), ("minutes", 60), ("hours", 3600)), 100  # of a unit that are said in it


def _said(html: Callable[[str], str], key: str) -> str:
    """JavaScript for a text. html: how it looks."""
    return by_language({code: html(translate(code, key)) for code in WORDS})


def _turn(button: str, status: str) -> str:
    """JavaScript for a status, and which of BUTTONS can be pressed, without asking the server."""
    update = "{{__type__: 'update', {0}: {1}}}".format
    looks = [("interactive" if name == "run" else "visible", str(name == button).lower()) for name in BUTTONS]
    return f"[{status}, {', '.join(update(*look) for look in looks)}]"


WAITING = _said(lambda text: progress_bar(text, 0), "waiting")  # also while another visitor's images are generated
NOT_GENERATED = _said(problem, "not_generated")
STOPPED = _said(problem, "stopped")
WAIT = f"() => {{window.uceLeft = false; return {_turn('leave', WAITING)}}}"
NOT_TWICE = "{__type__: 'update', interactive: false}"
AS_IT_IS = "{__type__: 'update'}"
LEAVE = "() => {window.uceLeft = true}"
ENDED = (  # by the visitor who left the queue; or it is full, or the app was away
    f"() => window.uceLeft ? {_turn('run', _said(notice, 'cancelled'))} : {_turn('run', NOT_GENERATED)}"
)


def progress_html(event: Event, key: str, language: str, title: str = "", **slots: object) -> str:
    """How far it is, in the words of a key, and how long it will take, in those of a key that ends with _left; or how
    long it will be until it begins. title: what it is, where that has to be said."""
    titles = [title] if title else []
    if isinstance(event, Waiting):
        texts = [*titles, translate(language, "ahead", ahead=event.ahead)]
        if event.seconds:
            texts.append(translate(language, "generating_left", left=duration(event.seconds, language)))
        return progress_bar(" · ".join(texts), 0)
    texts = [*titles, translate(language, key, done=event.done, total=event.total, **slots)]
    if event.seconds_left is not None:
        texts.append(translate(language, f"{key}_left", left=duration(event.seconds_left, language)))
    return progress_bar(" · ".join(texts), event.done / event.total)


def duration(seconds: float, language: str) -> str:
    """About how long, in the unit in which it is easily read."""
    unit, size = next(((unit, size) for unit, size in UNITS if seconds < LONGEST * size), UNITS[-1])
    return translate(language, f"duration_{unit}", count=max(1, round(seconds / size)))


class GenerationTab(Tab):
    """With the parts status and run, and those of _build_turns. examples: of a tab that shows runs."""

    examples: ExamplePanel

    @property
    def _goes_on(self) -> bool:
        """Whether what is generated here outlives its window."""
        return False

    def _build_turns(self, name: str, cancel: str = "cancel", cancelling: str = "cancelling") -> None:
        """Two buttons in one place: cancel while it generates, leave while it waits. name: for their element ids.
        cancelling: said when cancel was pressed, until it has ended."""
        self._cancelling = cancelling
        looks: dict[str, Any] = {"variant": "stop", "visible": False, "elem_classes": "uce-stop"}
        self.parts["cancel"] = gr.Button(label(cancel), elem_id=f"{name}cancel", **looks)
        self.parts["leave"] = gr.Button(label("cancel"), elem_id=f"{name}leave", **looks)

    def _build_model(self, name: str) -> None:
        """Among the offered models, where there is a choice. name: the widget's element id."""
        offered = list(self.studio.settings.offered)
        self.parts["model"] = gr.Dropdown(
            offered, value=offered[0], label=label("model"), info=label("model_info"), visible=len(offered) > 1,
            elem_id=name,
        )  # fmt: skip

    def _wire_turns(self, page: gr.Blocks, run: dict[str, Any], *presses: Callable[..., Any]) -> list[Any]:
        """run: fn, inputs and outputs of the generation. presses: event listeners that ask for it. Returns what
        follows on each."""
        waiting = [self.parts[name] for name in ("status", *BUTTONS)]
        asked = [press(None, None, waiting, js=WAIT, **QUIET).then(**run, **MODEL_TURN, **QUIET) for press in presses]
        for one in asked:
            one.failure(None, None, waiting, js=ENDED, **QUIET)
        heard = [self.parts[name] for name in ("status", "cancel")]
        said = _said(lambda text: progress_bar(text, 1), self._cancelling)
        self.parts["cancel"].click(None, None, heard, js=f"() => [{said}, {NOT_TWICE}]", **QUIET)
        self.parts["cancel"].click(self.cancel, None, None, queue=False, **QUIET)
        self.parts["leave"].click(self.cancel, None, None, queue=False, cancels=asked, js=LEAVE, **QUIET)
        if not self._goes_on:
            self._wire_stopped(page)
        return asked

    def _wire_stopped(self, page: gr.Blocks) -> None:
        """After a reload it is said that it ended what was under way."""
        status = self.parts["status"]
        stopped = f"() => window.uceWindow.stopped('{status.elem_id}') ? {STOPPED} : {AS_IT_IS}"
        page.load(None, None, status, js=stopped, **QUIET)

    def _in_turn(self, events: Iterator[Filled], request: gr.Request) -> Iterator[Filled]:
        """Events of a generation; whatever goes wrong is said, and the buttons come back."""
        yield from with_errors_shown(events, self._idle, self._language(request))

    def _turned(self, button: str, status: str) -> Filled:
        """What is said, and which of the buttons can be pressed."""
        return self._updates(
            status=status,
            run=gr.Button(interactive=button == "run"),
            cancel=gr.Button(visible=button == "cancel", interactive=True),
            leave=gr.Button(visible=button == "leave"),
        )

    def _begun(self, model: str, language: str) -> Filled:
        """model: as offered; it may have to be loaded."""
        key = "preparing" if self.studio.models.at_hand(model) else "loading_model"
        return self._busy(progress_bar(translate(language, key), 0))

    def _busy(self, status: str) -> Filled:
        return self._turned("cancel", status)

    def _status(self, status: str) -> Filled:
        """More of it, while the buttons stay as they are."""
        return self._updates(status=status)

    def _idle(self, status: str) -> Filled:
        return self._turned("run", status)

    def _finished(self, result: Result, request: gr.Request) -> Filled:
        """What has just been generated, and what is to be said of it."""
        language = self._language(request)
        texts = [translate(language, "done", seconds=f"{result.seconds:.1f}"), *self._remarks(result, language)]
        if result.not_kept:
            texts.append(translate(language, "not_recorded", reason=error_text(result.not_kept, language)))
        return self._idle(notice(*texts)) | self._shown(self._of_result(result), request)

    def again(self, run: str, request: gr.Request) -> Filled:
        """What this window showed before it was loaded again."""
        recorded = self._recorded(run)
        return self._shown(recorded, request) if recorded else UNCHANGED

    def _recorded(self, run: str) -> ShownRun | None:
        """What an id stands for that _show has put into the page."""
        recorded = self._if_kept(run)
        return self._of_run(recorded) if recorded else None

    def open_example(self, request: gr.Request) -> Filled:
        """As if it had been generated here."""
        try:
            found = self.studio.examples()[self.examples.example]
        except ValueError as error:
            return self._status(problem(error_text(error, self._language(request))))
        return self._shown(self._of_run(found), request) | self._status("")

    def close_example(self, run: str) -> Filled:
        """Nothing, if it is what is shown. run: its id."""
        recorded = self._if_kept(run)
        return self._nothing() | self.examples.of(None) if recorded and recorded.is_example else UNCHANGED

    def _shown(self, shown: ShownRun, request: gr.Request) -> Filled:
        return self._show(shown, request) | self.examples.of(shown.run)

    def _remarks(self, result: Result, language: str) -> list[str]:
        """What else is to be said of a result."""
        syntax = weighting_in(" ".join(result.run.prompts))
        return [translate(language, "prompt_syntax", parts=", ".join(syntax))] if syntax else []

    def _show(self, shown: ShownRun, request: gr.Request) -> Filled:
        """The run in the tab's widgets."""
        raise NotImplementedError

    def _nothing(self) -> Filled:
        """The tab's widgets without a run."""
        raise NotImplementedError

    def _of_result(self, result: Result) -> ShownRun:
        if result.run.id:
            found = self._of_run(result.run)
        else:
            addresses = _data_urls(result.images)
            found = ShownRun(run=result.run, addresses=addresses, report=result.report, page=result.page)
        beside = [
            self._of_run(one.run) if one.run.id else ShownRun(run=one.run, addresses=_data_urls(one.images))
            for one in result.beside
        ]
        return replace(found, beside=beside)

    def _link_to(self, request: gr.Request, *runs: AnyRun) -> gr.Textbox:
        """Hidden if they could not be recorded."""
        link = self._address(request, *runs)
        return gr.Textbox(value=link, visible=bool(link))


def _data_urls(pairs: Sequence[tuple[Image.Image, Image.Image]]) -> list[tuple[str, str]]:
    return [(_data_url(original), _data_url(edited)) for original, edited in pairs]


def _data_url(image: Image.Image) -> str:
    return data_url("png", png_of(image, {}))
