"""GenerationSpec to images. One CPU generator per image: an image depends on its own seed alone.

Knows nothing about edits but that they can be applied around it, or to the text it reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from uce_core.concepts.text_spaces import POOLED, TOKENS
from uce_core.edits.edit import Edit
from uce_core.generation.batching import current_piece, side_by_side
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.models.fits import check_generates
from uce_core.models.model import Model
from uce_core.models.onednn import packed
from uce_core.runtime import is_out_of_memory, out_of_memory, release
from uce_core.stages import GENERATING, count_images, stage

MAX_BATCH = 16
BATCH_AREA = 4 * 64 * 64  # latent pixels: four images of 512×512
IN_TURNS = 2  # images of a piece of work that takes turns with others': an original and its edited one


@dataclass(frozen=True)
class StepState:
    """A batch on its way. first: the number of its first image among all. latents: (n, c, h, w). alpha_bar: ᾱ, how
    much of their variance is no noise, 0 to 1; None for a scheduler that counts otherwise."""

    first: int
    latents: Tensor
    alpha_bar: float | None


OnLatents = Callable[[StepState], None]  # after each step


class Job(NamedTuple):
    """One image on its way, nothing about it left open. edit: applied to its text, if there is one."""

    spec: GenerationSpec
    edit: Edit | None
    steps: int
    guidance_scale: float


def generate(
    model: Model,
    specs: Sequence[GenerationSpec],
    on_step: OnStep | None = None,
    edits: Sequence[Edit | None] | None = None,
    on_latents: OnLatents | None = None,
) -> list[Image.Image]:
    """One image for each spec, in batches of about the same area; whatever raises leaves the model usable.

    edits: for each spec one that is applied to its text instead of to the weights, or None; W'c = W(Mc),
    so that original and edited images can be generated in one batch. on_latents: told after each step of
    each batch. A batch that does not fit into memory is halved and generated again. Raises ValueError if a prompt is
    longer than the text encoder takes, a single image does not fit, or the model takes an image besides the prompt.
    """
    check_generates(model)
    for spec in specs:
        model.text.check_length(spec.prompt)
    jobs = [_job(model, *pair) for pair in zip(specs, edits or [None] * len(specs), strict=True)]
    piece = None if model.rewritten else current_piece()
    batches = _batches(jobs, IN_TURNS if piece else batch_size(model))
    steps = Steps(sum(batch[0].steps for batch in batches), on_step)
    works = [
        partial(_images_of, model, batch, steps, on_latents, first)
        for batch, first in zip(batches, accumulate(map(len, batches), initial=0), strict=False)
    ]
    with stage(GENERATING):
        found = piece.batcher.gather(model, works) if piece else [work() for work in works]
    count_images(len(specs))
    return [image for images in found for image in images]


@dataclass
class Steps:
    """How far several batches are together."""

    total: int
    tell: OnStep | None
    done: int = 0

    def more(self, steps: int) -> None:
        self.done += steps
        if self.tell:
            self.tell(self.done, self.total)


def _job(model: Model, spec: GenerationSpec, edit: Edit | None) -> Job:
    asked = spec.resolved(model.family)
    assert asked.steps is not None and asked.guidance_scale is not None  # noqa: PT018 (both are what resolved is for)
    return Job(asked, edit, asked.steps, asked.guidance_scale)


def batch_size(model: Model) -> int:
    """How many images are generated at once."""
    return images_at_once(model.latent_side)


def images_at_once(side: int) -> int:
    """Small ones many, large ones few. side: of their latents."""
    return min(max(1, BATCH_AREA // side**2), MAX_BATCH)


def _batches(jobs: list[Job], size: int) -> list[list[Job]]:
    """Neighbours with the same steps and guidance scale, together."""
    batches: list[list[Job]] = []
    for job in jobs:
        if batches and len(batches[-1]) < size and _settings(job) == _settings(batches[-1][0]):
            batches[-1].append(job)
        else:
            batches.append([job])
    return batches


def _settings(job: Job) -> tuple[int, float]:
    return job.steps, job.guidance_scale


def _alpha_bar(scheduler: Any, step: int) -> float | None:
    """ᾱ before a step, 1 after the last; None where latents are not scaled to variance 1."""
    if not hasattr(scheduler, "alphas_cumprod") or scheduler.init_noise_sigma != 1:
        return None
    if hasattr(scheduler, "sigmas"):  # DPM-Solver's σ/a, which with Karras's spacing lie between timesteps
        return float(1 / (1 + scheduler.sigmas[step] ** 2))
    return float(scheduler.alphas_cumprod[int(scheduler.timesteps[step])]) if step < len(scheduler.timesteps) else 1.0


def _images_of(
    model: Model, batch: list[Job], steps: Steps, on_latents: OnLatents | None, first: int
) -> list[Image.Image]:
    """first: the number of the batch's first image among all."""
    report = Reporter(steps, batch[0].steps, on_latents, first)
    try:
        return _denoised(model, batch, report)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        release(error)
        if len(batch) == 1:
            raise out_of_memory(model.device.type) from None
    steps.more(-report.done)
    steps.total += batch[0].steps
    middle = len(batch) // 2
    halves = (batch[:middle], first), (batch[middle:], first + middle)
    return [image for half, number in halves for image in _images_of(model, half, steps, on_latents, number)]


