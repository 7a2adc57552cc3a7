"""Figures of what was measured, as files."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.method_study import MethodResult
from uce_core.evaluation.precision_study import Cost
from uce_core.evaluation.sweep import Found
from uce_core.evaluation.tables import FACET_WORDS, ROLE_WORDS
from uce_core.files import atomic_file
from uce_core.problems import Problem
from uce_core.statistics import Mean

KINDS = (".png", ".svg", ".pdf")


def check_figure(path: Path) -> None:
    """Raises ValueError if no figure can be written there: to be asked before hours of generating."""
    if path.suffix not in KINDS or not path.absolute().parent.is_dir():
        raise Problem(
            "plot_not_writable",
            "The plot {path} cannot be written: name a .png, .svg or .pdf file in a folder that exists.",
            path=path,
        )


def plot_costs(costs: Sequence[Cost], path: Path) -> None:
    """LPIPS, change of CLIP and time per image of each row, with their intervals. Raises OSError if the file cannot
    be written."""
    from matplotlib.figure import Figure  # a second to import

    figure = Figure(figsize=(11, 1.2 + 0.4 * len(costs)), dpi=120, layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    rows = range(len(costs))
    measures: dict[str, list[Mean]] = {
        "LPIPS from fp32, 50 steps": [cost.lpips for cost in costs],
        "change of CLIP score": [cost.clip for cost in costs],
    }
    for axes, (label, means) in zip(panels, measures.items(), strict=False):
        reach = [[m.value - m.low for m in means], [m.high - m.value for m in means]]
        axes.errorbar([m.value for m in means], rows, xerr=reach, fmt="o", capsize=3)
        axes.axvline(0, color="0.7", linewidth=1, zorder=0)
        axes.set_xlabel(label)
    panels[2].barh(rows, [cost.seconds for cost in costs], height=0.6)
    panels[2].set_xlabel("seconds per image")
    panels[0].set_yticks(rows, [cost.what for cost in costs])
    panels[0].invert_yaxis()
    figure.savefig(path)


def plot_parts(report: EditReport) -> bytes:
    """For each group of prompts, the share of images that show the asked artist, before and after, with their
    intervals; a PNG."""
    from matplotlib.figure import Figure

    parts = [part for part in report.parts if part.shown]
    figure = Figure(figsize=(8, 1 + 0.35 * len(parts)), dpi=144, layout="constrained")
    axes = figure.subplots()
    for offset, side, colour in ((-0.15, "before", "0.55"), (0.15, "after", "#c2410c")):
        means: list[Mean] = [getattr(part.shown, side) for part in parts]
        reach = [[m.value - m.low for m in means], [m.high - m.value for m in means]]
        places = [i + offset for i in range(len(parts))]
        axes.errorbar([m.value for m in means], places, xerr=reach, fmt="o", capsize=3, color=colour, label=side)
    axes.set_yticks(range(len(parts)), [f"{ROLE_WORDS[part.role]}: {FACET_WORDS[part.facet]}" for part in parts])
    axes.set_xlim(-0.03, 1.03)
    axes.set_xlabel("share of images in which the prompted artist is recognised")
    axes.invert_yaxis()
    axes.legend(loc="best")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def plot_sweep(found: Sequence[Found], path: Path) -> None:
    """What is left and what is kept against each axis that has several values, with intervals; a line for each
    combination of the others, and dotted what was recognised before. Raises OSError if the file cannot be written."""
    from matplotlib.figure import Figure

    names = [name for name, _ in found[0].point.values]
    values = {name: list(dict.fromkeys(one.point.get(name, None) for one in found)) for name in names}
    axes_of = [name for name, some in values.items() if len(some) > 1] or names[:1]
    figure = Figure(figsize=(10, 3.6 * len(axes_of)), dpi=120, layout="constrained")
    panels = figure.subplots(len(axes_of), 2, squeeze=False)
    for name, (left, kept) in zip(axes_of, panels, strict=True):
        _plot_axis(left, name, values[name], found, "left", "style left of the erased artists")
        _plot_axis(kept, name, values[name], found, "kept", "other artists recognised")
    with atomic_file(path) as part:
        figure.savefig(part, format=path.suffix.removeprefix("."))


def _plot_axis(axes: Any, name: str, values: Sequence[Any], found: Sequence[Found], which: str, label: str) -> None:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    places = dict(zip(values, values if numbers else range(len(values)), strict=True))
    lines: dict[str, list[tuple[float, Mean, Mean | None]]] = {}
    for one in found:
        others = ", ".join(f"{axis} {value}" for axis, value in one.point.values if axis != name)
        mean: Mean | None = getattr(one, which)
        if mean:
            lines.setdefault(others, []).append((float(places[one.point.get(name, None)]), mean, one.before))
    for others, unordered in lines.items():
        some = sorted(unordered, key=lambda one: one[0])
        at, means = [x for x, _, _ in some], [mean for _, mean, _ in some]
        reach = [[mean.value - mean.low for mean in means], [mean.high - mean.value for mean in means]]
        bars = axes.errorbar(at, [mean.value for mean in means], reach, fmt="o-", capsize=3, label=others or "after")
        before = [(x, was.value) for x, _, was in some if was and which == "kept"]
        told = "before" if before and others == next(iter(lines)) else ""  # once for all lines
        axes.plot([x for x, _ in before], [y for _, y in before], ":", color=bars[0].get_color(), label=told)
    if numbers and min(values) > 0 and max(values) >= 10 * min(values):
        axes.set_xscale("log")
    axes.set_xticks(list(places.values()), [str(value) for value in places])  # those that were asked, and no others
    axes.minorticks_off()
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel(name.replace("_", " "))
    axes.set_ylabel(label)
    if len(lines) > 1 or (which == "kept" and lines):
        axes.legend(fontsize="small")


MARKS = "osD^v<>ph*XP"  # one for each method, in turn


def plot_methods(found: Sequence[MethodResult], path: Path) -> None:
    """What is left of the erased styles against what is kept, one point a method, with intervals: the others' styles,
    and how far all that should stay has moved. A row for each number of erased artists. Raises OSError if the file
    cannot be written."""
    from matplotlib.figure import Figure

    counts = list(dict.fromkeys(one.entry.erased for one in found))
    figure = Figure(figsize=(11, 4.2 * len(counts)), dpi=120, layout="constrained")
    panels = figure.subplots(len(counts), 2, squeeze=False)
    for count, (shares, moved) in zip(counts, panels, strict=True):
        some = [one for one in found if one.entry.erased == count]
        for number, one in enumerate(some):
            for axes, kept in ((shares, one.kept), (moved, one.published.kid)):
                if one.left and kept:
                    _point(axes, one.left, kept, MARKS[number % len(MARKS)], one.entry.method)
        shares.set_ylim(-0.03, 1.03)
        moved.set_yscale("symlog", linthresh=1)  # where nothing has moved it is 0, or a little below
        shares.set_ylabel(f"{count} erased: other artists recognised")
        moved.set_ylabel("CLIP-KID × 1000 of what should stay")
        for axes in (shares, moved):
            axes.set_xlim(-0.03, 1.03)
            axes.set_xlabel("style left of the erased artists")
        moved.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize="small")
    with atomic_file(path) as part:
        figure.savefig(part, format=path.suffix.removeprefix("."))


def _point(axes: Any, x: Mean, y: Mean, mark: str, label: str) -> None:
    reach = [[[mean.value - mean.low], [mean.high - mean.value]] for mean in (x, y)]
    axes.errorbar([x.value], [y.value], reach[1], reach[0], fmt=mark, capsize=2, markersize=8, alpha=0.8, label=label)
