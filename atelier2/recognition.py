"""Networks that learn to say what a painted picture shows: the judge and the perceptual trunk.

The judge measures Atelier: it sees painter pictures only and takes no part in training the rest. The trunk is
AlexNet's in lpips' layout, its channels weighted evenly (what Zhang et al. 2018 call the uncalibrated baseline) and
scaled once, since no human ratings of this world exist.
"""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import lpips
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from atelier2.autoencoder import to_tensor
from atelier2.dataset import PaintedSet
from atelier2.subjects import BY_NAME as SUBJECT_OF
from atelier2.training import Schedule, autocast, device, train
from atelier2.world import COLOURS, PERSONS, RENDERINGS, Picture

SHOWN = (*SUBJECT_OF, *PERSONS)
PAINTS = ("", *COLOURS)
JUDGED = 128  # pixels of a side that the judge looks at
STRANGER_DISTANCE = 0.7  # LPIPS of two unrelated pictures, about as in the published metric
_SUBJECT_NUMBER = {name: number for number, name in enumerate(SHOWN)}


def block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Heads(nn.Module):
    """Logits from features of the whole picture and of its halves: rendering, subject, pair and woman of the whole;
    subject and colour of the whole, the left and the right, one after the other (n, 3, …)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.rendering, self.pair, self.woman = (
            nn.Linear(width, len(RENDERINGS)),
            nn.Linear(width, 1),
            nn.Linear(width, 1),
        )
        self.subject = nn.ModuleList(nn.Linear(width, len(SHOWN)) for _ in range(2))  # whole, half
        self.colour = nn.ModuleList(nn.Linear(width, len(PAINTS)) for _ in range(2))

    def forward(self, maps: Tensor) -> dict[str, Tensor]:
        half = maps.shape[3] // 2
        whole, left, right = (_pooled(part) for part in (maps, maps[..., :half], maps[..., half:]))
        return {
            "rendering": self.rendering(whole),
            "pair": self.pair(whole)[:, 0],
            "woman": self.woman(whole)[:, 0],
            "subject": torch.stack([self.subject[0](whole), self.subject[1](left), self.subject[1](right)], 1),
            "colour": torch.stack([self.colour[0](whole), self.colour[1](left), self.colour[1](right)], 1),
        }


def _pooled(maps: Tensor) -> Tensor:
    return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)


class Judge(nn.Module):
    """Pictures (n, 3, h, w) in [-1, 1] → logits, see Heads."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            block(3, 32, 2), block(32, 64, 2), block(64, 64, 1), block(64, 128, 2), block(128, 128, 1),
            block(128, 192, 2), block(192, 192, 1), block(192, 192, 1),
        )  # fmt: skip
        self.heads = Heads(2 * 192)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        small = functional.interpolate(pictures, (JUDGED, JUDGED), mode="area")
        seen: dict[str, Tensor] = self.heads(self.features(small))
        return seen


class Trunk(nn.Module):
    """lpips' AlexNet with heads to train it by."""

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # lpips builds its AlexNet by torchvision's old arguments
            self.lpips = lpips.LPIPS(net="alex", pretrained=False, pnet_rand=True, verbose=False)
        self.lpips.requires_grad_(True)
        for layer in self.lpips.lins:
            weight = layer.model[-1].weight
            nn.init.constant_(weight, 1 / weight.numel())
            weight.requires_grad_(False)
        self.heads = Heads(2 * 256)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        seen: dict[str, Tensor] = self.heads(self.lpips.net(self.lpips.scaling_layer(pictures)).relu5)
        return seen


def answers(pictures: Sequence[Picture]) -> dict[str, Tensor]:
    """The truth about pictures, as Heads have it; subject and colour of the left half are the subject's."""
    subjects = [(p.subject, p.subject, p.other or p.subject) for p in pictures]
    colours = [("" if p.other else p.colour, p.colour, p.other_colour if p.other else p.colour) for p in pictures]
    return {
        "rendering": torch.tensor([RENDERINGS.index(p.rendering) for p in pictures]),
        "pair": torch.tensor([float(bool(p.other)) for p in pictures]),
        "woman": torch.tensor([float(p.woman) for p in pictures]),
        "subject": torch.tensor([[_SUBJECT_NUMBER[name] for name in row] for row in subjects]),
        "colour": torch.tensor([[PAINTS.index(name) for name in row] for row in colours]),
    }


