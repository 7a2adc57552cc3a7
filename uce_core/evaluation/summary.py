"""What an evaluation's rows add up to: efficacy, retention, content, leakage, identity share, and the papers' metrics.

Every figure comes with how many images it is of and its bootstrap 95 % interval. Knows rows, not
images or models.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from uce_core.evaluation.cases import FACETS
from uce_core.evaluation.measures import ROLES, ImageMeasures, PairMeasures
from uce_core.statistics import Change, Mean, bootstrap, change, difference


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
    probable (Zhang et al. 2024, UnlearnCanvas, whose own classifier is replaced by CLIP, zero-shot).
    """

    clip_e: Mean | None
    clip_s: Mean | None
    h_a: Mean | None
    lpips_e: Mean | None
    lpips_o: Mean | None
    ua: Mean | None
    ira: Mean | None
    cra: Mean | None


@dataclass(frozen=True, kw_only=True)
class EditReport:
    edit: str
    parts: tuple[GroupSummary, ...]
    by_artist: tuple[GroupSummary, ...]
    drops: tuple[ClipDropDecomposition, ...]
    leaks: tuple[WordingLeakage, ...]
    published: PublishedMetrics


def report(edit: str, rows: Sequence[PairMeasures]) -> EditReport:
    """Of one edit's rows."""
    groups = [(role, facet) for role in (*ROLES, "") for facet in (*FACETS, "")]
    parts = [part(role, facet, "", of(rows, role, facet)) for role, facet in groups if of(rows, role, facet)]
    artists = list(dict.fromkeys(row.image_spec.case.artist for row in rows if row.image_spec.case.artist))
    by_artist = [
        part(role, facet, artist, some)
        for artist in artists
        for role, facet in groups
        if (some := [row for row in of(rows, role, facet) if row.image_spec.case.artist == artist])
    ]
    named = {
        artist: [r for r in of(rows, "erased", "name") if r.image_spec.case.artist == artist] for artist in artists
    }
    return EditReport(
        edit=edit,
        parts=tuple(parts),
        by_artist=tuple(by_artist),
        drops=tuple(drop(artist, some) for artist, some in named.items() if some),
        leaks=tuple(leaks(rows)),
        published=published(rows),
    )


def of(rows: Iterable[PairMeasures], role: str, facet: str) -> list[PairMeasures]:
    return [row for row in rows if row.role == role and row.image_spec.case.facet == facet]


def part(role: str, facet: str, artist: str, rows: Sequence[PairMeasures]) -> GroupSummary:
    def both(name: str) -> Change | None:
        known = [row for row in rows if getattr(row.before, name) is not None]
        if not known:
            return None
        return change(*([float(getattr(seen, name)) for seen in side] for side in sides(known)))

    clip = both("clip")
    assert clip is not None  # every image has one
    return GroupSummary(
        role=role,
        facet=facet,
        artist=artist,
        clip=clip,
        style=both("style"),
        identity=both("identity"),
        probability=both("probability"),
        shown=both("shown"),
        gram=both("gram"),
        csd=both("csd"),
        subject=both("subject"),
        subject_shown=both("subject_shown"),
        lpips=bootstrap([row.lpips for row in rows]),
        lpips_64=bootstrap([row.lpips_64 for row in rows]),
    )


def sides(rows: Sequence[PairMeasures]) -> tuple[list[ImageMeasures], list[ImageMeasures]]:
    return [row.before for row in rows], [row.after for row in rows]


def drop(artist: str, rows: Sequence[PairMeasures]) -> ClipDropDecomposition:
    """rows: of the bare name."""
    drops = [row.before.clip - row.after.clip for row in rows]
    identity = [row.identity_drop or 0.0 for row in rows]
    style = [row.style_drop or 0.0 for row in rows]
    rest = [d - i - s for d, i, s in zip(drops, identity, style, strict=True)]
    whole, person = bootstrap(drops), bootstrap(identity)
    share = None if whole.none else person.value / whole.value
    return ClipDropDecomposition(
        artist=artist,
        count=len(rows),
        drop=whole,
        identity=person,
        style=bootstrap(style),
        rest=bootstrap(rest),
        identity_share=share,
    )


def leaks(rows: Iterable[PairMeasures]) -> list[WordingLeakage]:
    """The wordings that ask for erased artists, those that leave most of the style first."""
    groups: dict[tuple[str, str, str], list[PairMeasures]] = {}
    for row in rows:
        case = row.image_spec.case
        if row.role == "erased" and case.facet != "content":
            wording = case.prompt.replace(case.subject, "…", 1) if case.subject else case.prompt
            groups.setdefault((case.artist, case.facet, wording), []).append(row)
    found = [
        WordingLeakage(
            artist=artist,
            facet=facet,
            wording=wording,
            count=len(some),
            shown=bootstrap([float(row.after.shown or False) for row in some]),
            style=bootstrap([row.after.style or 0.0 for row in some]),
        )
        for (artist, facet, wording), some in groups.items()
    ]
    return sorted(found, key=lambda leak: (-leak.shown.value, -leak.style.value))


def published(rows: Sequence[PairMeasures]) -> PublishedMetrics:
    asked = [row for row in rows if row.image_spec.case.facet in ("style", "") and row.image_spec.case.artist]
    erased = [row for row in asked if row.role == "erased"]
    others = [row for row in asked if row.role != "erased"]

    def mean(some: Sequence[PairMeasures], value: Callable[[PairMeasures], float]) -> Mean | None:
        return bootstrap([value(row) for row in some]) if some else None

    def clips(some: Sequence[PairMeasures]) -> list[float]:
        return [row.after.clip for row in some]

    both = bool(erased and others)
    subjects = [row for row in rows if row.after.subject_shown is not None]
    return PublishedMetrics(
        clip_e=mean(erased, lambda row: row.after.clip),
        clip_s=mean(others, lambda row: row.after.clip),
        h_a=difference(clips(others), clips(erased)) if both else None,
        lpips_e=mean(erased, lambda row: row.lpips_64),
        lpips_o=mean(others, lambda row: row.lpips_64),
        ua=mean(erased, lambda row: float(not row.after.shown)),
        ira=mean(others, lambda row: float(row.after.shown or False)),
        cra=mean(subjects, lambda row: float(row.after.subject_shown or False)),
    )
