"""What edits of every kind have: what was asked, for which text encoder, when, how strong; and a file.

Knows no kind of edit.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from torch import Tensor

from uce_core import files
from uce_core.edits.edit_file import TARGETS
from uce_core.edits.spec import MethodSpec
from uce_core.version import VERSION


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class BaseEdit:
    """spec: what was asked, None if that is not known. text_encoder: fingerprint of the encoder that it is made for.
    encoder_sample: some of its weights, by which the same encoder in another precision is known, "" in files of version
    0.1. strength: by what its change was multiplied since it was solved.
    """

    spec: MethodSpec | None
    text_encoder: str
    created: str = field(default_factory=now)
    strength: float = 1.0
    encoder_sample: str = field(default="", repr=False)

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        """All that it was asked; () if it does not say."""
        return (self.spec,) if self.spec else ()

    @property
    def made_for(self) -> str | None:
        """Fingerprint of the only text encoder that it fits, None if it does not say."""
        return self.text_encoder

    def save(self, path: str | Path) -> Path:
        """Write the edit file; a crash leaves the old file or the new one. Returns the path."""
        return files.write(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The edit file's content."""
        raise NotImplementedError

    @property
    def _said(self) -> dict[str, str]:
        """The file's metadata, but for what was asked."""
        sample = {"text_encoder_sample": self.encoder_sample} if self.encoder_sample else {}
        return {
            "text_encoder": self.text_encoder,
            "created": self.created,
            "version": VERSION,
            "strength": repr(self.strength),
        } | sample


def targets_of(parameters: Iterable[str]) -> tuple[str, ...]:
    """Which projections are among the parameters."""
    names = list(parameters)
    return tuple(target for target in TARGETS if any(name.endswith(f"{target}.weight") for name in names))


def digest_of(first: str, tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over a text and tensors."""
    digest = hashlib.sha256(first.encode())
    for _, tensor in sorted(tensors.items()):
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
