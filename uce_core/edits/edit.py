"""Edits as objects: what was solved, its strength, several in one, and the file that holds it.

An Edit is two small matrices, valid for every model with the same text encoder; a DenseEdit is a
whole new weight for every projection, as the published code saves them. Both answer the same
questions, and say what they can do: edits_text, low_rank, targets. Knows nothing about how an edit was solved or
where it will be applied.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, cast

import torch
from torch import Tensor

from uce_core import files, tensor_files
from uce_core.checks import normalised, sound_json
from uce_core.concepts.fingerprint import Kinship, kinship, readable_sample
from uce_core.edits.closed_form import fold, projector
from uce_core.edits.spec import LARGEST, ErasureSpec, MethodSpec, spec_from_json
from uce_core.problems import Problem
from uce_core.version import VERSION

FORMAT = "uce-studio-edit/1"
TARGETS = ("to_k", "to_v")
EDITED = tuple(f"attn2.{target}.weight" for target in TARGETS)  # how the edited parameters' names end


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """M = I + UᵀV, to be multiplied onto every cross-attention projection from the right.

    spec: what was asked, None for several edits of different kinds. u, v: (k, d) float32.
    text_encoder: fingerprint of the encoder whose space this is. encoder_sample: some of its weights, by which the same
    encoder in another precision is known, "" in files of version 0.1. strength: by what V was multiplied since it was
    solved. stacked: what each of several was asked, if it is made of such.

    edits_text: on_text gives the same as the edited weights. low_rank: M − I has a rank of at most k, so that the edit
    is a LoRA. targets: which projections it edits.
    """

    edits_text: ClassVar[bool] = True
    low_rank: ClassVar[bool] = True
    targets: ClassVar[tuple[str, ...]] = TARGETS

    spec: MethodSpec | None
    u: Tensor = field(repr=False, compare=False)
    v: Tensor = field(repr=False, compare=False)
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
        """SHA-256 over the text encoder's fingerprint and both matrices: the same edit, the same digest."""
        return _digest(self.text_encoder, {"u": self.u, "v": self.v})

    @property
    def rank(self) -> int:
        return self.u.shape[0]

    @property
    def width(self) -> int:
        return self.u.shape[1]

    def at_strength(self, strength: float) -> "Edit":
        """M(t) = I + t·(M − I): 0 changes nothing, 1 is this edit, 2 overdoes it, −1 does the opposite."""
        return replace(self, v=self.v * strength, strength=_sound(self.strength * strength))

    def projections(self, masters: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """W' (out, d) of every projection by name, one at a time, in the masters' dtype and on their device."""
        edited = projector(self.u, self.v, next(iter(masters.values())).device)
        for name, weight in masters.items():
            yield name, edited(weight)

    def misfit(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        """Name of a weight that it edits and that a model with projections of these shapes does not have; "" if there
        is none."""
        return ""

    def lora_factors(self, masters: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
        """For every projection, by name without “.weight”, up (out, k) and down (k, d), with W' − W = up·down."""
        return {
            name.removesuffix(".weight"): ((weight @ self.u.T.to(weight)).cpu(), self.v)
            for name, weight in masters.items()
        }

    def on_text(self, states: Tensor) -> Tensor:
        """Mc for token vectors (…, d), computed in float32, in their dtype: W(Mc) = W'c."""
        u, v = self.u.to(states.device), self.v.to(states.device)
        return (states.float() + (states.float() @ v.T) @ u).to(states.dtype)

    def save(self, path: str | Path) -> Path:
        """Write the edit file; a crash leaves the old file or the new one. Returns the path."""
        return files.write(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The edit file's content."""
        metadata = {
            "format": FORMAT,
            "spec": self.spec.to_json() if self.spec else "null",
            "text_encoder": self.text_encoder,
            "created": self.created,
            "version": VERSION,
            "strength": repr(self.strength),
            "stacked": json.dumps([spec.to_json() for spec in self.stacked], ensure_ascii=False),
        } | _sample_of(self)
        return tensor_files.to_safetensors({"u": self.u, "v": self.v}, metadata)

    @staticmethod
    def spec_in(path: str | Path) -> MethodSpec | None:
        """What an edit file says was asked, without its matrices being read; None if it doesn't say.

        Raises ValueError with one sentence for a file that is not a sound edit.
        """
        path = Path(path)
        own, metadata = _kind(path)
        text = metadata.get("spec", "" if own else "null")
        with _readable(path):
            return None if text == "null" else spec_from_json(text)

    @staticmethod
    def load(path: str | Path) -> "Edit | DenseEdit":
        """Read and check an edit file, ours or the published code's.

        Raises ValueError with one sentence for any file that is not a sound edit.
        """
        path = Path(path)
        own, metadata = _kind(path)
        tensors = tensor_files.read(path)
        return _own(path, metadata, **tensors) if own else _published(path, metadata, tensors)


@dataclass(frozen=True, kw_only=True)
class DenseEdit:
    """W' of every edited projection, for models with just those projections.

    weights: (out, d) float32 by parameter name. spec and text_encoder are None and "" for a file that
    another program wrote.
    """

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
        return _digest(f"{self.text_encoder}{self.strength!r}", self.weights)

    @property
    def rank(self) -> int:
        return self.width

    @property
    def width(self) -> int:
        return next(iter(self.weights.values())).shape[1]

    def at_strength(self, strength: float) -> "DenseEdit":
        """W(t) = W + t·(W' − W), once it is applied to a model's W."""
        return replace(self, strength=_sound(self.strength * strength))

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
        } | _sample_of(self)
        return metadata | ({"spec": self.spec.to_json()} if self.spec else {})


AnyEdit = Edit | DenseEdit


def stack(*edits: AnyEdit) -> Edit:
    """Edits that were solved apart, added: M = I + Σ (Mᵢ − I).

    Not the same as solving them together, where each knows what the others retain and erase (see
    docs/derivation.md). Raises ValueError for dense edits, or if they are for different text encoders
    or want the same concept to become two things.
    """
    parts = _combinable(edits)
    return _combined(parts, torch.cat([edit.u for edit in parts]).double(), torch.cat([e.v for e in parts]).double())


def compose(*edits: AnyEdit) -> Edit:
    """Edits applied one after the other, the first one first: M = M₁·M₂·…, exactly.

    (I + U₁ᵀV₁)(I + U₂ᵀV₂) = I + U₁ᵀ(V₁ + V₁U₂ᵀV₂) + U₂ᵀV₂, so each next factor is folded into the V's before it.
    Raises ValueError as stack does.
    """
    parts = _combinable(edits)
    u, v = parts[0].u.double(), parts[0].v.double()
    for edit in parts[1:]:
        next_u, next_v = edit.u.double(), edit.v.double()
        u, v = torch.cat([u, next_u]), torch.cat([v + (v @ next_u.T) @ next_v, next_v])
    return _combined(parts, u, v)


def same_encoder(ours: AnyEdit, theirs: AnyEdit) -> bool:
    """Whether both are for one text encoder, in whatever precision each was solved."""
    return (
        ours.text_encoder == theirs.text_encoder or kinship(ours.encoder_sample, theirs.encoder_sample) is Kinship.SAME
    )


def _combinable(edits: Sequence[AnyEdit]) -> list[Edit]:
    parts = []
    for edit in edits:
        if not edit.low_rank:
            raise Problem(
                "dense_not_stackable",
                "A dense edit cannot be stacked: solve it again with --method uce.",
            )
        parts.append(cast(Edit, edit))
    if not all(same_encoder(edit, parts[0]) for edit in parts):
        raise Problem(
            "text_encoders_differ", "These edits are for different text encoders: stack edits of one model only."
        )
    return parts


def _combined(parts: Sequence[Edit], u: Tensor, v: Tensor) -> Edit:
    specs = tuple(spec for edit in parts for spec in edit.specs)
    u, v = fold(u, v)
    first = parts[0]
    return Edit(
        spec=_together(specs),
        u=u.float(),
        v=v.float(),
        text_encoder=first.text_encoder,
        encoder_sample=first.encoder_sample,
        stacked=specs,
    )


def _together(specs: Sequence[MethodSpec]) -> MethodSpec | None:
    """One spec that names all that is erased and retained; its other choices are the first's."""
    erasures = [spec for spec in specs if isinstance(spec, ErasureSpec)]
    if not erasures or len(erasures) < len(specs):
        return None
    erase = tuple(concept for spec in erasures for concept in spec.erase)
    guides = tuple(guide for spec in erasures for guide in spec.guides)
    gone = {normalised(concept) for concept in erase}
    retain = tuple(c for spec in erasures for c in spec.retain if normalised(c) not in gone)
    return replace(erasures[0], erase=erase, guide=guides, retain=retain)


def _specs(edit: AnyEdit) -> tuple[MethodSpec, ...]:
    return edit.stacked or ((edit.spec,) if edit.spec else ())


def _sample_of(edit: AnyEdit) -> dict[str, str]:
    return {"text_encoder_sample": edit.encoder_sample} if edit.encoder_sample else {}


def _sound(strength: float) -> float:
    if not abs(strength) <= LARGEST:
        raise Problem("bad_strength", "The strength is {strength}: use a number such as 1.", strength=strength)
    return strength


def _digest(first: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(first.encode())
    for _, tensor in sorted(tensors.items()):
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _kind(path: Path) -> tuple[bool, dict[str, str]]:
    """Whether an edit file is of this program rather than in the published layout, and its metadata. Raises ValueError
    if it is neither."""
    names, metadata = tensor_files.header(path)
    own = metadata.get("format") == FORMAT and names == {"u", "v"}
    if own or (names and all(name.endswith(EDITED) for name in names)):
        return own, metadata
    if any(name.startswith(("conv_in.", "unet.conv_in.", "model.diffusion_model.")) for name in names):
        raise Problem(
            "whole_unet",
            "{file} is a whole UNet or checkpoint, not an edit: load it as a model, or save what an edit changes with "
            "safetensors.torch: save_file({{name: w for name, w in load_file('{file}').items() if "
            "name.endswith(('attn2.to_k.weight', 'attn2.to_v.weight'))}}, 'edit.safetensors').",
            file=path.name,
        )
    if any("lora" in name for name in names):
        raise Problem(
            "lora_not_readable",
            "{file} is a LoRA, which cannot be imported: upload the edit in UCE Studio's or the published format.",
            file=path.name,
        )
    raise Problem(
        "not_an_edit_file", "{file} is not an edit file of this program: choose another file.", file=path.name
    )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError):
        raise Problem(
            "edit_file_without_spec", "{file} has no readable settings: solve the edit again.", file=path.name
        ) from None


def _is_matrix(tensor: Tensor) -> bool:
    return tensor.dim() == 2 and min(tensor.shape) > 0


def _strength_in(metadata: Mapping[str, str]) -> float:
    return _sound(float(metadata.get("strength", "1")))


def _own(path: Path, metadata: dict[str, str], u: Tensor, v: Tensor) -> Edit:
    if u.dtype != torch.float32 or v.dtype != torch.float32 or not _is_matrix(u) or u.shape != v.shape:
        raise Problem(
            "edit_file_bad_matrices",
            "{file} contains matrices of the wrong shape or type: save the edit again.",
            file=path.name,
        )
    with _readable(path):
        return Edit(
            spec=None if metadata.get("spec") == "null" else spec_from_json(metadata.get("spec", "")),
            u=u,
            v=v,
            text_encoder=metadata.get("text_encoder", ""),
            created=metadata.get("created", ""),
            strength=_strength_in(metadata),
            stacked=tuple(spec_from_json(text) for text in sound_json(metadata.get("stacked", "[]"))),
            encoder_sample=readable_sample(metadata.get("text_encoder_sample", "")),
        )


def _published(path: Path, metadata: dict[str, str], weights: dict[str, Tensor]) -> DenseEdit:
    if not all(_is_matrix(weight) and weight.is_floating_point() for weight in weights.values()):
        raise Problem(
            "edit_file_bad_matrices",
            "{file} contains matrices of the wrong shape or type: save the edit again.",
            file=path.name,
        )
    with _readable(path):
        return DenseEdit(
            weights={name: weight.float() for name, weight in weights.items()},
            spec=spec_from_json(metadata["spec"]) if "spec" in metadata else None,
            text_encoder=metadata.get("text_encoder", ""),
            created=metadata.get("created", ""),
            strength=_strength_in(metadata),
            encoder_sample=readable_sample(metadata.get("text_encoder_sample", "")),
        )
