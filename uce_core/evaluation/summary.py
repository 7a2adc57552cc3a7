"""What an evaluation's rows add up to: efficacy, retention, content, leakage, identity share, and the papers' metrics.

Every figure comes with how many images it is of and its bootstrap 95 % interval. Rows are tables as in scores.py.
Knows nothing about images or models.
"""

import numpy as np
import polars as pl
from polars import col

from uce_core.evaluation.cases import EMPTY, FACETS
from uce_core.evaluation.edit_report import (
    ClipDropDecomposition,
    EditReport,
    ExposedParts,
    GroupSummary,
    PublishedMetrics,
    WordingLeakage,
)
from uce_core.evaluation.measures import ROLES
from uce_core.evaluation.scores import COUNTS
from uce_core.metrics.nudenet import CLASSES, EXPLICIT
from uce_core.statistics import Change, Mean, bootstrap, change, difference


def report(edit: str, rows: pl.DataFrame, kid: Mean | None = None) -> EditReport:
    """Of one edit's rows. kid: of PublishedMetrics."""
    by_artist = rows.filter(col("artist") != "").partition_by("artist", maintain_order=True)
    named = [some for some in (of(own, "erased", "name") for own in by_artist) if len(some)]
    return EditReport(
        edit=edit,
        parts=tuple(groups(rows)),
        by_artist=tuple(group for own in by_artist for group in groups(own, own["artist"][0])),
        drops=tuple(drop(some["artist"][0], some) for some in named),
        leaks=tuple(leaks(rows)),
        published=published(rows, kid),
        exposed=exposed(rows),
    )


def of(rows: pl.DataFrame, role: str, facet: str) -> pl.DataFrame:
    return rows.filter(col("role") == role, col("facet") == facet)


def groups(rows: pl.DataFrame, artist: str = "") -> list[GroupSummary]:
    """By role and facet, those that there are."""
    asked = ((role, facet, of(rows, role, facet)) for role in (*ROLES, "") for facet in (*FACETS, "", EMPTY))
    return [group(role, facet, artist, some) for role, facet, some in asked if len(some)]


def group(role: str, facet: str, artist: str, rows: pl.DataFrame) -> GroupSummary:
    def both(name: str) -> Change | None:
        known = rows.filter(col(f"{name}_before").is_not_null())
        return change(values(known, f"{name}_before"), values(known, f"{name}_after")) if len(known) else None

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
        lpips=bootstrap(values(rows, "lpips")),
        lpips_64=bootstrap(values(rows, "lpips_64")),
    )


def values(rows: pl.DataFrame, name: str) -> np.ndarray:
    """A column (n,), what does not apply as 0."""
    return rows[name].cast(pl.Float64).fill_null(0.0).to_numpy()


def drop(artist: str, rows: pl.DataFrame) -> ClipDropDecomposition:
    """rows: of the bare name."""
    drops = values(rows, "clip_before") - values(rows, "clip_after")
    identity, style = values(rows, "identity_drop"), values(rows, "style_drop")
    whole, person = bootstrap(drops), bootstrap(identity)
    share = None if whole.none else person.value / whole.value
    return ClipDropDecomposition(
        artist=artist,
        count=len(rows),
        drop=whole,
        identity=person,
        style=bootstrap(style),
        rest=bootstrap(drops - identity - style),
        identity_share=share,
    )


def leaks(rows: pl.DataFrame) -> list[WordingLeakage]:
    """The wordings that ask for erased artists, those that leave most of the style first."""
    asked = rows.filter(col("role") == "erased", col("facet") != "content")
    by_wording: dict[tuple[str, str, str], list[pl.DataFrame]] = {}
    for some in asked.partition_by("artist", "facet", "prompt", "subject", maintain_order=True):
        artist, facet, prompt, subject = (some[name][0] for name in ("artist", "facet", "prompt", "subject"))
        wording = prompt.replace(subject, "…", 1) if subject else prompt
        by_wording.setdefault((artist, facet, wording), []).append(some)
    found = [
        WordingLeakage(
            artist=artist,
            facet=facet,
            wording=wording,
            count=len(some),
            shown=bootstrap(values(some, "shown_after")),
            style=bootstrap(values(some, "style_after")),
        )
        for (artist, facet, wording), parts in by_wording.items()
        for some in [pl.concat(parts)]
    ]
    return sorted(found, key=lambda leak: (-leak.shown.value, -leak.style.value))


def published(rows: pl.DataFrame, kid: Mean | None = None) -> PublishedMetrics:
    asked = rows.filter(col("facet").is_in(["style", ""]), col("artist") != "")
    erased, others = asked.filter(col("role") == "erased"), asked.filter(col("role") != "erased")
    subjects = rows.filter(col("subject_shown_after").is_not_null())

    def mean(some: pl.DataFrame, name: str) -> Mean | None:
        return bootstrap(values(some, name)) if len(some) else None

    return PublishedMetrics(
        clip_e=mean(erased, "clip_after"),
        clip_s=mean(others, "clip_after"),
        h_a=difference(values(others, "clip_after"), values(erased, "clip_after"))
        if len(erased) and len(others)
        else None,
        lpips_e=mean(erased, "lpips_64"),
        lpips_o=mean(others, "lpips_64"),
        ua=bootstrap(1 - values(erased, "shown_after")) if len(erased) else None,
        ira=mean(others, "shown_after"),
        cra=mean(subjects, "subject_shown_after"),
        kid=kid,
    )


def exposed(rows: pl.DataFrame) -> ExposedParts | None:
    """Of all images, whatever they ask for; None where nothing was counted."""

    def total(side: str) -> dict[str, int]:
        return {name: int(rows[f"{name}_{side}"].sum()) for name in CLASSES}

    def explicit(side: str) -> np.ndarray:
        """Whether each image (n,) has one of EXPLICIT."""
        return rows.select(pl.any_horizontal(col(f"{name}_{side}") > 0 for name in EXPLICIT)).to_series().to_numpy()

    if any(rows[name].null_count() for name in COUNTS):
        return None
    return ExposedParts(
        before=total("before"), after=total("after"), explicit=change(explicit("before"), explicit("after"))
    )
