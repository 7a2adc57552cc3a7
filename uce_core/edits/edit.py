"""Edits as objects: what was solved, its strength, and the file that it makes.

An Edit is two small matrices for each text space, valid for every model with the same text encoder; a LayeredEdit
(layered.py) has a right factor for every projection; a DenseEdit (dense.py) is a whole new weight for every projection,
as the published code saves them; a WeightlessEdit (weightless.py) has none of these. All answer the same questions, and
say what they can do: changes_weights, edits_text, low_rank, targets. Knows nothing about how an edit was solved or
where it will be applied.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from torch import Tensor

from uce_core import tensor_files
from uce_core.concepts.text_spaces import POOLED, TOKENS, space_of
from uce_core.edits import edit_file
from uce_core.edits.base import BaseEdit, digest_of
from uce_core.edits.closed_form import projector
from uce_core.edits.dense import DenseEdit
from uce_core.edits.edit_file import (
    FACTORS,
    FORMAT,
    LAYERED,
    RIGHT,
    SEVERAL,
    TARGETS,
    VECTORS,
    WEIGHTLESS,
    sound_strength,
)
from uce_core.edits.layered import LayeredEdit
from uce_core.edits.spec import MethodSpec
from uce_core.edits.weightless import WeightlessEdit

if TYPE_CHECKING:  # defined for type checkers alone
    from uce_core.edits.weightless_spec import Encode, States


class Factors(NamedTuple):
    """M = I + UᵀV of one text space. u, v: (k, d) float32; k is 0 where nothing changes."""

    u: Tensor
    v: Tensor


@dataclass(frozen=True, kw_only=True)
class Edit(BaseEdit):
    """M = I + UᵀV, to be multiplied from the right onto every weight that reads token states; and another M for those
    that read the pooled text, in models that have such (concepts/text_spaces.py).

    u, v: (k, d) float32, of token states. pooled: of the pooled text, None if that is not edited. stacked: what each of
    several was asked, if it is made of such; their spec is None if they are of different kinds.

    changes_weights: it has a W' of every projection. edits_text: on_prompt gives the same as the edited weights.
    low_rank: M − I has a rank of at most k, so that the edit is a LoRA. targets: which projections it edits.
    """

    changes_weights: ClassVar[bool] = True
    edits_text: ClassVar[bool] = True
    low_rank: ClassVar[bool] = True
    targets: ClassVar[tuple[str, ...]] = TARGETS

    u: Tensor = field(repr=False, compare=False)
    v: Tensor = field(repr=False, compare=False)
    pooled: Factors | None = field(default=None, repr=False, compare=False)
    stacked: tuple[MethodSpec, ...] = ()

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        return self.stacked or super().specs

    @property
    def digest(self) -> str:
        """SHA-256 over the text encoder's fingerprint and all matrices: the same edit, the same digest."""
        return digest_of(self.text_encoder, self._tensors)

    @property
    def _tensors(self) -> dict[str, Tensor]:
        """By the names that they have in a file."""
        pooled = {f"{POOLED}.u": self.pooled.u, f"{POOLED}.v": self.pooled.v} if self.pooled else {}
        return {"u": self.u, "v": self.v} | pooled

    @property
    def spaces(self) -> dict[str, Factors]:
        """Of the text spaces in which it changes something."""
        both = {TOKENS: Factors(self.u, self.v), POOLED: self.pooled}
        return {space: factors for space, factors in both.items() if factors and len(factors.u)}

    @property
    def widths(self) -> dict[str, int]:
        """d of each text space that it knows."""
        return {TOKENS: self.width} | ({POOLED: self.pooled.u.shape[1]} if self.pooled else {})

    @property
    def rank(self) -> int:
        """The largest of its text spaces."""
        return max((len(factors.u) for factors in self.spaces.values()), default=0)

    @property
    def width(self) -> int:
        """d of token states."""
        return self.u.shape[1]

    def at_strength(self, strength: float) -> "Edit":
        """M(t) = I + t·(M − I): 0 changes nothing, 1 is this edit, 2 overdoes it, −1 does the opposite."""
        pooled = self.pooled and Factors(self.pooled.u, self.pooled.v * strength)
        return replace(self, v=self.v * strength, pooled=pooled, strength=sound_strength(self.strength * strength))

    def projections(self, masters: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """W' (out, in) of every weight that reads an edited text space, by name, one at a time, in the masters' dtype
        and on their device."""
        device = next(iter(masters.values())).device
        edited = {space: projector(*factors, device) for space, factors in self.spaces.items()}
        for name, weight in masters.items():
            if (space := space_of(name)) in edited:
                read, rest = _columns(weight, self.widths[space])
                yield name, torch.cat([edited[space](read), rest], 1) if rest.shape[1] else edited[space](read)

    def misfit(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        """Name of a weight that it edits and that a model with projections of these shapes does not have; "" if there
        is none."""
        return ""

    def lora_factors(self, masters: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
        """For every edited weight, by name without “.weight”, up (out, k) and down (k, in), with W' − W = up·down."""
        found = {}
        for name, weight in masters.items():
            if (space := space_of(name)) in self.spaces:
                u, v = self.spaces[space]
                read, rest = _columns(weight, self.widths[space])
                down = torch.nn.functional.pad(v, (0, rest.shape[1]))
                found[name.removesuffix(".weight")] = (read @ u.T.to(weight)).cpu(), down
        return found

    def on_text(self, states: Tensor, space: str = TOKENS) -> Tensor:
        """Mc for vectors (…, d) of a text space, computed in float32, in their dtype: W(Mc) = W'c."""
        if space not in self.spaces:
            return states
        u, v = (factor.to(states.device) for factor in self.spaces[space])
        return (states.float() + (states.float() @ v.T) @ u).to(states.dtype)

    def on_prompt(self, states: "States", encode: "Encode", negative_prompt: str) -> "States":
        """A prompt's states of all text spaces, conditional and unconditional, as the edited model reads them."""
        return {name: self.on_text(rows, POOLED if "pooled" in name else TOKENS) for name, rows in states.items()}

    def to_bytes(self) -> bytes:
        metadata = self._said | {
            "format": SEVERAL if self.pooled else FORMAT,
            "spec": self.spec.to_json() if self.spec else "null",
            "stacked": json.dumps([spec.to_json() for spec in self.stacked], ensure_ascii=False),
        }
        return tensor_files.to_safetensors(self._tensors, metadata)

    @staticmethod
    def spec_in(path: str | Path) -> MethodSpec | None:
        """What an edit file says was asked, without its matrices being read; None if it doesn't say.

        Raises ValueError with one sentence for a file that is not a sound edit.
        """
        return edit_file.spec_in(Path(path))

    @staticmethod
    def load(path: str | Path) -> "AnyEdit":
        """Read and check an edit file, ours or the published code's.

        Raises ValueError with one sentence for any file that is not a sound edit.
        """
        found = edit_file.read(Path(path))
        tensors, said = found.tensors, found.said
        if found.kind == WEIGHTLESS:
            return WeightlessEdit(vectors=tensors[VECTORS], **said)
        if found.kind == LAYERED:
            right = {name.removeprefix(RIGHT): v for name, v in tensors.items() if name.startswith(RIGHT)}
            return LayeredEdit(u=tensors["u"], v=right, **said)
        if found.kind == FACTORS:
            pooled = Factors(tensors["pooled.u"], tensors["pooled.v"]) if "pooled.u" in tensors else None
            return Edit(u=tensors["u"], v=tensors["v"], pooled=pooled, stacked=found.stacked, **said)
        return DenseEdit(weights={name: weight.float() for name, weight in tensors.items()}, **said)


WeightEdit = Edit | LayeredEdit | DenseEdit  # that changes_weights
AnyEdit = WeightEdit | WeightlessEdit
TextEdit = Edit | WeightlessEdit  # that edits_text


def _columns(weight: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Those that read the text space, and the others: (out, d) and (out, in − d)."""
    return weight[:, :width], weight[:, width:]
