"""Which model; loading it; the fp32 master of its cross-attention; and an edit applied to it, for a while.

Only attn2.to_k and attn2.to_v are edited, so only they are kept in float32. Knows nothing about how
an edit was asked for or what will be drawn.
"""

import copy
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor

from uce_core.edit import EDITED, AnyEdit, DenseEdit, Edit
from uce_core.problems import Problem
from uce_core.spec import normalised
from uce_core.text_encoder import TextEncoder, Tower

if TYPE_CHECKING:  # seconds to import, and not needed before a model is loaded
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    Pipeline: TypeAlias = StableDiffusionPipeline | StableDiffusionXLPipeline

ATELIER = Path(__file__).resolve().parent.parent / "atelier" / "weights"
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
WELL_KNOWN_ARTISTS = (
    "Vincent van Gogh",
    "Claude Monet",
    "Pablo Picasso",
    "Rembrandt",
    "Salvador Dali",
    "Andy Warhol",
    "Johannes Vermeer",
    "Edvard Munch",
    "Gustav Klimt",
    "Henri Matisse",
    "Wassily Kandinsky",
    "Katsushika Hokusai",
    "Paul Cezanne",
    "Georges Seurat",
    "Piet Mondrian",
    "Leonardo da Vinci",
    "Michelangelo",
    "Caravaggio",
    "Frida Kahlo",
    "Edward Hopper",
    "Roy Lichtenstein",
    "Jackson Pollock",
    "Pierre-Auguste Renoir",
    "Georges Braque",
    "Thomas Kinkade",
    "Kelly McKernan",
    "Tyler Edlin",
    "Kilian Eng",
    "Ajin: Demi Human",
)


@dataclass
class Model:
    """A loaded pipeline, ready to be edited.

    masters: float32 cross-attention projections by parameter name, on the CPU. originals: the same in
    the pipeline's dtype and on its device, as loaded, for restoring bit for bit. catalog: artists that
    the model is known to draw. folder: where it was loaded from, None for a hub id. lock: held by
    whoever changes weights or draws; pipelines are not thread-safe.
    """

    name: str
    pipeline: "Pipeline"
    text: TextEncoder
    masters: dict[str, Tensor]
    originals: dict[str, Tensor]
    catalog: tuple[str, ...]
    folder: Path | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def device(self) -> torch.device:
        return self.pipeline.device

    @property
    def dtype(self) -> torch.dtype:
        return self.pipeline.unet.dtype

    def unknown(self, concepts: tuple[str, ...]) -> list[str]:
        """Those of the concepts that are not in the catalogue."""
        known = {normalised(artist) for artist in self.catalog}
        return [concept for concept in concepts if normalised(concept) not in known]


def load_model(name: str = "atelier", device: str = "auto", dtype: str = "auto") -> Model:
    """Load "atelier", a diffusers folder, or a model of the hub by its id.

    device: auto, cpu, cuda, mps. dtype: auto, fp32, bf16 or fp16, of the pipeline; edits are always
    computed in float32 or better. Only safetensors are read. Raises ValueError with one sentence if
    the model cannot be had or cannot be edited.
    """
    folder = folder_of(name)
    target = pick_device(device)
    pipeline = _read_pipeline(name, folder)
    return prepare(name, pipeline, target, pick_dtype(target, dtype), folder)


def folder_of(name: str) -> Path | None:
    """Where a model lies on this machine; None for a hub id."""
    return ATELIER if name == "atelier" else Path(name).resolve() if Path(name).is_dir() else None


def prepare(
    name: str, pipeline: "Pipeline", device: torch.device, dtype: torch.dtype, folder: Path | None = None
) -> Model:
    """A Model from a float32 pipeline: masters are taken first, then the pipeline is cast and moved."""
    unet: Any = getattr(pipeline, "unet", None)
    weights = unet.named_parameters() if unet else ()
    masters = {key: value.detach().clone() for key, value in weights if key.endswith(EDITED)}
    width = sum(encoder.config.hidden_size for encoder in encoders_of(pipeline))
    if not masters or unet.config.cross_attention_dim != width:
        raise Problem(
            "{name} does not read its text through cross-attention layers (attn2): "
            "choose a Stable Diffusion 1.x, 2.x or XL model.",
            name=name,
        )
    text = TextEncoder(tuple(towers_of(pipeline)))
    for part in (pipeline.unet, pipeline.vae, *encoders_of(pipeline)):
        torch.nn.Module.to(part, device, dtype)  # diffusers' own .to() warns of fp32 layers, even of none
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae):
        part.to(memory_format=torch.channels_last)
    originals = {key: pipeline.unet.get_parameter(key).detach().clone() for key in masters}
    return Model(name, pipeline, text, masters, originals, catalog_of(folder), folder)


