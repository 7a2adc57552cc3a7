"""GenerationSpec to images. One CPU generator per image: an image depends on its own seed alone.

Knows nothing about edits but that they are applied to the text it reads, or to the model.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image
from torch import Tensor

from uce_core.edits.edit import AnyEdit
from uce_core.generation.batching import current_piece, side_by_side
from uce_core.generation.jobs import Job, batch_size, batches_of, by_edit
from uce_core.generation.progress import OnStep
from uce_core.generation.samplers import as_variance_preserving, sampled_by
from uce_core.generation.spec import MAX_SIDE, SIZE, GenerationSpec
from uce_core.models.applying import Beside, applied, applied_beside
from uce_core.models.fits import check_editable, check_fits, check_generates
from uce_core.models.model import Model
from uce_core.models.onednn import packed
from uce_core.problems import Problem
from uce_core.runtime import is_out_of_memory, out_of_memory, release
from uce_core.stages import GENERATING, count_images, stage

if TYPE_CHECKING:  # defined for type checkers alone
    from uce_core.edits.weightless_spec import States

UNIT = 8  # pixels, of which diffusers' pipelines take multiples, whatever the autoencoder


@dataclass(frozen=True)
class StepState:
    """A batch on its way. places: of its images among all. latents: (n, c, h, w), of variance 1. alpha_bar: ᾱ, how much
    of it is no noise, 0 to 1; None for a sampler of which that says little."""

    places: tuple[int, ...]
    latents: Tensor
    alpha_bar: float | None


OnLatents = Callable[[StepState], None]  # after each step


def generate(
    model: Model,
    specs: Sequence[GenerationSpec],
    on_step: OnStep | None = None,
    edits: Sequence[AnyEdit | None] | None = None,
    on_latents: OnLatents | None = None,
) -> list[Image.Image]:
    """One image for each spec, in batches of about the same area; whatever raises leaves the model usable.

    edits: for each spec its own, or None. One that edits the text is applied to that instead of to the weights, W'c =
    W(Mc); one that is applied to the model stands beside its weights if it is small. With either, original and edited
    images can be generated in one batch; for all others weights are swapped. on_latents: told after each step of each
    batch. A batch that does not fit into memory is halved and generated again. Raises ValueError if a prompt is longer
    than the text encoder takes, the model does not take the size or the sampler, a single image does not fit, the model
    takes an image besides the prompt, or an edit cannot be applied to it.
    """
    check_generates(model)
    for one in {id(edit): edit for edit in edits or () if edit}.values():
        check_fits(model, one)
    for spec in specs:
        for text in (spec.prompt, spec.negative_prompt):
            model.text.check_length(text)
        if spec.negative_prompt and not model.source.architecture.guided:
            raise Problem(
                "no_negative_prompt",
                "{name} takes no negative prompt, as it computes no unconditional pass: leave it empty.",
                name=model.title,
            )
    pairs = zip(specs, edits or [None] * len(specs), strict=True)
    jobs = [_job(model, place, *pair) for place, pair in enumerate(pairs)]
    if any(job.in_model for job in jobs):
        check_editable(model)
        if model.rewritten:
            raise Problem(
                "edited_already", "An edit is applied to {name} already: generate with one.", name=model.title
            )
    piece = None if model.rewritten else current_piece()
    batches = batches_of(model, jobs, takes_turns=piece is not None)
    steps, beside = Steps(sum(batch[0].steps for batch in batches), on_step), Beside(model)

    def images_of(batch: list[Job]) -> list[Image.Image]:
        return _images_of(beside, batch, steps, on_latents)

    with stage(GENERATING):
        if piece:
            ordered, found = batches, piece.batcher.gather(model, [partial(images_of, batch) for batch in batches])
        else:
            ordered, found = [], []
            for edit, some in by_edit(batches):
                ordered += some
                with applied(model, edit) if edit else nullcontext():
                    found += map(images_of, some)
    count_images(len(specs))
    places = [job.place for batch in ordered for job in batch]
    images = dict(zip(places, chain.from_iterable(found), strict=True))
    return [images[place] for place in range(len(jobs))]


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


def _job(model: Model, place: int, spec: GenerationSpec, edit: AnyEdit | None) -> Job:
    asked = spec.resolved(model.family)
    assert asked.steps is not None and asked.guidance_scale is not None  # noqa: PT018 (both are what resolved is for)
    return Job(place, asked, edit, asked.steps, asked.guidance_scale, *size_of(model, asked))


def size_of(model: Model, spec: GenerationSpec) -> tuple[int, int]:
    """Width and height of an image in pixels. Raises ValueError if the model does not take them."""
    scale = model.pipeline.vae_scale_factor
    native, unit = model.latent_side * scale, math.lcm(UNIT, scale * model.source.architecture.patch)
    asked = {side: getattr(spec, side) for side in SIZE}
    for side, pixels in asked.items():
        if pixels and pixels % unit:
            raise Problem(
                "side_not_a_multiple",
                "{field} is {pixels}: this model takes multiples of {unit}, such as {nearest}.",
                field=side,
                pixels=pixels,
                unit=unit,
                nearest=max(round(pixels / unit), 1) * unit,
            )
        most = scale * model.source.architecture.patch * (model.denoiser.config.get("pos_embed_max_size") or MAX_SIDE)
        if pixels and pixels > most:
            raise Problem(
                "side_too_large",
                "{field} is {pixels}: this model takes at most {most} pixels.",
                field=side,
                pixels=pixels,
                most=most,
            )
    return asked["width"] or native, asked["height"] or native


def _images_of(beside: Beside, batch: list[Job], steps: Steps, on_latents: OnLatents | None) -> list[Image.Image]:
    model = beside.model
    packed_height = batch[0].height // model.pipeline.vae_scale_factor if model.source.architecture.packed else 0
    report = Reporter(steps, batch[0].steps, on_latents, tuple(job.place for job in batch), packed_height)
    try:
        return _denoised(beside, batch, report)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        release(error)
        if len(batch) == 1:
            raise out_of_memory(model.device.type) from None
    steps.more(-report.done)
    steps.total += batch[0].steps
    middle = len(batch) // 2
    return [image for half in (batch[:middle], batch[middle:]) for image in _images_of(beside, half, steps, on_latents)]


@dataclass
class Reporter:
    """A pipeline callback of one batch; a scheduler that takes more timesteps than asked (PNDM) still counts to
    count. places: as of StepState. height: of packed latents, 0 where they are not. done: of the steps."""

    steps: Steps
    count: int
    on_latents: OnLatents | None
    places: tuple[int, ...]
    height: int
    done: int = 0

    def __call__(self, pipeline: Any, step: int, timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
        if self.on_latents:
            latents = unpacked(tensors["latents"], self.height) if self.height else tensors["latents"]
            self.on_latents(StepState(self.places, *as_variance_preserving(pipeline.scheduler, step + 1, latents)))
        before, self.done = self.done, round((step + 1) / pipeline.num_timesteps * self.count)
        self.steps.more(self.done - before)
        return tensors


def unpacked(latents: Tensor, height: int) -> Tensor:
    """(n, c, h, w) of FLUX's latents (n, hw/4, 4c), in which the 2×2 of a token are side by side. height: h."""
    rows, channels = height // 2, latents.shape[2] // 4
    apart = latents.unflatten(2, (channels, 2, 2)).unflatten(1, (rows, -1))  # (n, h/2, w/2, c, 2, 2)
    found: Tensor = apart.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)
    return found


