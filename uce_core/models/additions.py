"""What a person puts into a model before it is edited: LoRAs, another autoencoder, embeddings (textual inversions).

A model's name says so, wherever a model is named: "sd15.safetensors + lora:ink.safetensors@0.8 + vae:FILE". They become
part of the float32 weights, so that an edit is solved on the weights as they then are. Reading a name does not import
torch.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uce_core.files import is_pickle
from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import
    from uce_core.models.parts import Pipeline

LORA, VAE, EMBEDDING = KINDS = ("lora", "vae", "embedding")
JOIN = " + "
BEFORE = re.compile(rf" \+ (?=(?:{'|'.join(KINDS)}):)")
FILE = ".safetensors"
EMBEDDED = "emb_params"  # the tensor of an embedding as AUTOMATIC1111 saves it
XL = ("clip_l", "clip_g")  # those of one for Stable Diffusion XL


@dataclass(frozen=True)
class Addition:
    """kind: one of KINDS. path: of a safetensors file; of an autoencoder also of its diffusers folder. weight: of a
    LoRA."""

    kind: str
    path: str
    weight: float = 1.0

    @property
    def named(self) -> str:
        """As a model's name has it."""
        return f"{self.kind}:{self.path}" + (f"@{self.weight:g}" if self.kind == LORA else "")

    @property
    def title(self) -> str:
        """As anybody may see it."""
        return f"{self.kind}:{Path(self.path).name}" + (f"@{self.weight:g}" if self.kind == LORA else "")


def split(name: str) -> tuple[str, tuple[Addition, ...]]:
    """A model's name without its additions, and those. Raises ValueError for a weight that is no number."""
    base, *more = BEFORE.split(name)
    return base, tuple(_addition(*one.split(":", 1)) for one in more)


def _addition(kind: str, rest: str) -> Addition:
    path, at, weight = rest.rpartition("@") if kind == LORA else (rest, "", "")
    return Addition(kind, path, weight_of(weight)) if at else Addition(kind, rest)


def weight_of(text: str) -> float:
    """Raises ValueError if it is none."""
    with suppress(ValueError):
        found = float(text)
        if abs(found) <= 10:
            return found
    raise Problem("bad_lora_weight", "The weight {weight!r} of a LoRA is no number such as 0.8.", weight=text)


def joined(base: str, additions: Iterable[Addition]) -> str:
    """A model's name with them; split does the opposite."""
    return JOIN.join([base, *(one.named for one in additions)])


def added(pipeline: "Pipeline", additions: Iterable[Addition], home: Path) -> "Pipeline":
    """The pipeline with them in its float32 weights. home: the folder of the model's configuration. Raises ValueError
    for a file that is not there, or not for this model."""
    chosen = tuple(additions)
    for one in chosen:
        _check_there(one)
    for one in chosen:
        if one.kind == VAE:
            _told(one, partial(_add_vae, pipeline, Path(one.path), home))
        elif one.kind == EMBEDDING:
            _told(one, partial(_add_embedding, pipeline, Path(one.path)))
    loras = [one for one in chosen if one.kind == LORA]
    for number, one in enumerate(loras):
        _told(one, partial(_load_lora, pipeline, Path(one.path), f"lora{number}"))
    if loras:
        names = [f"lora{number}" for number in range(len(loras))]
        pipeline.set_adapters(names, [one.weight for one in loras])
        pipeline.fuse_lora(adapter_names=names)
        pipeline.unload_lora_weights()
    return pipeline


def _check_there(one: Addition) -> None:
    path = Path(one.path)
    if path.is_file() and is_pickle(path):
        raise Problem(
            "addition_pickled",
            "{file} is a pickle, which may run code and is not read: download the {kind} as .safetensors, or, where "
            "you trust it, save its tensors with safetensors.torch.save_file.",
            kind=one.kind,
            file=path.name,
        )
    is_right = path.is_dir() if one.kind == VAE and path.is_dir() else path.is_file() and path.suffix == FILE
    if not is_right:
        raise Problem(
            "addition_missing",
            "There is no {kind} {file}: give the path of a .safetensors file.",
            kind=one.kind,
            file=path.name,
        )


def _told(one: Addition, work: Callable[[], None]) -> None:
    """Whatever a library stumbles over in a file is one sentence."""
    try:
        work()
    except Problem:
        raise
    except Exception as error:
        raise Problem(
            "addition_not_for_model",
            "{file} is damaged, or no {kind} for this model: choose another file.",
            kind=one.kind,
            file=Path(one.path).name,
        ) from error


def _load_lora(pipeline: Any, path: Path, name: str) -> None:
    found = pipeline.lora_state_dict(path.parent, weight_name=path.name, use_safetensors=True, local_files_only=True)
    if not (found[0] if isinstance(found, tuple) else found):
        raise ValueError("no LoRA")
    pipeline.load_lora_weights(
        path.parent, weight_name=path.name, adapter_name=name, use_safetensors=True, local_files_only=True
    )
    if not any(name in names for names in pipeline.get_list_adapters().values()):  # diffusers passes over others' keys
        raise ValueError("no LoRA of this model")


def _add_vae(pipeline: Any, path: Path, home: Path) -> None:
    import torch

    kind = type(pipeline.vae)
    if path.is_dir():
        pipeline.vae = kind.from_pretrained(path, torch_dtype=torch.float32, use_safetensors=True)
    else:
        how = {"config": str(home), "subfolder": "vae", "local_files_only": True}
        pipeline.vae = kind.from_single_file(str(path), torch_dtype=torch.float32, **how)


def _add_embedding(pipeline: Any, path: Path) -> None:
    """Under the file's name, as AUTOMATIC1111 and ComfyUI call it."""
    from safetensors.torch import load_file

    found = load_file(path)
    if set(XL) <= set(found):
        for name, encoder in zip(XL, ("text_encoder", "text_encoder_2"), strict=True):
            tokenizer = getattr(pipeline, encoder.replace("text_encoder", "tokenizer"))
            pipeline.load_textual_inversion(
                found[name], token=path.stem, text_encoder=getattr(pipeline, encoder), tokenizer=tokenizer
            )
    else:
        pipeline.load_textual_inversion(next(iter(found.values())), token=path.stem)
