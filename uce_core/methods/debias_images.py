"""The images of a debiasing: those that are counted, and a few to show.

Knows nothing about the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from uce_core.edits.edit import Edit
from uce_core.edits.spec import DebiasSpec
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


def measure(model: Model, spec: DebiasSpec, edit: Edit, on_step: OnStep | None = None) -> Seen:
    """What the concepts' images show with the edit."""
    return look(model, spec, images_of(model, spec, edit, on_step))


def images_of(model: Model, spec: DebiasSpec, edit: Edit, on_step: OnStep | None = None) -> list[Image.Image]:
    """Of the first concept, then of the next."""
    specs = [
        GenerationSpec(spec.prompt.format(concept), spec.seed + i, spec.steps, spec.guidance_scale)
        for concept in spec.concepts
        for i in range(spec.images)
    ]
    return generate(model, specs, on_step, [edit] * len(specs))


def look(model: Model, spec: DebiasSpec, images: Sequence[Image.Image]) -> Seen:
    """An image shows the attribute whose label is CLIP's nearest."""
    prompts, labels = ([spec.prompt.format(name) for name in names] for names in (spec.concepts, spec.attributes))
    shape = (len(prompts), spec.images)
    with stage(SCORING):
        scorer = scorer_for(model.folder)
        vectors = scorer.image_vectors(images)
        shown = (vectors @ scorer.text_vectors(labels).T).argmax(1).view(shape)
        own = scorer.text_vectors(prompts).repeat_interleave(spec.images, 0)
        clip = 100 * (vectors * own).sum(1).view(shape)
    return Seen(torch.stack([(shown == number).float().mean(1) for number in range(len(labels))], 1), clip)


def samples(
    model: Model, spec: DebiasSpec, edit: Edit | None, *, steps: int | None = None, on_step: OnStep | None = None
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
