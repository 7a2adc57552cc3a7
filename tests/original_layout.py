"""Pipelines as single files under the names of Stable Diffusion's own code, and their configurations in a hub's cache.

The names are written out here once more, from diffusers' to the original ones: the other way round than they are read.
"""

import re
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from atelier.tokenizer import new_tokenizer
from tests.tiny import text_config, tiny_autoencoder, tiny_scheduler

SOURCES = {
    "sd": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "sdxl": "stabilityai/stable-diffusion-xl-base-1.0",
    "inpainting": "stable-diffusion-v1-5/stable-diffusion-inpainting",
}
RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0"}
RESNET |= {"conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
UNET = [
    (r"time_embedding\.linear_1", "time_embed.0"),
    (r"time_embedding\.linear_2", "time_embed.2"),
    (r"add_embedding\.linear_1", "label_emb.0.0"),
    (r"add_embedding\.linear_2", "label_emb.0.2"),
    ("conv_in", "input_blocks.0.0"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
    (r"mid_block\.attentions\.0", "middle_block.1"),
    (r"mid_block\.resnets\.(\d)", lambda m: f"middle_block.{2 * int(m[1])}"),
    (r"down_blocks\.(\d)\.resnets\.(\d)", lambda m: f"input_blocks.{3 * int(m[1]) + int(m[2]) + 1}.0"),
    (r"down_blocks\.(\d)\.attentions\.(\d)", lambda m: f"input_blocks.{3 * int(m[1]) + int(m[2]) + 1}.1"),
    (r"down_blocks\.(\d)\.downsamplers\.0\.conv", lambda m: f"input_blocks.{3 * int(m[1]) + 3}.0.op"),
    (r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"output_blocks.{3 * int(m[1]) + int(m[2])}.0"),
    (r"up_blocks\.(\d)\.attentions\.(\d)", lambda m: f"output_blocks.{3 * int(m[1]) + int(m[2])}.1"),
    (r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"output_blocks.{3 * int(m[1]) + 2}.1"),
]
VAE = [
    (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"),
    (r"mid_block\.attentions\.0\.to_([qkv])", r"mid.attn_1.\1"),
    (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
    (r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}"),
    (r"down_blocks\.(\d)\.resnets", r"down.\1.block"),
    (r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample"),
    (r"up_blocks\.(\d)\.resnets", lambda m: f"up.{1 - int(m[1])}.block"),
    (r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{1 - int(m[1])}.upsample"),
    ("conv_norm_out", "norm_out"),
    ("conv_shortcut", "nin_shortcut"),
]
OPEN_CLIP = [
    (r"embeddings\.token_embedding", "token_embedding"),
    (r"embeddings\.position_embedding\.weight", "positional_embedding"),
    (r"encoder\.layers", "transformer.resblocks"),
    ("layer_norm(1|2)", r"ln_\1"),
    (r"mlp\.fc1", "mlp.c_fc"),
    (r"mlp\.fc2", "mlp.c_proj"),
    (r"self_attn\.out_proj", "attn.out_proj"),
    ("final_layer_norm", "ln_final"),
]


def named(tensors: dict[str, Tensor], names: list[tuple[str, Any]]) -> dict[str, Tensor]:
    found = {}
    for name, tensor in tensors.items():
        for pattern, to in names:
            name = re.sub(rf"(?:^|(?<=\.)){pattern}(?=\.|$)", to, name)
        found[name] = tensor
    return found


def original_unet(unet: UNet2DConditionModel) -> dict[str, Tensor]:
    return named({with_resnet_named(name): value for name, value in unet.state_dict().items()}, UNET)


def with_resnet_named(name: str) -> str:
    block, resnets, rest = name.partition(".resnets.")
    number, _, layer = rest.partition(".")
    return f"{block}{resnets}{number}.{re.sub('^[a-z_0-9]+', lambda m: RESNET[m[0]], layer)}" if resnets else name


def original_vae(vae: AutoencoderKL) -> dict[str, Tensor]:
    found = named(vae.state_dict(), VAE)
    attention = re.compile(r"mid\.attn_1\.(q|k|v|proj_out)\.weight")
    return {name: value[:, :, None, None] if attention.search(name) else value for name, value in found.items()}


def original_clip(encoder: CLIPTextModel) -> dict[str, Tensor]:
    return {f"text_model.{name.removeprefix('text_model.')}": value for name, value in encoder.state_dict().items()}


def original_open_clip(encoder: CLIPTextModelWithProjection) -> dict[str, Tensor]:
    own = {name.removeprefix("text_model."): value for name, value in encoder.state_dict().items()}
    found = {"text_projection": own.pop("text_projection.weight").T}
    for name in [name for name in own if "q_proj" in name]:
        layer, kind = name.split(".")[2], name.rpartition(".")[2]
        parts = [own.pop(name.replace("q_proj", f"{one}_proj")) for one in "qkv"]
        found[f"transformer.resblocks.{layer}.attn.in_proj_{kind}"] = torch.cat(parts)
    return found | named(own, OPEN_CLIP)


def single_file(pipeline: StableDiffusionPipeline | StableDiffusionXLPipeline) -> dict[str, Tensor]:
    """All tensors of a pipeline of Stable Diffusion 1.x or XL, as they lie in one file."""
    parts = {"model.diffusion_model.": original_unet(pipeline.unet), "first_stage_model.": original_vae(pipeline.vae)}
    if isinstance(pipeline, StableDiffusionXLPipeline):
        parts["conditioner.embedders.0.transformer."] = original_clip(pipeline.text_encoder)
        parts["conditioner.embedders.1.model."] = original_open_clip(pipeline.text_encoder_2)
    else:
        parts["cond_stage_model.transformer."] = original_clip(pipeline.text_encoder)
    return {prefix + name: value.contiguous() for prefix, part in parts.items() for name, value in part.items()}


def write_single_file(pipeline: Any, path: Path, dtype: torch.dtype = torch.float32) -> Path:
    save_file({name: value.to(dtype) for name, value in single_file(pipeline).items()}, path)
    return path


def cache_configuration(pipeline: Any, cache: Path, kind: str) -> None:
    """What a hub's cache holds after the configuration of a family was fetched: everything but weights."""
    repository = cache / f"models--{SOURCES[kind].replace('/', '--')}"
    snapshot = repository / "snapshots" / "a1"
    pipeline.save_pretrained(snapshot)
    for weights in snapshot.rglob("*.safetensors"):
        weights.unlink()
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a1")


def small_pipeline(channels: int = 4) -> StableDiffusionPipeline:
    """Stable Diffusion 1.x's own blocks, two layers each, of two resolutions."""
    torch.manual_seed(0)
    tokenizer = new_tokenizer()
    return StableDiffusionPipeline(
        vae=tiny_autoencoder(),
        text_encoder=CLIPTextModel(text_config(tokenizer, 16)),
        tokenizer=tokenizer,
        unet=small_unet(16, in_channels=channels),
        scheduler=tiny_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def small_xl_pipeline() -> StableDiffusionXLPipeline:
    """The second text encoder has ten layers, by whose keys diffusers tells the family."""
    torch.manual_seed(0)
    tokenizer = new_tokenizer()
    second = text_config(tokenizer, 24)
    second.num_hidden_layers = 10
    return StableDiffusionXLPipeline(
        vae=tiny_autoencoder(),
        text_encoder=CLIPTextModel(text_config(tokenizer, 16)),
        text_encoder_2=CLIPTextModelWithProjection(second),
        tokenizer=tokenizer,
        tokenizer_2=new_tokenizer(),
        unet=small_unet(
            40,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=24 + 6 * 8,
        ),
        scheduler=tiny_scheduler(),
        add_watermarker=False,
    )


def small_unet(text_width: int, **more: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=text_width,
        attention_head_dim=2,
        norm_num_groups=8,
        **more,
    )