@dataclass
class Reporter:
    """A pipeline callback of one batch; a scheduler that takes more timesteps than asked (PNDM) still counts to
    count. done: of them."""

    steps: Steps
    count: int
    on_latents: OnLatents | None
    first: int
    done: int = 0

    def __call__(self, pipeline: Any, step: int, timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
        if self.on_latents:
            alpha_bar = _alpha_bar(pipeline.scheduler, step + 1)
            self.on_latents(StepState(self.first, tensors["latents"], alpha_bar))
        before, self.done = self.done, round((step + 1) / pipeline.num_timesteps * self.count)
        self.steps.more(self.done - before)
        return tensors


def _denoised(model: Model, batch: list[Job], after_step: Reporter) -> list[Image.Image]:
    """By the pipeline's own call; within a piece of work its steps are made together with others'."""
    steps, guidance_scale = _settings(batch[0])
    joint = current_piece() is not None and not model.rewritten
    parts = (model.unet, model.pipeline.vae) if model.device.type == "cpu" and not joint else ()
    pipeline = side_by_side(model.pipeline, 2 * batch_size(model)) if joint else model.pipeline
    with model.lock, torch.no_grad(), packed(*parts):
        images: list[Image.Image] = pipeline(
            **_text_of(model, batch),
            num_inference_steps=steps,
            guidance_scale=guidance_scale,
            generator=[torch.Generator("cpu").manual_seed(job.spec.seed) for job in batch],
            callback_on_step_end=after_step,
        ).images
    return images


def _text_of(model: Model, batch: list[Job]) -> dict[str, Any]:
    """The prompts, or if one is to be edited the embeddings of all, conditional and unconditional."""
    prompts = [job.spec.prompt for job in batch]
    if not any(job.edit for job in batch):
        return {"prompt": prompts}
    states = dict(_encoded(model, tuple(prompts)))
    for name, vectors in states.items():
        space = POOLED if "pooled" in name else TOKENS
        rows = [job.edit.on_text(row, space) if job.edit else row for row, job in zip(vectors, batch, strict=True)]
        states[name] = torch.stack(rows)
    return states


def _encoded(model: Model, prompts: tuple[str, ...]) -> dict[str, Tensor]:
    """Embeddings by name; remembered ones are not encoded again."""
    if prompts not in model.prompts:
        reads = model.source.architecture
        more: dict[str, Any] = {"do_classifier_free_guidance": True} if reads.guided else {}
        encoded = model.pipeline.encode_prompt(
            list(prompts), *(None,) * (reads.prompts - 1), device=model.device, num_images_per_prompt=1, **more
        )
        model.prompts[prompts] = dict(zip(reads.embeddings, encoded, strict=False))  # of some models not all are there
    return model.prompts[prompts]
