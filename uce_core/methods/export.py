"""Edits for other programs: the published code's weight files, LoRA for diffusers, ComfyUI and AUTOMATIC1111, and whole
checkpoints."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from uce_core import files, tensor_files
from uce_core.checks import one_of
from uce_core.edits.dense import DenseEdit
from uce_core.edits.edit import AnyEdit
from uce_core.edits.formats import CHECKPOINT, DTYPES, FORMATS, KOHYA, PUBLISHED
from uce_core.methods.checkpoint import export_checkpoint
from uce_core.methods.lora import Lora, lora_of
from uce_core.models.architectures import ARCHITECTURES, UNET
from uce_core.models.fits import check_fits
from uce_core.models.model import Model
from uce_core.models.original_names import original_name
from uce_core.problems import Problem

OF_FLUX = {"context_embedder": "txt_in", "time_text_embed.text_embedder.linear_1": "vector_in.in_layer"}
FILE_DTYPES = dict(zip(DTYPES, (torch.float32, torch.float16, torch.bfloat16), strict=True))


@dataclass(frozen=True)
class Exported:
    """rank: of a LoRA, 0 for other formats. error: what it leaves out at most of any projection's change, relative to
    the change (Frobenius); 0 if nothing."""

    path: Path
    rank: int = 0
    error: float = 0.0


def export(
    model: Model, edit: AnyEdit, to: str, path: str | Path, rank: int | None = None, dtype: str = "fp32"
) -> Path:
    """Write an edit of a model in one of FORMATS; a crash leaves the old file or the new one. rank: of a LoRA, at most.
    dtype: of the file's tensors, one of DTYPES; a checkpoint keeps its own.

    Raises ValueError for an unknown format or dtype, an edit for another model, a dense edit without low rank as LoRA,
    or a checkpoint where there is something already.
    """
    return exported(model, edit, to, path, rank, dtype).path


def check_export(to: str, rank: int | None, dtype: str) -> None:
    """Raises ValueError for what no model can be asked."""
    one_of("format", to, FORMATS)
    one_of("dtype", dtype, DTYPES)
    if rank is not None and to in (PUBLISHED, CHECKPOINT):
        raise Problem("rank_without_lora", "Only a LoRA has a rank: leave it out for other formats.")
    if dtype != DTYPES[0] and to == CHECKPOINT:
        raise Problem("dtype_of_checkpoint", "A checkpoint keeps the precision of its files: leave the dtype out.")


def exported(
    model: Model, edit: AnyEdit, to: str, path: str | Path, rank: int | None = None, dtype: str = "fp32"
) -> Exported:
    """export, and what it took."""
    check_export(to, rank, dtype)
    if to == CHECKPOINT:
        return Exported(export_checkpoint(model, edit, path))
    check_fits(model, edit)
    metadata = {"spec": edit.spec.to_json()} if edit.spec else {}
    if to == PUBLISHED:
        written = dense(model, edit)
        tensors = {name: weight.to(FILE_DTYPES[dtype]) for name, weight in written.weights.items()}
        return Exported(files.write(path, tensor_files.to_safetensors(tensors, written.metadata)))
    lora = lora_of(model.masters, edit, rank)
    tensors = kohya_lora(model, lora) if to == KOHYA else diffusers_lora(model, lora)
    tensors = {
        name: tensor if name.endswith(".alpha") else tensor.to(FILE_DTYPES[dtype]) for name, tensor in tensors.items()
    }
    about = kohya_metadata(model, lora, Path(path).stem) if to == KOHYA else {"format": "pt"}
    return Exported(files.write(path, tensor_files.to_safetensors(tensors, about | metadata)), lora.rank, lora.error)


def dense(model: Model, edit: AnyEdit) -> DenseEdit:
    """W' of every projection, under the names of the diffusers UNet, as the published code saves it."""
    weights = {name: weight.cpu() for name, weight in edit.projections(model.masters)}
    text = model.text
    return DenseEdit(weights=weights, spec=edit.spec, text_encoder=text.fingerprint, encoder_sample=text.sample)


def diffusers_lora(model: Model, lora: Lora) -> dict[str, Tensor]:
    """For pipe.load_lora_weights."""
    tensors: dict[str, Tensor] = {}
    part = model.source.architecture.denoiser
    for name, (up, down) in lora.factors.items():
        tensors |= {f"{part}.{name}.lora_A.weight": down.clone(), f"{part}.{name}.lora_B.weight": up}
    return tensors


def kohya_lora(model: Model, lora: Lora) -> dict[str, Tensor]:
    """For ComfyUI, AUTOMATIC1111 and sd-scripts, which all read SDXL's and FLUX's projections by the original
    checkpoint's names. alpha is the rank, so that a weight of 1 is the edit as solved. Raises ValueError for a model
    that these programs have no names for."""
    tensors: dict[str, Tensor] = {}
    if model.source.architecture is ARCHITECTURES["SD3Transformer2DModel"]:
        raise Problem(
            "kohya_without_names",
            "{name} is of Stable Diffusion 3, for whose text these programs have no names: export it as "
            "diffusers-lora.",
            name=model.title,
        )
    layers = 2 if is_flux(model) else model.source.config("unet").get("layers_per_block", 2)
    for name, (up, down) in lora.factors.items():
        known = OF_FLUX[name] if is_flux(model) else original_name(name, layers) if is_xl(model) else name
        key = f"lora_unet_{known.replace('.', '_')}"
        alpha = torch.tensor(float(down.shape[0]))
        tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down.clone(), f"{key}.alpha": alpha}
    return tensors


def kohya_metadata(model: Model, lora: Lora, title: str) -> dict[str, str]:
    """By which those programs tell for which models a LoRA is; without it they take it for one of SD 1."""
    about = {
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(lora.rank),
        "ss_network_alpha": str(lora.rank),
        "ss_output_name": title,
    }
    version, architecture = _architecture(model)
    if version:
        about |= {
            "ss_base_model_version": version,
            "ss_v2": str(version == "sd_v2"),
            "modelspec.sai_model_spec": "1.0.0",
            "modelspec.architecture": f"{architecture}/lora",
            "modelspec.implementation": "diffusers",
            "modelspec.title": title,
        }
    return about


def is_flux(model: Model) -> bool:
    return model.source.architecture is ARCHITECTURES["FluxTransformer2DModel"]


def is_xl(model: Model) -> bool:
    """Whether it is of SDXL's architecture, of whatever size."""
    return model.source.architecture is UNET and bool(
        model.source.config("unet").get("addition_embed_type") == "text_time"
    )


def _architecture(model: Model) -> tuple[str, str]:
    """As kohya's metadata and the Stability model spec call it; "" for what they have no name for."""
    if is_flux(model):
        return "flux1", "flux-1-dev"
    if is_xl(model):
        return "sdxl_base_v1-0", "stable-diffusion-xl-v1-base"
    if model.family.name == "Stable Diffusion 2.x":
        by_velocity = model.source.config("scheduler").get("prediction_type") == "v_prediction"
        return "sd_v2", f"stable-diffusion-v2-{'768-v' if by_velocity else '512'}"
    return ("sd_v1", "stable-diffusion-v1") if model.family.name == "Stable Diffusion 1.x" else ("", "")
