"""GenerationSpec to images. One CPU generator per image: an image depends on its own seed alone.

Knows nothing about edits but that they can be applied around it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from uce_core.models import Model
from uce_core.problems import Problem

MAX_STEPS = 250
MAX_BATCH = 4

OnStep = Callable[[int, int], None]  # (steps done, steps in all); raise from it to stop at once


class Cancelled(Exception):
    """Raised from an OnStep callback by who wants the drawing to stop."""


@dataclass(frozen=True)
class GenerationSpec:
    """What to draw. Raises ValueError with one sentence for an empty prompt or numbers out of range."""

    prompt: str
    seed: int = 0
    steps: int = 20
    guidance_scale: float = 4.0

    def __post_init__(self) -> None:
        if not self.prompt.strip():
            raise Problem("The prompt is empty: write what to draw.")
        if not isinstance(self.steps, int) or not 1 <= self.steps <= MAX_STEPS:
            raise Problem("steps is {steps}: use a whole number from 1 to {most}.", steps=self.steps, most=MAX_STEPS)
        if not math.isfinite(self.guidance_scale) or not 0 <= self.guidance_scale <= 50:
            raise Problem("The guidance scale is {value}: use a number from 0 to 50.", value=self.guidance_scale)
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise Problem("The seed is {seed}: use a whole number from 0 to 9223372036854775807.", seed=self.seed)


def draw(model: Model, specs: Sequence[GenerationSpec], on_step: OnStep | None = None) -> list[Image.Image]:
    """One image for each spec, in batches of at most MAX_BATCH; whatever raises leaves the model usable.

    Raises ValueError if a prompt is longer than the text encoder takes.
    """
    for spec in specs:
        model.text.check_length(spec.prompt)
    batches = _batches(specs)
    total = sum(batch[0].steps for batch in batches)
    images: list[Image.Image] = []
    done = 0
    for batch in batches:
        images += _draw_batch(model, batch, _reporter(on_step, done, batch[0].steps, total))
        done += batch[0].steps
    return images


def _batches(specs: Sequence[GenerationSpec]) -> list[list[GenerationSpec]]:
    """Neighbours with the same steps and guidance scale, together."""
    batches: list[list[GenerationSpec]] = []
    for spec in specs:
        if (
            batches
            and len(batches[-1]) < MAX_BATCH
            and (spec.steps, spec.guidance_scale) == (batches[-1][0].steps, batches[-1][0].guidance_scale)
        ):
            batches[-1].append(spec)
        else:
            batches.append([spec])
    return batches


def _reporter(on_step: OnStep | None, done: int, steps: int, total: int) -> Callable[..., dict]:
    """A pipeline callback; a scheduler that takes more timesteps than asked (PNDM) still counts to steps."""

    def after_step(pipeline: Any, step: int, timestep: object, tensors: dict) -> dict:
        if on_step:
            on_step(done + round((step + 1) / pipeline.num_timesteps * steps), total)
        return tensors

    return after_step


def _draw_batch(model: Model, batch: list[GenerationSpec], after_step: Callable[..., dict]) -> list[Image.Image]:
    generators = [torch.Generator("cpu").manual_seed(spec.seed) for spec in batch]
    with model.lock, torch.inference_mode():
        return model.pipeline(
            [spec.prompt for spec in batch],
            num_inference_steps=batch[0].steps,
            guidance_scale=batch[0].guidance_scale,
            generator=generators,
            callback_on_step_end=after_step,
        ).images
