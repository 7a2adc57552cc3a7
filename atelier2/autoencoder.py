"""Stage "autoencoder": AutoencoderKL, 256×256×3 pictures to 32×32×16 latents.

Trained as the real one was (Rombach et al. 2022, after Esser et al. 2021, "Taming Transformers"): reconstruction and a
little KL, then also a perceptual distance and a patch critic whose weight follows the gradients at the decoder's last
layer. Some steps shrink the latents and ask for the shrunken picture (Kouzelis et al. 2025, "EQ-VAE"): that keeps fine
noise out of the latents, which the denoiser would have to learn.
"""

from collections.abc import Callable
from pathlib import Path

import lpips
import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from atelier.fast_norm import use_fast_norm
from atelier2.canvas import WIDTH
from atelier2.dataset import PaintedSet
from atelier2.training import Schedule, autocast, device, train

LATENT_CHANNELS = 16
LATENT_SIZE = WIDTH // 8
CROP = 64
KL_WEIGHT = 4e-4
SHRINK_SHARE = 0.08
PERCEPTUAL_WEIGHT = 0.6
CRITIC_WEIGHT = 0.35  # of the reconstruction's gradient at the last layer
SHARP_FROM = 0.6  # of the training: before, squares alone get further in the same time


def new_autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(32, 64, 128, 128),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=16,
        sample_size=WIDTH,
        mid_block_add_attention=False,
    )