def _denoised(beside: Beside, batch: list[Job], after_step: Reporter) -> list[Image.Image]:
    """By the pipeline's own call; within a piece of work its steps are made together with others'."""
    model, one = beside.model, batch[0]
    in_model = [None if model.rewritten else job.in_model for job in batch]
    joint = current_piece() is not None and not model.rewritten
    parts = (model.denoiser, model.pipeline.vae) if model.device.type == "cpu" and not joint else ()
    pipeline = sampled_by(model.pipeline, one.spec.sampler)
    if joint:
        most = 2 * batch_size(model, one.width, one.height)
        pipeline = side_by_side(pipeline, beside, in_model, most)
    changed = nullcontext() if joint else applied_beside(model, [beside.changes(edit) for edit in in_model])
    with model.lock, torch.no_grad(), changed, packed(*parts):
        images: list[Image.Image] = pipeline(
            **_text_of(model, batch),
            width=one.width,
            height=one.height,
            num_inference_steps=one.steps,
            guidance_scale=one.guidance_scale,
            generator=[torch.Generator("cpu").manual_seed(job.spec.seed) for job in batch],
            callback_on_step_end=after_step,
        ).images
    return images


def _text_of(model: Model, batch: list[Job]) -> dict[str, Any]:
    """The prompts and negative prompts, or if one is to be edited the embeddings of all, conditional and
    unconditional."""
    prompts = [job.spec.prompt for job in batch]
    negative_prompts = [job.spec.negative_prompt for job in batch if job.spec.negative_prompt]  # of all, or of none
    if not any(job.by_text for job in batch):
        return {"prompt": prompts} | ({"negative_prompt": negative_prompts} if negative_prompts else {})
    states = _encoded(model, tuple(prompts), tuple(negative_prompts))
    read = [_read(model, job, {name: rows[place] for name, rows in states.items()}) for place, job in enumerate(batch)]
    return {name: torch.stack([one[name] for one in read]) for name in states}


def _read(model: Model, job: Job, states: "States") -> "States":
    """What the model reads of a prompt. states: its own."""
    edit = job.by_text
    if edit is None:
        return states
    return edit.on_prompt(states, lambda texts: _encoded(model, tuple(texts), ()), job.spec.negative_prompt)


def _encoded(model: Model, prompts: tuple[str, ...], negative_prompts: tuple[str, ...]) -> dict[str, Tensor]:
    """Embeddings by name; remembered ones are not encoded again. negative_prompts: as many, or none."""
    key = prompts, negative_prompts
    if key not in model.prompts:
        reads = model.source.architecture
        more: dict[str, Any] = (
            {"do_classifier_free_guidance": True, "negative_prompt": list(negative_prompts) or None}
            if reads.guided
            else {}
        )
        encoded = model.pipeline.encode_prompt(
            list(prompts), *(None,) * (reads.prompts - 1), device=model.device, num_images_per_prompt=1, **more
        )
        model.prompts[key] = dict(zip(reads.embeddings, encoded, strict=False))  # of some models not all are there
    return model.prompts[key]
