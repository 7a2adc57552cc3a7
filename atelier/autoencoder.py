"""Stage "autoencoder": AutoencoderKL, 128×128×3 pictures to 16×16×16 latents.

Sixteen channels, because eight lose the strokes and dots that a style is made of (measured: 20.2 dB
against 24.5). Some steps shrink the latents and ask for the shrunken picture (Kouzelis et al. 2025,
"EQ-VAE"): that keeps fine noise out of the latents, which the denoiser would have to learn.
"""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

from atelier.dataset import PaintedSet
from atelier.fast_norm import use_fast_norm
from atelier.training import Schedule, device, train

LATENT_CHANNELS = 16
DOWNSCALE = 8
CROP = 64
BATCH = 32
KL_WEIGHT = 5e-4
SHRINK_SHARE = 0.1


def new_autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(32, 64, 128, 128),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=16,
        sample_size=128,
        mid_block_add_attention=False,
    )


def to_tensor(images: np.ndarray) -> Tensor:
    """(n, h, w, 3) uint8 → (n, 3, h, w) float32 in [-1, 1], channels last in memory."""
    batch = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2)
    return (batch.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def crops(images: np.ndarray, rng: np.random.Generator) -> Tensor:
    """A batch of random CROP×CROP pieces of random pictures, cut between latents: strokes and dots keep
    their places in the latent grid (see brush.spots)."""
    chosen = rng.integers(len(images), size=BATCH)
    tops, lefts = DOWNSCALE * rng.integers(0, (images.shape[1] - CROP) // DOWNSCALE + 1, (2, BATCH))
    pieces = [images[i, y : y + CROP, x : x + CROP] for i, y, x in zip(chosen, tops, lefts, strict=True)]
    return to_tensor(np.stack(pieces))


def reconstruction_loss(painted: Tensor, decoded: Tensor) -> Tensor:
    """L1, L1 of the differences between neighbouring pixels (edges), and squares (PSNR)."""
    error = decoded.float() - painted
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 0.5 * edges + 2.0 * error.square().mean()


def train_autoencoder(painted: PaintedSet, steps: int, seed: int, folder: Path) -> AutoencoderKL:
    """Trains (or resumes) and returns the autoencoder, its latents normalised to unit variance a channel."""
    torch.manual_seed(seed)
    model = new_autoencoder().to(device(), memory_format=torch.channels_last)
    use_fast_norm(model)

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        picture = crops(painted.images, rng).to(device())
        with torch.autocast(device().type, torch.bfloat16):
            mean, log_variance = model.quant_conv(model.encoder(picture)).float().chunk(2, 1)
            log_variance = log_variance.clamp(-30, 20)
            kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
            latent = mean + (0.5 * log_variance).exp() * torch.randn(mean.shape, generator=generator).to(mean)
            if rng.random() < SHRINK_SHARE:
                latent, picture = functional.avg_pool2d(latent, 2), functional.avg_pool2d(picture, 2)
            decoded = model.decoder(model.post_quant_conv(latent))
        loss: Tensor = reconstruction_loss(picture, decoded) + KL_WEIGHT * kl
        return loss

    train("autoencoder", model, loss_of_step, Schedule(steps=steps, lr=1.2e-3, seed=seed), folder / "autoencoder.ckpt")
    model = model.cpu().eval()
    normalise_latents(model, painted)
    return model


@torch.no_grad()
def normalise_latents(model: AutoencoderKL, painted: PaintedSet, count: int = 512) -> None:
    """Fold each latent channel's mean and deviation into the 1×1 convolutions, so that scaling_factor 1 is right."""
    step = max(1, len(painted.images) // count)
    means = torch.cat(
        [
            model.encode(to_tensor(painted.images[i : i + 32 * step : step])).latent_dist.mean
            for i in range(0, count * step, 32 * step)
        ]
    )
    mean, deviation = means.mean((0, 2, 3)), means.std((0, 2, 3))
    moments, unfold = model.quant_conv, model.post_quant_conv
    moments.weight[:LATENT_CHANNELS] /= deviation[:, None, None, None]
    moments.bias[:LATENT_CHANNELS] = (moments.bias[:LATENT_CHANNELS] - mean) / deviation
    moments.bias[LATENT_CHANNELS:] -= 2 * deviation.log()
    unfold.bias += unfold.weight[:, :, 0, 0] @ mean
    unfold.weight *= deviation[None, :, None, None]
    model.register_to_config(scaling_factor=1.0)


@torch.no_grad()
def psnr(model: AutoencoderKL, painted: PaintedSet) -> float:
    """Mean PSNR in dB (peak 255) of reconstructed pictures, each measured by itself."""
    values = []
    for start in range(0, len(painted.images), 16):
        batch = to_tensor(painted.images[start : start + 16])
        decoded = model.decode(model.encode(batch).latent_dist.mean).sample.clamp(-1, 1)
        errors = ((decoded - batch) / 2).square().mean((1, 2, 3))
        values += (-10 * errors.log10()).tolist()
    return float(np.mean(values))
