"""Networks that learn to say what a painted picture shows: the judge and the perceptual trunk.

The judge measures Atelier: it sees painter pictures only and takes no part in training the rest.
The trunk is AlexNet's in lpips' layout, its channels weighted evenly (what Zhang et al. 2018 call
the uncalibrated baseline) and scaled once, since no human ratings of this world exist.
"""

import warnings
from pathlib import Path

import lpips
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from atelier.autoencoder import to_tensor
from atelier.dataset import PaintedSet
from atelier.training import Schedule, device, train
from atelier.world import PERSONS, RENDERINGS, SUBJECTS, Picture

SHOWN = (*SUBJECTS, *PERSONS)
BATCH = 64
STRANGER_DISTANCE = 0.7  # LPIPS of two unrelated pictures, about as in the published metric


def block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Heads(nn.Module):
    """Rendering, subject and gender from a vector of features."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.rendering = nn.Linear(width, len(RENDERINGS))
        self.subject = nn.Linear(width, len(SHOWN))
        self.woman = nn.Linear(width, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.rendering(features), self.subject(features), self.woman(features)[:, 0]


class Judge(nn.Module):
    """pictures (n, 3, 128, 128) in [-1, 1] → logits of rendering (n, 16), subject (n, 21) and woman (n,)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            block(3, 24, 2),
            block(24, 48, 2),
            block(48, 48, 1),
            block(48, 96, 2),
            block(96, 96, 1),
            block(96, 144, 2),
            block(144, 144, 1),
            block(144, 144, 1),
        )
        self.heads = Heads(2 * 144)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.features(pictures)
        answers: tuple[Tensor, Tensor, Tensor] = self.heads(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1))
        return answers


class Trunk(nn.Module):
    """lpips' AlexNet with heads to train it by."""

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # lpips builds its AlexNet by torchvision's old arguments
            self.lpips = lpips.LPIPS(net="alex", pretrained=False, pnet_rand=True, verbose=False)
        self.lpips.requires_grad_(True)
        self.heads = Heads(256)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.lpips.net(self.lpips.scaling_layer(pictures)).relu5
        answers: tuple[Tensor, Tensor, Tensor] = self.heads(maps.mean((2, 3)))
        return answers


def answers(pictures: list[Picture]) -> tuple[Tensor, Tensor, Tensor]:
    """The truth about pictures, as indices into RENDERINGS and SHOWN, and 1.0 for women."""
    return (
        torch.tensor([RENDERINGS.index(picture.rendering) for picture in pictures]),
        torch.tensor([SHOWN.index(picture.subject) for picture in pictures]),
        torch.tensor([float(picture.woman) for picture in pictures]),
    )


def roughen(batch: Tensor, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
    """Small shifts, noise, softness and exposure, so that what is recognised is not a matter of single pixels."""
    batch = torch.roll(batch, tuple(rng.integers(-6, 7, 2).tolist()), (2, 3))
    if rng.random() < 0.5:
        scale = rng.uniform(0.4, 0.9)
        batch = functional.interpolate(
            functional.interpolate(batch, scale_factor=scale, mode="bilinear"), size=batch.shape[2:], mode="bilinear"
        )
    noise = torch.randn(batch.shape, generator=generator).to(batch) * rng.uniform(0, 0.12)
    return batch * rng.uniform(0.85, 1.15) + noise


def train_recognition(name: str, model: nn.Module, painted: PaintedSet, schedule: Schedule, folder: Path) -> None:
    """Train a Judge or a Trunk, in place."""
    model.to(device()).to(memory_format=torch.channels_last).train()

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        chosen = np.sort(rng.choice(len(painted.pictures), BATCH, replace=False))
        truth = [part.to(device()) for part in answers([painted.pictures[i] for i in chosen])]
        batch = roughen(to_tensor(painted.images[chosen]).to(device()), rng, generator)
        with torch.autocast(device().type, torch.bfloat16):
            rendering, subject, woman = model(batch)
        loss = functional.cross_entropy(rendering.float(), truth[0]) + functional.cross_entropy(
            subject.float(), truth[1]
        )
        return loss + 0.5 * functional.binary_cross_entropy_with_logits(woman.float(), truth[2])

    train(name, model, loss_of_step, schedule, folder / f"{name}.ckpt")
    model.cpu().eval()


def train_judge(painted: PaintedSet, steps: int, seed: int, folder: Path) -> Judge:
    torch.manual_seed(seed)
    judge = Judge()
    train_recognition("judge", judge, painted, Schedule(steps=steps, lr=2e-3, seed=seed), folder)
    return judge


def train_trunk(painted: PaintedSet, steps: int, seed: int, folder: Path) -> lpips.LPIPS:
    torch.manual_seed(seed)
    trunk = Trunk()
    with torch.no_grad():
        for layer in trunk.lpips.lins:
            layer.model[-1].weight.fill_(1 / layer.model[-1].weight.numel())
            layer.model[-1].weight.requires_grad_(False)
    train_recognition("trunk", trunk, painted, Schedule(steps=steps, lr=5e-4, seed=seed), folder)
    scale_distances(trunk.lpips, painted)
    return trunk.lpips


@torch.no_grad()
def scale_distances(metric: lpips.LPIPS, painted: PaintedSet, pairs: int = 128) -> None:
    pairs = min(pairs, len(painted.images) // 2)
    first, second = to_tensor(painted.images[:pairs]), to_tensor(painted.images[pairs : 2 * pairs])
    factor = STRANGER_DISTANCE / metric(first, second).mean()
    for layer in metric.lins:
        layer.model[-1].weight *= factor


@torch.no_grad()
def judge_pictures(judge: Judge, images: np.ndarray) -> list[Picture]:
    """What the judge sees in (n, 128, 128, 3) uint8 pictures."""
    seen = []
    for start in range(0, len(images), 64):
        rendering, subject, woman = judge(to_tensor(images[start : start + 64]))
        for r, s, w in zip(rendering.argmax(1).tolist(), subject.argmax(1).tolist(), (woman > 0).tolist(), strict=True):
            seen.append(Picture(RENDERINGS[r], SHOWN[s], w))
    return seen


def save_network(model: nn.Module, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: value.half().contiguous() if value.is_floating_point() else value
        for key, value in model.state_dict().items()
    }
    save_file(tensors, path, {"format": "pt"})


def load_judge(path: Path) -> Judge:
    judge = Judge()
    judge.load_state_dict(load_file(path))
    return judge.float().eval()