def encoders_of(pipeline: "Pipeline") -> list[Any]:
    """The text encoders in the order in which the UNet reads them."""
    found = [getattr(pipeline, name, None) for name in ("text_encoder", "text_encoder_2")]
    return [encoder for encoder in found if encoder is not None]


def towers_of(pipeline: "Pipeline") -> Iterator[Tower]:
    """Float32 copies of the text encoders; Stable Diffusion XL reads their last hidden state but one."""
    encoders = encoders_of(pipeline)
    tokenizers = [getattr(pipeline, name, None) for name in ("tokenizer", "tokenizer_2")]
    for tokenizer, encoder in zip([found for found in tokenizers if found is not None], encoders, strict=True):
        yield Tower(tokenizer, copy.deepcopy(encoder).float().eval(), penultimate=len(encoders) > 1)


def pick_device(device: str = "auto") -> torch.device:
    """CUDA, else MPS, else the CPU; or what is asked for. Raises ValueError if that is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return torch.device(next(kind for kind in there if there[kind]))
    if not there.get(device.split(":")[0]):
        available = ", ".join(kind for kind in there if there[kind])
        raise Problem("There is no device {device!r} here: use auto, {available}.", device=device, available=available)
    return torch.device(device)


def pick_dtype(device: torch.device, dtype: str = "auto") -> torch.dtype:
    """fp16 on CUDA and MPS, bf16 on CPUs with bf16 instructions, else fp32; or what is asked for."""
    if dtype != "auto":
        if dtype not in DTYPES:
            raise Problem("Unknown dtype {dtype!r}: use auto, {known}.", dtype=dtype, known=", ".join(DTYPES))
        return DTYPES[dtype]
    if device.type != "cpu":
        return torch.float16
    abilities = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(abilities.get(key) for key in ("avx512_bf16", "amx_bf16", "bf16")) else torch.float32


def _read_pipeline(name: str, folder: Path | None) -> "Pipeline":
    if folder == ATELIER and not (folder / "model_index.json").is_file():
        raise Problem("Atelier's weights are missing: run python -m atelier train, or get the repository again.")
    import diffusers
    import transformers
    from diffusers import DiffusionPipeline

    for library in (diffusers, transformers):  # what goes wrong is said once, by this program
        library.utils.logging.disable_progress_bar()
        library.utils.logging.set_verbosity_error()
    try:
        return DiffusionPipeline.from_pretrained(
            str(folder) if folder else name,
            dtype=torch.float32,
            use_safetensors=True,
            safety_checker=None,
            requires_safety_checker=False,
        )
    except Exception as error:  # hub, network and file errors come in a dozen classes; each means the same to a person
        logging.getLogger(__name__).info("loading %s failed", name, exc_info=True)
        if folder:
            raise Problem(
                "The folder {name} holds no whole Stable Diffusion model in diffusers' layout "
                "with safetensors: check it.",
                name=name,
            ) from error
        raise Problem(
            "The model {name!r} could not be loaded: check its name, the network connection and, for a gated model, "
            "your access token.",
            name=name,
        ) from error


def catalog_of(folder: Path | None) -> tuple[str, ...]:
    """The artists that a model is known to draw, from its catalog.json, or else well-known ones."""
    path = folder / "catalog.json" if folder else None
    if path and path.is_file():
        return tuple(json.loads(path.read_text(encoding="utf-8"))["artists"])
    return WELL_KNOWN_ARTISTS


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
        try:
            write_edit(model, edit)
            yield
        finally:
            restore(model)


def check_fits(model: Model, edit: AnyEdit) -> None:
    """Raises ValueError if the edit's vectors are not of this model's text space, or its weights not of its shapes."""
    if isinstance(edit, DenseEdit):
        for name, weight in edit.weights.items():
            if name not in model.masters or model.masters[name].shape != weight.shape:
                raise Problem(
                    "This edit holds {weight}, which {name} has not in that shape: load the model it was made for.",
                    weight=name,
                    name=model.name,
                )
    known = edit.text_encoder or isinstance(edit, Edit)
    if edit.width != model.text.width or (known and edit.text_encoder != model.text.fingerprint):
        raise Problem(
            "This edit was made for another text encoder than that of {name}: solve it again for this model.",
            name=model.name,
        )


@torch.no_grad()
def write_edit(model: Model, edit: AnyEdit) -> None:
    """W' of every projection, computed in float32 from the master, copied in place."""
    for name, edited in edit.projections(model.masters):
        model.pipeline.unet.get_parameter(name).copy_(edited)


@torch.no_grad()
def restore(model: Model) -> None:
    for name, original in model.originals.items():
        model.pipeline.unet.get_parameter(name).copy_(original)
