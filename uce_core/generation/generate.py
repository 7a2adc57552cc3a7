"""GenerationSpec to images. One CPU generator per image: an image depends on its own seed alone.

Knows nothing about edits but that they can be applied around it, or to the text it reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from uce_core.edits.edit import Edit
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.models.model import Model
from uce_core.models.onednn import packed
from uce_core.problems import Problem

MAX_BATCH = 16
BATCH_AREA = 4 * 64 * 64  # latent pixels: four images of 512×512
EMBEDDINGS = (
    "prompt_embeds",
    "negative_prompt_embeds",
    "pooled_prompt_embeds",
    "negative_pooled_prompt_embeds",
)  # as encode_prompt returns and a pipeline takes them


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
    each batch. A batch that does not fit into a GPU's
    memory is halved and generated again. Raises ValueError if a prompt is longer than the text encoder
    takes, or a single image does not fit.
    """
    for spec in specs:
        model.text.check_length(spec.prompt)
    jobs = [_job(model, *pair) for pair in zip(specs, edits or [None] * len(specs), strict=True)]
    waiting = _batches(jobs, batch_size(model))
    total = sum(batch[0].steps for batch in waiting)
    images: list[Image.Image] = []
    done = 0
    while waiting:
        batch = waiting.pop(0)
        steps = batch[0].steps
        try:
            report = _reporter(on_step, done, steps, total, on_latents, len(images))
            images += _generate_batch(model, batch, report)
            done += steps
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise Problem(
                    "out_of_memory",
                    "The image does not fit into the memory of {device}: use --offload, half precision "
                    "(--dtype fp16), a smaller model or --device cpu.",
                    device=model.device.type,
                ) from None
            torch.cuda.empty_cache()
            halves = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
            waiting, total = halves + waiting, total + steps
    return images


def _job(model: Model, spec: GenerationSpec, edit: Edit | None) -> Job:
    asked = spec.resolved(model.family)
    assert asked.steps is not None and asked.guidance_scale is not None  # noqa: PT018 (both are what resolved is for)
    return Job(asked, edit, asked.steps, asked.guidance_scale)


def batch_size(model: Model) -> int:
    """How many images are generated at once: small ones many, large ones few."""
    return min(max(1, BATCH_AREA // int(model.unet.config.sample_size) ** 2), MAX_BATCH)


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


def _reporter(
    on_step: OnStep | None, done: int, steps: int, total: int, on_latents: OnLatents | None, first: int
) -> Callable[..., dict[str, Any]]:
    """A pipeline callback; a scheduler that takes more timesteps than asked (PNDM) still counts to steps."""

    def after_step(pipeline: Any, step: int, timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
        if on_latents:
            on_latents(StepState(first, tensors["latents"], _alpha_bar(pipeline.scheduler, step + 1)))
        if on_step:
            on_step(done + round((step + 1) / pipeline.num_timesteps * steps), total)
        return tensors

    return after_step


def _alpha_bar(scheduler: Any, step: int) -> float | None:
    """ᾱ before a step, 1 after the last; None where latents are not scaled to variance 1."""
    if not hasattr(scheduler, "alphas_cumprod") or scheduler.init_noise_sigma != 1:
        return None
    if hasattr(scheduler, "sigmas"):  # DPM-Solver's σ/a, which with Karras's spacing lie between timesteps
        return float(1 / (1 + scheduler.sigmas[step] ** 2))
    return float(scheduler.alphas_cumprod[int(scheduler.timesteps[step])]) if step < len(scheduler.timesteps) else 1.0


def _generate_batch(model: Model, batch: list[Job], after_step: Callable[..., dict[str, Any]]) -> list[Image.Image]:
    steps, guidance_scale = _settings(batch[0])
    parts = (model.unet, model.pipeline.vae) if model.device.type == "cpu" else ()
    with model.lock, torch.inference_mode(), packed(*parts):
        images: list[Image.Image] = model.pipeline(
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
    for name in EMBEDDINGS[:2]:
        rows = [job.edit.on_text(row) if job.edit else row for row, job in zip(states[name], batch, strict=True)]
        states[name] = torch.stack(rows)
    return states


def _encoded(model: Model, prompts: tuple[str, ...]) -> dict[str, Tensor]:
    """Embeddings by name; remembered ones are not encoded again."""
    if prompts not in model.prompts:
        encoded = model.pipeline.encode_prompt(
            list(prompts), device=model.device, num_images_per_prompt=1, do_classifier_free_guidance=True
        )
        model.prompts[prompts] = dict(zip(EMBEDDINGS, encoded, strict=False))  # two, or with pooled ones four
    return model.prompts[prompts]
