"""From a model's name to a pipeline: Atelier, a diffusers folder, a single file, or an id of the hub.

Only safetensors are read. Whatever goes wrong is one sentence that names the fix.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import torch
from safetensors import safe_open
from torch import Tensor

from uce_core.checks import one_of
from uce_core.concepts.text_encoder import Tower
from uce_core.edits.edit import EDITED
from uce_core.garbage import collection_paused
from uce_core.models.sources import NO_EXTRAS, no_cross_attention
from uce_core.problems import Problem
from uce_core.runtime import is_out_of_memory

if TYPE_CHECKING:  # seconds to import, and not needed before a model is loaded
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    Pipeline: TypeAlias = StableDiffusionPipeline | StableDiffusionXLPipeline

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
STORED = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
XL_KEY = "conditioner.embedders.1.model.ln_final.weight"  # only in single files of Stable Diffusion XL


@collection_paused()
def open_pipeline(name: str, path: Path, dtype: torch.dtype) -> "Pipeline":
    """The pipeline in a folder or single file, in dtype on the CPU.

    Raises ValueError if it does not read its text through attn2, anything if it is no whole model.
    """
    import diffusers
    import transformers

    for library in (diffusers, transformers):  # what goes wrong is said once, by this program
        library.utils.logging.disable_progress_bar()
        library.utils.logging.set_verbosity_error()
    if path.is_file():
        with safe_open(path, "pt") as file:
            kind = "StableDiffusionXLPipeline" if XL_KEY in file.keys() else "StableDiffusionPipeline"  # noqa: SIM118 (no mapping)
        return getattr(diffusers, kind).from_single_file(str(path), torch_dtype=dtype, **NO_EXTRAS)
    index = json.loads((path / "model_index.json").read_text(encoding="utf-8"))
    if "unet" not in index:
        raise no_cross_attention(name)
    variant = None if _weight_files(path / "unet") else "fp16"
    return diffusers.DiffusionPipeline.from_pretrained(
        str(path), dtype=dtype, variant=variant, use_safetensors=True, **NO_EXTRAS
    )


@contextmanager
def whole(name: str) -> Iterator[None]:
    """A block that reads a model's files. Raises ValueError if they are no whole model."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:  # files can be wrong in a dozen ways; each means the same to a person
        if is_out_of_memory(error):
            raise
        logging.getLogger(__name__).warning("loading %s failed", name, exc_info=True)
        raise Problem(
            "model_incomplete",
            "{name} contains no complete Stable Diffusion model in safetensors (a single file also "
            "needs its family's configuration from the hub, once): check that every file is there and undamaged.",
            name=name,
        ) from error


def stored_projections(path: Path) -> dict[str, Tensor]:
    """The cross-attention projections in a folder's files, in the dtype they are stored in; {} for a single file."""
    found: dict[str, Tensor] = {}
    for weights in _weight_files(path / "unet"):
        with safe_open(weights, "pt") as file:
            found |= {key: file.get_tensor(key) for key in file.keys() if key.endswith(EDITED)}  # noqa: SIM118 (no mapping)
    return found


def stored_dtype(path: Path) -> torch.dtype:
    """The coarsest dtype of the cross-attention projections in a folder's files or a single file."""
    found = {torch.float32}
    for weights in _weight_files(path / "unet") if path.is_dir() else [path]:
        with safe_open(weights, "pt") as file:
            keys = [key for key in file.keys() if key.endswith(EDITED)]  # noqa: SIM118 (no mapping)
            found |= {STORED.get(file.get_slice(key).get_dtype(), torch.float32) for key in keys}
    return min(found, key=lambda dtype: dtype.itemsize)


def towers_of(pipeline: "Pipeline", path: Path | None = None) -> Iterator[Tower]:
    """The text encoders in the order in which the UNet reads them, in float32.

    With a folder each is read from there whenever texts are encoded, else a copy is kept. Stable
    Diffusion XL reads the last hidden state but one.
    """
    parts = [(name, getattr(pipeline, name, None)) for name in ("text_encoder", "text_encoder_2")]
    there = [(name, encoder) for name, encoder in parts if encoder is not None]
    for name, encoder in there:
        tokenizer = getattr(pipeline, name.replace("text_encoder", "tokenizer"))
        folder = path / name if path and path.is_dir() else None
        yield Tower(tokenizer=tokenizer, encoder=encoder, folder=folder, penultimate=len(there) > 1)


def _weight_files(folder: Path) -> list[Path]:
    """Of no variant: diffusion_pytorch_model.safetensors, or its shards."""
    return sorted(path for path in folder.glob("*.safetensors") if "." not in path.stem)


def pick_device(device: str = "auto") -> torch.device:
    """CUDA, else MPS, else the CPU; or what is asked for. Raises ValueError if that is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return torch.device(next(kind for kind in there if there[kind]))
    if not there.get(device.split(":")[0]):
        available = ", ".join(kind for kind in there if there[kind])
        raise Problem(
            "no_such_device",
            "There is no device {device!r} here: use auto, {available}.",
            device=device,
            available=available,
        )
    return torch.device(device)


def pick_dtype(device: torch.device, dtype: str = "auto") -> torch.dtype:
    """fp16 on CUDA and MPS, bf16 on CPUs with bf16 instructions, else fp32; or what is asked for."""
    one_of("dtype", dtype, ("auto", *DTYPES))
    if dtype != "auto":
        return DTYPES[dtype]
    if device.type != "cpu":
        return torch.float16
    abilities = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(abilities.get(key) for key in ("avx512_bf16", "amx_bf16", "bf16")) else torch.float32
