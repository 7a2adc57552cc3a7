"""The images of a debiasing: those that are counted, and a few to show.

Knows nothing about the search.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from PIL import Image
from torch import Tensor

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.edit import AnyEdit
from uce_core.generation.generate import generate
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.stages import SCORING, stage

SAMPLES = 4  # images of each concept to show, before and after


@dataclass(frozen=True)
class Sample:
    """An image of a debiased concept, before and after."""

    concept: str
    spec: GenerationSpec
    before: Image.Image
    after: Image.Image


@dataclass(frozen=True)
class Seen:
    """What the images of an iterate show. shares: (concepts, attributes), of images that show each attribute. clip:
    (concepts, images), CLIP score of each image with its prompt."""

    shares: Tensor
    clip: Tensor


Embed = Callable[[Sequence[GenerationSpec], AnyEdit | None, OnStep | None], Tensor]
"""Image vectors (n, d) float32 of what is generated for each spec, with an edit or without."""


def embedded(
    model: Model, specs: Sequence[GenerationSpec], edit: AnyEdit | None = None, on_step: OnStep | None = None
) -> Tensor:
    """As Embed, in this process."""
    images = generate(model, specs, on_step, [edit] * len(specs))
    with stage(SCORING):
        return scorer_for(model.folder).image_vectors(images)


def measure(
    model: Model, spec: DebiasSpec, edit: AnyEdit, on_step: OnStep | None = None, embed: Embed | None = None
) -> Seen:
    """What the concepts' images show with the edit. embed: who generates them, by default this process."""
    return look(model, spec, (embed or partial(embedded, model))(counted(spec), edit, on_step))


def counted(spec: DebiasSpec) -> list[GenerationSpec]:
    """The images that an iteration counts: of the first concept, then of the next."""
    return [
        GenerationSpec(spec.prompt.format(concept), spec.seed + i, spec.steps, spec.guidance_scale)
        for concept in spec.concepts
        for i in range(spec.images)
    ]


def look(model: Model, spec: DebiasSpec, vectors: Tensor) -> Seen:
    """An image shows the attribute whose label is CLIP's nearest. vectors: (n, d) of the images that are counted."""
    prompts, labels = ([spec.prompt.format(name) for name in names] for names in (spec.concepts, spec.attributes))
    shape = (len(prompts), spec.images)
    with stage(SCORING):
        scorer = scorer_for(model.folder)
        shown = (vectors @ scorer.text_vectors(labels).T).argmax(1).view(shape)
        own = scorer.text_vectors(prompts).repeat_interleave(spec.images, 0)
        clip = 100 * (vectors * own).sum(1).view(shape)
    return Seen(torch.stack([(shown == number).float().mean(1) for number in range(len(labels))], 1), clip)


def samples(
    model: Model, spec: DebiasSpec, edit: AnyEdit | None, *, steps: int | None = None, on_step: OnStep | None = None
) -> tuple[Sample, ...]:
    """A few images of each concept to show, before and after; the same twice without an edit. steps: None for the model
    family's."""
    concepts = [concept for concept in spec.concepts for _ in range(SAMPLES)]
    specs = [
        GenerationSpec(spec.prompt.format(concept), spec.seed + i, steps, spec.guidance_scale).resolved(model.family)
        for concept in spec.concepts
        for i in range(SAMPLES)
    ]
    before = generate(model, specs, on_step)
    after = generate(model, specs, on_step, [edit] * len(specs)) if edit else before
    return tuple(Sample(*sample) for sample in zip(concepts, specs, before, after, strict=True))
