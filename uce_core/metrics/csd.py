"""CSD style descriptors (Somepalli et al. 2024, arXiv 2404.01292), for those who have their weights.

A CLIP vision transformer whose last projection was trained to tell styles apart. The weights are read
from a safetensors file with the published names; published files are pickled and must be converted
first, which docs/measures.md says how to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from uce_core import tensor_files
from uce_core.metrics.scorer import BATCH
from uce_core.problems import Problem

HEAD_WIDTH = 64  # of every CLIP vision transformer
STYLE, BACKBONE = "last_layer_style", "backbone."


@dataclass(frozen=True)
class StyleDescriptor:
    """network: up to CLIP's last layer norm. projection: (width, d)."""

    network: torch.nn.Module
    projection: Tensor
    size: int

    @cached_property
    def digest(self) -> str:
        """Of the weights."""
        found = sha256()
        for tensor in (*self.network.state_dict().values(), self.projection):
            found.update(tensor.contiguous().numpy().data)
        return found.hexdigest()

    @torch.inference_mode()
    def vectors(self, images: Sequence[Image.Image]) -> Tensor:
        """Style descriptors (n, d) of length 1."""
        from open_clip import image_transform

        prepare = image_transform(self.size, is_train=False)
        batches = (images[start : start + BATCH] for start in range(0, len(images), BATCH))
        parts = [self.network(torch.stack([prepare(image) for image in batch])) @ self.projection for batch in batches]
        return functional.normalize(torch.cat(parts), dim=1)


def cosines(own: Sequence[Tensor], others: Sequence[Tensor]) -> Tensor:
    """Of descriptors with mean descriptors, row by row, (n,); 1 for the same style."""
    return functional.cosine_similarity(own[0], others[0])


def load_descriptor(path: Path) -> StyleDescriptor:
    """Raises ValueError if the file is not CSD's weights as safetensors."""
    tensor_files.header(path)
    tensors = {name.removeprefix("module."): value.float() for name, value in tensor_files.read(path).items()}
    try:
        backbone = {name: value for name, value in tensors.items() if name.startswith(BACKBONE)}
        network, size = _transformer({name.removeprefix(BACKBONE): value for name, value in backbone.items()})
        return StyleDescriptor(network, tensors[STYLE], size)
    except (KeyError, RuntimeError, ZeroDivisionError):
        raise Problem(
            "not_csd_weights",
            "{file} does not contain CSD's weights: convert them as docs/measures.md says.",
            file=path.name,
        ) from None


def _transformer(weights: dict[str, Tensor]) -> tuple[torch.nn.Module, int]:
    """CLIP's vision transformer of the sizes that the weights have, and the side of its images."""
    from open_clip.model import QuickGELU
    from open_clip.transformer import VisionTransformer

    width, _, patch, _ = weights["conv1.weight"].shape
    grid = round((len(weights["positional_embedding"]) - 1) ** 0.5)
    layers = len({name.split(".")[2] for name in weights if name.startswith("transformer.resblocks.")})
    ratio = len(weights["transformer.resblocks.0.mlp.c_fc.bias"]) / width
    network = VisionTransformer(
        grid * patch, patch, width, layers, width // HEAD_WIDTH, ratio, output_dim=width, act_layer=QuickGELU
    )
    network.proj = None
    network.load_state_dict({name: value for name, value in weights.items() if name != "proj"})
    return network.eval(), grid * patch
