"""Where the parts of a model lie, and how each of them is read: the one place that knows folders and single files.

A part is what a diffusers folder has a subfolder for: unet, vae, text_encoder, tokenizer. Of a single file, as
AUTOMATIC1111 and ComfyUI have them, the weights are in the file, under other names, and all else is in the
configuration of its family, which comes from the hub. Knows nothing about edits or devices.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from uce_core.concepts.text_spaces import EDITED
from uce_core.garbage import collection_paused
from uce_core.models import original_names
from uce_core.models.architectures import ARCHITECTURES, ENCODERS, T5, Architecture
from uce_core.models.sources import NO_EXTRAS
from uce_core.models.weights import Header, Place, Tensors, tensors_in, variant_in
from uce_core.problems import Problem
from uce_core.runtime import is_out_of_memory

if TYPE_CHECKING:  # seconds to import, and not needed before a part is read
    from diffusers import FluxPipeline, StableDiffusion3Pipeline, StableDiffusionPipeline, StableDiffusionXLPipeline
    from transformers import CLIPTextConfig, PreTrainedTokenizerBase, T5Config

    Pipeline: TypeAlias = StableDiffusionPipeline | StableDiffusionXLPipeline | StableDiffusion3Pipeline | FluxPipeline

LIBRARIES = ("diffusers", "transformers")
T5_TABLE, T5_TABLE_TOO = "shared.weight", "encoder.embed_tokens.weight"


@dataclass(frozen=True)
class Folder:
    """A diffusers folder. title: the model's name as anybody may see it. home: where it lies."""

    title: str
    home: Path
    _read: dict[str, Any] = field(default_factory=dict, init=False, compare=False)  # headers and tokenizers, by part

    @property
    def folder(self) -> Path | None:
        """Where the model's own files lie side by side."""
        return self.home

    @cached_property
    def index(self) -> dict[str, Any]:
        """Which class each part is of."""
        return self._json("model_index.json")

    def _json(self, name: str) -> dict[str, Any]:
        with told(self.title):
            found: dict[str, Any] = json.loads((self.home / name).read_text(encoding="utf-8"))
            return found

    def config(self, part: str) -> dict[str, Any]:
        """What its file says, without the defaults of the part's class."""
        return self._json(f"{part}/{'scheduler_config' if part == 'scheduler' else 'config'}.json")

    @property
    def denoiser(self) -> str:
        """The class of what denoises, "" for none that is known here."""
        found = (str((self.index.get(part) or [None, ""])[1]) for part in ("unet", "transformer"))
        return next((name for name in found if name in ARCHITECTURES), "")

    @property
    def architecture(self) -> Architecture:
        return ARCHITECTURES[self.denoiser]

    @property
    def encoders(self) -> tuple[str, ...]:
        """The text encoders that it has."""
        return tuple(part for part in ENCODERS if (self.index.get(part) or [None])[0])

    @property
    def channels(self) -> int:
        """Of what the denoiser takes: those of the latents, and for inpainting and the like of an image besides."""
        return int(self.config(self.architecture.denoiser).get("in_channels", 4))

    @property
    def takes_image(self) -> bool:
        return takes_image(self.architecture, self.channels, int(self.config("vae").get("latent_channels", 4)))

    def weights(self, part: str) -> Tensors:
        """Raises ValueError if a file is not whole."""
        if part not in self._read:
            self._read[part] = tensors_in(self.home / part)
        found: Tensors = self._read[part]
        return found

    @cached_property
    def projections(self) -> Tensors:
        """What edits change, under the names of diffusers' classes."""
        weights = self.weights(self.architecture.denoiser)
        return weights.only(name for name in weights.places if name.endswith(EDITED))

    def text_weights(self, part: str) -> Tensors:
        """Of a text encoder, under the names of transformers' class without the prefix text_model, which comes and goes
        with its versions, and T5's token table under one of its two names."""
        places = {name.removeprefix("text_model."): place for name, place in self.weights(part).places.items()}
        if self.is_t5(part) and T5_TABLE not in places and T5_TABLE_TOO in places:
            places[T5_TABLE] = places.pop(T5_TABLE_TOO)
        return Tensors(places)

    def is_t5(self, part: str) -> bool:
        return bool(self.index[part][1] == T5)

    def text_config(self, part: str) -> "CLIPTextConfig | T5Config":
        from transformers import CLIPTextConfig, T5Config

        with told(self.title):
            return (T5Config if self.is_t5(part) else CLIPTextConfig).from_pretrained(self.home / part)

    def tokenizer(self, part: str) -> "PreTrainedTokenizerBase":
        """Of a text encoder; never for longer texts than that takes, whatever its own file says."""
        from transformers import CLIPTokenizer, T5Tokenizer

        name = part.replace("text_encoder", "tokenizer")
        if name not in self._read:
            with told(self.title):
                kind = T5Tokenizer if self.is_t5(part) else CLIPTokenizer
                self._read[name] = kind.from_pretrained(self.home / name)
        found: PreTrainedTokenizerBase = self._read[name]
        most = self.architecture.roles_of(self.encoders)[part].length or self.text_config(part).max_position_embeddings
        found.model_max_length = min(found.model_max_length, most)
        return found

    @collection_paused()
    def pipeline(self, dtype: torch.dtype) -> "Pipeline":
        """All parts, in dtype on the CPU. Raises ValueError if one is missing or cannot be read."""
        import diffusers
        import transformers

        for library in (diffusers, transformers):  # what goes wrong is said once, by this program
            library.utils.logging.disable_progress_bar()
            library.utils.logging.set_verbosity_error()
        if not (self.home / "scheduler" / "scheduler_config.json").is_file():
            raise lacks(self.title, "scheduler")
        with told(self.title):
            mine = (self.architecture.denoiser, "vae", *self.encoders)
            parts = {part: complete(self.module(part, dtype)) for part in mine if self.index[part][0] in LIBRARIES}
            parts |= {part.replace("text_encoder", "tokenizer"): self.tokenizer(part) for part in self.encoders}
            left_out = (part for part in ENCODERS if part in self.index and part not in self.encoders)
            parts |= {name: None for part in left_out for name in (part, part.replace("text_encoder", "tokenizer"))}
            return diffusers.DiffusionPipeline.from_pretrained(str(self.home), dtype=dtype, **parts, **NO_EXTRAS)

    def class_of(self, part: str) -> Any:
        library, name = self.index[part]
        return getattr(import_module(library), name)

    def module(self, part: str, dtype: torch.dtype) -> Any:
        """A part, loaded in dtype."""
        self.weights(part).check_unchanged()
        folder = self.home / part
        return self.class_of(part).from_pretrained(
            folder, dtype=dtype, variant=variant_in(folder) or None, use_safetensors=True
        )


