"""The endpoints /compare, /erase and /impact, for gradio_client and scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, cast

import gradio as gr
from PIL import Image

from app.browser.events import MODEL_TURN
from app.gradio_workarounds import LOSSLESS, plain_error
from app.server.visitors import visitor_of
from app.studio.downloads import fresh_folder
from app.studio.request import DEFAULT_SPEC, EditRequest, asked_of
from app.studio.results import Result
from app.studio.studio import Studio
from uce_core.checks import as_number, as_whole, strip_texts
from uce_core.concepts.names import in_english, understood
from uce_core.generation.progress import Cancelled
from uce_core.generation.spec import SIZE, GenerationSpec
from uce_core.problems import Problem
from uce_core.review.tasks import SIDES
from uce_core.runs.run import AnyRun, ComparisonRun


class Endpoints:
    """Widgets that no one sees, since a Gradio endpoint takes its inputs from widgets. All work with the first of the
    offered models."""

    def __init__(self, studio: Studio, catalog: tuple[str, ...], first: GenerationSpec) -> None:
        self.studio = studio
        self.first = first
        self.catalog = catalog

    def build(self) -> None:
        first = self.first
        erase, retain = (self._list_of_names(name) for name in ("erase", "retain"))
        guide = gr.Textbox(DEFAULT_SPEC.guide, label="guide", visible=False)
        method = gr.Textbox(DEFAULT_SPEC.kind, label="method", visible=False)
        generation = [
            gr.Textbox(first.prompt, label="prompt", visible=False),
            gr.Number(first.seed, label="seed", precision=0, visible=False),
            guide,
            gr.Number(first.steps, label="steps", precision=0, visible=False),
            gr.Number(first.guidance_scale, label="guidance_scale", visible=False),
            gr.Textbox("", label="negative_prompt", visible=False),
            *(gr.Number(None, label=name, precision=0, visible=False) for name in SIZE),
            gr.Textbox("", label="sampler", visible=False),
        ]
        images = [gr.Image(label=name, **LOSSLESS, visible=False) for name in ("original", "edited")]
        scores, run = gr.JSON(label="scores", visible=False), gr.Textbox(label="run id", visible=False)
        file, rows = gr.File(label="edit file", visible=False), gr.JSON(label="drifts", visible=False)
        for name, handler, inputs, outputs in (
            ("compare", self.compare, [erase, retain, *generation, method], [*images, scores, run]),
            ("erase", self.erase, [erase, retain, guide, method], file),
            ("impact", self.impact, [erase, retain, guide, method], rows),
        ):
            gr.Button(visible=False).click(handler, inputs, outputs, api_name=name, **MODEL_TURN)

    def _list_of_names(self, name: str) -> gr.Dropdown:
        """Of artists, by default those that the page's field begins with."""
        many: dict[str, Any] = {"multiselect": True, "allow_custom_value": True, "visible": False}
        return gr.Dropdown(list(self.catalog), value=list(getattr(DEFAULT_SPEC, name)), label=name, **many)

    def compare(
        self,
        erase: list[str],
        retain: list[str],
        prompt: str,
        seed: int,
        guide: str,
        steps: int,
        guidance_scale: float,
        request: gr.Request,
        negative_prompt: str = "",
        width: int | None = None,
        height: int | None = None,
        sampler: str = "",
        method: str = DEFAULT_SPEC.kind,
    ) -> tuple[Image.Image, Image.Image, dict[str, float] | None, str]:
        """Compare once. Returns the original image, the edited image, the scores and the run's id."""
        with _one_sentence():
            wanted = self._edit_request(erase, retain, guide, method)
            spec = GenerationSpec(
                prompt,
                as_whole("seed", seed),
                as_whole("steps", steps),
                as_number("guidance_scale", guidance_scale),
                negative_prompt=negative_prompt,
                width=width,
                height=height,
                sampler=sampler,
            )
            stop = self.studio.turns.begin(visitor_of(request).id, request.session_hash or "", "/compare")
            *_, (last, *_) = self.studio.compare(stop, [wanted], [spec])
        result = cast(Result, last)
        return *self._images(result), _scores(result.run), result.run.id

    def _images(self, result: Result) -> tuple[Image.Image, Image.Image]:
        """Original and edited."""
        if result.images:
            return result.images[0]
        original, edited = (Image.open(self.studio.store.path(result.run.files_of(side)[0])) for side in SIDES)
        return original, edited

    def erase(self, erase: list[str], retain: list[str], guide: str, method: str = DEFAULT_SPEC.kind) -> str:
        """Solve an edit. Returns the path of its file."""
        path = fresh_folder() / "edit.safetensors"
        with _one_sentence():
            self.studio.edit(self._edit_request(erase, retain, guide, method)).save(path)
        return str(path)

    def impact(
        self, erase: list[str], retain: list[str], guide: str, method: str = DEFAULT_SPEC.kind
    ) -> list[dict[str, Any]]:
        """Impact of an edit on concepts, the most affected first. Returns rows with concept and drift."""
        with _one_sentence():
            return [asdict(one) for one in self.studio.impact(self._edit_request(erase, retain, guide, method))]

    def _edit_request(self, erase: list[str], retain: list[str], guide: str, method: str) -> EditRequest:
        """Names as a page's fields take them; a guide that is not the default one."""
        guides = tuple(map(in_english, strip_texts("guide", [guide])))
        own = {"guide": guides} if guides != (DEFAULT_SPEC.guide,) else {}
        return EditRequest(asked_of(method, self._names("erase", erase), self._names("retain", retain), **own))

    def _names(self, field: str, texts: list[str]) -> tuple[str, ...]:
        return understood(strip_texts(field, texts), self.catalog).names


def _scores(run: AnyRun) -> dict[str, float] | None:
    """Of the first pair, if there are scores."""
    first = run.scores[0] if isinstance(run, ComparisonRun) else None
    return asdict(first) if first else None


@contextmanager
def _one_sentence() -> Iterator[None]:
    """What a script's author can fix is told in one sentence."""
    try:
        yield
    except Problem as error:
        raise plain_error(str(error)) from None
    except Cancelled:
        raise plain_error("The request was stopped.") from None
