"""Names in files: one a line, as in the published lists of artists, whose lines say a role behind a comma.

Knows nothing about models.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from uce_core.problems import Problem


@dataclass(frozen=True)
class NameList:
    """skipped: lines that were empty or a comment. cut: lines with more than a name."""

    file: Path
    names: tuple[str, ...]
    skipped: int
    cut: int

    def __str__(self) -> str:
        rest = [f"{self.skipped:,} empty or comment lines skipped"] * bool(self.skipped)
        rest += [f"what follows a comma left out on {self.cut:,} lines"] * bool(self.cut)
        return f"Read {len(self.names):,} names from {self.file}" + (f" ({', '.join(rest)})." if rest else ".")


def names_in(file: Path) -> NameList:
    """The names of a file: a line's text up to the first comma; or, if there is only one line, all that commas
    separate. Lines that are empty or begin with # are skipped. Raises ValueError if it is not there, cannot be read, or
    has no names.
    """
    if not file.is_file():
        raise Problem("name_list_missing", "There is no file {file}: check its path.", file=file)
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Problem(
            "name_list_unreadable", "{file} is no readable UTF-8 text file: check its path and encoding.", file=file
        ) from None
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    rows = [[part.strip() for part in next(csv.reader([line], skipinitialspace=True))] for line in kept]
    alone = len(rows) == 1
    names = rows[0] if alone else [row[0] for row in rows]
    if not any(names):
        raise Problem("name_list_empty", "{file} has no names in it: write one a line.", file=file)
    cut = 0 if alone else sum(any(row[1:]) for row in rows)
    return NameList(file, tuple(filter(None, names)), len(lines) - len(kept), cut)


def all_of(lists: Iterable[NameList]) -> tuple[str, ...]:
    return tuple(name for one in lists for name in one.names)
