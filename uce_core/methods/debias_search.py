"""Debiasing: attributes of a concept moved to target ratios by generating, counting and solving again.

Gandikota et al. 2023 (arXiv 2308.14761), section 4.3. The target of a concept's vectors c is
c + Σ_j s_j·d_j (methods/debias_edit.py). Each iteration generates the concept with the same seeds, lets CLIP say which
attribute an image shows, moves s by step_size × gap, and solves once more from the original
vectors: only the s are carried over. Where a gap hardly shrinks, the step is doubled: a share near 0
or 1 does not move at first. Once an s is known to be too small and another too large, the next lies
between them, by false position (the Illinois variant, Dowell and Jarratt 1971).

Which iterate is the best, and whether its images spoiled, is in debias_quality.py; whether model and classifier know
what is asked for, in debias_recognition.py; what is generated and counted, in debias_images.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.edit import WeightEdit
from uce_core.edits.spec import EditSpec
from uce_core.generation.progress import Cancelled, OnStep
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_edit import edit_of, space_of
from uce_core.methods.debias_images import Embed, Seen, measure
from uce_core.methods.debias_quality import best_of, fallen
from uce_core.methods.debias_recognition import unrecognised
from uce_core.metrics.scorer import scorer_for
from uce_core.models.fits import check_generates
from uce_core.models.model import Model

STALL_RATIO = 0.75  # of a gap, what is more than that is hardly shrunk
NARROW, WIDE = 1e-3, 0.05  # two s so near and still such a gap: it moved, since concepts are solved together


@dataclass(frozen=True, kw_only=True)
class Debiased:
    """edit: of the best iterate. history: every iterate, the first without an edit. converged: the best gap
    and the uncertainty of counting are together within the tolerance. cancelled: someone stopped it. unrecognised:
    concepts and attributes that the model or the classifier does not seem to know."""

    edit: WeightEdit
    history: tuple[Iterate, ...]
    best: int
    converged: bool
    cancelled: bool = False
    unrecognised: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether no iterate is better than the model as it is, so that the edit is none."""
        return self.history[self.best].changes_nothing


class Search:
    """Where each s stands: all tensors (concepts, attributes), NaN for what is not known yet.

    small, large: an s that was too small, and one that was too large; their gaps. A gap is target − seen:
    above 0, the s is too small.
    """

    def __init__(self, step_size: float, like: Tensor) -> None:
        self.steps = torch.full_like(like, step_size)
        self.small, self.small_gap, self.large, self.large_gap, self.gap = (
            torch.full_like(like, torch.nan) for _ in range(5)
        )

    def next(self, scales: Tensor, gaps: Tensor) -> Tensor:
        """The s to try after those whose gaps were seen."""
        short, repeated = gaps > 0, gaps * self.gap > 0
        self.small_gap = torch.where(short, gaps, torch.where(repeated, self.small_gap / 2, self.small_gap))
        self.large_gap = torch.where(short, torch.where(repeated, self.large_gap / 2, self.large_gap), gaps)
        self.small, self.large = torch.where(short, scales, self.small), torch.where(short, self.large, scales)
        moved = ((self.large - self.small).abs() < NARROW) & (gaps.abs() > WIDE)
        self.large = torch.where(moved & short, torch.nan, self.large)
        self.small = torch.where(moved & ~short, torch.nan, self.small)
        between = self.small + (self.large - self.small) * self.small_gap / (self.small_gap - self.large_gap)
        slow = repeated & (gaps.abs() > STALL_RATIO * self.gap.abs()) & between.isnan()
        self.steps, self.gap = torch.where(slow, 2 * self.steps, self.steps), gaps
        return torch.where(between.isfinite(), between, scales + self.steps * gaps)


OnProgress = Callable[[int, int, int], None]  # (iteration, steps done in it, steps in it); raise Cancelled to stop


def debias(
    model: Model,
    spec: DebiasSpec,
    on_progress: OnProgress | None = None,
    on_iterate: Callable[[Iterate], None] | None = None,
    on_unrecognised: Callable[[tuple[str, ...]], None] | None = None,
    embed: Embed | None = None,
) -> Debiased:
    """Search the edit that generates the attributes in the target ratios; the model is left as it was.

    embed: who generates the images that are counted, by default this process. on_unrecognised: told, before the search
    begins, of the concepts and attributes that mean nothing to the model or the classifier. Raises Cancelled if
    on_progress did so before anything was counted, later the best so far is returned; ValueError, before anything is
    generated, if a text is too long, the scorers cannot be had, or the model is not one that this program generates
    with.
    """
    scorer_for(model.folder)
    check_generates(model)
    if spec.guidance_scale is None:
        spec = replace(spec, guidance_scale=model.family.guidance_scale)
    space = space_of(model, spec)
    target = torch.tensor(spec.ratios)
    scales = torch.zeros(len(spec.concepts), len(spec.attributes))
    search = Search(spec.step_size, scales)
    if spec.solved_by != EditSpec.kind:  # whether it can be solved shows with the first step, after many images
        edit_of(model, spec, space, torch.full_like(scales, spec.step_size))
    unknown = unrecognised(model, spec, _within(on_progress, 0), embed)
    if on_unrecognised:
        on_unrecognised(unknown)
    history: list[Iterate] = []
    start: Tensor | None = None
    cancelled = False
    for number in range(spec.iterations + 1):
        try:
            seen = measure(model, spec, edit_of(model, spec, space, scales), _within(on_progress, number), embed)
        except Cancelled:
            if not history:
                raise
            cancelled = True
            break
        gaps = target - seen.shares  # (concepts, attributes)
        start = seen.clip if start is None else start
        history.append(_iterate(scales, seen, float(gaps.abs().max()), start))
        if on_iterate:
            on_iterate(history[-1])
        if history[-1].gap + spec.half_width <= spec.tolerance:
            break
        scales = search.next(scales, gaps)
    best = best_of(history)
    edit = edit_of(model, spec, space, torch.tensor(history[best].scales))
    return Debiased(
        edit=edit,
        history=tuple(history),
        best=best,
        converged=history[best].gap + spec.half_width <= spec.tolerance,
        cancelled=cancelled,
        unrecognised=unknown,
    )


def _within(on_progress: OnProgress | None, number: int) -> OnStep | None:
    return on_progress and (lambda done, total: on_progress(number, done, total))


def _iterate(scales: Tensor, seen: Seen, gap: float, start: Tensor) -> Iterate:
    """start: CLIP scores of the first one's images."""
    clip = tuple(seen.clip.mean(1).tolist())
    return Iterate(_rows(scales), _rows(seen.shares), gap, clip, fallen(start, seen.clip))


def _rows(table: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, table.tolist()))
