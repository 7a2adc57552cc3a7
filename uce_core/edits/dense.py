"""A DenseEdit: a whole new weight for every edited projection, as the published code saves them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from uce_core import tensor_files
from uce_core.concepts.text_spaces import TOKENS, space_of
from uce_core.edits.base import BaseEdit, digest_of, targets_of
from uce_core.edits.edit_file import sound_strength
from uce_core.edits.spec import MethodSpec


@dataclass(frozen=True, kw_only=True)
class DenseEdit(BaseEdit):
    """W' of every edited projection, for models with just those projections.

    weights: (out, d) float32 by parameter name. spec and text_encoder are None and "" for a file that
    another program wrote.
    """

    changes_weights: ClassVar[bool] = True
    edits_text: ClassVar[bool] = False
    low_rank: ClassVar[bool] = False
    stacked: ClassVar[tuple[MethodSpec, ...]] = ()

    weights: Mapping[str, Tensor] = field(repr=False, compare=False)
    spec: MethodSpec | None = None
    text_encoder: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        return targets_of(self.weights)

    @property
    def made_for(self) -> str | None:
        return self.text_encoder or None

    def misfit(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        return next((name for name, w in self.weights.items() if shapes.get(name) != tuple(w.shape)), "")

    @property
    def digest(self) -> str:
        return digest_of(f"{self.text_encoder}{self.strength!r}", self.weights)

    @property
    def rank(self) -> int:
        return self.width

    @property
    def widths(self) -> dict[str, int]:
        """d of the token states, if it edits what reads them."""
        of_tokens = [w for name, w in self.weights.items() if space_of(name) == TOKENS]
        return {TOKENS: of_tokens[0].shape[1]} if of_tokens else {}

    @property
    def width(self) -> int:
        return next(iter(self.widths.values()), 0)

    def at_strength(self, strength: float) -> "DenseEdit":
        """W(t) = W + t·(W' − W), once it is applied to a model's W."""
        return replace(self, strength=sound_strength(self.strength * strength))

    def projections(self, masters: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        for name, edited in self.weights.items():
            yield name, torch.lerp(masters[name], edited.to(masters[name]), self.strength)

    def to_bytes(self) -> bytes:
        """The weights under the names and in the layout of the published code."""
        return tensor_files.to_safetensors(self.weights, self.metadata)

    @property
    def metadata(self) -> dict[str, str]:
        """Of that file."""
        return self._said | ({"spec": self.spec.to_json()} if self.spec else {})
