"""The endpoint /compare, for gradio_client and scripts."""

from dataclasses import asdict
from html import escape
from typing import Any, cast

import gradio as gr
from PIL import Image

from app.fields import DEFAULT_SPEC, MODEL_TURN, Wanted
from app.results import Comparison
from app.studio import Studio
from uce_core import EditSpec, GenerationSpec


class CompareEndpoint:
    """Widgets that no one sees, since a Gradio endpoint takes its inputs from widgets."""

    def __init__(self, studio: Studio, catalog: tuple[str, ...], drawing: GenerationSpec) -> None:
        self.studio = studio
        self.drawing = drawing
        self.catalog = catalog

    def build(self) -> None:
        spec, drawing = DEFAULT_SPEC, self.drawing
        names: dict[str, Any] = {
            "choices": list(self.catalog),
            "multiselect": True,
            "allow_custom_value": True,
            "visible": False,
        }
        inputs = [
            gr.Dropdown(value=list(spec.erase), label="erase", **names),
            gr.Dropdown(value=list(spec.retain), label="retain", **names),
            gr.Textbox(drawing.prompt, label="prompt", visible=False),
            gr.Number(drawing.seed, label="seed", precision=0, visible=False),
            gr.Textbox(spec.guide, label="guide", visible=False),
            gr.Number(drawing.steps, label="steps", precision=0, visible=False),
            gr.Number(drawing.guidance_scale, label="guidance_scale", visible=False),
        ]
        images = [gr.Image(label=name, format="png", visible=False) for name in ("original", "edited")]
        outputs = [*images, gr.JSON(label="scores", visible=False), gr.Textbox(label="run id", visible=False)]
        gr.Button(visible=False).click(self.endpoint, inputs, outputs, api_name="compare", **MODEL_TURN)

    def endpoint(
        self,
        erase: list[str],
        retain: list[str],
        prompt: str,
        seed: int,
        guide: str,
        steps: int,
        guidance_scale: float,
        request: gr.Request,
    ) -> tuple[Image.Image, Image.Image, dict[str, float] | None, str]:
        """Compare once. Returns the original image, the edited image, the scores and the run's id."""
        try:
            spec = EditSpec(erase, guide, retain)  # type: ignore[arg-type]  # lists; checked and made tuples there
            drawing = GenerationSpec(prompt, int(seed), int(steps), float(guidance_scale))
            *_, (last, _) = self.studio.compare(self.studio.begin(request.session_hash or ""), Wanted(spec), [drawing])
        except (ValueError, TypeError) as error:
            raise gr.Error(escape(str(error)), print_exception=False) from None
        comparison = cast(Comparison, last)
        pair = comparison.pairs[0]
        return pair.original, pair.edited, asdict(pair.scores) if pair.scores else None, comparison.run
