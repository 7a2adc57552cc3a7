"""Files written all at once, and safetensors files read with every fault said in one sentence."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from uce_core.problems import Problem


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write to, that takes path's place at the end: a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def packed(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file."""
    return save({key: value.contiguous() for key, value in tensors.items()}, dict(metadata))


def write(path: str | Path, content: bytes) -> Path:
    """Returns the path."""
    path = Path(path)
    with whole(path) as part:
        part.write_bytes(content)
    return path


def cell(value: object) -> object:
    """Of a CSV table: what a visitor typed is never a formula for the spreadsheet that opens the file."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def header(path: Path) -> tuple[set[str], dict[str, str]]:
    """The tensors' names and the metadata. Raises ValueError for anything but a safetensors file."""
    if not path.is_file():
        raise Problem("There is no edit file {path}: check the path.", path=path)
    try:
        with safe_open(path, "pt") as file:
            return set(file.keys()), file.metadata() or {}
    except SafetensorError:
        raise Problem("{file} is damaged or not a safetensors file: save the edit again.", file=path.name) from None


def read(path: Path) -> dict[str, Tensor]:
    """All tensors, on the CPU. Raises ValueError if one holds NaN or infinity."""
    tensors = load_file(path)
    for value in tensors.values():
        if not value.isfinite().all():
            raise Problem("{file} holds NaN or infinite numbers: solve the edit again.", file=path.name)
    return tensors
