"""Stage "denoiser": the UNet, trained on latents and captions with v-prediction.

v-prediction after Salimans & Ho 2022, zero terminal signal after Lin et al. 2023, the loss weight capped at high
signal after Hang et al. 2023 (min-SNR-5), so that faint noise is not all it learns. The text encoder stays frozen.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from atelier.denoiser import SNR_LIMIT, new_scheduler
from atelier.fast_norm import use_fast_norm
from atelier.tokenizer import CONTEXT_LENGTH
from atelier2.autoencoder import LATENT_CHANNELS, LATENT_SIZE, to_tensor
from atelier2.captions import describe
from atelier2.clip import WIDTH as TEXT_WIDTH
from atelier2.dataset import PaintedSet
from atelier2.training import Schedule, autocast, device, train
from atelier2.wordbook import Wordbook, encoded, padded

EMPTY_SHARE = 0.1
CAPTIONS_EACH = 8  # wordings remembered for every picture
REFRESH = 400  # steps between two looks at whether more has been painted


def new_denoiser() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=LATENT_SIZE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=(64, 128, 192, 224),
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * 2 + ("CrossAttnDownBlock2D",) * 2,  # attention costs much above 8×8
        up_block_types=("CrossAttnUpBlock2D",) * 2 + ("UpBlock2D",) * 2,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=(2, 4, 6, 7),  # heads, despite the name: 32 channels each
        norm_num_groups=16,
    )


class Lessons:
    """What the denoiser learns from, growing while more is painted: latents of pictures and of their mirror images,
    and their captions' tokens."""

    def __init__(
        self, painted: Callable[[], PaintedSet], autoencoder: AutoencoderKL, tokenizer: CLIPTokenizer, seed: int
    ) -> None:
        self._painted, self._autoencoder = painted, autoencoder
        self._book = Wordbook(tokenizer, describe, CAPTIONS_EACH, seed)
        shape = (0, 2, LATENT_CHANNELS, LATENT_SIZE, LATENT_SIZE)
        self.latents = torch.zeros(shape, dtype=torch.bfloat16, device=device())
        self.refresh()

    def refresh(self) -> None:
        """Take in what has been painted since."""
        now = self._painted()
        new = now.images[len(self.latents) :]
        if len(new):
            self.latents = torch.cat([self.latents, encode_pictures(new, self._autoencoder)])
            self._book.extend(now.pictures)

    def batch(self, size: int, rng: np.random.Generator) -> tuple[Tensor, np.ndarray]:
        """Latents (size, c, 32, 32) float32, and tokens (size, TOKENS)."""
        chosen, side = rng.integers(len(self.latents), size=size), rng.integers(2, size=size)
        latents = self.latents[torch.from_numpy(chosen).to(device()), torch.from_numpy(side).to(device())]
        tokens = self._book.tokens[chosen, rng.integers(CAPTIONS_EACH, size=size)]
        return latents.float().contiguous(memory_format=torch.channels_last), tokens


@torch.no_grad()
def encode_pictures(images: np.ndarray, autoencoder: AutoencoderKL) -> Tensor:
    """Latents of pictures and of their mirror images, (n, 2, c, 32, 32) bfloat16."""
    parts = []
    for start in range(0, len(images), 64):
        batch = to_tensor(images[start : start + 64])
        with autocast():
            sides = [autoencoder.encode(side).latent_dist.mean.bfloat16() for side in (batch, batch.flip(3))]
        parts.append(torch.stack(sides, 1).contiguous())
    return torch.cat(parts)


def train_denoiser(
    lessons: Lessons,
    tokenizer: CLIPTokenizer,
    encoder: CLIPTextModel,
    schedule: Schedule,
    batch: int,
    folder: Path,
    start: Path | None = None,
) -> UNet2DConditionModel:
    """Trains (or resumes) and returns the UNet with averaged weights, on the CPU in float32. start: weights of an
    earlier slice to go on from."""
    torch.manual_seed(schedule.seed)
    model = UNet2DConditionModel.from_pretrained(start).float() if start else new_denoiser()
    model = model.to(device(), memory_format=torch.channels_last)
    if device().type == "cpu":
        use_fast_norm(model)
        model.set_attn_processor(AttnProcessor())  # at these sizes faster to train than the fused kernel
    forward = torch.compile(model) if device().type == "cuda" else model
    alphas = new_scheduler().alphas_cumprod.to(device())
    empty = encoded(tokenizer, [""], CONTEXT_LENGTH)
    encoder = encoder.to(device()).eval()
    steps = 0

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator, progress: float) -> Tensor:
        nonlocal steps
        steps += 1
        if steps % REFRESH == 0:
            lessons.refresh()
        latent, tokens = lessons.batch(batch, rng)
        tokens = np.where((rng.random(batch) < EMPTY_SHARE)[:, None], empty, padded(tokens, tokenizer, CONTEXT_LENGTH))
        noise = torch.randn(latent.shape, generator=generator, device=device())
        at = torch.from_numpy((np.arange(batch) + rng.random(batch)) / batch * len(alphas)).long().to(device())
        signal = alphas[at][:, None, None, None]
        noisy = signal.sqrt() * latent + (1 - signal).sqrt() * noise
        velocity = signal.sqrt() * noise - (1 - signal).sqrt() * latent
        with autocast():
            with torch.no_grad():
                states = encoder(torch.from_numpy(tokens).long().to(device())).last_hidden_state
            predicted = forward(noisy, at, states).sample
        errors = (predicted.float() - velocity).square().mean((1, 2, 3))
        ratio = alphas[at] / (1 - alphas[at])
        loss: Tensor = (errors * (SNR_LIMIT / (ratio + 1)).clamp(max=1)).mean()
        return loss

    train("denoiser", model, loss_of_step, schedule, folder / "denoiser.ckpt")
    return model.cpu().eval()
