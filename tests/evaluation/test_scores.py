"""Figures of images in columns: nothing is lost, and what spreadsheets open says the same."""

import csv
from pathlib import Path

import polars as pl
import pytest

from uce_core.evaluation.cases import Case, ImageSpec
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.evaluation.report_page import chosen
from uce_core.evaluation.scores import SCHEMA, read, rows_of, table_of, write, write_csv

SEEN = ImageMeasures(clip=0.1 + 0.2, style=-0.5, identity=1e-12, probability=0.25, shown=True, gram=1.5, csd=0.5)
ROWS = [
    PairMeasures(
        edit=edit,
        image_spec=ImageSpec(
            Case(prompt=text, evaluation_seed=2**62, case_number=3, artist="A", facet="style", guidance_scale=scale),
            n,
        ),
        role="erased",
        before=SEEN,
        after=ImageMeasures(clip=20.0),
        lpips=0.25,
        lpips_64=0.5,
        identity_drop=drop,
        style_drop=drop,
    )
    for edit, text, scale, n, drop in (("x", '=1+1, "a"\n', None, 0, None), ("x", "집", 7.5, 1, -2.0))
]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    for number, row in enumerate(ROWS):
        write([row], tmp_path / f"{number}.parquet")
    write([], tmp_path / "none.parquet")
    paths = [tmp_path / f"{name}.parquet" for name in ("0", "none", "1")]
    assert list(rows_of(read(paths))) == ROWS
    assert list(rows_of(table_of(ROWS))) == ROWS
    assert list(read([]).columns) == list(SCHEMA)
    assert pl.read_parquet(tmp_path / "*.parquet")["clip_after"].to_list() == [20.0, 20.0], "as anybody reads them"


@pytest.mark.parametrize(
    ("whole", "count", "found"), [(3, 5, [0, 1, 2]), (6, 3, [0, 2, 4]), (5, 2, [0, 2]), (4, 0, []), (0, 2, [])]
)
def test_images_of_a_page_are_evenly_spread(whole: int, count: int, found: list[int]) -> None:
    """None where there are more edits than a page holds images."""
    assert chosen(whole, count) == found


def test_the_same_as_csv(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "0.parquet")
    write_csv([tmp_path / "0.parquet"], tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["prompt"] == '\'=1+1, "a"\n', "no formula"
    assert (first["clip_before"], first["shown_before"], first["shown_after"]) == (repr(0.1 + 0.2), "1", "")
    assert second["guidance_scale"] == "7.5"
    assert second["evaluation_seed"] == str(2**62)
    assert second["n"] == "1"
    with pytest.raises(KeyError):
        second["identity_drop"]
