"""report.html: one page that says everything, with some images, and asks nothing of any other machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
from jinja2 import Environment, FileSystemLoader

from uce_core.evaluation import scores
from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.measures import PairMeasures
from uce_core.evaluation.plots import plot_parts
from uce_core.evaluation.tables import FACET_WORDS, Table, artist_table, edits_table, summary, tables
from uce_core.images import data_url, thumbnail_data_url

SINGLE, BESIDE = 360, 3000  # images at most, so that the page has less than 5 MB: in it, or beside it
SECTIONS = 24  # edits at most that have a plot and tables of their own, for the same reason
KEY = ["case_number", "n"]  # of an image
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)


@dataclass(frozen=True)
class Cell:
    """An image and what is said below it."""

    which: str
    image: str
    caption: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """The same prompt and seed, original and with each edit."""

    prompt: str
    artist: str
    facet: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    edit: str
    erased: str
    retained: str
    sentences: tuple[str, ...]
    plot: str
    tables: tuple[Table, ...]


def page(
    plan: Mapping[str, Any],
    reports: Sequence[EditReport],
    measured: Mapping[str, Sequence[Path]],
    image_folder: ImageFolder,
    single_file: bool,
) -> str:
    """measured: each edit's files of figures. single_file: small copies of the images are in the page, which can be
    mailed; else it lies beside them."""
    count = (SINGLE if single_file else BESIDE) // (1 + len(measured))
    lines = [line(rows, image_folder, single_file) for rows in shown(measured, count)]
    sections = [section(plan, report) for report in reports[:SECTIONS]]
    template = TEMPLATES.get_template("report_page.html")
    return template.render(
        plan=plan,
        edits=edits_table(reports) if len(reports) > SECTIONS else None,
        count=len(reports),
        sections=sections,
        lines=lines,
        images=len(image_folder.image_specs),
    )


def shown(measured: Mapping[str, Sequence[Path]], count: int) -> Iterable[list[PairMeasures]]:
    """At most so many images, evenly spread over those that were measured with every edit, under each edit."""
    keys = pl.concat([scores.read(paths, KEY) for paths in measured.values()])
    whole = keys.group_by(KEY, maintain_order=True).len().filter(pl.col("len") == len(measured))
    wanted = whole[chosen(len(whole), count)].select(KEY)
    found: dict[tuple[int, int], list[PairMeasures]] = {}
    for paths in measured.values():
        for path in paths:
            for row in scores.rows_of(scores.read([path]).join(wanted, KEY, "semi", maintain_order="left")):
                found.setdefault((row.image_spec.case.case_number, row.image_spec.n), []).append(row)
    return found.values()


def section(plan: Mapping[str, Any], report: EditReport) -> Section:
    named = plan["names"][report.edit]
    return Section(
        edit=report.edit,
        erased=", ".join(named["erased"]),
        retained=", ".join(named["retained"]),
        sentences=tuple(map(str, summary(report))),
        plot=data_url("png", plot_parts(report)),
        tables=(*tables(report, intervals=True), artist_table(report)),
    )


def chosen(whole: int, count: int) -> list[int]:
    """All if they are few; else evenly spread over them."""
    step = max(1.0, whole / max(1, count))
    return [int(i * step) for i in range(min(whole, count))]


def line(rows: Sequence[PairMeasures], image_folder: ImageFolder, single_file: bool) -> Line:
    """rows: of one image, under each edit."""
    image_spec, case = rows[0].image_spec, rows[0].image_spec.case

    def cell(which: str, said: str) -> Cell:
        address = quote(f"{which}/{image_spec.file}")
        if single_file:
            [image] = image_folder.read(which, [image_spec])
            address = thumbnail_data_url(image)
        return Cell(which, address, said, f"{which}: {case.prompt}")

    edited = (cell(row.edit, f"CLIP {row.after.clip:.1f}, LPIPS {row.lpips:.2f}") for row in rows)
    return Line(
        prompt=case.prompt,
        artist=case.artist,
        facet=case.facet,
        note=f"seed {case.evaluation_seed + image_spec.n}, {FACET_WORDS[case.facet]}",
        cells=(cell(ORIGINAL, f"CLIP {rows[0].before.clip:.1f}"), *edited),
    )
