"""Files that are written whole or not at all, and cells of CSV files that no spreadsheet runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A file to write to, that takes path's place at the end, on the disk: a crash leaves the old file or the new
    one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with atomic_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write(path: str | Path, content: bytes) -> Path:
    """Returns the path."""
    path = Path(path)
    with atomic_file(path) as part:
        part.write_bytes(content)
    return path


def csv_safe(value: object) -> object:
    """Of a CSV table: what a visitor typed is never a formula for the spreadsheet that opens the file."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
