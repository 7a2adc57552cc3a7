"""Folders of weights in parts of 15 MB, and back."""

import io
import tarfile
from pathlib import Path

PART = 15_000_000  # bytes
NAME = "weights.tar.{:02d}"


def pack(folder: Path, out: Path, leave_out: tuple[str, ...] = ()) -> list[Path]:
    """The parts, in order. leave_out: names at the folder's top."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            if path.name not in leave_out:
                tar.add(path, path.name)
    content, paths = whole.getvalue(), []
    out.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(content), PART)):
        paths.append(out / NAME.format(number))
        paths[-1].write_bytes(content[start : start + PART])
    return paths


def unpack(parts: Path, out: Path) -> None:
    """Raises FileNotFoundError where there are no parts."""
    paths = sorted(parts.glob(NAME.replace("{:02d}", "*")))
    if not paths:
        raise FileNotFoundError(f"{parts} holds no part of packed weights.")
    out.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(b"".join(path.read_bytes() for path in paths))) as tar:
        tar.extractall(out, filter="data")
