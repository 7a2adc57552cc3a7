"""What reviewers' ratings add up to: means, agreement, leaks, and where people and the measures disagree.

An image counts once, with the mean of its reviewers: intervals are bootstrapped over images
(statistics.py), since two people's ratings of one image are not two images.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from uce_core.review.tasks import EDITED, MOST, ORIGINAL, SCALES, SIDES, Item, Rating
from uce_core.statistics import Mean, bootstrap

VISIBLE_FROM = 2.0  # mean rating from which people see the style
MIN_IMAGES = 3  # images for a rank correlation


@dataclass(frozen=True)
class RatedImage:
    """An image and all ratings of it, at least one."""

    item: Item
    ratings: tuple[Rating, ...]

    def mean(self, scale: str) -> float:
        return float(np.mean([getattr(one, scale) for one in self.ratings]))


@dataclass(frozen=True, kw_only=True)
class RatingGroup:
    """Images of one role and side, and the means of their ratings."""

    role: str
    side: str
    count: int
    style: Mean
    content: Mean
    quality: Mean


@dataclass(frozen=True)
class Agreement:
    """On a scale. alpha: Krippendorff's, ordinal; None where it can't be computed, and then why: "alone" with one
    reviewer, "apart" if no image has two, "alike" if all ratings are the same. count: images with two or more."""

    scale: str
    alpha: float | None
    why: str
    count: int


@dataclass(frozen=True, kw_only=True)
class RatedLeakage:
    """Of edited images that ask for an erased artist: how visible the style is. One artist's, or one wording's."""

    artist: str
    facet: str
    wording: str
    count: int
    style: Mean


@dataclass(frozen=True, kw_only=True)
class ReviewResults:
    """style_correlation: Spearman's rank correlation of people's style ratings with the style score, over all rated
    images, and over the edited ones; None for fewer than three, or if one of the two is constant. compared: images
    that have a style score. human_only: people see the style, the measures don't; metric_only: the reverse; edited
    images first. remarks: flagged or commented images."""

    reviewers: tuple[str, ...]
    ratings: int
    images: int
    groups: tuple[RatingGroup, ...]
    agreements: tuple[Agreement, ...]
    by_artist: tuple[RatedLeakage, ...]
    by_wording: tuple[RatedLeakage, ...]
    style_correlation: tuple[float | None, float | None]
    compared: int
    human_only: tuple[RatedImage, ...]
    metric_only: tuple[RatedImage, ...]
    remarks: tuple[RatedImage, ...]


def results(items: Iterable[Item], ratings: Iterable[Rating]) -> ReviewResults:
    """Of a set; ratings of images that it doesn't have are left aside."""
    of: dict[str, list[Rating]] = {}
    for one in ratings:
        of.setdefault(one.item, []).append(one)
    rated_images = [RatedImage(item, tuple(of[item.key])) for item in items if item.key in of]
    asked = [one for one in rated_images if is_leak(one.item)]
    scored = [one for one in rated_images if one.item.style_score is not None]
    return ReviewResults(
        reviewers=tuple(sorted({one.reviewer for rated_image in rated_images for one in rated_image.ratings})),
        ratings=sum(len(rated_image.ratings) for rated_image in rated_images),
        images=len(rated_images),
        groups=tuple(groups(rated_images)),
        agreements=tuple(agreement(rated_images, scale) for scale in SCALES),
        by_artist=tuple(leaks(asked, lambda item: (item.artist, "", ""))),
        by_wording=tuple(leaks(asked, lambda item: (item.artist, item.facet, item.wording))),
        style_correlation=(with_scores(scored), with_scores([one for one in scored if one.item.side == EDITED])),
        compared=len(scored),
        human_only=tuple(
            sorted((o for o in rated_images if o.item.shown is False and o.mean("style") >= VISIBLE_FROM), key=_leaking)
        ),
        metric_only=tuple(
            sorted((o for o in rated_images if o.item.shown and o.mean("style") < VISIBLE_FROM), key=_leaking)
        ),
        remarks=tuple(o for o in rated_images if any(one.flag or one.comment for one in o.ratings)),
    )


def _leaking(rated_image: RatedImage) -> tuple[bool, float]:
    """Edited images first, then what people see the style in most."""
    return rated_image.item.side == ORIGINAL, -rated_image.mean("style")


def is_leak(item: Item) -> bool:
    """Whether the style should be gone from an image that asks for it."""
    return item.side == EDITED and item.role == "erased" and item.facet != "content"


def groups(rated_images: Sequence[RatedImage]) -> list[RatingGroup]:
    """By role in the order of their appearance, originals and edited apart."""
    found = []
    for role in dict.fromkeys(one.item.role for one in rated_images):
        for side in SIDES:
            some = [one for one in rated_images if one.item.role == role and one.item.side == side]
            if some:
                means = {scale: mean_of(some, scale) for scale in SCALES}
                found.append(RatingGroup(role=role, side=side, count=len(some), **means))
    return found


def mean_of(rated_images: Sequence[RatedImage], scale: str) -> Mean:
    return bootstrap([one.mean(scale) for one in rated_images])


def agreement(rated_images: Sequence[RatedImage], scale: str) -> Agreement:
    """Krippendorff's α (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability), with the ordinal difference."""
    reviewers = {one.reviewer for rated_image in rated_images for one in rated_image.ratings}
    shared = [one.ratings for one in rated_images if len(one.ratings) > 1]
    rated = [[getattr(one, scale) for one in ratings] for ratings in shared]
    values = {value for image in rated for value in image}
    why = "alone" if len(reviewers) < 2 else "apart" if not shared else "alike" if len(values) < 2 else ""
    return Agreement(scale, None if why else alpha(rated), why, len(shared))


def alpha(rated: Sequence[Sequence[int]]) -> float:
    """rated: the ratings of each image that has two or more."""
    import krippendorff

    counts = [np.bincount(ratings, minlength=MOST + 1) for ratings in rated]  # (images, ratings)
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal"))


def leaks(rated_images: Iterable[RatedImage], key: Callable[[Item], tuple[str, str, str]]) -> list[RatedLeakage]:
    """By artist, facet and wording as the key says; what leaves most of the style first."""
    some: dict[tuple[str, str, str], list[RatedImage]] = {}
    for one in rated_images:
        some.setdefault(key(one.item), []).append(one)
    found = [
        RatedLeakage(artist=artist, facet=facet, wording=wording, count=len(group), style=mean_of(group, "style"))
        for (artist, facet, wording), group in some.items()
    ]
    return sorted(found, key=lambda leak: -leak.style.value)


def with_scores(rated_images: Sequence[RatedImage]) -> float | None:
    """Spearman's rank correlation of ratings and style scores."""
    return spearman([one.mean("style") for one in rated_images], [one.item.style_score or 0.0 for one in rated_images])


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """None if it is not defined."""
    if len(first) < MIN_IMAGES or any(len(set(values)) < 2 for values in (first, second)):
        return None
    from scipy.stats import spearmanr

    return float(spearmanr(first, second).statistic)


def rows(items: Iterable[Item], ratings: Iterable[Rating]) -> list[dict[str, object]]:
    """A flat row for each rating, with all that is known of its image."""
    of = {item.key: item for item in items}
    return [asdict(of[one.item]) | asdict(one) for one in ratings if one.item in of]
