"""safetensors files: made, and read with every fault said in one sentence."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from uce_core.files import is_pickle
from uce_core.problems import Problem

MOST_TENSORS = 1000  # of an edit; a dense one of Stable Diffusion XL has 140
LARGEST_HEADER = 1_000_000  # bytes, of which reading makes fifty times as many; 50,000 names take so many


def to_safetensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file. Raises ValueError if header would not read what it says of itself, where quotes take two
    bytes each."""
    if sum(len(said.encode()) for said in metadata.values()) > LARGEST_HEADER // 2:
        raise Problem("settings_too_long", "The concepts' names take more than 500 kB together: name fewer.")
    return save({key: value.contiguous() for key, value in tensors.items()}, dict(metadata))


def header(path: Path) -> tuple[set[str], dict[str, str]]:
    """The tensors' names and the metadata. Raises ValueError for anything but a safetensors file of so many tensors,
    and so much metadata, as an edit may have."""
    if not path.is_file():
        raise Problem("no_edit_file", "There is no edit file {path}: check the path.", path=path)
    if is_pickle(path):
        raise Problem(
            "pickle",
            "{file} is a pickle (.pt, .ckpt, .bin), which may run code and is not read: where you trust it, convert it "
            "by safetensors.torch.save_file(torch.load('{file}', weights_only=True), 'edit.safetensors').",
            file=path.name,
        )
    try:
        if _header_length(path) <= LARGEST_HEADER:
            with safe_open(path, "pt") as tensors:
                names = set(tensors.keys())
                if len(names) <= MOST_TENSORS:
                    return names, tensors.metadata() or {}
            raise Problem(
                "too_many_tensors",
                "{file} holds {count} tensors, more than any edit: if it is a checkpoint, load it as a model.",
                file=path.name,
                count=len(names),
            )
    except SafetensorError:
        pass
    raise Problem(
        "edit_file_damaged", "{file} is damaged or not a safetensors file: save the edit again.", file=path.name
    )


def _header_length(path: Path) -> int:
    with path.open("rb") as file:
        return int.from_bytes(file.read(8), "little")


def read(path: Path) -> dict[str, Tensor]:
    """All tensors, on the CPU, and no pages of the file, which would change with it. Raises ValueError if one holds NaN
    or infinity."""
    tensors = load(path.read_bytes())
    for value in tensors.values():
        if not value.isfinite().all():
            raise Problem(
                "edit_file_not_finite", "{file} contains NaN or infinite values: solve the edit again.", file=path.name
            )
    return tensors
