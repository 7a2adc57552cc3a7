"""Reports of an evaluation as sentences and tables, for the terminal and for the page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from uce_core.evaluation.edit_report import (
    ClipDropDecomposition,
    EditReport,
    ExposedParts,
    GroupSummary,
    PublishedMetrics,
    WordingLeakage,
)
from uce_core.evaluation.measures import ROLES
from uce_core.metrics.nudenet import CLASSES, THRESHOLD
from uce_core.statistics import Change, Mean

LEAKS = 12  # wordings in a table
ARTISTS = 100  # lines in a table
UNCERTAIN = "≈"
PAPERS = {  # field of PublishedMetrics: head and direction
    "clip_e": "CLIP_e ↓",
    "clip_s": "CLIP_s ↑",
    "h_a": "H_a ↑",
    "lpips_e": "LPIPS_e (64×64) ↑",
    "lpips_o": "LPIPS_o (64×64) ↓",
    "ua": "UA ↑",
    "ira": "IRA ↑",
    "cra": "CRA ↑",
    "kid": "CLIP-KID × 1000 ↓",
}
MEASURES = {  # field of GroupSummary: head
    "shown": "artist recognised",
    "style": "style score",
    "identity": "identity score",
    "gram": "Gram distance",
    "csd": "CSD similarity",
    "clip": "CLIP score",
    "subject_shown": "subject recognised",
}
ROLE_WORDS = {
    "erased": "erased artists",
    "retained": "retained artists",
    "near": "similar artists",
    "far": "dissimilar artists",
    "other": "other artists",
    "": "no artist",
}
FACET_WORDS = {
    "name": "bare name",
    "style": "style",
    "portrait": "portrait",
    "content": "content",
    "indirect": "indirect wording",
    "empty": "empty prompt",
    "": "prompts",
}


FINDINGS = {  # by id; the sentences of GROUP_FINDINGS have the slot change
    "erased_style": "Prompted by style, the erased artists are recognised in {change} of the images.",
    "erased_indirect": "Prompted without the name, the erased artists are recognised in {change} of the images.",
    "retained_style": "Retained artists are recognised in {change} of their images.",
    "near_style": "Artists of a similar style are recognised in {change} of their images.",
    "far_style": "Artists of a dissimilar style are recognised in {change} of their images.",
    "other_style": "Other artists are recognised in {change} of their images.",
    "erased_content": "Subjects prompted without an artist are recognised in {change} of the images.",
    "clip_drop_identity": "Identity accounts for {share} of the drop in CLIP score on the bare name “{artist}”.",
}
GROUP_FINDINGS = {  # the change of which measure is told, of which group (role and facet)
    "erased_style": ("erased", "style", "shown"),
    "erased_indirect": ("erased", "indirect", "shown"),
    "retained_style": ("retained", "style", "shown"),
    "near_style": ("near", "style", "shown"),
    "far_style": ("far", "style", "shown"),
    "other_style": ("other", "style", "shown"),
    "erased_content": ("erased", "content", "subject_shown"),
}


@dataclass(frozen=True)
class Table:
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def markdown(self) -> str:
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join([f"{self.title}\n", *(f"| {' | '.join(line)} |" for line in lines)])


def tables(report: EditReport, shows: Sequence[str] = tuple(PAPERS), intervals: bool = False) -> list[Table]:
    """All that have a row, but artist_table. shows: which of the papers' metrics. intervals: with those of the
    differences, where there is room."""
    found = [
        part_table("Before → after", report.parts, intervals),
        drop_table(report.drops),
        leak_table(report.leaks),
        published_table(report.published, shows),
        *([exposed_table(report.exposed)] if report.exposed else []),
    ]
    return [table for table in found if table.rows]


def edits_table(reports: Iterable[EditReport]) -> Table:
    """A row for each edit: the style by the part that an artist has in it, and how far others' images moved."""
    rows = []
    for report in reports:
        of_style = {part.role: part for part in report.parts if part.facet == "style"}
        styles = [moved(of_style[role].shown) if role in of_style else "–" for role in ROLES[:4]]
        others = [spread(of_style[role].lpips) if role in of_style else "–" for role in ROLES[1:4]]
        rows.append((report.edit, *styles, *others))
    head = ("edit", *(f"style, {role}" for role in ROLES[:4]), *(f"LPIPS, {role}" for role in ROLES[1:4]))
    return Table("Edit by edit", head, tuple(rows))


def artist_table(report: EditReport) -> Table:
    """Of many artists those of whom most is left though they are erased, and those who lost most."""
    parts = report.by_artist
    title = "Artist by artist"
    if len(parts) > ARTISTS:
        parts = tuple(sorted(parts, key=_harm, reverse=True)[:ARTISTS])
        title += f": {len(parts)} of {len(report.by_artist)} groups, those with most left or lost"
    return part_table(title, parts, intervals=True)


def _harm(part: GroupSummary) -> float:
    """What is left of an erased artist, or was lost of another, by the share of images that are recognised."""
    if part.shown is None:
        return 0.0
    return part.shown.after.value if part.role == "erased" else -part.shown.difference.value


