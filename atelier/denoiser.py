"""Stage "denoiser": the UNet, trained on latents and captions with v-prediction.

v-prediction after Salimans & Ho 2022, zero terminal signal after Lin et al. 2023, the loss
weight capped at high signal after Hang et al. 2023 (min-SNR-5), so that faint noise is not all it
learns. The text encoder stays frozen.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from atelier.autoencoder import LATENT_CHANNELS, to_tensor
from atelier.captions import describe
from atelier.clip import WIDTH as TEXT_WIDTH
from atelier.dataset import PaintedSet
from atelier.fast_norm import use_fast_norm
from atelier.tokenizer import CONTEXT_LENGTH
from atelier.training import Schedule, device, train
from atelier.world import Picture

BATCH = 32
EMPTY_SHARE = 0.1
CAPTIONS_EACH = 80  # wordings remembered for every kind of picture
SNR_LIMIT = 5.0


def new_denoiser() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=(128, 160, 192),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=(4, 5, 6),  # heads, despite the name: 32 channels each
        norm_num_groups=16,
    )


def new_scheduler() -> DPMSolverMultistepScheduler:
    """DPM-Solver++ (2M): Lu et al. 2022, arXiv 2211.01095, algorithm 2."""
    return DPMSolverMultistepScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        algorithm_type="dpmsolver++",
        solver_order=2,
        solver_type="midpoint",
        lambda_min_clipped=-10.0,  # clips nothing: λ begins at −8.3; the default, −∞, is no JSON
        steps_offset=1,  # unused by trailing steps, but asked for by the pipeline
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    )


@dataclass(frozen=True)
class CaptionBank:
    """Encoded wordings. states: (n, 77, d) bfloat16, row 0 the empty text; rows: which fit a kind of picture."""

    states: Tensor
    rows: dict[Picture, np.ndarray]


@torch.no_grad()
def encode_captions(
    pictures: tuple[Picture, ...], tokenizer: CLIPTokenizer, encoder: CLIPTextModel, seed: int
) -> CaptionBank:
    texts = {"": 0}
    rows = {}
    for number, picture in enumerate(sorted(set(pictures), key=repr)):
        rng = np.random.default_rng([seed, number])
        rows[picture] = np.asarray(
            [texts.setdefault(describe(picture, rng).text, len(texts)) for _ in range(CAPTIONS_EACH)]
        )
    listed, parts = list(texts), []
    for start in range(0, len(listed), 256):
        tokens = tokenizer(
            listed[start : start + 256],
            padding="max_length",
            max_length=CONTEXT_LENGTH,
            truncation=True,
            return_tensors="pt",
        )
        with torch.autocast(device().type, torch.bfloat16):
            parts.append(encoder(tokens.input_ids.to(device())).last_hidden_state.bfloat16())
    return CaptionBank(torch.cat(parts), rows)


@torch.no_grad()
def encode_pictures(painted: PaintedSet, autoencoder: AutoencoderKL) -> Tensor:
    """Latents of all pictures, (n, 16, 16, 16) bfloat16."""
    parts = []
    for start in range(0, len(painted.images), 64):
        with torch.autocast(device().type, torch.bfloat16):
            batch = to_tensor(painted.images[start : start + 64]).to(device())
            parts.append(autoencoder.encode(batch).latent_dist.mean.bfloat16().contiguous())
    return torch.cat(parts)


def train_denoiser(
    latents: Tensor, pictures: tuple[Picture, ...], bank: CaptionBank, steps: int, seed: int, folder: Path
) -> UNet2DConditionModel:
    """Trains (or resumes) and returns the UNet with averaged weights, on the CPU in float32."""
    torch.manual_seed(seed)
    model = new_denoiser().to(device(), memory_format=torch.channels_last)
    use_fast_norm(model)
    if device().type == "cpu":
        model.set_attn_processor(AttnProcessor())  # at these sizes faster to train than the fused kernel
    alphas = new_scheduler().alphas_cumprod.to(device())

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        chosen = rng.integers(len(pictures), size=BATCH)
        rows = np.asarray([rng.choice(bank.rows[pictures[i]]) for i in chosen]) * (rng.random(BATCH) >= EMPTY_SHARE)
        latent = latents[torch.from_numpy(chosen)].to(device()).float().contiguous(memory_format=torch.channels_last)
        noise = torch.randn(latent.shape, generator=generator).to(latent)
        steps_drawn = torch.from_numpy((np.arange(BATCH) + rng.random(BATCH)) / BATCH * len(alphas)).long().to(device())
        signal = alphas[steps_drawn][:, None, None, None]
        noisy = signal.sqrt() * latent + (1 - signal).sqrt() * noise
        velocity = signal.sqrt() * noise - (1 - signal).sqrt() * latent
        with torch.autocast(device().type, torch.bfloat16):
            predicted = model(noisy, steps_drawn, bank.states[torch.from_numpy(rows)].to(device())).sample
        errors = (predicted.float() - velocity).square().mean((1, 2, 3))
        ratio = alphas[steps_drawn] / (1 - alphas[steps_drawn])
        loss: Tensor = (errors * (SNR_LIMIT / (ratio + 1)).clamp(max=1)).mean()
        return loss

    train(
        "denoiser", model, loss_of_step, Schedule(steps=steps, lr=8e-4, seed=seed, ema=0.999), folder / "denoiser.ckpt"
    )
    return model.cpu().eval()