class Critic(nn.Module):
    """PatchGAN (Isola et al. 2017): which patches are painted, and which decoded. (n, 3, h, w) → (n, 1, h/8, w/8)."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for inputs, outputs, stride in ((1, 2, 2), (2, 4, 2), (4, 4, 1)):
            layers += [
                nn.Conv2d(width * inputs, width * outputs, 4 if stride == 2 else 3, stride, 1, bias=False),
                nn.GroupNorm(8, width * outputs),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width * 4, 1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        seen: Tensor = self.layers(images)
        return seen


class Players(nn.Module):
    """The autoencoder and its critic, trained by one optimizer: neither's loss reaches the other's weights."""

    def __init__(self) -> None:
        super().__init__()
        self.autoencoder, self.critic = new_autoencoder(), Critic()


def to_tensor(images: np.ndarray) -> Tensor:
    """(n, h, w, 3) uint8 → (n, 3, h, w) float32 in [-1, 1], channels last in memory."""
    batch = torch.from_numpy(np.array(images)).to(device(), non_blocking=True).permute(0, 3, 1, 2)
    return (batch.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def crops(images: np.ndarray, count: int, rng: np.random.Generator) -> Tensor:
    """A batch of random CROP×CROP pieces of random pictures, half of them mirrored."""
    chosen = rng.integers(len(images), size=count)
    tops, lefts = rng.integers(0, images.shape[1] - CROP + 1, (2, count))
    pieces = np.stack([images[i, y : y + CROP, x : x + CROP] for i, y, x in zip(chosen, tops, lefts, strict=True)])
    mirrored = rng.random(count) < 0.5
    pieces[mirrored] = pieces[mirrored, :, ::-1]
    return to_tensor(pieces)


def reconstruction_loss(painted: Tensor, decoded: Tensor) -> Tensor:
    """L1, L1 of the differences between neighbouring pixels (edges), and squares (PSNR)."""
    error = decoded.float() - painted
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 0.5 * edges + 2.0 * error.square().mean()


def train_autoencoder(
    painted: Callable[[], PaintedSet], trunk: lpips.LPIPS, schedule: Schedule, batch: int, folder: Path
) -> AutoencoderKL:
    """Trains (or resumes) and returns the autoencoder, its latents normalised to unit variance a channel.

    painted: the pictures that are there by now.
    """
    torch.manual_seed(schedule.seed)
    players = Players().to(device()).to(memory_format=torch.channels_last)
    model, critic = players.autoencoder, players.critic
    if device().type == "cpu":
        use_fast_norm(model)
    trunk = trunk.to(device(), memory_format=torch.channels_last).eval().requires_grad_(False)
    last = model.decoder.conv_out.weight

    def gradient(loss: Tensor) -> Tensor:
        [found] = torch.autograd.grad(loss, [last], retain_graph=True)
        made: Tensor = found.norm()
        return made

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator, progress: float) -> Tensor:
        picture = crops(painted().images, batch, rng)
        with autocast():
            mean, log_variance = model.quant_conv(model.encoder(picture)).float().chunk(2, 1)
            log_variance = log_variance.clamp(-30, 20)
            kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
            noise = torch.randn(mean.shape, generator=generator, device=mean.device)
            latent = mean + (0.5 * log_variance).exp() * noise
            if rng.random() < SHRINK_SHARE:
                latent, picture = functional.avg_pool2d(latent, 2), functional.avg_pool2d(picture, 2)
            decoded = model.decoder(model.post_quant_conv(latent))
        loss = reconstruction_loss(picture, decoded)
        if progress > SHARP_FROM:
            still = {name: value.detach() for name, value in critic.named_parameters()}
            with autocast():
                loss = loss + PERCEPTUAL_WEIGHT * trunk(picture, decoded).float().mean()
                fooled = -functional_call(critic, still, (decoded,)).float().mean()
                real, fake = critic(picture).float(), critic(decoded.detach()).float()
            weight = CRITIC_WEIGHT * (gradient(loss) / (gradient(fooled) + 1e-6)).clamp(0, 1e4).detach()
            loss = loss + weight * fooled + 0.5 * (functional.relu(1 - real) + functional.relu(1 + fake)).mean()
        total: Tensor = loss + KL_WEIGHT * kl
        return total

    train("autoencoder", players, loss_of_step, schedule, folder / "autoencoder.ckpt")
    model = model.eval()
    normalise_latents(model, painted())
    return model.cpu()


@torch.no_grad()
def normalise_latents(model: AutoencoderKL, painted: PaintedSet, count: int = 512) -> None:
    """Fold each latent channel's mean and deviation into the 1×1 convolutions, so that scaling_factor 1 is right."""
    step = max(1, len(painted.images) // count)
    means = torch.cat(
        [
            model.encode(to_tensor(painted.images[i : i + 32 * step : step])).latent_dist.mean
            for i in range(0, min(count * step, len(painted.images)), 32 * step)
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
def reconstructed(model: AutoencoderKL, images: np.ndarray) -> Tensor:
    """(n, 3, h, w) in [-1, 1] on the CPU."""
    parts = [
        model.decode(model.encode(to_tensor(images[start : start + 16])).latent_dist.mean).sample.clamp(-1, 1).cpu()
        for start in range(0, len(images), 16)
    ]
    return torch.cat(parts).float()


@torch.no_grad()
def fidelity(model: AutoencoderKL, painted: PaintedSet) -> tuple[float, float]:
    """Mean PSNR in dB (peak 255), each picture measured by itself; and the energy above half of Nyquist's frequency
    relative to the painter's, 1 being as much."""
    truth = torch.cat([to_tensor(painted.images[i : i + 64]).cpu() for i in range(0, len(painted.images), 64)])
    decoded = reconstructed(model, painted.images)
    errors = ((decoded - truth) / 2).square().mean((1, 2, 3))
    return float((-10 * errors.log10()).mean()), float(_fine_energy(decoded) / _fine_energy(truth))


def _fine_energy(images: Tensor) -> Tensor:
    grey = images.mean(1)
    power = torch.fft.fft2(grey - grey.mean((1, 2), keepdim=True)).abs().square()
    frequency = torch.fft.fftfreq(grey.shape[-1])
    high = (frequency[:, None].square() + frequency[None].square()).sqrt() > 0.25
    made: Tensor = power[:, high].sum()
    return made
