"""The finished checkpoint: a model's own files with an edit in them, for every program that loads the model.

Of all bytes only those of the edited projections change, W' rounded to the precision in which W is stored, and the
metadata, which says what was asked. Knows nothing about what the files' other tensors are for.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import torch
from torch import Tensor

from uce_core.edits.edit import AnyEdit
from uce_core.files import atomic_file, writing
from uce_core.models.fits import check_fits
from uce_core.models.loading import Stored
from uce_core.models.model import Model
from uce_core.models.parts import Folder, SingleFile
from uce_core.models.weights import SUFFIXES, Place, files_in
from uce_core.precision import STORED
from uce_core.problems import Problem
from uce_core.version import VERSION

AT_ONCE = 2**24  # bytes that are copied


def check_checkpoint(model: Model, path: str | Path) -> Folder:
    """The parts of the model, which a finished checkpoint at path would be made of. Raises ValueError if there is
    something at path already, or the model was not read from files."""
    if not isinstance(model.source, Stored):
        raise Problem(
            "no_files_of_model",
            "{name} was given as a pipeline, not read from files: save it with save_pretrained, and load that.",
            name=model.title,
        )
    if Path(path).exists():
        raise Problem(
            "checkpoint_exists", "{name} exists already: choose another name, or delete it.", name=Path(path).name
        )
    return model.source.parts


def export_checkpoint(model: Model, edit: AnyEdit, path: str | Path) -> Path:
    """Write the model with the edit in it: a folder if it is one, else a file. A crash leaves none.

    Raises ValueError if the edit is for another model, the model was not read from files or they changed since, or
    there is something at path already.
    """
    path = Path(path)
    parts = check_checkpoint(model, path)
    check_fits(model, edit)
    parts.projections.check_unchanged()
    about = {"uce_studio_edit": edit.spec.to_json() if edit.spec else "null", "uce_studio_version": VERSION}
    edited = dict(edit.projections(model.masters))
    if isinstance(parts, SingleFile):
        with atomic_file(path) as part:
            _copy_edited(parts.file, part, _in_file(parts, parts.file, edited), about)
        return path
    with _atomic_folder(path) as part:
        for file in _files_of(parts):
            target = part / file.relative_to(parts.home)
            target.parent.mkdir(parents=True, exist_ok=True)
            changed = _in_file(parts, file, edited)
            if changed:
                _copy_edited(file, target, changed, about)
            else:
                shutil.copyfile(file, target)
    return path


def _in_file(parts: Folder, file: Path, edited: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Which tensors of a file are edited, by their names there."""
    places: Mapping[str, Place] = parts.projections.places
    return {places[name].key: tensor for name, tensor in edited.items() if places[name].file == file}


def _files_of(parts: Folder) -> Iterator[Path]:
    """All that a folder's model is read from: of weights that are there in several precisions or as pickles, those that
    this program reads."""
    read = {
        file for part in (parts.architecture.denoiser, "vae", *parts.encoders) for file in files_in(parts.home / part)
    }
    folders = {file.parent for file in read}
    for file in sorted(parts.home.rglob("*")):
        hidden = any(name.startswith(".") for name in file.relative_to(parts.home).parts)
        is_left_out = file.suffix in SUFFIXES and file.parent in folders and file not in read
        if file.is_file() and not hidden and not is_left_out:
            yield file


def _copy_edited(source: Path, target: Path, edited: Mapping[str, Tensor], about: Mapping[str, str]) -> None:
    """A safetensors file with other values of some tensors, and more metadata."""
    with source.open("rb") as old, target.open("wb") as new:
        header = json.loads(old.read(int.from_bytes(old.read(8), "little")))
        header["__metadata__"] = header.get("__metadata__", {}) | about
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)  # tensors are read where they lie
        new.write(len(text).to_bytes(8, "little") + text)
        start = new.tell()
        shutil.copyfileobj(old, new, AT_ONCE)
        for name, tensor in edited.items():
            new.seek(start + header[name]["data_offsets"][0])
            new.write(_bytes(tensor, header[name]["dtype"]))
        new.flush()
        os.fsync(new.fileno())


def _bytes(tensor: Tensor, stored: str) -> bytes:
    dtype = getattr(torch, STORED.get(stored, ""), None)
    if dtype is None:
        raise Problem(
            "dtype_not_written",
            "The model's weights are stored as {dtype}, which is not written: convert them to fp16 or fp32 first.",
            dtype=stored,
        )
    return tensor.detach().to("cpu", dtype).contiguous().view(torch.uint8).numpy().tobytes()


@contextmanager
def _atomic_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, that is at path at the end; none if the block raises."""
    with writing(path.name):
        part = path.with_name(f".{path.name}.{uuid4().hex}.part")
        try:
            part.mkdir(parents=True)
            yield part
            part.rename(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)
