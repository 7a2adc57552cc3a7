"""Prompt files as the field has them: CSV with the columns of UCE, ESD, RECE, MACE, I2P, SPEED and others, or a prompt
a line.

A column is known by several names; what is missing is numbered; a row that cannot be generated is skipped and counted,
or refused if that is asked. Knows nothing about models and images.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from uce_core.evaluation.cases import GUIDANCE, Case
from uce_core.problems import Problem

LARGEST_FILE = 50_000_000  # bytes
NAMES = {  # by which columns are found, the first that is there; "" is a first column without a name
    "prompt": ("prompt", "text", "caption"),
    "evaluation_seed": ("evaluation_seed", "seed", "sd_seed"),
    "case_number": ("case_number", "id", ""),
    "artist": ("artist",),
    "facet": ("facet",),
    "subject": ("subject",),
    "guidance_scale": (GUIDANCE, "sd_guidance_scale", "guidance_scale"),
}
TABLES = (".csv", ".tsv")
DELIMITERS = (",", "\t", ";")  # the first that is in the head
WHOLE = re.compile(r"\d+\.0+")  # how pandas writes a column of whole numbers with an empty cell
NUMBERS = ("evaluation_seed", "case_number")  # the row's place, where there is no such column


@dataclass(frozen=True)
class SkippedRow:
    """line: of the file, from 1. reason: a sentence."""

    line: int
    reason: str


@dataclass(frozen=True)
class PromptFile:
    """cases: by their lines. columns: what was taken from which column, by the names of a case. skipped: rows that are
    no cases. strict: whether there may be any. cut: how many prompts were cut."""

    path: Path
    by_line: Mapping[int, Case]
    columns: Mapping[str, str]
    skipped: tuple[SkippedRow, ...]
    strict: bool
    cut: int = 0

    def __post_init__(self) -> None:
        if self.skipped and (self.strict or not self.by_line):
            first = self.skipped[0]
            raise Problem(
                "bad_csv_line", "{path}, line {line}: {reason}", path=self.path, line=first.line, reason=first.reason
            )
        if not self.by_line:
            raise Problem("prompt_file_empty", "{path} has no rows: give it at least one prompt.", path=self.path)

    @property
    def cases(self) -> tuple[Case, ...]:
        return tuple(self.by_line.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What became of rows and columns that are not evaluated as they are, in sentences."""
        found = []
        if self.skipped:
            first, count = self.skipped[0], len(self.skipped)
            rows = f"{count} of {count + len(self.by_line)} rows"
            found.append(f"{rows} are skipped, the first in line {first.line}: {first.reason}")
        if self.cut:
            found.append(f"{self.cut} of {len(self.by_line)} prompts are cut to what the text encoder takes.")
        return tuple(found)

    def guided_alike(self) -> "PromptFile":
        """With one guidance scale for all."""
        return replace(self, by_line={line: replace(case, guidance_scale=None) for line, case in self.by_line.items()})

    def shortened(self, cut: Callable[[str], str]) -> "PromptFile":
        """With prompts that cut leaves something out of as it leaves them."""
        kept = {line: replace(case, prompt=cut(case.prompt)) for line, case in self.by_line.items()}
        return replace(self, by_line=kept, cut=sum(kept[line] != case for line, case in self.by_line.items()))

    def checked(self, check: Callable[[str], None]) -> "PromptFile":
        """Without prompts for which check raises ValueError, such as those that are too long for a model."""
        kept, skipped = {}, list(self.skipped)
        for line, case in self.by_line.items():
            try:
                check(case.prompt)
                kept[line] = case
            except ValueError as error:
                skipped.append(SkippedRow(line, str(error)))
        return replace(self, by_line=kept, skipped=tuple(sorted(skipped, key=lambda row: row.line)))


Row = tuple[int, list[str]]  # the line where it begins, and its cells


def read_prompts(path: Path, columns: Mapping[str, str] | None = None, strict: bool = False) -> PromptFile:
    """columns: names of the file's columns by those of a case, where they are not among NAMES; "" leaves one aside.
    strict: refuse a file for a row that would be skipped.

    Raises ValueError with one sentence, which names the line where it is of one.
    """
    if not path.is_file() or path.stat().st_size > LARGEST_FILE:
        raise Problem("not_a_prompt_file", "{path} is not a prompt file of at most 50 MB: check the path.", path=path)
    try:
        head, rows = _table(path)
    except (UnicodeDecodeError, csv.Error):
        raise Problem("csv_not_utf8", "{path} is not a CSV file in UTF-8: save it as such.", path=path) from None
    found = _columns(path, head, columns or {})
    cases, skipped = dict[int, Case](), list[SkippedRow]()
    numbers = _numbers(head, rows, found)
    for place, (line, row) in enumerate(rows):
        try:
            cases[line] = _case(head, row, found, place, numbers[place])
        except ValueError as error:
            skipped.append(SkippedRow(line, str(error)))
    file = PromptFile(path, cases, found, tuple(skipped), strict)
    _check_numbers(path, file.cases)
    return file


