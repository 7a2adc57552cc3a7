"""Edits as objects: what was asked (EditSpec), what was solved (Edit), and the file that holds both.

An edit is two small matrices, valid for every model with the same text encoder. Knows nothing about
how it was solved or where it will be applied.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from uce_core.concepts import SPANS, templates
from uce_core.problems import Problem

FORMAT = "uce-studio-edit/1"
VERSION = "0.1"
MAX_BYTES = 64 * 2**20  # far above the largest edit that fits: two (2048, 2048) matrices


def normalised(concept: str) -> str:
    """How concepts are compared: case and spaces don't matter."""
    return " ".join(concept.split()).casefold()


def unique_concepts(name: str, concepts: Iterable[str]) -> tuple[str, ...]:
    """Concepts without outer and doubled spaces, without empty ones and repetitions, in order."""
    if isinstance(concepts, str) or not isinstance(concepts, Iterable):
        raise Problem("Give {name} as a list of texts (got {value!r}).", name=name, value=concepts)
    unique: dict[str, str] = {}
    for concept in concepts:
        if not isinstance(concept, str):
            raise Problem("Give {name} as a list of texts (got {value!r}).", name=name, value=concept)
        unique.setdefault(normalised(concept), " ".join(concept.split()))
    return tuple(text for text in unique.values() if text)


def as_number(name: str, value: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Problem("{name} is {value!r}: use a number.", name=name, value=value)
    return float(value)


@dataclass(frozen=True)
class EditSpec:
    """What to erase, what it shall become, and what must stay.

    Concepts are stripped of outer and doubled spaces; repeated ones are dropped. Raises ValueError
    with one sentence if the request makes no sense.
    """

    erase: tuple[str, ...]
    guide: str = "art"
    retain: tuple[str, ...] = ()
    wording: str = "name"
    span: str = "last"
    lam: float = 0.5
    erase_scale: float = 1.0
    retain_scale: float = 1.0

    def __post_init__(self) -> None:
        for name in ("erase", "retain"):
            object.__setattr__(self, name, unique_concepts(name, getattr(self, name)))
        for name in ("lam", "erase_scale", "retain_scale"):
            object.__setattr__(self, name, as_number(name, getattr(self, name)))
        if not self.erase:
            raise Problem("There is nothing to erase: name at least one artist or concept.")
        both = {normalised(concept) for concept in self.erase} & {normalised(concept) for concept in self.retain}
        if both:
            shared = next(concept for concept in self.erase if normalised(concept) in both)
            raise Problem("{concept!r} is in both lists: remove it from erase or from retain.", concept=shared)
        if normalised(self.guide) in {normalised(concept) for concept in self.erase}:
            raise Problem("The guide {guide!r} is what you erase: choose another guide.", guide=self.guide)
        templates(self.wording)
        if self.span not in SPANS:
            raise Problem("Unknown token span {span!r}: use one of {known}.", span=self.span, known=", ".join(SPANS))
        for name, least in (("lam", 1e-6), ("erase_scale", 1e-6), ("retain_scale", 0.0)):
            value = getattr(self, name)
            if not least <= value <= 1e6:
                raise Problem(
                    "{name} is {value}: use a number from {least:g} to 1000000.", name=name, value=value, least=least
                )

    def to_json(self) -> str:
        """Canonical JSON: the same spec gives the same text."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "EditSpec":
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in json.loads(text).items()
            if key in known
        }
        return cls(**values)


@dataclass(frozen=True)
class Edit:
    """M = I + UᵀV, to be multiplied onto every cross-attention projection from the right.

    u, v: (k, d) float32. text_encoder: fingerprint of the encoder whose space this is.
    """

    spec: EditSpec
    u: Tensor = field(repr=False, compare=False)
    v: Tensor = field(repr=False, compare=False)
    text_encoder: str
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def digest(self) -> str:
        """SHA-256 over the text encoder's fingerprint and both matrices: the same edit, the same digest."""
        digest = hashlib.sha256(self.text_encoder.encode())
        for matrix in (self.u, self.v):
            digest.update(matrix.contiguous().numpy().tobytes())
        return digest.hexdigest()

    @property
    def rank(self) -> int:
        return self.u.shape[0]

    @property
    def width(self) -> int:
        return self.u.shape[1]

    def at_strength(self, strength: float) -> "Edit":
        """M(t) = I + t·(M − I): 0 changes nothing, 1 is the edit as solved, beyond 1 overdoes it."""
        if not math.isfinite(strength):
            raise Problem("The strength is {strength}: use a number such as 1.", strength=strength)
        return replace(self, v=self.v * strength)

    def save(self, path: str | Path) -> Path:
        """Write the edit file; a crash leaves the old file or the new one. Returns the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {
            "format": FORMAT,
            "spec": self.spec.to_json(),
            "text_encoder": self.text_encoder,
            "created": self.created,
            "version": VERSION,
        }
        part = path.with_name(f".{path.name}.{uuid4().hex}.part")
        try:
            part.write_bytes(save({"u": self.u.contiguous(), "v": self.v.contiguous()}, metadata))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        return path

    @classmethod
    def load(cls, path: str | Path) -> "Edit":
        """Read and check an edit file. Raises ValueError with one sentence for any file that is not a sound edit."""
        path = Path(path)
        if not path.is_file():
            raise Problem("There is no edit file {path}: check the path.", path=path)
        if path.stat().st_size > MAX_BYTES:
            raise Problem(
                "{file} is too large for an edit file ({size} MB): choose a file that this program saved.",
                file=path.name,
                size=path.stat().st_size >> 20,
            )
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                tensors = {key: file.get_tensor(key) for key in ("u", "v") if key in file.keys()}  # noqa: SIM118 (no mapping)
        except SafetensorError:
            raise Problem("{file} is damaged or not a safetensors file: save the edit again.", file=path.name) from None
        if metadata.get("format") != FORMAT or len(tensors) != 2:
            raise Problem("{file} is not an edit file of this program: choose another file.", file=path.name)
        return cls(
            _checked_spec(path, metadata),
            *_checked_matrices(path, **tensors),
            metadata.get("text_encoder", ""),
            metadata.get("created", ""),
        )


def _checked_spec(path: Path, metadata: dict[str, str]) -> EditSpec:
    try:
        return EditSpec.from_json(metadata.get("spec", ""))
    except (ValueError, TypeError, AttributeError):
        raise Problem("{file} does not say what it edits: save the edit again.", file=path.name) from None


def _checked_matrices(path: Path, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    if u.dtype != torch.float32 or v.dtype != torch.float32 or u.dim() != 2 or u.shape != v.shape:
        raise Problem("{file} holds matrices of wrong shapes or types: save the edit again.", file=path.name)
    if not (u.isfinite().all() and v.isfinite().all()):
        raise Problem("{file} holds NaN or infinite numbers: solve the edit again.", file=path.name)
    return u, v
