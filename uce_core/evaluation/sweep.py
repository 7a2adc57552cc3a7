"""A grid of edits over axes: method, strength, how many artists are erased, and any setting of a method.

What is found at each point is drawn against each axis (plots.py). Knows nothing about models or files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from uce_core.checks import one_of
from uce_core.edits.spec import MethodSpec
from uce_core.evaluation.edit_report import EditReport, GroupSummary
from uce_core.evaluation.tables import Table, spread
from uce_core.grids.axes import METHOD, STRENGTH, Axis, check_once, check_settings, kinds_of_settings, shown
from uce_core.methods import erasing
from uce_core.problems import Problem
from uce_core.statistics import Mean

ERASED = "erased"  # an axis: how many artists
MOST_POINTS = 500


def axis_named(text: str) -> Axis:
    """From NAME=VALUE,VALUE. Raises ValueError if that is no axis of any method, or a value is none of its."""
    return Axis.named(text, {METHOD: str, STRENGTH: float, ERASED: int} | kinds_of_settings())


@dataclass(frozen=True)
class Point:
    """values: one of each axis, by its name."""

    values: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        """That can be a folder's."""
        return re.sub(r"[^\w.+-]+", "_", "-".join(f"{axis}-{shown(value)}" for axis, value in self.values))

    def get(self, axis: str, default: Any) -> Any:
        return dict(self.values).get(axis, default)

    def spec(self, artists: Sequence[str]) -> MethodSpec:
        """Of the edit that is solved: the first of the artists are erased, the others retained. Raises ValueError if
        there are too few, or the method refuses a setting."""
        method, count = self.get(METHOD, "uce"), self.get(ERASED, 1)
        one_of("method", method, erasing())
        check_erased(count, len(artists))
        settings = {name: value for name, value in self.values if name not in (METHOD, STRENGTH, ERASED)}
        spec: type[MethodSpec] = erasing()[method].spec
        check_settings(settings, spec)
        retain = tuple(artists[count:]) if spec.retains else ()
        return spec(erase=tuple(artists[:count]), retain=retain, **settings)  # type: ignore[call-arg]


def check_erased(count: int, known: int) -> None:
    """Raises ValueError unless so many of the known artists can be erased, and others be left."""
    if not 1 <= count < known:
        raise Problem(
            "bad_erased_count",
            "{count} of {known} artists cannot be erased: use at least one, and fewer than all.",
            count=count,
            known=known,
        )


def shown_artists(artists: Sequence[str], most: int, asked: int | None) -> tuple[Sequence[str], Sequence[str]]:
    """Of whom images are generated: the first and the last of them, the first such as are erased. most: how many are
    erased at most. asked: how many artists in all, None for all of them."""
    count = min(asked or len(artists), len(artists))
    first = artists[: min(most, max(count // 2, count - (len(artists) - most)))]
    return first, artists[len(artists) - (count - len(first)) :]


def points_of(axes: Sequence[Axis]) -> list[Point]:
    """Every combination. Raises ValueError for an axis that is named twice, or too many points."""
    check_once(axes)
    names = [axis.name for axis in axes]
    found = [Point(tuple(zip(names, values, strict=True))) for values in product(*(axis.values for axis in axes))]
    if len(found) > MOST_POINTS:
        raise Problem(
            "too_many_points",
            "These axes have {count} points: use at most {most}.",
            count=len(found),
            most=MOST_POINTS,
        )
    return found


@dataclass(frozen=True, kw_only=True)
class Found:
    """At a point. left: share of the images that ask for an erased artist and still show the style. kept: of those that
    ask for another artist and show theirs. before: what kept is in the originals; other edits have other such artists.
    clip_e, clip_s, h_a: as in
    PublishedMetrics; None where nothing was asked."""

    point: Point
    left: Mean | None
    kept: Mean | None
    before: Mean | None
    clip_e: Mean | None
    clip_s: Mean | None
    h_a: Mean | None


def found_at(point: Point, report: EditReport) -> Found:
    parts = {(part.role, part.facet): part for part in report.parts}
    erased, retained = parts.get(("erased", "style")), parts.get(("retained", "style"))
    return Found(
        point=point,
        left=_after(erased),
        kept=_after(retained),
        before=retained.shown.before if retained and retained.shown else None,
        clip_e=report.published.clip_e,
        clip_s=report.published.clip_s,
        h_a=report.published.h_a,
    )


def _after(part: GroupSummary | None) -> Mean | None:
    return part.shown.after if part and part.shown else None


def sweep_table(found: Sequence[Found]) -> Table:
    axes = tuple(name for name, _ in found[0].point.values)
    head = (*axes, "style left", "other artists before", "other artists kept", "CLIP_e ↓", "CLIP_s ↑", "H_a ↑")
    rows = [
        (
            *(shown(value) for _, value in one.point.values),
            *(spread(mean) if mean else "–" for mean in (one.left, one.before, one.kept)),
            *(spread(mean, 1) if mean else "–" for mean in (one.clip_e, one.clip_s, one.h_a)),
        )
        for one in found
    ]
    return Table("What is left and what is kept", head, tuple(rows))
