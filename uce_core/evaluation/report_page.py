"""report.html: one page that holds everything, pictures too, and asks nothing of any other machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from uce_core.evaluation.image_folder import ORIGINAL, Pictures, Shot
from uce_core.evaluation.measure import Row
from uce_core.evaluation.plots import plot_parts
from uce_core.evaluation.summary import EditReport
from uce_core.evaluation.tables import FACET_WORDS, Table, artist_table, summary, tables
from uce_core.files import write_text
from uce_core.images import data_url, embedded

SHOWN = 90  # pictures of each edit, at most, so that the page can be mailed
FACES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)


@dataclass(frozen=True)
class Cell:
    """A picture and what is said below it."""

    which: str
    image: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Line:
    """The same prompt and seed, original and with each edit."""

    prompt: str
    artist: str
    facet: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Section:
    edit: str
    erased: str
    retained: str
    sentences: tuple[str, ...]
    plot: str
    tables: tuple[Table, ...]


def lines_of(edits: Sequence[str], pictures: Pictures, rows: Sequence[Row]) -> tuple[Line, ...]:
    """As many as a page can hold."""
    return tuple(line(shot, edits, pictures, rows) for shot in chosen(pictures.shots))


def write_page(
    path: Path, plan: dict[str, Any], reports: Sequence[EditReport], lines: Sequence[Line], pictures: Pictures
) -> None:
    sections = [section(plan, report) for report in reports]
    page = FACES.get_template("report_page.html").render(
        plan=plan, sections=sections, lines=lines, shots=len(pictures.shots)
    )
    write_text(path, page)


def section(plan: dict[str, Any], report: EditReport) -> Section:
    named = plan["names"][report.edit]
    return Section(
        report.edit,
        ", ".join(named["erased"]),
        ", ".join(named["retained"]),
        tuple(map(str, summary(report))),
        data_url("png", plot_parts(report)),
        (*tables(report, intervals=True), artist_table(report)),
    )


def chosen(shots: Sequence[Shot]) -> list[Shot]:
    """All if they are few; else evenly spread over them."""
    step = max(1.0, len(shots) / SHOWN)
    return [shots[int(i * step)] for i in range(min(len(shots), SHOWN))]


def line(shot: Shot, edits: Iterable[str], pictures: Pictures, rows: Sequence[Row]) -> Line:
    found = {row.edit: row for row in rows if row.shot == shot}
    case = shot.case
    [original] = pictures.read(ORIGINAL, [shot])
    some = next(iter(found.values()))
    cells = [Cell(ORIGINAL, embedded(original), f"CLIP {some.before.clip:.1f}", f"original: {case.prompt}")]
    for edit in edits:
        [image] = pictures.read(edit, [shot])
        row = found[edit]
        caption = f"CLIP {row.after.clip:.1f}, LPIPS {row.lpips:.2f}"
        cells.append(Cell(edit, embedded(image), caption, f"{edit}: {case.prompt}"))
    note = f"seed {case.evaluation_seed + shot.n}, {FACET_WORDS[case.facet]}"
    return Line(case.prompt, case.artist, case.facet, note, tuple(cells))
