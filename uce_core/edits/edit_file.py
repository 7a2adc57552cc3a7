"""What the file of an edit says, checked: this program's own, or one in the layout of the published code.

Knows nothing about what an edit can do.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uce_core import tensor_files
from uce_core.checks import sound_json
from uce_core.concepts.fingerprint import readable_sample
from uce_core.concepts.text_spaces import EDITED, TOKENS, space_of
from uce_core.edits.spec import LARGEST, MethodSpec
from uce_core.edits.stored_spec import spec_from_json
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.problems import Problem

FORMAT, SEVERAL = "uce-studio-edit/1", "uce-studio-edit/2"  # of one text space, of all else
FACTORS, LAYERED, WEIGHTLESS, WEIGHTS = "factors", "layered", "vectors", "weights"  # what kinds of tensors a file has
RIGHT = "v."  # before the name of the parameter whose right factor it is
VECTORS = "vectors"
TENSORS = {  # by format, and with them the kind
    FORMAT: {frozenset({"u", "v"}): FACTORS},
    SEVERAL: {frozenset({"u", "v", "pooled.u", "pooled.v"}): FACTORS, frozenset({VECTORS}): WEIGHTLESS},
}
TARGETS = ("to_k", "to_v")


@dataclass(frozen=True, kw_only=True)
class EditFile:
    """kind: FACTORS, with tensors u and v, (k, d) float32, and if there is a pooled text space, pooled.u and pooled.v;
    LAYERED, with u, and a v for each parameter, (k, d) float32; WEIGHTLESS, with vectors (n, d) float32 and a spec; or
    WEIGHTS, (out, in) by parameter name, of any floating-point dtype. The rest as Edit has it; "" and None if the file
    does not say."""

    kind: str
    tensors: Mapping[str, Tensor]
    spec: MethodSpec | None
    text_encoder: str
    created: str
    strength: float
    stacked: tuple[MethodSpec, ...]
    encoder_sample: str

    @property
    def said(self) -> dict[str, Any]:
        """What edits of every kind have."""
        names = ("spec", "text_encoder", "created", "strength", "encoder_sample")
        return {name: getattr(self, name) for name in names}


def read(path: Path) -> EditFile:
    """Raises ValueError with one sentence for any file that is not a sound edit."""
    kind, metadata = _kind(path)
    tensors = tensor_files.read(path)
    if not SOUND[kind](tensors):
        raise Problem(
            "edit_file_bad_matrices",
            "{file} contains matrices of the wrong shape or type: save the edit again.",
            file=path.name,
        )
    with _readable(path):
        spec = _spec(kind, metadata)
        if kind == WEIGHTLESS and not isinstance(spec, WeightlessSpec):
            raise ValueError("no method that changes no weights")
        return EditFile(
            kind=kind,
            tensors=tensors,
            spec=spec,
            text_encoder=metadata.get("text_encoder", ""),
            created=metadata.get("created", ""),
            strength=sound_strength(float(metadata.get("strength", "1"))),
            stacked=tuple(spec_from_json(text) for text in sound_json(metadata.get("stacked", "[]"))),
            encoder_sample=readable_sample(metadata.get("text_encoder_sample", "")),
        )


def spec_in(path: Path) -> MethodSpec | None:
    """What it says was asked, without its matrices being read. Raises ValueError as read does."""
    kind, metadata = _kind(path)
    with _readable(path):
        return _spec(kind, metadata)


def sound_strength(strength: float) -> float:
    """Raises ValueError if it is none."""
    if not abs(strength) <= LARGEST:
        raise Problem("bad_strength", "The strength is {strength}: use a number such as 1.", strength=strength)
    return strength


def _spec(kind: str, metadata: Mapping[str, str]) -> MethodSpec | None:
    text = metadata.get("spec", "null" if kind == WEIGHTS else "")
    return None if text == "null" else spec_from_json(text)


def _factors(tensors: Mapping[str, Tensor]) -> bool:
    """Whether all are pairs of float32 matrices of one shape, of which in one text space there may be no rows."""
    pairs = [(tensors[name], tensors[f"{name[:-1]}v"]) for name in tensors if name.endswith("u")]
    sound = all(u.dtype == v.dtype == torch.float32 and u.dim() == 2 and u.shape == v.shape for u, v in pairs)
    return sound and all(u.shape[1] for u, _ in pairs) and any(len(u) for u, _ in pairs)


def _layers(tensors: Mapping[str, Tensor]) -> bool:
    """Whether all are float32 matrices of one shape."""
    u = tensors["u"]
    return _is_matrix(u) and all(one.dtype == torch.float32 and one.shape == u.shape for one in tensors.values())


def _projections(tensors: Mapping[str, Tensor]) -> bool:
    return all(_is_matrix(weight) and weight.is_floating_point() for weight in tensors.values())


def _vectors(tensors: Mapping[str, Tensor]) -> bool:
    """Whether they are float32 rows, of which there may be none."""
    [vectors] = tensors.values()
    return vectors.dtype == torch.float32 and vectors.dim() == 2 and vectors.shape[1] > 0


def _is_matrix(tensor: Tensor) -> bool:
    return tensor.dim() == 2 and min(tensor.shape) > 0


SOUND = {FACTORS: _factors, LAYERED: _layers, WEIGHTLESS: _vectors, WEIGHTS: _projections}


def _kind_of(names: set[str], version: str) -> str:
    """By the tensors' names and the format; "" if it is no edit file."""
    if version == SEVERAL and "u" in names and len(names) > 1 and all(map(_is_right, names - {"u"})):
        return LAYERED
    if version in TENSORS:
        return TENSORS[version].get(frozenset(names), "")
    return WEIGHTS if names and all(name.endswith(EDITED) for name in names) else ""


def _is_right(name: str) -> bool:
    """Whether it is the right factor of a parameter that reads token states."""
    return name.startswith(RIGHT) and name.endswith(EDITED) and space_of(name) == TOKENS


def _kind(path: Path) -> tuple[str, dict[str, str]]:
    """Which kind of edit file it is, and its metadata. Raises ValueError if it is none."""
    names, metadata = tensor_files.header(path)
    kind = _kind_of(names, metadata.get("format", ""))
    if kind:
        return kind, metadata
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
