"""What was measured of an evaluation's images, in columns: a row for each edit and image, a Parquet file for each block
of images.

Knows nothing about how it was measured, or what it adds up to.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import polars as pl

from uce_core.evaluation.cases import Case, ImageSpec
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.files import atomic_file, csv_safe
from uce_core.remote import readable

FOLDER = "scores"  # of an evaluation, for what was measured
SIDES = ("before", "after")
OF_PAIR = ("lpips", "lpips_64", "identity_drop", "style_drop")
IN_CSV = 2  # of these
TYPES: dict[Any, type[pl.DataType]] = {
    str: pl.String,
    int: pl.Int64,
    int | None: pl.Int64,
    float: pl.Float64,
    float | None: pl.Float64,
    bool | None: pl.Boolean,
}
MEASURES = {name: TYPES[kind] for name, kind in get_type_hints(ImageMeasures).items()}
COUNTS = tuple(f"{name}_{side}" for name, kind in MEASURES.items() if kind is pl.Int64 for side in SIDES)
CASE = {name: TYPES[kind] for name, kind in get_type_hints(Case).items()}
SCHEMA: dict[str, type[pl.DataType]] = {
    "edit": pl.String,
    **CASE,
    "n": pl.Int64,
    "role": pl.String,
    **{f"{name}_{side}": kind for name, kind in MEASURES.items() for side in SIDES},
    **dict.fromkeys(OF_PAIR, pl.Float64),
}


def table_of(rows: Iterable[PairMeasures]) -> pl.DataFrame:
    """A line for each; what does not apply is null."""
    return pl.DataFrame([_line(row) for row in rows], SCHEMA, orient="row")


def _line(row: PairMeasures) -> tuple[Any, ...]:
    case = (getattr(row.image_spec.case, name) for name in CASE)
    measures = (getattr(seen, name) for name in MEASURES for seen in (row.before, row.after))
    return (row.edit, *case, row.image_spec.n, row.role, *measures, *(getattr(row, name) for name in OF_PAIR))


def rows_of(table: pl.DataFrame) -> Iterator[PairMeasures]:
    """The same again."""
    for line in table.iter_rows(named=True):
        yield PairMeasures(
            edit=line["edit"],
            image_spec=ImageSpec(Case(**{name: line[name] for name in CASE}), line["n"]),
            role=line["role"],
            before=_side(line, "before"),
            after=_side(line, "after"),
            **{name: line[name] for name in OF_PAIR},
        )


def _side(line: Mapping[str, Any], side: str) -> ImageMeasures:
    return ImageMeasures(**{name: line[f"{name}_{side}"] for name in MEASURES})


def write(rows: Iterable[PairMeasures], path: Path) -> None:
    """Whole or not at all."""
    with atomic_file(path) as part:
        table_of(rows).write_parquet(part)


def read(paths: Iterable[Path], columns: Sequence[str] = tuple(SCHEMA)) -> pl.DataFrame:
    """Of all blocks, in their order."""
    found = [pl.read_parquet(readable(path), columns=list(columns), memory_map=False) for path in paths]
    return pl.concat(found) if found else pl.DataFrame(schema={name: SCHEMA[name] for name in columns})


def write_csv(blocks: Iterable[Path], path: Path, counts: bool = False) -> None:
    """One line for each edit and image, read one block at a time. counts: whether there are any."""
    left_out = (*OF_PAIR[IN_CSV:], *(() if counts else COUNTS))
    with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = [name for name in SCHEMA if name not in left_out]
        writer.writerow(names)
        for block in blocks:
            for line in read([block], names).iter_rows():
                writer.writerow(map(_cell, line))


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return csv_safe(value) if isinstance(value, str) else "" if value is None else value
