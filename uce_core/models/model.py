"""A loaded model: its pipeline, the fp32 master of its cross-attention, and an edit applied for a while.

Only attn2.to_k and attn2.to_v are edited, so only they are kept in float32. Knows nothing about how
an edit was asked for or what will be generated.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from cachetools import LRUCache
from torch import Tensor

from uce_core.checks import normalised
from uce_core.concepts.catalog import Catalog, catalog_of
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.edits.edit import EDITED, AnyEdit
from uce_core.models.families import Family, family_of
from uce_core.models.loading import (
    open_pipeline,
    pick_device,
    pick_dtype,
    stored_dtype,
    stored_projections,
    towers_of,
    whole,
)
from uce_core.models.sources import ATELIER, locate, no_cross_attention, title_of
from uce_core.problems import Problem
from uce_core.runtime import give_back_memory

if TYPE_CHECKING:
    from uce_core.models.loading import Pipeline

PROMPTS = 64  # batches whose embeddings are remembered


@dataclass(kw_only=True)
class Model:
    """A loaded pipeline, ready to be edited.

    masters: float32 cross-attention projections by parameter name, on the pipeline's device if there is
    room. stored: the dtype that they had in the files. originals: those of the pipeline's own that are not
    just their master cast to the pipeline's dtype, for restoring bit for bit. known: artists that the
    model is known to generate. folder: where it was loaded from, None for a single file. rewritten: whether
    an edit is in its weights now. prompts: embeddings by name of the last batches of prompts, which no edit
    changes. lock: held by whoever changes weights, generates or uses prompts; pipelines are not thread-safe.
    """

    name: str
    pipeline: "Pipeline"
    text: TextEncoder
    masters: dict[str, Tensor]
    originals: dict[str, Tensor]
    known: Catalog
    folder: Path | None = None
    stored: torch.dtype = torch.float32
    rewritten: bool = False
    prompts: LRUCache[tuple[str, ...], dict[str, Tensor]] = field(default_factory=lambda: LRUCache(PROMPTS))
    lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property  # diffusers looks through all modules
    def device(self) -> torch.device:
        """Where it generates; with offload its parts are elsewhere until they are needed."""
        device: torch.device = self.pipeline._execution_device
        return device

    @property
    def dtype(self) -> torch.dtype:
        dtype: torch.dtype = self.unet.dtype
        return dtype

    @property
    def sampler(self) -> str:
        """The class of its scheduler, as diffusers names it."""
        return type(self.pipeline.scheduler).__name__

    @property
    def unet(self) -> Any:
        """The UNet itself, also where torch.compile has wrapped it."""
        return getattr(self.pipeline.unet, "_orig_mod", self.pipeline.unet)

    @property
    def family(self) -> Family:
        return family_of(self.text.width)

    @property
    def title(self) -> str:
        """Its name as anybody may see it: of a file or folder not the path."""
        return title_of(self.name)

    @property
    def has_fp32_source(self) -> bool:
        """Whether the masters are the finest weights that exist: float32, or Atelier's, which is published in half."""
        return self.stored == torch.float32 or self.folder == ATELIER

    @property
    def catalog(self) -> tuple[str, ...]:
        """Names of the artists that it is known to generate."""
        return self.known.artists

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the masters: tells checkpoints apart by what is edited."""
        return fingerprint_of(self.masters)

    def unknown(self, concepts: tuple[str, ...]) -> list[str]:
        """Those of the concepts that are not in the catalogue."""
        known = {normalised(artist) for artist in self.catalog}
        return [concept for concept in concepts if normalised(concept) not in known]


def load_model(
    name: str = "atelier", device: str = "auto", dtype: str = "auto", offload: bool = False, compiled: bool = False
) -> Model:
    """Load "atelier", a diffusers folder, a single safetensors file, or a model of the hub by its id.

    device: auto, cpu, cuda, mps. dtype: auto, fp32, bf16 or fp16, of the pipeline; edits are always
    computed in float32 or better. offload: keep each part of the pipeline on the CPU but while it works,
    for small GPUs. compiled: torch.compile the UNet, when it first generates. Raises ValueError with one
    sentence if the model cannot be had or cannot be edited.
    """
    target = pick_device(device)
    kind = pick_dtype(target, dtype)
    if offload and target.type == "cpu":
        raise Problem(
            "offload_without_gpu",
            "--offload needs a GPU: drop the flag.",
        )
    path = locate(name)
    with whole(name):
        stored = stored_projections(path)
        pipeline = open_pipeline(name, path, kind if stored else torch.float32)
        model = prepare(name, pipeline, target, kind, path, stored or None, offload)
        model.stored = stored_dtype(path)
    if compiled:
        model.unet.compile()
    give_back_memory()
    return model


def prepare(
    name: str,
    pipeline: "Pipeline",
    device: torch.device,
    dtype: torch.dtype,
    path: Path | None = None,
    stored: Mapping[str, Tensor] | None = None,
    offload: bool = False,
) -> Model:
    """A Model from a pipeline. stored: its cross-attention projections in full precision, by default
    the pipeline's own, taken before it is cast to dtype and moved to device."""
    unet: Any = getattr(pipeline, "unet", None)
    own = {key: value for key, value in unet.named_parameters() if key.endswith(EDITED)} if unet else {}
    towers = tuple(towers_of(pipeline, path))
    if not own or unet.config.cross_attention_dim != sum(tower.width for tower in towers):
        raise no_cross_attention(name)
    masters = {key: (stored or own)[key].detach().float().clone() for key in own}
    for part in (unet, pipeline.vae, *(getattr(pipeline, name, None) for name in ("text_encoder", "text_encoder_2"))):
        if part is not None:
            place(part, torch.device("cpu") if offload else device, dtype)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.vae.enable_slicing()  # one image at a time: decoding a batch would take more memory than denoising it
    for part in (unet, pipeline.vae):
        part.to(memory_format=torch.channels_last)
    if offload:
        pipeline.enable_model_cpu_offload(device=device)
    home = torch.device("cpu") if offload else master_device(masters, device)
    masters = {key: master.to(home) for key, master in masters.items()}
    originals = {
        key: value.detach().to(home, copy=True)
        for key, value in unet.named_parameters()
        if key in own and not equal_after_cast(value, masters[key])
    }
    folder = path if path and path.is_dir() else None
    return Model(
        name=name,
        pipeline=pipeline,
        text=TextEncoder(towers),
        masters=masters,
        originals=originals,
        known=catalog_of(folder),
        folder=folder,
    )


