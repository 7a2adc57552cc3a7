"""The names that Stable Diffusion's own code gives to tensors in single files, and diffusers' names for the same.

Only for what is read without building a part: the projections that edits change, and text encoders. The rest is
diffusers' to convert.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uce_core.models.weights import Place

if TYPE_CHECKING:  # seconds to import
    from transformers import CLIPTextConfig

UNET = "model.diffusion_model."
FIRST = f"{UNET}input_blocks.0.0.weight"  # (channels out, channels in, 3, 3)
POOLED = "label_emb.0.0.weight"  # reads the pooled text, in Stable Diffusion XL
REFINER = "conditioner.embedders.0.model."  # its only text encoder, which is Stable Diffusion XL's second
PREFIXES = {
    "unet": (UNET,),
    "vae": ("first_stage_model.", "vae."),
    "text_encoder": ("cond_stage_model.", "conditioner.embedders.0."),
    "text_encoder_2": ("conditioner.embedders.1.",),
}
LAYERS = 3  # of each resolution in the numbering of blocks: two, and what changes the resolution
DIFFUSERS = re.compile(r"(?:(down|up)_blocks\.(\d+)|(mid)_block)\.attentions\.(\d+)\.(.*)")
SIDE = re.compile(r"(input|output)_blocks\.(\d+)\.1\.(.*)")
MIDDLE = re.compile(r"middle_block\.1\.(.*)")
OPEN_CLIP_LAYER = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}


def original_name(name: str, layers_per_block: int) -> str:
    """Of a parameter or module of a diffusers UNet's attention, input_blocks.1.1.transformer_blocks.0.attn2.to_k, say;
    or of that which reads the pooled text.

    Raises ValueError if it is none of these.
    """
    if name == "add_embedding.linear_1":
        return POOLED.removesuffix(".weight")
    found = DIFFUSERS.fullmatch(name)
    if not found:
        raise ValueError(f"{name} is no part of a UNet's attention")
    side, block, _, attention, rest = found.groups()
    if side is None:
        return f"middle_block.{2 * int(attention) + 1}.{rest}"
    number = (layers_per_block + 1) * int(block) + int(attention)
    return f"input_blocks.{number + 1}.1.{rest}" if side == "down" else f"output_blocks.{number}.1.{rest}"


def projection(key: str) -> str:
    """diffusers' name for a tensor within a transformer of the UNet, or for POOLED."""
    name = key.removeprefix(UNET)
    if name == POOLED:
        return "add_embedding.linear_1.weight"
    if middle := MIDDLE.fullmatch(name):
        return f"mid_block.attentions.0.{middle[1]}"
    side = SIDE.fullmatch(name)
    if not side:
        return name
    down = side[1] == "input"
    block, layer = divmod(int(side[2]) - down, LAYERS)
    return f"{'down' if down else 'up'}_blocks.{block}.attentions.{layer}.{side[3]}"


def text_places(file: Path, keys: Collection[str], part: str, config: "CLIPTextConfig") -> dict[str, Place]:
    """Of a text encoder's tensors, by transformers' names."""
    for prefix in PREFIXES[part]:
        if f"{prefix}model.ln_final.bias" in keys:
            found = dict(_open_clip(file, f"{prefix}model.", config))
            return {name: place for name, place in found.items() if place.key in keys}
    starts = tuple(f"{prefix}transformer." for prefix in PREFIXES[part])
    mine = [key for key in keys if key.startswith(starts)]
    return {key.partition(".transformer.")[2].removeprefix("text_model."): Place(file, key) for key in mine}


def _open_clip(file: Path, prefix: str, config: "CLIPTextConfig") -> Iterator[tuple[str, Place]]:
    """Of as many layers as are read, which for Stable Diffusion 2.x is one fewer than there are."""

    def at(key: str, **how: Any) -> Place:
        return Place(file, prefix + key, **how)

    yield "embeddings.token_embedding.weight", at("token_embedding.weight")
    yield "embeddings.position_embedding.weight", at("positional_embedding")
    yield "text_projection.weight", at("text_projection", turned=True)
    for kind in ("weight", "bias"):
        yield f"final_layer_norm.{kind}", at(f"ln_final.{kind}")
        for number in range(config.num_hidden_layers):
            ours, theirs = f"encoder.layers.{number}", f"transformer.resblocks.{number}"
            for name, original in OPEN_CLIP_LAYER.items():
                yield f"{ours}.{name}.{kind}", at(f"{theirs}.{original}.{kind}")
            yield f"{ours}.self_attn.out_proj.{kind}", at(f"{theirs}.attn.out_proj.{kind}")
            for i, letter in enumerate("qkv"):
                rows = (i * config.hidden_size, (i + 1) * config.hidden_size)
                yield f"{ours}.self_attn.{letter}_proj.{kind}", at(f"{theirs}.attn.in_proj_{kind}", rows=rows)
