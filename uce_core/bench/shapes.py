"""The true configurations of what denoises in Stable Diffusion 1.x, 2.x, XL and 3, and in FLUX.1, for benchmarks and
tests that need their shapes and have no weights at hand."""

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from diffusers import FluxTransformer2DModel, SD3Transformer2DModel, UNet2DConditionModel

UNETS: dict[str, dict[str, Any]] = {  # what is not named is UNet2DConditionModel's default
    "sd-1.4": {"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8},
    "sd-2.1": {
        "sample_size": 96,
        "cross_attention_dim": 1024,
        "attention_head_dim": (5, 10, 20, 20),
        "use_linear_projection": True,
    },
    "sdxl": {
        "sample_size": 128,
        "cross_attention_dim": 2048,
        "block_out_channels": (320, 640, 1280),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "attention_head_dim": (5, 10, 20),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
}


TRANSFORMERS: dict[str, tuple[str, dict[str, Any]]] = {  # of which class; the rest is its default
    "sd-3-medium": (
        "SD3Transformer2DModel",
        {"num_layers": 24, "num_attention_heads": 24, "caption_projection_dim": 1536, "pos_embed_max_size": 192},
    ),
    "flux-dev": ("FluxTransformer2DModel", {"guidance_embeds": True}),
    "flux-schnell": ("FluxTransformer2DModel", {}),
}


def transformer_of(name: str) -> "SD3Transformer2DModel | FluxTransformer2DModel":
    """One of TRANSFORMERS on the meta device."""
    import diffusers

    kind, configuration = TRANSFORMERS[name]
    with torch.device("meta"):
        return getattr(diffusers, kind)(**configuration)


def unet_of(name: str) -> "UNet2DConditionModel":
    """One of UNETS on the meta device: names and shapes, no memory."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        return UNet2DConditionModel(**UNETS[name])
