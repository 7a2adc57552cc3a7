"""Studies over many pictures: what half precision and fewer steps cost.

Every picture is held against the same prompt and seed drawn in float32 with 50 steps, the edit made in
float32 too. Means come with bootstrap 95 % intervals over the pictures.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from uce_core.concepts import erasure_vectors
from uce_core.edit import AnyEdit, DenseEdit
from uce_core.editing import erase, retained_of
from uce_core.generate import GenerationSpec, draw
from uce_core.loading import DTYPES
from uce_core.models import Model, applied
from uce_core.scores import Scorer, scorer_for
from uce_core.spec import EditSpec

FULL_STEPS = 50
STEPS = (50, 30, 20, 10)
SAME, SMALL = 0.05, 0.15  # LPIPS below which nobody sees a difference, or hardly
RESAMPLES = 2000


@dataclass(frozen=True)
class Mean:
    """A mean and its bootstrap 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Cost:
    """What a way of drawing costs. lpips: distance from the reference picture. clip: change of the CLIP
    score. seconds: time per picture."""

    what: str
    lpips: Mean
    clip: Mean
    seconds: float

    @property
    def verdict(self) -> str:
        if self.lpips.high <= SAME:
            return "the same to the eye"
        return "small differences" if self.lpips.value <= SMALL else "visible differences"


def bootstrap(values: Sequence[float], seed: int = 0) -> Mean:
    """Of the mean, resampling the values."""
    array = np.asarray(values, float)
    drawn = np.random.default_rng(seed).integers(len(array), size=(RESAMPLES, len(array)))
    low, high = np.percentile(array[drawn].mean(1), [2.5, 97.5])
    return Mean(float(array.mean()), float(low), float(high))


def default_drawings(model: Model, seeds: int = 2) -> list[GenerationSpec]:
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
    load: Callable[[str], Model], dtypes: Sequence[str], spec: EditSpec, drawings: Sequence[GenerationSpec]
) -> Iterator[Cost]:
    """A row for every dtype of the pipeline and of the arithmetic that makes the edit.

    load: from a dtype's name to a model in it. The first row is the reference drawn again: what is left
    there is the noise of the measurement.
    """
    reference = load("fp32")
    judge = _Judge(reference, erase(reference, spec), drawings)
    for dtype in dtypes:
        model = reference if dtype == "fp32" else load(dtype)
        for made_in in ("fp32", "bf16", "fp16"):
            edit = erase(model, spec) if made_in == "fp32" else erase_in(model, spec, DTYPES[made_in])
            yield judge.cost(f"pipeline {dtype}, edit made in {made_in}", model, edit, drawings)


def steps_study(
    reference: Model, model: Model, spec: EditSpec, drawings: Sequence[GenerationSpec], steps: Sequence[int] = STEPS
) -> Iterator[Cost]:
    """A row for every number of steps, drawn by model, against the reference's."""
    judge = _Judge(reference, erase(reference, spec), drawings)
    edit = erase(model, spec)
    for count in steps:
        fewer = [replace(drawing, steps=count) for drawing in drawings]
        yield judge.cost(f"{count} steps", model, edit, fewer)


@torch.no_grad()
def erase_in(model: Model, spec: EditSpec, dtype: torch.dtype) -> DenseEdit:
    """The same closed form with vectors, weights, products and sums rounded to dtype.

    Only the solve runs in float32, on the rounded numbers: no library solves in half precision.
    """
    pairs = erasure_vectors(model.text, spec.erase, spec.guides, spec.wording, spec.span, spec.empty_token)
    c, g = (torch.cat(part).to(dtype) for part in zip(*pairs, strict=True))
    p = retained_of(model, spec).to(dtype)
    a = spec.lam * torch.eye(c.shape[1], dtype=dtype) + spec.erase_scale * c.T @ c + spec.retain_scale * p.T @ p
    right = (spec.erase_scale * torch.linalg.solve(a.float(), c.T.float()).T).to(dtype)
    weights = {name: _rounded(weight.to(dtype), g - c, right).float() for name, weight in model.masters.items()}
    return DenseEdit(weights, spec, model.text.fingerprint)


def _rounded(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    return weight + (weight @ u.T) @ v


class _Judge:
    """Draws the reference once and holds others against it."""

    def __init__(self, model: Model, edit: AnyEdit, drawings: Sequence[GenerationSpec]) -> None:
        self.scorer: Scorer = scorer_for(model.folder)
        self.prompts = [drawing.prompt for drawing in drawings]
        with applied(model, edit):
            self.images = draw(model, drawings)
        self.clip = self._clip(self.images)

    def _clip(self, images: list[Image.Image]) -> np.ndarray:
        return self.scorer.clip_scores(images, self.prompts).numpy()

    def cost(self, what: str, model: Model, edit: AnyEdit, drawings: Sequence[GenerationSpec]) -> Cost:
        with applied(model, edit):
            draw(model, [replace(drawings[0], steps=1)])  # what is slow the first time only
            began = time.perf_counter()
            images = draw(model, drawings)
            seconds = (time.perf_counter() - began) / len(drawings)
        distances = self.scorer.lpips_distances(self.images, images).tolist()
        return Cost(what, bootstrap(distances), bootstrap((self._clip(images) - self.clip).tolist()), seconds)
