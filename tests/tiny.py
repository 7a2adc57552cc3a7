"""Pipelines of diffusers' own classes that are made in a moment: small, with random weights."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from atelier.tokenizer import new_tokenizer
from uce_core.models.model import Model, prepare
from uce_core.models.sources import ATELIER


def text_config(tokenizer: CLIPTokenizer, width: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def tiny_unet(text_width: int, side: int = 8, **more: object) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=side,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_width,
        attention_head_dim=2,
        norm_num_groups=8,
        **more,
    )


def tiny_autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4,
        latent_channels=4,
    )


def tiny_scheduler() -> DDIMScheduler:
    return DDIMScheduler(clip_sample=False, steps_offset=1, set_alpha_to_one=False)


def tiny_pipeline(seed: int = 0, side: int = 8) -> StableDiffusionPipeline:
    """StableDiffusionPipeline's own classes with 16-wide text and random weights; images are twice side wide."""
    torch.manual_seed(seed)
    tokenizer = new_tokenizer()
    return StableDiffusionPipeline(
        vae=tiny_autoencoder(),
        text_encoder=CLIPTextModel(text_config(tokenizer, 16)),
        tokenizer=tokenizer,
        unet=tiny_unet(16, side),
        scheduler=tiny_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save_scored(folder: Path) -> Path:
    """A tiny random pipeline with Atelier's scorers and catalogue, for what is measured and kept of images, whatever
    they show; returns the folder."""
    tiny_pipeline(side=16).save_pretrained(folder)
    for name in ("scorer", "lpips.safetensors", "catalog.json"):
        (folder / name).symlink_to(ATELIER / name)
    return folder


def tiny_xl_pipeline(seed: int = 0) -> StableDiffusionXLPipeline:
    """Stable Diffusion XL's classes: text encoders 16 and 24 wide, read side by side."""
    torch.manual_seed(seed)
    tokenizer = new_tokenizer()
    return StableDiffusionXLPipeline(
        vae=tiny_autoencoder(),
        text_encoder=CLIPTextModel(text_config(tokenizer, 16)),
        text_encoder_2=CLIPTextModelWithProjection(text_config(tokenizer, 24)),
        tokenizer=tokenizer,
        tokenizer_2=new_tokenizer(),
        unet=tiny_unet(
            40,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=24 + 6 * 8,
        ),
        scheduler=tiny_scheduler(),
        add_watermarker=False,
    )


def tiny_model() -> Model:
    return prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)