def _table(path: Path) -> tuple[list[str], list[Row]]:
    """Head and rows; a file that is neither .csv nor .tsv has a prompt on each line that does not begin with #."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix.casefold() not in TABLES:
            texts = ((line, text.strip()) for line, text in enumerate(file, 1))
            return ["prompt"], [(line, [text]) for line, text in texts if text and not text.startswith("#")]
        first = file.readline()
        file.seek(0)
        rows = _rows(file, next((one for one in DELIMITERS if one in first), DELIMITERS[0]))
        head = next((row for _, row in rows if row), [])
        return [name.strip() for name in head], list(rows)


def _rows(file: TextIO, delimiter: str) -> Iterator[Row]:
    reader, line = csv.reader(file, delimiter=delimiter), 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _columns(path: Path, head: Sequence[str], said: Mapping[str, str]) -> dict[str, str]:
    """The file's column for each field of a case that it has one for."""
    for name, column in said.items():
        if name not in NAMES:
            raise Problem(
                "no_such_field",
                "There is no field {name!r} that a column could hold: use one of {names}.",
                name=name,
                names=", ".join(NAMES),
            )
        if column and column not in head:
            raise Problem(
                "no_such_column",
                "{path} has no column {column!r} for {name}: its columns are {columns}.",
                path=path,
                column=column,
                name=name,
                columns=", ".join(map(repr, head)),
            )
    known = {name: next((one for one in names if one in head), None) for name, names in NAMES.items()}
    found = {name: column for name, column in known.items() if column is not None and name not in said}
    found |= {name: column for name, column in said.items() if column}
    if "prompt" not in found:
        raise Problem(
            "no_prompt_column",
            "{path} has no column of prompts, among {columns}: say which it is with --column prompt=NAME.",
            path=path,
            columns=", ".join(map(repr, head)) or "none",
        )
    return found


def _numbers(head: Sequence[str], rows: Sequence[Row], columns: Mapping[str, str]) -> list[str]:
    """Case numbers as they are written; the rows' places where there are none, or those of a column that is not meant
    for them repeat."""
    places = [str(place) for place in range(len(rows))]
    if "case_number" not in columns:
        return places
    at = head.index(columns["case_number"])
    written = [row[at].strip() if at < len(row) else "" for _, row in rows]
    usable = len(set(written)) == len(written) and all(map(str.isdecimal, written))
    return written if usable or columns["case_number"] == NAMES["case_number"][0] else places


def _case(head: Sequence[str], row: Sequence[str], columns: Mapping[str, str], place: int, number: str) -> Case:
    """Raises ValueError with one sentence for what cannot be generated."""
    if not any(cell.strip() for cell in row):
        raise Problem("empty_row", "The row is empty.")
    if len(row) > len(head):
        raise Problem(
            "row_too_long", "The row has more cells than there are columns: put a prompt with commas in quotes."
        )
    cells = dict(zip(head, row, strict=False))
    said = {name: cells.get(column, "").strip() for name, column in columns.items()}
    said |= {"case_number": number} | ({} if "evaluation_seed" in columns else {"evaluation_seed": str(place)})
    whole = {name: _whole(name, said.pop(name)) for name in NUMBERS}
    scale = _number("guidance_scale", said.pop("guidance_scale", ""))
    return Case(**said, **whole, guidance_scale=scale)  # type: ignore[arg-type]  # texts and whole numbers, by names


def _whole(name: str, text: str) -> int:
    try:
        return int(text.partition(".")[0] if WHOLE.fullmatch(text) else text)
    except ValueError:
        raise Problem("cell_not_whole", "{name} is {text!r}: use a whole number.", name=name, text=text[:80]) from None


def _number(name: str, text: str) -> float | None:
    """None for an empty cell."""
    try:
        return float(text) if text else None
    except ValueError:
        raise Problem("cell_no_number", "{name} is {text!r}: use a number.", name=name, text=text[:80]) from None


def _check_numbers(path: Path, cases: Sequence[Case]) -> None:
    number, count = Counter(case.case_number for case in cases).most_common(1)[0]
    if count > 1:
        raise Problem(
            "case_number_twice",
            "{path} has case_number {number} twice: give each case its own number.",
            path=path,
            number=number,
        )
