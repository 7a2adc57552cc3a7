"""From parts to what computes: masters, text encoders, a pipeline in its place; on which device, in which dtype.

What is given is either where the parts of a model lie, or a pipeline that somebody has loaded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from uce_core.checks import one_of
from uce_core.concepts.clip_text import PROJECTION, Kept, Weights
from uce_core.concepts.t5_text import T5Tower
from uce_core.concepts.text_spaces import EDITED
from uce_core.concepts.tower import Tower
from uce_core.models.architectures import ARCHITECTURES, ENCODERS, UNET, Architecture, Role
from uce_core.models.parts import Folder, takes_image, told
from uce_core.precision import coarsest
from uce_core.problems import Problem
from uce_core.runtime import give_back_memory

if TYPE_CHECKING:
    from uce_core.models.parts import Pipeline

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
PROJECTED = "CLIPTextModelWithProjection"


class Source(Protocol):
    """Where a model comes from. shapes: of the weights that read the text, which edits change, by name. stored: the
    coarsest dtype that they have there, as torch names it. takes_image: whether it generates from an image besides the
    prompt, as models for inpainting do."""

    @property
    def architecture(self) -> Architecture: ...
    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def stored(self) -> str: ...
    @property
    def takes_image(self) -> bool: ...
    def config(self, part: str) -> Mapping[str, Any]:
        """Of the part with that name in a pipeline."""

    def masters(self) -> dict[str, Tensor]:
        """The projections in float32, on the CPU."""

    def towers(self, device: torch.device) -> Iterator[Tower | T5Tower]:
        """The text encoders in the order in which the model reads them, to compute on a device."""

    def pipeline(self, dtype: torch.dtype) -> "Pipeline":
        """On the CPU, its large parts in dtype."""


@dataclass(frozen=True)
class Stored:
    """A model in files."""

    parts: Folder

    @property
    def architecture(self) -> Architecture:
        return self.parts.architecture

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return self.parts.projections.shapes

    @property
    def stored(self) -> str:
        return self.parts.projections.stored

    @property
    def takes_image(self) -> bool:
        return self.parts.takes_image

    def config(self, part: str) -> Mapping[str, Any]:
        return self.parts.config(part)

    def masters(self) -> dict[str, Tensor]:
        with told(self.parts.title):
            return {name: tensor.to(torch.float32, copy=True) for name, tensor in self.parts.projections.each()}

    def towers(self, device: torch.device) -> Iterator[Tower | T5Tower]:
        for name, role in self.architecture.roles_of(self.parts.encoders).items():
            weights = self.parts.text_weights(name)
            projected = self.parts.index[name][1] == PROJECTED and PROJECTION in weights.places
            tokenizer, config = self.parts.tokenizer(name), self.parts.text_config(name)
            yield tower_of(role, tokenizer, config, weights, projected, device)

    def pipeline(self, dtype: torch.dtype) -> "Pipeline":
        pipeline = self.parts.pipeline(dtype)
        give_back_memory()
        return pipeline


@dataclass(frozen=True)
class Given:
    """A pipeline that somebody has loaded. finer: its projections as they are in full precision, if it has them in
    half."""

    loaded: "Pipeline"
    finer: Mapping[str, Tensor] | None = None

    @cached_property
    def architecture(self) -> Architecture:
        there = (getattr(self.loaded, part, None) for part in ("unet", "transformer"))
        names = [type(getattr(part, "_orig_mod", part)).__name__ for part in there if part is not None]
        return ARCHITECTURES.get(names[0] if names else "", UNET)

    @cached_property
    def own(self) -> dict[str, Tensor]:
        denoiser: Any = getattr(self.loaded, self.architecture.denoiser, None)
        return {key: value for key, value in denoiser.named_parameters() if key.endswith(EDITED)} if denoiser else {}

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {name: tuple(value.shape) for name, value in self.own.items()}

    @cached_property
    def stored(self) -> str:
        return coarsest(map(dtype_name, (self.finer or self.own).values()))

    @property
    def takes_image(self) -> bool:
        denoiser = getattr(self.loaded, self.architecture.denoiser)
        return takes_image(self.architecture, denoiser.config.in_channels, self.loaded.vae.config.latent_channels)

    def config(self, part: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = getattr(self.loaded, part).config
        return found

    def masters(self) -> dict[str, Tensor]:
        return {key: (self.finer or self.own)[key].detach().float().clone() for key in self.own}

    def towers(self, device: torch.device) -> Iterator[Tower | T5Tower]:
        there = [name for name in ENCODERS if getattr(self.loaded, name, None) is not None]
        for name, role in self.architecture.roles_of(there).items():
            encoder = getattr(self.loaded, name)
            tokenizer = getattr(self.loaded, name.replace("text_encoder", "tokenizer"))
            most = role.length or encoder.config.max_position_embeddings
            tokenizer.model_max_length = min(tokenizer.model_max_length, most)
            values = {key.removeprefix("text_model."): value for key, value in encoder.named_parameters()}
            stored = coarsest(map(dtype_name, values.values()))
            weights = Kept({key: value.detach().float().clone() for key, value in values.items()}, stored)
            yield tower_of(role, tokenizer, encoder.config, weights, PROJECTION in values, device)

    def pipeline(self, dtype: torch.dtype) -> "Pipeline":
        return self.loaded


def tower_of(
    role: Role, tokenizer: Any, config: Any, weights: Weights, projected: bool, device: torch.device
) -> Tower | T5Tower:
    """A text encoder for what it is read for. projected: whether there is a text_projection."""
    if role.length:
        return T5Tower(tokenizer=tokenizer, config=config, weights=weights, length=role.length, device=device)
    return Tower(
        tokenizer=tokenizer,
        config=config,
        weights=weights,
        projected=projected,
        penultimate=role.penultimate,
        pools=role.pooled,
        reads=role.tokens,
        device=device,
    )


def dtype_name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def placed(pipeline: "Pipeline", device: torch.device, dtype: torch.dtype, offload: bool) -> "Pipeline":
    """In dtype on a device, or with offload on the CPU until a part works."""
    home = torch.device("cpu") if offload else device
    for name in ("unet", "transformer", "vae", *ENCODERS):
        part = getattr(pipeline, name, None)
        if part is not None:
            move(part, home, dtype)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.vae.enable_slicing()  # one image at a time: decoding a batch would take more memory than denoising it
    for name in ("unet", "vae"):
        if part := getattr(pipeline, name, None):
            part.to(memory_format=torch.channels_last)
    if offload:
        pipeline.enable_model_cpu_offload(device=device)
    return pipeline


def move(module: torch.nn.Module, device: torch.device, dtype: torch.dtype) -> None:
    """To a device, in dtype, in memory of its own: what safetensors reads are the file's own pages, which change with
    the file, and end the process where it gets shorter."""

    def moved(tensor: Tensor) -> Tensor:
        return tensor.to(device, dtype if tensor.is_floating_point() else None, copy=True)

    module._apply(moved)


def master_device(masters: Mapping[str, Tensor], device: torch.device) -> torch.device:
    """Where to keep the masters: with a CUDA pipeline if they take at most a quarter of its free memory."""
    size = sum(master.nbytes for master in masters.values())
    roomy = device.type == "cuda" and 4 * size <= torch.cuda.mem_get_info(device)[0]
    return device if roomy else torch.device("cpu")


def equal_after_cast(weight: Tensor, master: Tensor) -> bool:
    """Whether casting the master gives the weight, bit for bit."""
    return torch.equal(weight.detach(), master.to(weight.device).to(weight.dtype))


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
