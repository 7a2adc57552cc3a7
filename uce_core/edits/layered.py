"""A LayeredEdit: one left factor for all edited projections and a right factor for each, where what is protected
depends on the projection."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from torch import Tensor

from uce_core import tensor_files
from uce_core.concepts.text_spaces import TOKENS
from uce_core.edits.base import BaseEdit, digest_of, targets_of
from uce_core.edits.closed_form import projector
from uce_core.edits.edit_file import RIGHT, SEVERAL, sound_strength
from uce_core.edits.spec import MethodSpec


@dataclass(frozen=True, kw_only=True)
class LayeredEdit(BaseEdit):
    """W' = W + (W Uᵀ)V, each W with a V of its own, for models with just those projections.

    u: (k, d) float32. v: (k, d) float32 each, by parameter name. No one matrix on the text serves all projections.
    """

    changes_weights: ClassVar[bool] = True
    edits_text: ClassVar[bool] = False
    low_rank: ClassVar[bool] = True
    stacked: ClassVar[tuple[MethodSpec, ...]] = ()

    u: Tensor = field(repr=False, compare=False)
    v: Mapping[str, Tensor] = field(repr=False, compare=False)

    @property
    def targets(self) -> tuple[str, ...]:
        return targets_of(self.v)

    def misfit(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        return next((name for name in self.v if shapes.get(name, ())[1:] != (self.width,)), "")

    @property
    def digest(self) -> str:
        return digest_of(self.text_encoder, self._tensors)

    @property
    def _tensors(self) -> dict[str, Tensor]:
        """By the names that they have in a file."""
        return {"u": self.u} | {f"{RIGHT}{name}": v for name, v in self.v.items()}

    @property
    def rank(self) -> int:
        return self.u.shape[0]

    @property
    def widths(self) -> dict[str, int]:
        return {TOKENS: self.width}

    @property
    def width(self) -> int:
        return self.u.shape[1]

    def at_strength(self, strength: float) -> "LayeredEdit":
        """W(t) = W + t·(W' − W)."""
        scaled = {name: v * strength for name, v in self.v.items()}
        return replace(self, v=scaled, strength=sound_strength(self.strength * strength))

    def projections(self, masters: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        for name, v in self.v.items():
            yield name, projector(self.u, v, masters[name].device)(masters[name])

    def lora_factors(self, masters: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
        """As Edit has them."""
        ups = {name: (masters[name] @ self.u.T.to(masters[name])).cpu() for name in self.v}
        return {name.removesuffix(".weight"): (up, self.v[name]) for name, up in ups.items()}

    def to_bytes(self) -> bytes:
        metadata = self._said | {"format": SEVERAL, "spec": self.spec.to_json() if self.spec else "null"}
        return tensor_files.to_safetensors(self._tensors, metadata)
