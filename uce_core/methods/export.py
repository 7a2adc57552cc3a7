"""Edits for other programs: the published code's weight files, and LoRA for diffusers, ComfyUI and AUTOMATIC1111.

An edit is a LoRA already, with nothing approximated: W' = W + (W Uᵀ)V, so up = W Uᵀ and down = V.
"""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from uce_core import files, tensor_files
from uce_core.checks import one_of
from uce_core.edits.edit import AnyEdit, DenseEdit, Edit
from uce_core.edits.formats import FORMATS
from uce_core.models.model import Model, check_fits
from uce_core.problems import Problem


def export(model: Model, edit: AnyEdit, to: str, path: str | Path) -> Path:
    """Write an edit of a model in one of FORMATS; a crash leaves the old file or the new one.

    Raises ValueError for an unknown format, an edit for another model, or a dense edit as LoRA.
    """
    one_of("format", to, FORMATS)
    check_fits(model, edit)
    if to == "published":
        return dense(model, edit).save(path)
    if not edit.low_rank:
        raise Problem("dense_has_no_lora", "A dense edit has no low-rank form: export it as published.")
    low_rank = cast(Edit, edit)
    tensors = diffusers_lora(model, low_rank) if to == "diffusers-lora" else kohya_lora(model, low_rank)
    metadata = {"format": "pt"} | ({"spec": edit.spec.to_json()} if edit.spec else {})
    return files.write(path, tensor_files.to_safetensors(tensors, metadata))


def dense(model: Model, edit: AnyEdit) -> DenseEdit:
    """W' of every projection, under the names of the diffusers UNet, as the published code saves it."""
    weights = {name: weight.cpu() for name, weight in edit.projections(model.masters)}
    return DenseEdit(weights=weights, spec=edit.spec, text_encoder=model.text.fingerprint)


def diffusers_lora(model: Model, edit: Edit) -> dict[str, Tensor]:
    """For pipe.load_lora_weights."""
    tensors: dict[str, Tensor] = {}
    for name, (up, down) in edit.lora_factors(model.masters).items():
        tensors |= {f"unet.{name}.lora_A.weight": down.clone(), f"unet.{name}.lora_B.weight": up}
    return tensors


def kohya_lora(model: Model, edit: Edit) -> dict[str, Tensor]:
    """For ComfyUI and AUTOMATIC1111. alpha is the rank, so that a weight of 1 is the edit as solved."""
    tensors: dict[str, Tensor] = {}
    for name, (up, down) in edit.lora_factors(model.masters).items():
        key = f"lora_unet_{name.replace('.', '_')}"
        alpha = torch.tensor(float(edit.rank))
        tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down.clone(), f"{key}.alpha": alpha}
    return tensors
