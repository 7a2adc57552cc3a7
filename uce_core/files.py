"""Files that are written whole or not at all, what keeps them from being written in one sentence, and cells of CSV
files that no spreadsheet runs."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from uce_core.problems import Problem
from uce_core.remote import remote, uploaded

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_OURS = {errno.EROFS, errno.EACCES, errno.EPERM}
PICKLED = (b"PK\x03\x04", b"\x80\x02\x8a\n")  # torch.save's zip files, and what it wrote before
ABANDONED = 3600.0  # seconds: nobody writes a file for so long


def is_pickle(path: Path) -> bool:
    """Whether torch.save wrote it, whatever it is called."""
    with path.open("rb") as file:
        return file.read(4).startswith(PICKLED)


def disk_full(file: str) -> Problem:
    return Problem(
        "disk_full", "{file} could not be written because the disk is full: free some space, then try again.", file=file
    )


def not_writable(file: str) -> Problem:
    return Problem(
        "not_writable",
        "{file} could not be written because its folder is read-only or another user's: make the folder writable, or "
        "use another one.",
        file=file,
    )


@contextmanager
def writing(file: str) -> Iterator[None]:
    """A block that writes a file, or makes a folder, of that name. Raises ValueError if there is no space for it or it
    may not be written, whatever else the block raises as it is."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(file) from error
        if error.errno in NOT_OURS:
            raise not_writable(file) from error
        raise


@contextmanager
def atomic_file(path: Path, called: str = "") -> Iterator[Path]:
    """A file to write to, that takes path's place at the end, on the disk or in the store: a crash leaves the old file
    or the new one, and on a disk a part that remove_old_parts finds. called: what people know it as, by default its
    name.

    Raises ValueError as writing does.
    """
    there = remote(path)
    with writing(called or path.name), uploaded(there) if there else _beside(path) as part:
        yield part


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def remove_old_parts(folder: Path) -> None:
    """Of files that somebody began to write in a folder and was interrupted, and what SQLite keeps beside such. Raises
    OSError if they must not be."""
    if remote(folder):
        return
    for part in folder.glob(".*.part*"):
        with suppress(FileNotFoundError):  # somebody else has just removed it
            if part.stat().st_mtime < time.time() - ABANDONED:
                part.unlink()


def write_text(path: Path, text: str) -> None:
    with atomic_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write(path: str | Path, content: bytes) -> Path:
    """Returns the path."""
    path = Path(path) if isinstance(path, str) else path
    with atomic_file(path) as part:
        part.write_bytes(content)
    return path


def csv_safe(value: object) -> object:
    """Of a CSV table: what a visitor typed is never a formula for the spreadsheet that opens the file."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
