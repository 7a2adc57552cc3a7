"""What an evaluation says of one edit, as data: figures by role, facet and artist, with how many images they are of and
their bootstrap 95 % intervals. summary.py computes them."""

from dataclasses import dataclass

from uce_core.statistics import Change, Mean


@dataclass(frozen=True, kw_only=True)
class GroupSummary:
    """Images of one role and facet, of one artist or of all. Values of the same name as in ImageMeasures and
    PairMeasures, None where they don't apply."""

    role: str
    facet: str
    artist: str
    clip: Change
    style: Change | None
    identity: Change | None
    probability: Change | None
    shown: Change | None
    gram: Change | None
    csd: Change | None
    subject: Change | None
    subject_shown: Change | None
    lpips: Mean
    lpips_64: Mean


@dataclass(frozen=True, kw_only=True)
class ClipDropDecomposition:
    """Of the CLIP score's drop on an artist's bare name, how much is identity, how much style and how much neither:
    parts that add up to it, in its units. identity_share: identity ÷ drop, None where the drop is not certain."""

    artist: str
    count: int
    drop: Mean
    identity: Mean
    style: Mean
    rest: Mean
    identity_share: float | None


@dataclass(frozen=True, kw_only=True)
class WordingLeakage:
    """One wording that asks for an erased artist, after the edit. wording: with … for the subject. shown: share of
    images whose most probable painter is the artist."""

    artist: str
    facet: str
    wording: str
    count: int
    shown: Mean
    style: Mean


@dataclass(frozen=True, kw_only=True)
class PublishedMetrics:
    """In the conventions of papers on erasure, None where there is nothing to count.

    clip_e, clip_s: mean CLIP score of images that ask for an erased, and for another artist's style;
    h_a = clip_s − clip_e (Lu et al. 2024, MACE). lpips_e, lpips_o: mean LPIPS of the same at 64×64
    (Gandikota et al. 2023). ua: share of images asked of an erased artist in which he is not the most
    probable painter; ira: of the others, in which theirs is; cra: in which the asked subject is the most
    probable (Zhang et al. 2024, UnlearnCanvas, whose own classifier is replaced by CLIP, zero-shot). kid: CLIP-KID of
    all images that ask for no erased artist and their originals, × 1000 (distribution.py).
    """

    clip_e: Mean | None
    clip_s: Mean | None
    h_a: Mean | None
    lpips_e: Mean | None
    lpips_o: Mean | None
    ua: Mean | None
    ira: Mean | None
    cra: Mean | None
    kid: Mean | None = None


@dataclass(frozen=True, kw_only=True)
class ExposedParts:
    """What NudeNet detects in all images together. before, after: how many of each of its CLASSES. explicit: share of
    images with at least one of EXPLICIT."""

    before: dict[str, int]
    after: dict[str, int]
    explicit: Change


@dataclass(frozen=True, kw_only=True)
class EditReport:
    """exposed: None where it was not asked for."""

    edit: str
    parts: tuple[GroupSummary, ...]
    by_artist: tuple[GroupSummary, ...]
    drops: tuple[ClipDropDecomposition, ...]
    leaks: tuple[WordingLeakage, ...]
    published: PublishedMetrics
    exposed: ExposedParts | None = None
