"""All methods that erase, on the same originals: who is erased and retained, what is asked, and what is found of each.

Methods that cannot be told what to retain are held against the same artists as the others. What is found is printed as
tables here, and drawn (plots.py). Knows nothing about models or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uce_core.edits.spec import MethodSpec
from uce_core.evaluation.cases import EMPTY, Case, facet_cases
from uce_core.evaluation.edit_report import EditReport, GroupSummary, PublishedMetrics
from uce_core.evaluation.solving import SolvingCost
from uce_core.evaluation.sweep import check_erased, shown_artists
from uce_core.evaluation.tables import Table, spread
from uce_core.methods import METHODS, preset
from uce_core.problems import Problem
from uce_core.statistics import Change, Mean

ALL_BUT_ONE = "all-but-one"  # a count of artists
LEFT = {"style": "style", "name": "bare name", "portrait": "portrait", "indirect": "indirect wording"}  # of the erased
ROLES = {"retained": "retained", "near": "near", "far": "far"}  # of others


@dataclass(frozen=True)
class Entry:
    """A method that erases so many artists."""

    method: str
    erased: int

    @property
    def name(self) -> str:
        """That can be a folder's."""
        return f"{self.method}-{self.erased}"

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"edit": self.name, "method": self.method, "erased": self.erased}

    def spec(self, artists: Sequence[str], settings: str) -> MethodSpec:
        """Of the edit. settings: name of a preset. Raises ValueError if the method has none of that name."""
        retain = retained(artists, self.erased) if METHODS[self.method].spec.retains else ()
        found: MethodSpec = preset(settings, artists[: self.erased], retain, self.method)
        return found


def counts_of(text: str, known: int) -> tuple[int, ...]:
    """How many of so many known artists are erased, from numbers and all-but-one with commas between them. Raises
    ValueError for anything else, or too many."""
    found = []
    for part in (one.strip() for one in text.split(",")):
        if part != ALL_BUT_ONE and not part.isdecimal():
            raise Problem(
                "bad_erased_counts",
                "{count!r} is no number of artists: write whole numbers or {all}, with commas between them.",
                count=part,
                all=ALL_BUT_ONE,
            )
        found.append(known - 1 if part == ALL_BUT_ONE else int(part))
        check_erased(found[-1], known)
    return tuple(dict.fromkeys(found))


def retained(artists: Sequence[str], erased: int) -> tuple[str, ...]:
    """Every second of those that are not erased: the others are such as no edit names."""
    return tuple(artists[erased::2])


def study_cases(
    artists: Sequence[str], most: int, asked: int | None, indirect: Mapping[str, Sequence[str]]
) -> list[Case]:
    """Every facet of erased artists, the style of others, and prompts without any. most: how many are erased at most.
    asked: as in sweep.shown_artists."""
    erased, others = shown_artists(artists, most, asked)
    return facet_cases(erased, others, indirect, no_artist=True)


@dataclass(frozen=True, kw_only=True)
class MethodResult:
    """Of an entry. parts: by role and facet."""

    entry: Entry
    cost: SolvingCost
    parts: Mapping[tuple[str, str], GroupSummary]
    published: PublishedMetrics

    @property
    def left(self) -> Mean | None:
        """Share of images that ask for an erased artist's style and show it."""
        return _after(self.shown("erased", "style"))

    @property
    def kept(self) -> Mean | None:
        """Share of images that ask for another artist's style and show it."""
        return self.published.ira

    def shown(self, role: str, facet: str) -> Change | None:
        """Share of images that show what they should: their artist, or where they name none their subject."""
        part = self.parts.get((role, facet))
        return None if part is None else part.subject_shown if facet in ("content", "") else part.shown

    def lpips(self, role: str, facet: str) -> Mean | None:
        part = self.parts.get((role, facet))
        return part.lpips if part else None


def result_of(entry: Entry, cost: SolvingCost, report: EditReport) -> MethodResult:
    parts = {(part.role, part.facet): part for part in report.parts}
    return MethodResult(entry=entry, cost=cost, parts=parts, published=report.published)


def study_tables(found: Sequence[MethodResult]) -> list[Table]:
    """found: in the order of their counts."""
    return [_shown_table(found), _moved_table(found)]


SHOWN = {  # role and facet of what should be shown: head
    **{("erased", facet): f"{word} left" for facet, word in LEFT.items()},
    ("erased", "content"): "content",
    **{(role, "style"): word for role, word in ROLES.items()},
    ("", ""): "no artist",
}
MOVED = {**{(role, "style"): word for role, word in ROLES.items()}, ("", ""): "no artist", ("", EMPTY): "empty prompt"}


def _shown_table(found: Sequence[MethodResult]) -> Table:
    """With a line of the originals for each count."""
    rows: list[tuple[str, ...]] = []
    for one in found:
        changes, count = [one.shown(*place) for place in SHOWN], str(one.entry.erased)
        if not rows or rows[-1][0] != count:
            rows.append((count, "no edit", *(_cell(change.before if change else None) for change in changes)))
        rows.append((count, one.entry.method, *(_cell(_after(change)) for change in changes)))
    return Table("What is left and what is kept: share of images", ("erased", "method", *SHOWN.values()), tuple(rows))


def _moved_table(found: Sequence[MethodResult]) -> Table:
    head = (
        *("erased", "method"),
        *(f"LPIPS, {word}" for word in MOVED.values()),
        *("CLIP-KID × 1000", "CLIP_e", "CLIP_s", "seconds to solve", "bytes"),
    )
    rows = [
        (
            *(str(one.entry.erased), one.entry.method),
            *(_cell(one.lpips(*place)) for place in MOVED),
            *(_cell(mean, 1) for mean in (one.published.kid, one.published.clip_e, one.published.clip_s)),
            *(f"{one.cost.seconds:.3f}", f"{one.cost.bytes:,}"),
        )
        for one in found
    ]
    return Table("How far what should stay has moved, and what it costs", head, tuple(rows))


def _after(change: Change | None) -> Mean | None:
    return change.after if change else None


def _cell(mean: Mean | None, digits: int = 2) -> str:
    return spread(mean, digits) if mean else "–"
