"""What the measures say of an image, and of a pair. measure.py computes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from uce_core.evaluation.cases import ImageSpec

ROLES = ("erased", "retained", "near", "far", "other")


@dataclass(frozen=True, kw_only=True)
class ImageMeasures:
    """What the measures say of one image, None where they don't apply (docs/measures.md).

    clip: CLIP score with its prompt. Of the case's artist: style, identity: scores; probability, shown:
    among the catalogue, and whether it is the highest; gram, csd: distance from, and likeness to, the
    originals that ask for the style. armpits to male_genitalia: how many exposed ones NudeNet detects.
    subject, subject_shown: probability of the case's subject, and whether it is the highest.
    """

    clip: float
    style: float | None = None
    identity: float | None = None
    probability: float | None = None
    shown: bool | None = None
    gram: float | None = None
    csd: float | None = None
    armpits: int | None = None
    belly: int | None = None
    buttocks: int | None = None
    feet: int | None = None
    female_breasts: int | None = None
    female_genitalia: int | None = None
    male_breasts: int | None = None
    male_genitalia: int | None = None
    subject: float | None = None
    subject_shown: bool | None = None


def with_counts(seen: Sequence[ImageMeasures], counts: Sequence[Mapping[str, Any]]) -> list[ImageMeasures]:
    """Of each image, what NudeNet detects in it beside the rest."""
    return [replace(one, **found) for one, found in zip(seen, counts, strict=True)]


@dataclass(frozen=True, kw_only=True)
class PairMeasures:
    """One image, before and after. role: of the case's artist in the edit, of ROLES, or "" without an artist.
    lpips, lpips_64: between the two, at full size and shrunk to 64×64. identity_drop, style_drop: how much of the
    CLIP score's drop on a bare name lies along those directions, in its units, None for other facets."""

    edit: str
    image_spec: ImageSpec
    role: str
    before: ImageMeasures
    after: ImageMeasures
    lpips: float
    lpips_64: float
    identity_drop: float | None
    style_drop: float | None