@dataclass(frozen=True)
class SingleFile(Folder):
    """A single file. home: the folder of its family's configuration."""

    file: Path

    @property
    def folder(self) -> None:
        return None

    @cached_property
    def header(self) -> Header:
        return Header.of(self.file)

    @property
    def channels(self) -> int:
        return self.header.shapes[original_names.FIRST][1]

    def weights(self, part: str) -> Tensors:
        """Under the file's own names."""
        prefixes = original_names.PREFIXES[part]
        mine = {key: Place(self.file, key) for key in self.header.shapes if key.startswith(prefixes)}
        return Tensors(mine, {self.file: self.header})

    @cached_property
    def projections(self) -> Tensors:
        weights = self.weights("unet")
        named = {original_names.projection(key): place for key, place in weights.places.items()}
        edited = {name: place for name, place in named.items() if name.endswith(EDITED)}
        return Tensors(edited, {self.file: self.header})

    def text_weights(self, part: str) -> Tensors:
        places = original_names.text_places(self.file, self.header.shapes, part, self.text_config(part))
        return Tensors(places, {self.file: self.header})

    def module(self, part: str, dtype: torch.dtype) -> Any:
        """By diffusers' own conversion, of this part's tensors alone: those of others are not held meanwhile."""
        weights = {
            key: tensor.to(dtype) if tensor.is_floating_point() else tensor for key, tensor in self.weights(part).each()
        }
        how = {"config": str(self.home), "subfolder": part, "torch_dtype": dtype}
        if part not in ENCODERS:
            return self.class_of(part).from_single_file(weights, **how)
        from diffusers.loaders.single_file_utils import create_diffusers_clip_model_from_ldm

        return create_diffusers_clip_model_from_ldm(self.class_of(part), weights, **how)


def takes_image(architecture: Architecture, channels: int, latent_channels: int) -> bool:
    """Whether a denoiser takes an image besides the prompt: more channels than those of the latents."""
    return channels != latent_channels * (architecture.patch**2 if architecture.packed else 1)


def complete(module: Any) -> Any:
    """Itself. Raises ValueError if its files lacked some of its weights."""
    lacking = [name for name, tensor in module.named_parameters() if tensor.is_meta]
    if lacking:
        raise ValueError(f"{len(lacking)} weights are missing, such as {lacking[0]}")
    return module


def lacks(title: str, part: str) -> Problem:
    return Problem(
        "model_lacks_part",
        "{name} has no {part}: add it from the model that it was made from, or choose another model.",
        name=title,
        part=part.replace("_", " "),
    )


@contextmanager
def told(title: str) -> Iterator[None]:
    """Whatever goes wrong while a part is read becomes one sentence, in which no path is."""
    try:
        with enough_memory(title):
            yield
    except Problem:
        raise
    except Exception as error:  # files can be wrong in a dozen ways; each means the same to a person
        logging.getLogger(__name__).info("reading %s failed", title, exc_info=True)
        raise Problem(
            "model_incomplete",
            "{name} is no complete Stable Diffusion model, or not one that this program can read: check that every "
            "file is there.",
            name=title,
        ) from error


@contextmanager
def enough_memory(title: str) -> Iterator[None]:
    """If memory runs out, that is said."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Problem) or not is_out_of_memory(error):
            raise
        raise Problem(
            "model_does_not_fit",
            "There is not enough memory for {name}: use half precision (--dtype fp16 or bf16), --offload with a "
            "GPU, or a smaller model.",
            name=title,
        ) from error
