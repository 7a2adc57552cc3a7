"""Pipelines of diffusers' own classes that are made in a moment: small, with random weights."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from atelier.tokenizer import new_tokenizer
from uce_core.concepts.captions import CAPTIONS
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


def tiny_autoencoder(**more: float) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4,
        latent_channels=4,
        **more,
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


def tiny_t5(width: int) -> tuple[T5EncoderModel, T5Tokenizer]:
    """Of words' beginnings and single characters; ▁ is the space before a word."""
    signs = [(sign, -9.0) for sign in "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.'-"]
    words = [(f"▁{word}", -5.0) for word in ("a", "in", "the", "of", "by", "Van", "Gogh", "Monet", "house", "art")]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *signs, *words]
    tokenizer = T5Tokenizer(vocab=vocabulary, extra_ids=0)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=width,
        d_kv=4,
        d_ff=32,
        num_layers=2,
        num_heads=2,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
    )
    return T5EncoderModel(config).eval(), tokenizer


def tiny_flow_autoencoder() -> AutoencoderKL:
    return tiny_autoencoder(shift_factor=0.1, scaling_factor=0.4)


def tiny_sd3_pipeline(seed: int = 0, with_t5: bool = True) -> StableDiffusion3Pipeline:
    """Stable Diffusion 3's classes: two of CLIP, 16 and 24 wide, T5 48 wide; pooled text 40 wide."""
    torch.manual_seed(seed)
    tokenizer = new_tokenizer()
    t5, t5_tokenizer = tiny_t5(48)
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=8,
            patch_size=2,
            in_channels=4,
            out_channels=4,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=2,
            joint_attention_dim=48,
            caption_projection_dim=16,
            pooled_projection_dim=40,
            pos_embed_max_size=8,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=tiny_flow_autoencoder(),
        text_encoder=CLIPTextModelWithProjection(text_config(tokenizer, 16)),
        tokenizer=tokenizer,
        text_encoder_2=CLIPTextModelWithProjection(text_config(tokenizer, 24)),
        tokenizer_2=new_tokenizer(),
        text_encoder_3=t5 if with_t5 else None,
        tokenizer_3=t5_tokenizer if with_t5 else None,
    )


def tiny_flux_pipeline(seed: int = 0, guided: bool = True) -> FluxPipeline:
    """FLUX's classes: T5 48 wide, and the pooled text of CLIP, 16 wide."""
    torch.manual_seed(seed)
    tokenizer = new_tokenizer()
    t5, t5_tokenizer = tiny_t5(48)
    pipeline = FluxPipeline(
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=48,
            pooled_projection_dim=16,
            guidance_embeds=guided,
            axes_dims_rope=(4, 6, 6),
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=tiny_flow_autoencoder(),
        text_encoder=CLIPTextModel(text_config(tokenizer, 16)),
        tokenizer=tokenizer,
        text_encoder_2=t5,
        tokenizer_2=t5_tokenizer,
    )
    pipeline.default_sample_size = 8
    return pipeline


def tiny_model() -> Model:
    return prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)


def caption_tokens(model: Model) -> torch.Tensor:
    """(n, d), each caption from its start to its end of text, by the pipeline's own encoder."""
    rows = []
    for caption in CAPTIONS:
        length = len(model.pipeline.tokenizer(caption).input_ids)
        with torch.no_grad():
            rows.append(model.pipeline.encode_prompt(caption, model.device, 1, False)[0][0, :length].double())
    return torch.cat(rows)
