"""An evaluation's reports in words and cells, for the terminal and for the page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from uce_core.evaluation.summary import (
    ClipDropDecomposition,
    EditReport,
    GroupSummary,
    PublishedMetrics,
    WordingLeakage,
)
from uce_core.statistics import Change, Mean

LEAKS = 12  # wordings in a table
UNCERTAIN = "≈"
PAPERS = {  # field of Published: head and direction
    "clip_e": "CLIP_e ↓",
    "clip_s": "CLIP_s ↑",
    "h_a": "H_a ↑",
    "lpips_e": "LPIPS_e (64×64) ↑",
    "lpips_o": "LPIPS_o (64×64) ↓",
    "ua": "UA ↑",
    "ira": "IRA ↑",
    "cra": "CRA ↑",
}
MEASURES = {  # field of Part: head
    "shown": "painted by the artist",
    "style": "style score",
    "identity": "identity score",
    "gram": "Gram distance",
    "csd": "CSD likeness",
    "clip": "CLIP score",
    "subject_shown": "subject shown",
}
ROLE_WORDS = {
    "erased": "the erased",
    "retained": "retained artists",
    "near": "others, near",
    "far": "others, far",
    "other": "other artists",
    "": "no artist",
}
FACET_WORDS = {
    "name": "bare name",
    "style": "style",
    "portrait": "portrait",
    "content": "content",
    "indirect": "indirect wording",
    "": "prompts",
}


FINDINGS = {  # by role, facet and measure
    ("erased", "style", "shown"): "Asked for by style, the erased are seen in {change} of the pictures.",
    ("erased", "indirect", "shown"): "Asked for without the name, the erased are seen in {change} of the pictures.",
    ("retained", "style", "shown"): "Retained artists are seen in {change} of theirs.",
    ("near", "style", "shown"): "Other artists of a near style are seen in {change} of theirs.",
    ("far", "style", "shown"): "Other artists of a far style are seen in {change} of theirs.",
    ("other", "style", "shown"): "Other artists are seen in {change} of theirs.",
    ("erased", "content", "subject_shown"): "Subjects asked for without an artist are seen in {change}.",
}
OF_THE_DROP = "Of the CLIP score's drop on the bare name “{artist}”, {share} is identity."


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
    ]
    return [table for table in found if table.rows]


def artist_table(report: EditReport) -> Table:
    return part_table("Artist by artist", report.by_artist, intervals=True)


def part_table(title: str, parts: Iterable[GroupSummary], intervals: bool) -> Table:
    parts = list(parts)
    measures = {name: head for name, head in MEASURES.items() if any(getattr(part, name) for part in parts)}
    head = ("asked for", "pictures", *measures.values(), "LPIPS", "LPIPS at 64×64")
    return Table(title, head, tuple(_part_row(part, measures, intervals) for part in parts))


def _part_row(part: GroupSummary, measures: Iterable[str], intervals: bool) -> tuple[str, ...]:
    what = f"{part.artist or ROLE_WORDS[part.role]}: {FACET_WORDS[part.facet]}"
    cells = [moved(getattr(part, name), 1 if name == "clip" else 2, intervals) for name in measures]
    return what, str(part.clip.count), *cells, spread(part.lpips), spread(part.lpips_64)


def drop_table(drops: Iterable[ClipDropDecomposition]) -> Table:
    head = ("bare name", "pictures", "drop of the CLIP score", "identity", "style", "neither", "identity share")
    rows = [
        (
            drop.artist,
            str(drop.count),
            *(spread(mean, 1) for mean in (drop.drop, drop.identity, drop.style, drop.rest)),
            "–" if drop.identity_share is None else f"{drop.identity_share:.0%}",
        )
        for drop in drops
    ]
    return Table("What the CLIP score's drop on the bare name is made of", head, tuple(rows))


def leak_table(leaks: Sequence[WordingLeakage]) -> Table:
    head = ("artist", "wording", "pictures", "still painted by the artist", "style score")
    rows = [
        (leak.artist, leak.wording, str(leak.count), spread(leak.shown), spread(leak.style)) for leak in leaks[:LEAKS]
    ]
    return Table("Leakage by wording, the worst first", head, tuple(rows))


def published_table(published: PublishedMetrics, shows: Sequence[str]) -> Table:
    known = {name: mean for name in shows if (mean := getattr(published, name)) is not None}
    row = tuple(spread(mean, 2) for mean in known.values())
    return Table("As papers count", tuple(PAPERS[name] for name in known), (row,) if row else ())


@dataclass(frozen=True)
class Finding:
    """A sentence with its slots open, which is also the key under which the app finds a translation."""

    sentence: str
    slots: Mapping[str, str]

    def __str__(self) -> str:
        return self.sentence.format(**self.slots)


def summary(report: EditReport) -> list[Finding]:
    """What a person wants to know first."""
    parts = {(part.role, part.facet): part for part in report.parts}
    found = []
    for (role, facet, measure), sentence in FINDINGS.items():
        part = parts.get((role, facet))
        change: Change | None = getattr(part, measure) if part else None
        if change:
            found.append(Finding(sentence, {"change": shares(change)}))
    for drop in report.drops:
        if drop.identity_share is not None:
            share = with_minus(f"{drop.identity_share:.0%}")
            found.append(Finding(OF_THE_DROP, {"artist": drop.artist, "share": share}))
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
    return f"{mean.value:.{digits}f} [{mean.low:.{digits}f}, {mean.high:.{digits}f}]"
