"""Prompt files: CSV that someone was sent."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.hostile.material import UTF8, at, changed_bytes
from tests.hostile.promises import Property
from uce_core.evaluation.cases import Case, ImageSpec, cases_text
from uce_core.evaluation.prompt_files import read_prompts

HEAD = ["prompt", "evaluation_seed", "case_number", "artist", "facet", "subject"]
ROWS = [
    ["a house in the style of Vincent van Gogh", "7", "0", "Vincent van Gogh", "style", "a house"],
    ["a cat, asleep", "8", "1", "", "", ""],
    ["별이 빛나는 밤", "0", "25", "", "", "a tree"],
]
CELLS = st.one_of(
    UTF8,
    st.sampled_from(
        ("-1", "1e3", "9" * 5000, "9" * 300, "1_000", "٣", "²", "0x10", " 7 ", "9223372036854775807", "=1+1")
    ),
)


@st.composite
def files(draw: DrawFn) -> bytes:
    table = [list(HEAD), *(list(ROWS[at(draw, len(ROWS))]) for _ in range(at(draw, 5)))]
    for number, row in enumerate(table[1:]):
        row[2] = str(number)
    for _ in range(at(draw, 4)):
        row, how = table[at(draw, len(table))], at(draw, 5)
        if how < 3 and row:
            row[at(draw, len(row))] = draw(CELLS)
        elif how == 3:
            row += [draw(CELLS)[:20]] * (1, 2, 3000)[at(draw, 3)]
        else:
            table.append(list(row))
    text = io.StringIO()
    csv.writer(text, delimiter=",,,;\t"[at(draw, 5)], lineterminator=("\n", "\r\n", "\r")[at(draw, 3)]).writerows(table)
    data = text.getvalue().encode(("utf-8", "utf-8-sig", "utf-16")[at(draw, 9) // 4])
    return data if at(draw, 2) else changed_bytes(draw, data)


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()
    sent, again = folder / "sent.csv", folder / "again.csv"

    def parse(file: bytes) -> tuple[Case, ...]:
        sent.write_bytes(file)
        return read_prompts(sent).cases

    def use(file: bytes, cases: tuple[Case, ...]) -> None:
        """They are written and read back, and name files of a folder."""
        again.write_text(cases_text(cases), encoding="utf-8", newline="")
        assert read_prompts(again).cases == cases
        names = {ImageSpec(case, 3).file for case in cases}
        assert len(names) == len(cases)
        assert all(len(name) < 255 and Path(name).name == name for name in names)

    yield Property(
        name="prompt files", cases=files(), parse=parse, use=use, folder=folder, weight=10, paths_are_named=True
    )
