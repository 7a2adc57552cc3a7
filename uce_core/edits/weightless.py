"""Edits that change no weights: what they erase is taken out of what a model reads, while it generates.

Their specs say how (weightless_spec.py). Knows nothing about the models that they are applied to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from uce_core import tensor_files
from uce_core.concepts.text_spaces import TOKENS
from uce_core.edits.base import BaseEdit, digest_of
from uce_core.edits.edit_file import SEVERAL, VECTORS, sound_strength
from uce_core.edits.spec import MethodSpec
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.problems import Problem

if TYPE_CHECKING:  # defined for type checkers alone
    from uce_core.edits.weightless_spec import Encode, OnValues, States


@dataclass(frozen=True, kw_only=True)
class WeightlessEdit(BaseEdit):
    """Applied while a model generates.

    vectors: (n, d) float32, of each erased text the last subject token; without rows where the method needs its texts
    alone. The rest as in BaseEdit.

    changes_weights, low_rank, targets: it has no W', so that it can be neither exported nor stacked, and its impact is
    not known before images are generated.
    """

    changes_weights: ClassVar[bool] = False
    low_rank: ClassVar[bool] = False
    targets: ClassVar[tuple[str, ...]] = ()
    stacked: ClassVar[tuple[MethodSpec, ...]] = ()
    rank: ClassVar[int] = 0

    spec: WeightlessSpec
    vectors: Tensor = field(repr=False, compare=False)

    @property
    def edits_text(self) -> bool:
        """Whether on_prompt does it all."""
        return self.spec.edits_text

    @property
    def width(self) -> int:
        return self.vectors.shape[1]

    @property
    def widths(self) -> dict[str, int]:
        return {TOKENS: self.width}

    @property
    def digest(self) -> str:
        return digest_of(f"{self.text_encoder}{self.strength!r}{self.spec.to_json()}", {VECTORS: self.vectors})

    def at_strength(self, strength: float) -> "WeightlessEdit":
        """0 changes nothing, 1 is this edit."""
        return replace(self, strength=sound_strength(self.strength * strength))

    def on_prompt(self, states: "States", encode: "Encode", negative_prompt: str) -> "States":
        """As WeightlessSpec has it."""
        return self.spec.on_prompt(states, encode, negative_prompt, self.strength) if self.strength else states

    def on_values(self, weight: Tensor) -> "OnValues":
        """What is made of the values of a projection, (out, d) float32."""
        return self.spec.on_values(self.vectors.to(weight) @ weight.T, self.strength)

    def misfit(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        """Nothing: it has no weights of its own."""
        return ""

    def projections(self, masters: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """Raises ValueError: there are none."""
        raise Problem(
            "edit_without_weights",
            "The method {method} changes no weights: what is asked needs edited weights, so use an edit of another "
            "method.",
            method=self.spec.kind,
        )

    def to_bytes(self) -> bytes:
        metadata = self._said | {"format": SEVERAL, "spec": self.spec.to_json()}
        return tensor_files.to_safetensors({VECTORS: self.vectors}, metadata)
