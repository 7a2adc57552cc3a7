"""A model: its text encoder, the fp32 masters of what reads the text, and its pipeline.

Only the weights that read the text are edited (concepts/text_spaces.py), so only they are kept in float32. Each part is
read when it is first needed: solving an edit takes the text encoder alone. Knows nothing about how an edit was asked
for or what will be generated.
"""

import hashlib
import platform
import threading
from collections.abc import Mapping
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
from uce_core.concepts.text_spaces import TOKENS, space_of
from uce_core.edits.reviving import Spectrum
from uce_core.models.additions import added, split
from uce_core.models.architectures import UNET
from uce_core.models.families import Family, family_of
from uce_core.models.loading import (
    Given,
    Source,
    Stored,
    equal_after_cast,
    master_device,
    pick_device,
    pick_dtype,
    placed,
)
from uce_core.models.parts import enough_memory
from uce_core.models.recognition import open_parts
from uce_core.models.sources import ATELIER, no_cross_attention, title_of
from uce_core.precision import coarsest
from uce_core.problems import Problem

if TYPE_CHECKING:
    from uce_core.models.parts import Pipeline

PROMPTS = 64  # batches whose embeddings are remembered


@dataclass(frozen=True)
class Loaded:
    """A pipeline in its place. masters, originals: as in Model."""

    pipeline: "Pipeline"
    masters: dict[str, Tensor]
    originals: dict[str, Tensor]


