"""What a folder or file is, told by its keys and files before a weight is read; what is no model is refused by name.

Raises ValueError with one sentence that says what it is and what to do instead.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from uce_core.concepts.clip_text import ACTIVATIONS, parameters
from uce_core.concepts.text_spaces import EDITED
from uce_core.edits.edit_file import FORMAT
from uce_core.models import original_names
from uce_core.models.additions import EMBEDDED, XL
from uce_core.models.parts import T5_TABLE, Folder, SingleFile, lacks, told
from uce_core.models.sources import configuration_of, locate, no_cross_attention, title_of
from uce_core.models.weights import PICKLES, Header
from uce_core.problems import Problem

INDEX, CONFIG = "model_index.json", "config.json"  # of a model, of a part
READ = ("unet", "text_encoder")  # of a checkpoint, for an edit
TOKENS = ("tokenizer.json", "vocab.json", "spiece.model")  # a tokenizer has one of them
TRANSFORMERS = ("joint_blocks.", "double_blocks.")  # Stable Diffusion 3, FLUX
ADAPTERS = ("lora", "lycoris", "hada_", "lokr_")  # in keys of LoRAs and their kin
CONTROLNET = ("control_model.", "controlnet_", "input_hint_block.")
AUTOENCODER = ("encoder.conv_in.weight", "decoder.conv_in.weight")
PARTS = {  # what a file of one part alone has
    "unet": ("down_blocks.",),
    "transformer": ("transformer_blocks.", "single_transformer_blocks."),
    "text encoder": ("text_model.", "embeddings.token_embedding.", "encoder.block."),
}


def open_parts(name: str) -> Folder:
    """Where the parts of a model lie, by its name; downloaded if need be. Raises ValueError if it cannot be had, or is
    none whose text could be edited."""
    path, title = locate(name), title_of(name)
    with told(title):
        parts = single_file(title, path) if path.is_file() else folder(title, path)
        for part in parts.encoders:
            tokenizer = part.replace("text_encoder", "tokenizer")
            if not any((parts.home / tokenizer / file).is_file() for file in TOKENS):
                raise lacks(title, tokenizer)
            check_readable(title, parts, part)
    return parts


def single_file(title: str, path: Path) -> SingleFile:
    """Raises ValueError for whatever is no whole checkpoint of Stable Diffusion."""
    header = Header.of(path)
    keys = tuple(header.shapes)
    refuse_others(title, keys, header.metadata)
    if not any(key.startswith(original_names.PREFIXES[part]) for part in READ for key in keys):
        refuse_parts(title, header)
    for part in (*READ, "vae"):
        if not any(key.startswith(original_names.PREFIXES[part]) for key in keys):
            raise lacks(title, part)
    return SingleFile(title, configuration_of(title, header.shapes), path)


def refuse_others(title: str, keys: Collection[str], metadata: Mapping[str, str]) -> None:
    """What people keep beside their checkpoints, and models of other kinds."""
    if any(adapter in key for key in keys for adapter in ADAPTERS):
        raise Problem(
            "model_is_lora",
            "{name} is a LoRA, no model: choose the checkpoint that it was made for, and give the LoRA besides "
            "(--lora).",
            name=title,
        )
    edited = [key.endswith(EDITED) for key in keys]
    if metadata.get("format", "").startswith(FORMAT.partition("/")[0]) or (edited and all(edited)):
        raise Problem(
            "model_is_edit",
            "{name} is an edit, no model: give it as the edit, and as the model the one that it was made for.",
            name=title,
        )
    if any(key.startswith(original_names.REFINER) for key in keys):
        raise refiner(title)
    if any(other in key for key in keys for other in TRANSFORMERS):
        raise Problem(
            "transformer_single_file",
            "{name} is a single file of Stable Diffusion 3 or FLUX, which are read as diffusers folders only: choose "
            "the folder, or the hub id.",
            name=title,
        )


def refuse_parts(title: str, header: Header) -> None:
    """A file with neither UNet nor text encoder where a checkpoint has them."""
    keys = tuple(header.shapes)
    if (keys and set(keys) <= {EMBEDDED, *XL}) or (len(keys) == 1 and "." not in keys[0]):
        raise Problem(
            "model_is_embedding",
            "{name} is an embedding, no model: choose the checkpoint that it was made for, and give the embedding "
            "besides (--embedding).",
            name=title,
        )
    if any(key.startswith(CONTROLNET) for key in keys):
        raise Problem(
            "model_is_controlnet",
            "{name} is a ControlNet, which this program has no use for: choose the checkpoint that it was made for.",
            name=title,
        )
    if any(key.endswith(AUTOENCODER) for key in keys):
        raise autoencoder(title)
    for part, starts in PARTS.items():
        if any(key.startswith(starts) for key in keys):
            raise one_part(title, part)
    raise Problem(
        "model_no_checkpoint",
        "{name} holds no part of Stable Diffusion: choose a checkpoint, or a diffusers folder.",
        name=title,
    )


def autoencoder(title: str) -> Problem:
    return Problem(
        "model_is_autoencoder",
        "{name} is an autoencoder, no model: choose a checkpoint, and give the autoencoder besides (--vae).",
        name=title,
    )


def one_part(title: str, part: str) -> Problem:
    return Problem(
        "model_is_part",
        "{name} is only the {part} of a model: choose the whole checkpoint, or the folder with model_index.json.",
        name=title,
        part=part,
    )


def folder(title: str, path: Path) -> Folder:
    """Raises ValueError for whatever is no diffusers folder with all that is edited and read."""
    if not (path / INDEX).is_file():
        raise _no_index(title, path)
    parts = Folder(title, path)
    if not parts.denoiser:
        raise no_cross_attention(title)
    if parts.encoders == ("text_encoder_2",):
        raise refiner(title)
    for part in (parts.architecture.denoiser, "vae", *parts.encoders):
        if not parts.weights(part).places:
            raise _pickled(title, path / part) or lacks(title, part)
    return parts


def check_readable(title: str, parts: Folder, part: str) -> None:
    """Raises ValueError if a text encoder is neither CLIP nor T5, or not whole."""
    config, there = parts.text_config(part), parts.text_weights(part).places
    if parts.is_t5(part):
        known, wanted = True, {T5_TABLE, f"encoder.block.{config.num_layers - 1}.layer.0.SelfAttention.q.weight"}
    else:
        known = config.hidden_act in ACTIVATIONS
        wanted = {name for group in parameters(config, projected=False) for name in group}
    if not known or not wanted <= set(there):
        raise Problem(
            "text_encoder_unreadable",
            "The {part} of {name} is neither CLIP nor T5, or not whole: choose a Stable Diffusion or FLUX model.",
            part=part.replace("_", " "),
            name=title,
        )


def _no_index(title: str, path: Path) -> Problem:
    """What a folder may be instead of a diffusers folder."""
    if (path / CONFIG).is_file():
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
        kind = config.get("_class_name") or next(iter(config.get("architectures") or ()), "")
        return autoencoder(title) if kind.startswith("Autoencoder") else one_part(title, kind or path.name)
    files = sorted(path.glob("*.safetensors"), key=lambda file: -file.stat().st_size)  # checkpoints are the largest
    if files:
        return Problem(
            "model_folder_of_files",
            "{name} is a folder of single files, no diffusers folder: choose one of its files, such as {file}.",
            name=title,
            file=files[0].name,
        )
    return _pickled(title, path) or Problem(
        "model_no_folder",
        "{name} is no diffusers folder, as it has no model_index.json: choose one, or a .safetensors file.",
        name=title,
    )


def _pickled(title: str, path: Path) -> Problem | None:
    """If there are weights in a folder, but in no format that is read."""
    found = sorted(file.name for file in path.glob("*") if file.suffix in PICKLES)
    if not found:
        return None
    return Problem(
        "model_pickled",
        "{name} has its weights as pickles ({file}), which may run code and are not read: download them as safetensors,"
        " or convert them, if you trust them, with diffusers: "
        "DiffusionPipeline.from_pretrained(FOLDER).save_pretrained(ANOTHER).",
        name=title,
        file=found[0],
    )


def refiner(title: str) -> Problem:
    return Problem(
        "model_is_refiner",
        "{name} is a refiner, which only finishes images of a base model: choose the base model.",
        name=title,
    )
