"""report.html: one page that holds everything, images too, and asks nothing of any other machine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from uce_core.evaluation.cases import ImageSpec
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.measures import PairMeasures
from uce_core.evaluation.plots import plot_parts
from uce_core.evaluation.summary import EditReport
from uce_core.evaluation.tables import FACET_WORDS, Table, artist_table, summary, tables
from uce_core.files import write_text
from uce_core.images import data_url, thumbnail_data_url

SHOWN = 90  # images of each edit, at most, so that the page can be mailed
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


def lines_of(edits: Sequence[str], image_folder: ImageFolder, rows: Sequence[PairMeasures]) -> tuple[Line, ...]:
    """As many as a page can hold, of those that were measured with every edit."""
    counts = Counter(row.image_spec for row in rows)
    whole = [image_spec for image_spec in image_folder.image_specs if counts[image_spec] == len(edits)]
    return tuple(line(image_spec, edits, image_folder, rows) for image_spec in chosen(whole))


def write_page(
    path: Path, plan: dict[str, Any], reports: Sequence[EditReport], lines: Sequence[Line], image_folder: ImageFolder
) -> None:
    sections = [section(plan, report) for report in reports]
    page = TEMPLATES.get_template("report_page.html").render(
        plan=plan, sections=sections, lines=lines, images=len(image_folder.image_specs)
    )
    write_text(path, page)


def section(plan: dict[str, Any], report: EditReport) -> Section:
    named = plan["names"][report.edit]
    return Section(
        edit=report.edit,
        erased=", ".join(named["erased"]),
        retained=", ".join(named["retained"]),
        sentences=tuple(map(str, summary(report))),
        plot=data_url("png", plot_parts(report)),
        tables=(*tables(report, intervals=True), artist_table(report)),
    )


def chosen(image_specs: Sequence[ImageSpec]) -> list[ImageSpec]:
    """All if they are few; else evenly spread over them."""
    step = max(1.0, len(image_specs) / SHOWN)
    return [image_specs[int(i * step)] for i in range(min(len(image_specs), SHOWN))]


def line(image_spec: ImageSpec, edits: Iterable[str], image_folder: ImageFolder, rows: Sequence[PairMeasures]) -> Line:
    found = {row.edit: row for row in rows if row.image_spec == image_spec}
    case = image_spec.case
    [original] = image_folder.read(ORIGINAL, [image_spec])
    some = next(iter(found.values()))
    cells = [Cell(ORIGINAL, thumbnail_data_url(original), f"CLIP {some.before.clip:.1f}", f"original: {case.prompt}")]
    for edit in edits:
        [image] = image_folder.read(edit, [image_spec])
        row = found[edit]
        caption = f"CLIP {row.after.clip:.1f}, LPIPS {row.lpips:.2f}"
        cells.append(Cell(edit, thumbnail_data_url(image), caption, f"{edit}: {case.prompt}"))
    note = f"seed {case.evaluation_seed + image_spec.n}, {FACET_WORDS[case.facet]}"
    return Line(prompt=case.prompt, artist=case.artist, facet=case.facet, note=note, cells=tuple(cells))