def recognition_loss(seen: dict[str, Tensor], truth: dict[str, Tensor]) -> Tensor:
    """Cross-entropies; of a pair the halves count, of one subject the whole."""
    pair = truth["pair"]
    loss = functional.cross_entropy(seen["rendering"].float(), truth["rendering"])
    for head, share in (("subject", 1.0), ("colour", 0.5)):
        logits, goal = seen[head].float(), truth[head]
        parts = functional.cross_entropy(logits.flatten(0, 1), goal.flatten(), reduction="none").view(goal.shape)
        parts = torch.where(pair[:, None] > 0, parts[:, 1:].mean(1, keepdim=True), parts[:, :1])
        loss = loss + share * parts.mean()
    for head in ("pair", "woman"):
        loss = loss + 0.25 * functional.binary_cross_entropy_with_logits(seen[head].float(), truth[head])
    return loss


def roughen(batch: Tensor, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
    """Small shifts, noise, softness and exposure, so that what is recognised is not a matter of single pixels."""
    batch = torch.roll(batch, tuple(rng.integers(-12, 13, 2).tolist()), (2, 3))
    if rng.random() < 0.5:
        size = int(batch.shape[2] * rng.uniform(0.4, 0.9))
        small = functional.interpolate(batch, (size, size), mode="area")
        batch = functional.interpolate(small, batch.shape[2:], mode="bilinear")
    noise = torch.randn(batch.shape, generator=generator, device=batch.device) * rng.uniform(0, 0.12)
    return batch * rng.uniform(0.85, 1.15) + noise


def train_recognition(
    name: str, model: nn.Module, painted: Callable[[], PaintedSet], schedule: Schedule, batch: int, folder: Path
) -> None:
    """Train a Judge or a Trunk, in place. painted: the pictures that are there by now."""
    model.to(device()).to(memory_format=torch.channels_last).train()

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator, progress: float) -> Tensor:
        now = painted()
        chosen = np.sort(rng.choice(len(now.pictures), min(batch, len(now.pictures)), replace=False))
        truth = {head: part.to(device()) for head, part in answers([now.pictures[i] for i in chosen]).items()}
        pictures = roughen(to_tensor(now.images[chosen]), rng, generator)
        with autocast():
            seen = model(pictures)
        return recognition_loss(seen, truth)

    train(name, model, loss_of_step, schedule, folder / f"{name}.ckpt")
    model.cpu().eval()


def train_judge(painted: Callable[[], PaintedSet], schedule: Schedule, batch: int, folder: Path) -> Judge:
    torch.manual_seed(schedule.seed)
    judge = Judge()
    train_recognition("judge", judge, painted, schedule, batch, folder)
    return judge


def train_trunk(painted: Callable[[], PaintedSet], schedule: Schedule, batch: int, folder: Path) -> lpips.LPIPS:
    torch.manual_seed(schedule.seed)
    trunk = Trunk()
    train_recognition("trunk", trunk, painted, schedule, batch, folder)
    scale_distances(trunk.lpips, painted())
    return trunk.lpips


@torch.no_grad()
def scale_distances(metric: lpips.LPIPS, painted: PaintedSet, pairs: int = 128) -> None:
    pairs = min(pairs, len(painted.images) // 2)
    first, second = (to_tensor(part).cpu() for part in (painted.images[:pairs], painted.images[pairs : 2 * pairs]))
    factor = STRANGER_DISTANCE / metric(first, second).mean()
    for layer in metric.lins:
        layer.model[-1].weight *= factor


@torch.no_grad()
def judge_pictures(judge: Judge, images: np.ndarray) -> list[Picture]:
    """What the judge sees in (n, h, w, 3) uint8 pictures; it does not say where and when."""
    found = []
    for start in range(0, len(images), 64):
        seen = {head: part.cpu() for head, part in judge(to_tensor(images[start : start + 64])).items()}
        for number in range(len(seen["pair"])):
            pair = bool(seen["pair"][number] > 0)
            subjects = [SHOWN[i] for i in seen["subject"][number].argmax(1).tolist()]
            colours = [PAINTS[i] for i in seen["colour"][number].argmax(1).tolist()]
            found.append(
                Picture(
                    rendering=RENDERINGS[int(seen["rendering"][number].argmax())],
                    subject=subjects[1 if pair else 0],
                    other=subjects[2] if pair else "",
                    colour=colours[1 if pair else 0],
                    other_colour=colours[2] if pair else "",
                    woman=bool(seen["woman"][number] > 0),
                )
            )
    return found


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


def load_trunk(path: Path) -> lpips.LPIPS:
    trunk = Trunk().lpips
    trunk.load_state_dict(load_file(path))
    return trunk.float().eval()
