"""Whether images spoil while a debiasing moves a concept, and which iterate is the best.

An edit that moves a concept far enough reaches any ratio, if need be with images that hardly show the concept any more.
The CLIP score of image and prompt tells, but falls a little by itself where the attributes change: CLIP has the same
prejudice as the model. So a fall counts only if it is more than MARGIN of the score.
Knows nothing about how images are generated or scored.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from uce_core.methods.debias import Iterate
from uce_core.statistics import NORMAL_95

if TYPE_CHECKING:  # seconds to import
    from torch import Tensor

MARGIN = 0.1  # of the start's score


def fallen(start: "Tensor", now: "Tensor") -> tuple[bool, ...]:
    """Of each concept, whether its CLIP scores fell. start, now: (concepts, images), of the same seeds.

    It did if what the images lost, each against the one of its seed, is on average more than MARGIN of the start's mean
    by more than its own uncertainty (95 %): mean(start − now) − 1.96·sd(start − now)/√n > MARGIN·mean(start).
    """
    lost = start - now
    uncertain = NORMAL_95 * lost.std(1, correction=0) / lost.shape[1] ** 0.5
    return tuple((lost.mean(1) - uncertain > MARGIN * start.mean(1).clamp(min=0)).tolist())


def best_of(history: Sequence[Iterate]) -> int:
    """The number of the iterate with the smallest gap, the first of several, among those in which no concept's score
    fell; among all, if none of those is nearer to the target than the start."""
    numbers = range(len(history))
    held = [number for number in numbers if not any(history[number].fell)]
    best = _nearest(history, held)
    return best if history[best].gap < history[0].gap else _nearest(history, numbers)


def spoilt(history: Sequence[Iterate]) -> Iterate | None:
    """The iterate that a person is to be warned of: the nearest to the target, if a score fell in it. Either it was
    passed over, or it is the best for want of others. None if there is no such."""
    nearest = history[_nearest(history, range(len(history)))]
    return nearest if any(nearest.fell) else None


def lost(concepts: Sequence[str], start: Iterate, one: Iterate) -> str:
    """doctor 30.0 → 18.2, …: the scores that fell."""
    pairs = zip(concepts, start.clip, one.clip, one.fell, strict=True)
    return ", ".join(f"{concept} {before:.1f} → {after:.1f}" for concept, before, after, fell in pairs if fell)


def _nearest(history: Sequence[Iterate], numbers: Sequence[int]) -> int:
    return min(numbers, key=lambda number: history[number].gap)