@dataclass(kw_only=True, eq=False)
class Model:
    """What is read of a model, and what it is read from.

    device, dtype: of the pipeline, once it is loaded. known: artists that the model is known to generate. folder: where
    it lies, None for a single file. offload, compiled: as in load_model. rewritten: whether an edit is in its weights
    now. prompts: embeddings by name of the last batches of prompts, which no edit changes. spectra: by text space, of
    the masters that read it, as far as a method has needed them. lock: held by whoever loads,
    changes weights, generates or uses prompts; pipelines are not thread-safe. loaded: None until it is needed.
    """

    name: str
    source: Source
    text: TextEncoder
    device: torch.device
    dtype: torch.dtype
    known: Catalog
    folder: Path | None = None
    offload: bool = False
    compiled: bool = False
    rewritten: bool = False
    prompts: LRUCache[tuple[tuple[str, ...], ...], dict[str, Tensor]] = field(default_factory=lambda: LRUCache(PROMPTS))
    spectra: dict[str, Spectrum] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    loaded: "Loaded | None" = None
    _masters: dict[str, Tensor] = field(default_factory=dict)  # as long as the pipeline is not loaded

    def ready(self) -> "Model":
        """Itself, with everything loaded. Raises ValueError if something cannot be."""
        self._all()
        return self

    def _all(self) -> "Loaded":
        with self.lock, enough_memory(self.title), torch.inference_mode(False):  # weights that can be written again
            if self.loaded is None:
                self.loaded = self._load()
                self._masters = {}
            return self.loaded

    def _load(self) -> "Loaded":
        """The pipeline in its place, the masters beside it if there is room."""
        masters = self.masters
        pipeline = placed(self.source.pipeline(self.dtype), self.device, self.dtype, self.offload)
        home = torch.device("cpu") if self.offload else master_device(masters, self.device)
        originals = {
            name: value.detach().to(home, copy=True)
            for name, value in getattr(pipeline, self.source.architecture.denoiser).named_parameters()
            if name in masters and not equal_after_cast(value, masters[name])
        }
        if self.compiled:
            getattr(pipeline, self.source.architecture.denoiser).compile()
        return Loaded(pipeline, {name: master.to(home) for name, master in masters.items()}, originals)

    @property
    def pipeline(self) -> "Pipeline":
        """Loaded when it is first asked for. Raises ValueError if it cannot be."""
        return self._all().pipeline

    @property
    def masters(self) -> dict[str, Tensor]:
        """The weights that read the text, in float32, by parameter name; with the pipeline on its device if there is
        room."""
        with self.lock, enough_memory(self.title), torch.inference_mode(False):
            if self.loaded:
                return self.loaded.masters
            self._masters = self._masters or self.source.masters()
            return self._masters

    @property
    def originals(self) -> dict[str, Tensor]:
        """The pipeline's own projections that are not their master cast to its dtype, for restoring bit for bit."""
        return self._all().originals

    @property
    def hardware(self) -> str:
        """What it computes with, as its maker calls it."""
        return torch.cuda.get_device_name() if self.device.type == "cuda" else platform.machine()

    @property
    def sampler(self) -> str:
        """The class of its scheduler, as diffusers names it."""
        return type(self.pipeline.scheduler).__name__

    @property
    def denoiser(self) -> Any:
        """What denoises, a UNet or a transformer, itself also where torch.compile has wrapped it."""
        found = getattr(self.pipeline, self.source.architecture.denoiser)
        return getattr(found, "_orig_mod", found)

    @property
    def latent_side(self) -> int:
        """Of the latents of an image in the model's native size."""
        return int(self.denoiser.config.get("sample_size") or self.pipeline.default_sample_size)

    @property
    def family(self) -> Family:
        if self.source.architecture is UNET:
            return family_of(self.text.width)
        guided = self.source.config(self.source.architecture.denoiser).get("guidance_embeds")
        return family_of(self.text.width, self.text.pooled_width, guided)

    @property
    def title(self) -> str:
        """Its name as anybody may see it: of a file or folder not the path."""
        return title_of(self.name)

    @property
    def suffix(self) -> str:
        """Of a file with such a model, "" for a folder."""
        return "" if self.folder else ".safetensors"

    @property
    def stored(self) -> torch.dtype:
        """The coarsest dtype that what edits are made of has in the files: projections and text encoders."""
        dtype: torch.dtype = getattr(torch, coarsest((self.source.stored, self.text.stored)))
        return dtype

    @property
    def has_fp32_source(self) -> bool:
        """Whether edits start from the finest weights that exist: float32, or Atelier's, which is published in half."""
        return self.stored.itemsize >= torch.float32.itemsize or self.folder == ATELIER

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
    """Open "atelier", a diffusers folder, a single safetensors file, or a model of the hub by its id, each also with
    additions (models/additions.py), with which it is loaded at once.

    Its parts are looked at, and read when they are first needed; ready() reads all at once. device: auto, cpu, cuda,
    mps. dtype: auto, fp32, bf16 or fp16, of the pipeline; edits are always computed in float32 or better. offload: keep
    each part of the pipeline on the CPU but while it works, for small GPUs. compiled: torch.compile the UNet, when it
    first generates. Raises ValueError with one sentence if the model cannot be had or cannot be edited.
    """
    target = pick_device(device)
    kind = pick_dtype(target, dtype)
    if offload and target.type == "cpu":
        raise Problem(
            "offload_without_gpu",
            "--offload needs a GPU: drop the flag.",
        )
    parts = open_parts(name)
    if dtype == "auto" and kind is torch.float16 and parts.architecture is not UNET:
        kind = torch.bfloat16  # in which these were trained; T5's states are too large for fp16
    source: Source = Stored(parts)
    if additions := split(name)[1]:
        with enough_memory(title_of(name)):
            source = Given(added(parts.pipeline(torch.float32), additions, parts.home))
    return _model(name, source, target, kind, folder=parts.folder, offload=offload, compiled=compiled)


def prepare(
    name: str,
    pipeline: "Pipeline",
    device: torch.device,
    dtype: torch.dtype,
    stored: Mapping[str, Tensor] | None = None,
    offload: bool = False,
) -> Model:
    """A Model from a pipeline. stored: its cross-attention projections in full precision, by default
    the pipeline's own, taken before it is cast to dtype and moved to device."""
    return _model(name, Given(pipeline, stored), device, dtype, offload=offload).ready()


def _model(
    name: str,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    *,
    folder: Path | None = None,
    offload: bool = False,
    compiled: bool = False,
) -> Model:
    """Raises ValueError if the projections do not read what the text encoders give."""
    read = {shape[1] for key, shape in source.shapes.items() if space_of(key) == TOKENS}
    width = 0 if source.architecture is UNET else max(read, default=0)  # transformers read padded vectors
    text = TextEncoder(tuple(source.towers(torch.device("cpu") if offload else device)), width)
    if read != {text.width}:
        raise no_cross_attention(title_of(name))
    return Model(
        name=name,
        source=source,
        text=text,
        device=device,
        dtype=dtype,
        known=catalog_of(folder),
        folder=folder,
        offload=offload,
        compiled=compiled,
    )


def fingerprint_of(masters: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, master in sorted(masters.items()):
        digest.update(name.encode())
        digest.update(master.cpu().contiguous().numpy().data)
    return digest.hexdigest()