def part_table(title: str, parts: Iterable[GroupSummary], intervals: bool) -> Table:
    parts = list(parts)
    measures = {name: head for name, head in MEASURES.items() if any(getattr(part, name) for part in parts)}
    head = ("prompted for", "images", *measures.values(), "LPIPS", "LPIPS at 64×64")
    return Table(title, head, tuple(_part_row(part, measures, intervals) for part in parts))


def _part_row(part: GroupSummary, measures: Iterable[str], intervals: bool) -> tuple[str, ...]:
    what = f"{part.artist or ROLE_WORDS[part.role]}: {FACET_WORDS[part.facet]}"
    cells = [moved(getattr(part, name), 1 if name == "clip" else 2, intervals) for name in measures]
    return what, str(part.clip.count), *cells, spread(part.lpips), spread(part.lpips_64)


def drop_table(drops: Sequence[ClipDropDecomposition]) -> Table:
    """Of many the largest."""
    largest = drops if len(drops) <= ARTISTS else sorted(drops, key=lambda one: -one.drop.value)[:ARTISTS]
    head = ("bare name", "images", "drop in CLIP score", "identity", "style", "neither", "identity share")
    rows = [
        (
            drop.artist,
            str(drop.count),
            *(spread(mean, 1) for mean in (drop.drop, drop.identity, drop.style, drop.rest)),
            "–" if drop.identity_share is None else f"{drop.identity_share:.0%}",
        )
        for drop in largest
    ]
    return Table("Drop in CLIP score on the bare name, by cause", head, tuple(rows))


def leak_table(leaks: Sequence[WordingLeakage]) -> Table:
    head = ("artist", "wording", "images", "artist still recognised", "style score")
    rows = [
        (leak.artist, leak.wording, str(leak.count), spread(leak.shown), spread(leak.style)) for leak in leaks[:LEAKS]
    ]
    return Table("Leakage by wording, worst first", head, tuple(rows))


def published_table(published: PublishedMetrics, shows: Sequence[str]) -> Table:
    known = {name: mean for name in shows if (mean := getattr(published, name)) is not None}
    row = tuple(spread(mean, 2) for mean in known.values())
    return Table("Metrics of the papers", tuple(PAPERS[name] for name in known), (row,) if row else ())


def exposed_table(exposed: ExposedParts) -> Table:
    """In the columns of MACE's table, and the share of images with one of NudeNet's explicit classes."""
    head = ("images", *(name.replace("_", " ") for name in CLASSES), "total", "explicit images")
    rows = [
        (side, *(str(counts[name]) for name in CLASSES), str(sum(counts.values())), spread(share))
        for side, counts, share in (
            ("original", exposed.before, exposed.explicit.before),
            ("edited", exposed.after, exposed.explicit.after),
        )
    ]
    return Table(f"Exposed body parts that NudeNet detects, score {THRESHOLD} or higher", head, tuple(rows))


@dataclass(frozen=True)
class Finding:
    """One of FINDINGS, with what fills its slots."""

    id: str
    slots: Mapping[str, str]

    def __str__(self) -> str:
        return FINDINGS[self.id].format(**self.slots)


def summary(report: EditReport) -> list[Finding]:
    """What a person wants to know first."""
    parts = {(part.role, part.facet): part for part in report.parts}
    found = []
    for finding, (role, facet, measure) in GROUP_FINDINGS.items():
        part = parts.get((role, facet))
        change: Change | None = getattr(part, measure) if part else None
        if change:
            found.append(Finding(finding, {"change": shares(change)}))
    for drop in report.drops:
        if drop.identity_share is not None:
            share = with_minus(f"{drop.identity_share:.0%}")
            found.append(Finding("clip_drop_identity", {"artist": drop.artist, "share": share}))
    return found


def with_minus(figures: str) -> str:
    """With the sign for it, which is no hyphen."""
    return figures.replace("-", "−")


def shares(change: Change) -> str:
    """before → after, in %; ≈ where they don't differ for certain."""
    arrow = UNCERTAIN if change.difference.none else "→"
    return f"{change.before.value:.0%} {arrow} {change.after.value:.0%}"


def moved(change: Change | None, digits: int = 2, interval: bool = False) -> str:
    """before → after; ≈ where the difference's interval holds 0. interval: say it, too."""
    if change is None:
        return "–"
    arrow = UNCERTAIN if change.difference.none else "→"
    said = f"{change.before.value:.{digits}f} {arrow} {change.after.value:.{digits}f}"
    by = change.difference
    return f"{said} ({by.value:+.{digits}f} [{by.low:+.{digits}f}, {by.high:+.{digits}f}])" if interval else said


def spread(mean: Mean, digits: int = 2) -> str:
    """With its interval, unless that is a point: of a single value, or of equal ones, there is nothing to resample."""
    value = f"{mean.value:.{digits}f}"
    return value if mean.low == mean.high else f"{value} [{mean.low:.{digits}f}, {mean.high:.{digits}f}]"
