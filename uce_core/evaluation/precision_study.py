"""Studies over many images: what half precision and fewer steps cost.

Every image is held against the same prompt and seed generated in float32 with 50 steps, the edit made in
float32 too. Means come with bootstrap 95 % intervals over the images. What an LPIPS means differs
between scorers and models, so each study first measures how far images of other seeds are: that is
what it calls far.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from uce_core.edits.dense import DenseEdit
from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import EditSpec
from uce_core.generation.generate import generate
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.erase import erase
from uce_core.methods.inputs import EditInputs
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.models.applying import applied
from uce_core.models.loading import DTYPES
from uce_core.models.model import Model
from uce_core.runtime import seconds
from uce_core.statistics import Mean, bootstrap

FULL_STEPS = 50
STEPS = (50, 30, 20, 10)
SAME, SMALL = 0.05, 0.25  # of the distance to another seed's image: not to be seen, hardly to be seen
OTHER_SEEDS = 10_000  # how much further on they are


@dataclass(frozen=True)
class Cost:
    """What a way of generating costs. lpips: distance from the reference image. clip: change of the CLIP
    score. seconds: time per image."""

    what: str
    lpips: Mean
    clip: Mean
    seconds: float

    def verdict(self, far: Mean) -> str:
        """In words. far: LPIPS of images of other seeds."""
        clip = "CLIP unchanged" if self.clip.low <= 0 <= self.clip.high else f"CLIP {self.clip.value:+.1f}"
        if self.lpips.high <= SAME * far.value:
            return f"no visible difference, {clip}"
        return f"{'small' if self.lpips.value <= SMALL * far.value else 'visible'} difference, {clip}"


def default_generations(model: Model, seeds: int = 2) -> list[GenerationSpec]:
    """The erased artist and three others, two subjects, a few seeds."""
    return [
        GenerationSpec(f"{subject} in the style of {artist}", seed, FULL_STEPS)
        for artist in model.catalog[:4]
        for subject in ("a house", "a cat")
        for seed in range(seeds)
    ]


def default_spec(model: Model) -> EditSpec:
    return EditSpec(erase=model.catalog[:1], retain=model.catalog[1:4])


def precision_study(
    load: Callable[[str], Model], dtypes: Sequence[str], spec: EditSpec, generations: Sequence[GenerationSpec]
) -> Iterator[Cost]:
    """A row for every dtype of the pipeline and of the arithmetic that makes the edit.

    load: from a dtype's name to a model in it. The first row is images of other seeds, the second the
    reference generated again: what is left there is the noise of the measurement.
    """
    reference = load("fp32")
    exact = erase(reference, spec)
    against = _Reference(reference, exact, generations)
    yield against.other_seeds(reference, exact, generations)
    for dtype in dtypes:
        model = reference if dtype == "fp32" else load(dtype)
        for made_in in ("fp32", "bf16", "fp16"):
            edit = erase(model, spec) if made_in == "fp32" else erase_in(model, spec, DTYPES[made_in])
            yield against.cost(f"pipeline {dtype}, edit made in {made_in}", model, edit, generations)


def steps_study(
    reference: Model, model: Model, spec: EditSpec, generations: Sequence[GenerationSpec], steps: Sequence[int] = STEPS
) -> Iterator[Cost]:
    """A row for images of other seeds, and one for every number of steps as model generates them."""
    edit = erase(reference, spec)
    against = _Reference(reference, edit, generations)
    yield against.other_seeds(reference, edit, generations)
    for count in steps:
        fewer = [replace(one, steps=count) for one in generations]
        yield against.cost(f"{count} steps", model, edit, fewer)


@torch.no_grad()
def erase_in(model: Model, spec: EditSpec, dtype: torch.dtype) -> DenseEdit:
    """The same closed form with vectors, weights, products and sums rounded to dtype.

    Only the solve runs in float32, on the rounded numbers: no library solves in half precision.
    """
    inputs = EditInputs(model, spec)
    c, g, p = (rows.to(dtype) for rows in (*inputs.erased, inputs.retained))
    a = spec.lam * torch.eye(c.shape[1], dtype=dtype) + spec.erase_scale * c.T @ c + spec.retain_scale * p.T @ p
    right = (spec.erase_scale * torch.linalg.solve(a.float(), c.T.float()).T).to(dtype)
    weights = {name: _rounded(weight.cpu().to(dtype), g - c, right).float() for name, weight in model.masters.items()}
    return DenseEdit(weights=weights, spec=spec, text_encoder=inputs.text_encoder)


def _rounded(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    return weight + (weight @ u.T) @ v


class _Reference:
    """Generates the reference once and holds others against it."""

    def __init__(self, model: Model, edit: AnyEdit, generations: Sequence[GenerationSpec]) -> None:
        self.scorer: Scorer = scorer_for(model.folder)
        self.prompts = [one.prompt for one in generations]
        with applied(model, edit):
            self.images = generate(model, generations)
        self.clip = self._clip(self.images)

    def _clip(self, images: list[Image.Image]) -> np.ndarray:
        return self.scorer.clip_scores(images, self.prompts).numpy()

    def cost(self, what: str, model: Model, edit: AnyEdit, generations: Sequence[GenerationSpec]) -> Cost:
        with applied(model, edit):
            generate(model, [replace(generations[0], steps=1)])  # what is slow the first time only
            images: list[Image.Image] = []
            took = seconds(lambda: images.extend(generate(model, generations))) / len(generations)
        distances = self.scorer.lpips_distances(self.images, images).tolist()
        return Cost(what, bootstrap(distances), bootstrap((self._clip(images) - self.clip).tolist()), took)

    def other_seeds(self, model: Model, edit: AnyEdit, generations: Sequence[GenerationSpec]) -> Cost:
        others = [replace(one, seed=one.seed + OTHER_SEEDS) for one in generations]
        return self.cost("another seed", model, edit, others)