def place(module: torch.nn.Module, device: torch.device, dtype: torch.dtype) -> None:
    """On the device, in dtype, in memory of its own: what safetensors reads are the file's own pages, which change with
    the file, and end the process where it gets shorter."""

    def placed(tensor: Tensor) -> Tensor:
        return tensor.to(device, dtype if tensor.is_floating_point() else None, copy=True)

    module._apply(placed)


def fingerprint_of(masters: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, master in sorted(masters.items()):
        digest.update(name.encode())
        digest.update(master.cpu().contiguous().numpy().data)
    return digest.hexdigest()


def master_device(masters: Mapping[str, Tensor], device: torch.device) -> torch.device:
    """Where to keep the masters: with a CUDA pipeline if they take at most a quarter of its free memory."""
    size = sum(master.nbytes for master in masters.values())
    roomy = device.type == "cuda" and 4 * size <= torch.cuda.mem_get_info(device)[0]
    return device if roomy else torch.device("cpu")


def equal_after_cast(weight: Tensor, master: Tensor) -> bool:
    """Whether casting the master gives the weight, bit for bit."""
    return torch.equal(weight.detach(), master.to(weight.device).to(weight.dtype))


@contextmanager
def applied(model: Model, edit: AnyEdit | None) -> Iterator[None]:
    """The model with the edit in its weights; on leaving, the weights are what they were, bit for bit.

    None applies nothing. Holds the model's lock. Raises ValueError if the edit is for another model.
    """
    with model.lock:
        if edit is None:
            yield
            return
        check_fits(model, edit)
        check_editable(model)
        try:
            model.rewritten = True
            write_edit(model, edit)
            yield
        finally:
            restore(model)
            model.rewritten = False


def check_fits(model: Model, edit: AnyEdit) -> None:
    """Raises ValueError if the edit's vectors are not of this model's text space, or its weights not of its shapes."""
    weight = edit.misfit(model.masters)
    if weight:
        raise Problem(
            "weight_not_in_model",
            "This edit contains {weight}, but {name} has no weight of that name and shape: load the "
            "model it was made for.",
            weight=weight,
            name=model.title,
        )
    if edit.width != model.text.width or edit.made_for not in (None, model.text.fingerprint):
        raise Problem(
            "text_encoder_differs",
            "This edit was made for another text encoder than that of {name}: solve it again for this model.",
            name=model.title,
        )


def check_editable(model: Model) -> None:
    """Raises ValueError if the pipeline was changed so that its UNet no longer reads the weights we would write."""
    unet = model.unet
    names = dict(unet.named_parameters())
    if any(type(processor).__name__.startswith("Fused") for processor in unet.attn_processors.values()):
        raise Problem(
            "projections_fused",
            "The projections of {name} are fused: call unfuse_qkv_projections() first.",
            name=model.title,
        )
    if any(name not in names for name in model.masters):
        raise Problem(
            "adapter_loaded", "{name} has a LoRA or another adapter loaded: unload it first.", name=model.title
        )
    if any(names[name].is_meta for name in model.masters):
        raise Problem(
            "sequential_offload",
            "{name} is under sequential offload: load it without, or with model offload.",
            name=model.title,
        )


@torch.no_grad()
def write_edit(model: Model, edit: AnyEdit) -> None:
    """W' of every projection, computed in float32 from the master, copied in place."""
    for name, edited in edit.projections(model.masters):
        model.unet.get_parameter(name).copy_(edited)
        del edited  # its memory serves the next one, instead of pages that are new to the process


@torch.no_grad()
def restore(model: Model) -> None:
    for name, master in model.masters.items():
        model.unet.get_parameter(name).copy_(model.originals.get(name, master))
