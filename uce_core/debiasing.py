"""Debiasing: attributes of a concept moved to wished ratios by drawing, counting and solving again.

Gandikota et al. 2023 (arXiv 2308.14761), section 4.3. The target of a concept's vectors c is
c + Σ_j s_j·d_j, where d_j leads from the mean of the attributes to attribute j ("woman doctor"
against all "… doctor"). Each iteration draws the concept with the same seeds, lets CLIP say which
attribute a picture shows, moves s by step_size × gap, and solves once more from the original
vectors: only the s are carried over. Where a gap changes its sign, the concept's step is halved;
where it hardly shrinks, doubled: a share near 0 or 1 does not move at first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from uce_core.closed_form import fold, right_factor
from uce_core.concepts import retained_vectors, span_vectors
from uce_core.edit import Edit
from uce_core.generate import Cancelled, GenerationSpec, draw
from uce_core.models import Model, applied
from uce_core.scores import scorer_for
from uce_core.spec import DebiasSpec

HALVED, DOUBLED = 0.5, 2.0  # how a concept's step changes when its gap changes sign, or hardly shrinks
HARDLY = 0.75  # of what it was: more than that is hardly shrunk


@dataclass(frozen=True)
class Iterate:
    """What one iteration tried and saw. scales, shares: (concepts, attributes), s_j and the share of pictures."""

    scales: tuple[tuple[float, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    gap: float  # the largest distance of a share from its wished ratio


@dataclass(frozen=True)
class Debiased:
    """edit: of the best iterate. history: every iterate, the first without an edit. converged: the best gap
    and the uncertainty of counting are together within the tolerance. cancelled: someone stopped it."""

    edit: Edit
    history: tuple[Iterate, ...]
    best: int
    converged: bool
    cancelled: bool = False


@dataclass(frozen=True)
class Space:
    """A spec's vectors. concepts: rows (n, d) of each; directions: (attributes, n, d) of each."""

    concepts: list[Tensor]
    directions: list[Tensor]
    retained: Tensor


OnProgress = Callable[[int, int, int], None]  # (iteration, steps done in it, steps in it); raise Cancelled to stop


def debias(
    model: Model,
    spec: DebiasSpec,
    on_progress: OnProgress | None = None,
    on_iterate: Callable[[Iterate], None] | None = None,
) -> Debiased:
    """Search the edit that draws the attributes in the wished ratios; the model is left as it was.

    Raises Cancelled if on_progress did so before anything was counted, later the best so far is
    returned; ValueError if a text is too long or the scorers cannot be had.
    """
    space = space_of(model, spec)
    wished = torch.tensor(spec.ratios)
    scales = torch.zeros(len(spec.concepts), len(spec.attributes))
    steps = torch.full((len(spec.concepts), 1), spec.step_size)
    history: list[Iterate] = []
    previous = torch.zeros_like(scales)
    cancelled = False
    for number in range(spec.iterations + 1):
        try:
            shares = measure(model, spec, edit_of(model, spec, space, scales), _within(on_progress, number))
        except Cancelled:
            if not history:
                raise
            cancelled = True
            break
        gaps = wished - shares  # (concepts, attributes)
        history.append(Iterate(_rows(scales), _rows(shares), float(gaps.abs().max())))
        if on_iterate:
            on_iterate(history[-1])
        if history[-1].gap + spec.half_width <= spec.tolerance:
            break
        if number:
            steps = steps * _adapted(previous, gaps)
        scales, previous = scales + steps * gaps, gaps
    best = min(range(len(history)), key=lambda i: history[i].gap)
    edit = edit_of(model, spec, space, torch.tensor(history[best].scales))
    return Debiased(edit, tuple(history), best, history[best].gap + spec.half_width <= spec.tolerance, cancelled)


def _adapted(previous: Tensor, gaps: Tensor) -> Tensor:
    """Factors (concepts, 1) for the steps, from the gaps (concepts, attributes) before and now."""
    turned = (gaps * previous).sum(1, keepdim=True) < 0
    slow = gaps.norm(dim=1, keepdim=True) > HARDLY * previous.norm(dim=1, keepdim=True)
    return torch.where(turned, HALVED, torch.where(slow, DOUBLED, 1.0))


def _within(on_progress: OnProgress | None, number: int) -> Callable[[int, int], None] | None:
    return on_progress and (lambda done, total: on_progress(number, done, total))


def _rows(table: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, table.tolist()))


def space_of(model: Model, spec: DebiasSpec) -> Space:
    """Concepts as the prompt writes them, and where each attribute would lead them."""
    concepts, directions = [], []
    with model.lock:
        for concept in spec.concepts:
            texts = [concept, *(f"{attribute} {concept}" for attribute in spec.attributes)]
            spans = [span_vectors(encoded, spec.span) for encoded in model.text.encode(texts, spec.prompt)]
            rows = min(map(len, spans))
            own, *led = (part[:rows] for part in spans)
            concepts.append(own)
            directions.append(torch.stack(led) - torch.stack(led).mean(0))
        retained = retained_vectors(model.text, spec.retain, spec.prompt, spec.span, spec.retain_empty)
    return Space(concepts, directions, retained)


def edit_of(model: Model, spec: DebiasSpec, space: Space, scales: Tensor) -> Edit:
    """The closed form for targets c + Σ_j s_j·d_j; scales: (concepts, attributes)."""
    right = right_factor(torch.cat(space.concepts), space.retained, spec.lam, spec.edit_scale, spec.retain_scale)
    moves = [torch.einsum("a,and->nd", s, d) for s, d in zip(scales, space.directions, strict=True)]
    u, v = fold(torch.cat(moves).double(), right)
    return Edit(spec, u.float(), v.float(), model.text.fingerprint)


def measure(model: Model, spec: DebiasSpec, edit: Edit, on_step: Callable[[int, int], None] | None = None) -> Tensor:
    """The share of pictures that show each attribute, (concepts, attributes), by CLIP's nearest label."""
    prompts = [spec.prompt.format(concept) for concept in spec.concepts]
    drawings = [
        GenerationSpec(prompt, spec.seed + i, spec.steps, spec.guidance_scale)
        for prompt in prompts
        for i in range(spec.images)
    ]
    with applied(model, edit):
        images = draw(model, drawings, on_step)
    labels = [spec.prompt.format(attribute) for attribute in spec.attributes]
    seen = scorer_for(model.folder).nearest(images, labels).view(len(prompts), spec.images)
    return torch.stack([(seen == number).float().mean(1) for number in range(len(labels))], 1)
