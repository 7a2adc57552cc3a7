"""Where tensors lie in safetensors files: which files hold a part's weights, and how they are read.

A folder may hold a part whole or in shards, in float32 and as variants in half precision (model.fp16.safetensors). What
a tensor's shape and dtype are is known from the files' headers. Does not import torch until a tensor is read, and knows
nothing about what a tensor is for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from uce_core.precision import STORED, coarsest
from uce_core.problems import Problem

if TYPE_CHECKING:
    from torch import Tensor

NAME = re.compile(  # model.fp16-00001-of-00002, or as older programs wrote it, model-00001-of-00002.fp16
    r"(model|diffusion_pytorch_model)(\.(?P<before>\w+))?(-\d{5}-of-(?P<count>\d{5})(\.(?P<behind>\w+))?)?"
)
PICKLES = (".bin", ".ckpt", ".pt", ".pth")
SUFFIXES = (".safetensors", *PICKLES)  # of files with weights
VARIANTS = ("", "fp32", "fp16", "bf16")  # the finest first
TOGETHER = 16  # tensors that are mapped at a time: a layer's


@dataclass(frozen=True)
class Place:
    """Of one tensor. rows: which of the stored ones it is, None for all. turned: whether it is stored transposed."""

    file: Path
    key: str
    rows: tuple[int, int] | None = None
    turned: bool = False


@dataclass(frozen=True)
class Header:
    """What a file says before its tensors are read. stamp: its size and time then, by which it is known again."""

    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str]
    metadata: Mapping[str, str]
    stamp: tuple[int, int]

    @staticmethod
    def of(path: Path, called: str = "") -> "Header":
        """called: what to say instead of the file's name. Raises ValueError if it is no safetensors file, or not
        whole."""
        try:
            stamp = _stamp(path)
            with safe_open(path, "np") as file:
                slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
                shapes = {key: tuple(one.get_shape()) for key, one in slices.items()}
                dtypes = {key: one.get_dtype() for key, one in slices.items()}
                return Header(shapes, dtypes, file.metadata() or {}, stamp)
        except SafetensorError as error:
            raise Problem(
                "model_file_damaged",
                "{file} is damaged or was not downloaded completely: download it again.",
                file=called or path.name,
            ) from error


@dataclass(frozen=True)
class Tensors:
    """Of a part, by the name that they have in it."""

    places: Mapping[str, Place]
    _known: dict[Path, Header] = field(default_factory=dict)  # headers, read once

    def header(self, file: Path) -> Header:
        if file not in self._known:
            self._known[file] = Header.of(file)
        return self._known[file]

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of all tensors, by name."""
        return {name: self._shape(place) for name, place in self.places.items()}

    def _shape(self, place: Place) -> tuple[int, ...]:
        stored = self.header(place.file).shapes[place.key]
        rows = stored if place.rows is None else (place.rows[1] - place.rows[0], *stored[1:])
        return rows[::-1] if place.turned else rows

    @cached_property
    def stored(self) -> str:
        """The coarsest dtype among them, as torch names it."""
        found = {self.header(place.file).dtypes[place.key] for place in self.places.values()}
        return coarsest(STORED.get(dtype, dtype) for dtype in found)

    def only(self, names: Iterable[str]) -> "Tensors":
        return Tensors({name: self.places[name] for name in names if name in self.places}, self._known)

    def read(self, names: Iterable[str]) -> "dict[str, Tensor]":
        """As they are stored, mapped into memory: a page is read when it is looked at, and all are given back when the
        last of these tensors is dropped. Raises ValueError if a file has changed."""
        wanted = {name: self.places[name] for name in names}
        found = {}
        self.check_unchanged()
        for path in dict.fromkeys(place.file for place in wanted.values()):
            with safe_open(path, "pt") as file:
                for name, place in wanted.items():
                    if place.file == path:
                        found[name] = _part(file.get_tensor(place.key), place)
        return found

    def check_unchanged(self) -> None:
        """Raises ValueError if a file is no longer what it was when its header was read."""
        for path in dict.fromkeys(place.file for place in self.places.values()):
            if self.header(path).stamp != _stamp(path):
                raise Problem(
                    "model_file_changed",
                    "{file} was changed or removed after the model was opened: restore it, or restart this program.",
                    file=path.name,
                )

    def each(self) -> "Iterator[tuple[str, Tensor]]":
        """All, in the order of their names, with only a few mapped at a time."""
        names = sorted(self.places)
        for start in range(0, len(names), TOGETHER):
            tensors = self.read(names[start : start + TOGETHER])
            yield from ((name, tensors.pop(name)) for name in list(tensors))


def _stamp(path: Path) -> tuple[int, int]:
    """(0, 0) if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _part(tensor: "Tensor", place: Place) -> "Tensor":
    some = tensor if place.rows is None else tensor[slice(*place.rows)]
    return some.T if place.turned else some


def tensors_in(folder: Path) -> Tensors:
    """A part's, under their own names; none if there are no weights. Raises ValueError if a file is not whole."""
    known = {path: Header.of(path, f"{folder.name}/{path.name}") for path in files_in(folder)}
    return Tensors({key: Place(path, key) for path, header in known.items() for key in header.shapes}, known)


def files_in(folder: Path) -> tuple[Path, ...]:
    """Those that hold a part's weights together, of the first of VARIANTS that is there. Raises ValueError if a shard
    is missing."""
    found = {path: match for path in sorted(folder.glob("*.safetensors")) if (match := NAME.fullmatch(path.stem))}
    chosen = variant_in(folder)
    mine = {path: match for path, match in found.items() if _variant(match) == chosen}
    whole = tuple(path for path, match in mine.items() if not match["count"])
    if whole or not mine:
        return whole
    count = int(next(iter(mine.values()))["count"])
    if len(mine) != count:
        raise Problem(
            "model_shards_missing",
            "Of the {count} files that hold the weights in {folder} only {found} are there: download the others.",
            folder=folder.name,
            found=len(mine),
            count=count,
        )
    return tuple(mine)


def variant_in(folder: Path) -> str:
    """Which variant of a part's weights is read: the finest there is; "" for the plain ones, or if there are none."""
    there = {_variant(match) for path in folder.glob("*.safetensors") if (match := NAME.fullmatch(path.stem))}
    return min(there, key=lambda one: (VARIANTS.index(one) if one in VARIANTS else len(VARIANTS), one), default="")


def _variant(match: "re.Match[str]") -> str:
    return match["before"] or match["behind"] or ""
