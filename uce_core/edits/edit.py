"""Edits as objects: what was solved, its strength, and the file that it makes.

An Edit is two small matrices for each text space, valid for every model with the same text encoder; a DenseEdit is a
whole new weight for every projection, as the published code saves them; a WeightlessEdit (weightless.py) has neither.
All answer the same questions, and say what they can do: changes_weights, edits_text, low_rank, targets. Knows nothing
about how an edit was solved or where it will be applied.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from torch import Tensor

from uce_core import files, tensor_files
from uce_core.concepts.text_spaces import POOLED, TOKENS, space_of
from uce_core.edits import edit_file
from uce_core.edits.closed_form import projector
from uce_core.edits.edit_file import FACTORS, FORMAT, SEVERAL, TARGETS, VECTORS, WEIGHTLESS, sound_strength
from uce_core.edits.identity import digest_of, now, sample_of
from uce_core.edits.spec import MethodSpec
from uce_core.edits.weightless import WeightlessEdit
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.version import VERSION

if TYPE_CHECKING:  # defined for type checkers alone
    from uce_core.edits.weightless_spec import Encode, States


class Factors(NamedTuple):
    """M = I + UᵀV of one text space. u, v: (k, d) float32; k is 0 where nothing changes."""

    u: Tensor
    v: Tensor


@dataclass(frozen=True, kw_only=True)
class Edit:
    """M = I + UᵀV, to be multiplied from the right onto every weight that reads token states; and another M for those
    that read the pooled text, in models that have such (concepts/text_spaces.py).

    spec: what was asked, None for several edits of different kinds. u, v: (k, d) float32, of token states. pooled: of
    the pooled text, None if that is not edited.
    text_encoder: fingerprint of the encoder whose space this is. encoder_sample: some of its weights, by which the same
    encoder in another precision is known, "" in files of version 0.1. strength: by what V was multiplied since it was
    solved. stacked: what each of several was asked, if it is made of such.

    changes_weights: it has a W' of every projection. edits_text: on_prompt gives the same as the edited weights.
    low_rank: M − I has a rank of at most k, so that the edit is a LoRA. targets: which projections it edits.
    """

    changes_weights: ClassVar[bool] = True
    edits_text: ClassVar[bool] = True
    low_rank: ClassVar[bool] = True
    targets: ClassVar[tuple[str, ...]] = TARGETS

    spec: MethodSpec | None
    u: Tensor = field(repr=False, compare=False)
    v: Tensor = field(repr=False, compare=False)
    pooled: Factors | None = field(default=None, repr=False, compare=False)
    text_encoder: str
    created: str = field(default_factory=now)
    strength: float = 1.0
    stacked: tuple[MethodSpec, ...] = ()
    encoder_sample: str = field(default="", repr=False)

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        """All that it was asked; () if it does not say."""
        return _specs(self)

    @property
    def made_for(self) -> str | None:
        """Fingerprint of the only text encoder that it fits, None if it does not say."""
        return self.text_encoder

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

    def save(self, path: str | Path) -> Path:
        """Write the edit file; a crash leaves the old file or the new one. Returns the path."""
        return files.write(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The edit file's content."""
        metadata = {
            "format": SEVERAL if self.pooled else FORMAT,
            "spec": self.spec.to_json() if self.spec else "null",
            "text_encoder": self.text_encoder,
            "created": self.created,
            "version": VERSION,
            "strength": repr(self.strength),
            "stacked": json.dumps([spec.to_json() for spec in self.stacked], ensure_ascii=False),
        } | sample_of(self.encoder_sample)
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
        if isinstance(found.spec, WeightlessSpec) and found.kind == WEIGHTLESS:
            return WeightlessEdit(
                spec=found.spec,
                vectors=found.tensors[VECTORS],
                text_encoder=found.text_encoder,
                created=found.created,
                strength=found.strength,
                encoder_sample=found.encoder_sample,
            )
        if found.kind == FACTORS:
            return Edit(
                spec=found.spec,
                u=found.tensors["u"],
                v=found.tensors["v"],
                pooled=Factors(found.tensors["pooled.u"], found.tensors["pooled.v"]) if found.pooled else None,
                text_encoder=found.text_encoder,
                created=found.created,
                strength=found.strength,
                stacked=found.stacked,
                encoder_sample=found.encoder_sample,
            )
        return DenseEdit(
            weights={name: weight.float() for name, weight in found.tensors.items()},
            spec=found.spec,
            text_encoder=found.text_encoder,
            created=found.created,
            strength=found.strength,
            encoder_sample=found.encoder_sample,
        )


@dataclass(frozen=True, kw_only=True)
class DenseEdit:
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
    created: str = field(default_factory=now)
    strength: float = 1.0
    encoder_sample: str = field(default="", repr=False)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(target for target in TARGETS if any(name.endswith(f"{target}.weight") for name in self.weights))

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        return _specs(self)

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

    def save(self, path: str | Path) -> Path:
        """Write the weights under the names and in the layout of the published code. Returns the path."""
        return files.write(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """That file's content."""
        return tensor_files.to_safetensors(self.weights, self.metadata)

    @property
    def metadata(self) -> dict[str, str]:
        """Of that file."""
        metadata = {
            "text_encoder": self.text_encoder,
            "created": self.created,
            "version": VERSION,
            "strength": repr(self.strength),
        } | sample_of(self.encoder_sample)
        return metadata | ({"spec": self.spec.to_json()} if self.spec else {})


WeightEdit = Edit | DenseEdit  # that changes_weights
AnyEdit = WeightEdit | WeightlessEdit
TextEdit = Edit | WeightlessEdit  # that edits_text


def _specs(edit: AnyEdit) -> tuple[MethodSpec, ...]:
    return edit.stacked or ((edit.spec,) if edit.spec else ())


def _columns(weight: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Those that read the text space, and the others: (out, d) and (out, in − d)."""
    return weight[:, :width], weight[:, width:]
