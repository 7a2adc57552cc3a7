"""What reviewers' judgements add up to: means, agreement, leaks, and where people and the measures disagree.

A picture counts once, with the mean of its reviewers: intervals are bootstrapped over pictures
(intervals.py), since two people's ratings of one picture are not two pictures.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import spearmanr

from uce_core.review.tasks import EDITED, MOST, ORIGINAL, SCALES, SIDES, Item, Judgement
from uce_core.statistics import Mean, bootstrap

SEEN = 2.0  # mean rating from which people see the style
FEWEST = 3  # pictures for a rank correlation


@dataclass(frozen=True)
class RatedImage:
    """A picture and all judgements of it, at least one."""

    item: Item
    judgements: tuple[Judgement, ...]

    def mean(self, scale: str) -> float:
        return float(np.mean([getattr(one, scale) for one in self.judgements]))


@dataclass(frozen=True)
class RatingGroup:
    """Pictures of one role and side, and the means of their ratings."""

    role: str
    side: str
    count: int
    style: Mean
    content: Mean
    quality: Mean


@dataclass(frozen=True)
class Agreement:
    """On a scale. alpha: Krippendorff's, ordinal; None where it can't be computed, and then why: "alone" with one
    reviewer, "apart" if no picture has two, "alike" if all ratings are the same. count: pictures with two or more."""

    scale: str
    alpha: float | None
    why: str
    count: int


@dataclass(frozen=True)
class RatedLeakage:
    """Of edited pictures that ask for an erased artist: how visible the style is. One artist's, or one wording's."""

    artist: str
    facet: str
    wording: str
    count: int
    style: Mean


@dataclass(frozen=True)
class ReviewResults:
    """of_style: Spearman's rank correlation of people's style ratings with the style score, over all judged pictures,
    and over the edited ones; None for fewer than three, or if one of the two is constant. compared: pictures that have
    a style score. overlooked: people see the style, the measures don't; imagined: the reverse; edited pictures first.
    remarks: flagged or commented pictures."""

    reviewers: tuple[str, ...]
    judgements: int
    pictures: int
    groups: tuple[RatingGroup, ...]
    agreements: tuple[Agreement, ...]
    by_artist: tuple[RatedLeakage, ...]
    by_wording: tuple[RatedLeakage, ...]
    of_style: tuple[float | None, float | None]
    compared: int
    human_only: tuple[RatedImage, ...]
    metric_only: tuple[RatedImage, ...]
    remarks: tuple[RatedImage, ...]


def results(items: Iterable[Item], judgements: Iterable[Judgement]) -> ReviewResults:
    """Of a set; judgements of pictures that it doesn't have are left aside."""
    of: dict[str, list[Judgement]] = {}
    for one in judgements:
        of.setdefault(one.item, []).append(one)
    rated_images = [RatedImage(item, tuple(of[item.key])) for item in items if item.key in of]
    asked = [one for one in rated_images if is_leak(one.item)]
    scored = [one for one in rated_images if one.item.style_score is not None]
    return ReviewResults(
        tuple(sorted({one.reviewer for rated_image in rated_images for one in rated_image.judgements})),
        sum(len(rated_image.judgements) for rated_image in rated_images),
        len(rated_images),
        tuple(groups(rated_images)),
        tuple(agreement(rated_images, scale) for scale in SCALES),
        tuple(leaks(asked, lambda item: (item.artist, "", ""))),
        tuple(leaks(asked, lambda item: (item.artist, item.facet, item.wording))),
        (with_scores(scored), with_scores([one for one in scored if one.item.side == EDITED])),
        len(scored),
        tuple(sorted((o for o in rated_images if o.item.shown is False and o.mean("style") >= SEEN), key=_leaking)),
        tuple(sorted((o for o in rated_images if o.item.shown and o.mean("style") < SEEN), key=_leaking)),
        tuple(o for o in rated_images if any(one.flag or one.comment for one in o.judgements)),
    )


def _leaking(rated_image: RatedImage) -> tuple[bool, float]:
    """Edited pictures first, then what people see the style in most."""
    return rated_image.item.side == ORIGINAL, -rated_image.mean("style")


def is_leak(item: Item) -> bool:
    """Whether the style should be gone from a picture that asks for it."""
    return item.side == EDITED and item.role == "erased" and item.facet != "content"


def groups(rated_images: Sequence[RatedImage]) -> list[RatingGroup]:
    """By role in the order of their appearance, originals and edited apart."""
    found = []
    for role in dict.fromkeys(one.item.role for one in rated_images):
        for side in SIDES:
            some = [one for one in rated_images if one.item.role == role and one.item.side == side]
            if some:
                found.append(RatingGroup(role, side, len(some), *(mean_of(some, scale) for scale in SCALES)))
    return found


def mean_of(rated_images: Sequence[RatedImage], scale: str) -> Mean:
    return bootstrap([one.mean(scale) for one in rated_images])


def agreement(rated_images: Sequence[RatedImage], scale: str) -> Agreement:
    """Krippendorff's α (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability), with the ordinal difference."""
    reviewers = {one.reviewer for rated_image in rated_images for one in rated_image.judgements}
    shared = [one.judgements for one in rated_images if len(one.judgements) > 1]
    rated = [(one.reviewer, one.item, getattr(one, scale)) for judgements in shared for one in judgements]
    values = [value for _, _, value in rated]
    why = "alone" if len(reviewers) < 2 else "apart" if not shared else "alike" if len(set(values)) < 2 else ""
    return Agreement(scale, None if why else alpha(rated, ordinal(values)), why, len(shared))


def alpha(rated: Sequence[tuple[str, str, int]], difference: Callable[[int, int], float]) -> float:
    """rated: reviewer, picture and value, of pictures with two or more."""
    from nltk.metrics.agreement import AnnotationTask  # a second to import

    return float(AnnotationTask(rated, difference).alpha())


def ordinal(values: Sequence[int]) -> Callable[[int, int], float]:
    """Krippendorff's difference of ordered values c ≤ k: (Σ n_g from c to k − (n_c + n_k) / 2)², n how often each was
    given."""
    counts = np.bincount(values, minlength=MOST + 1)

    def difference(one: int, other: int) -> float:
        low, high = sorted((one, other))
        return float(counts[low : high + 1].sum() - (counts[low] + counts[high]) / 2) ** 2

    return difference


def leaks(rated_images: Iterable[RatedImage], key: Callable[[Item], tuple[str, str, str]]) -> list[RatedLeakage]:
    """By artist, facet and wording as the key says; what leaves most of the style first."""
    some: dict[tuple[str, str, str], list[RatedImage]] = {}
    for one in rated_images:
        some.setdefault(key(one.item), []).append(one)
    found = [RatedLeakage(*name, len(group), mean_of(group, "style")) for name, group in some.items()]
    return sorted(found, key=lambda leak: -leak.style.value)


def with_scores(rated_images: Sequence[RatedImage]) -> float | None:
    """Spearman's rank correlation of ratings and style scores."""
    return spearman([one.mean("style") for one in rated_images], [one.item.style_score or 0.0 for one in rated_images])


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """None if it is not defined."""
    if len(first) < FEWEST or any(len(set(values)) < 2 for values in (first, second)):
        return None
    return float(spearmanr(first, second).statistic)


def rows(items: Iterable[Item], judgements: Iterable[Judgement]) -> list[dict[str, object]]:
    """A flat row for each judgement, with all that is known of its picture."""
    of = {item.key: item for item in items}
    return [asdict(of[one.item]) | asdict(one) for one in judgements if one.item in of]
