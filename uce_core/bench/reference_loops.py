"""What the authors' two programs compute, loop by loop, as the reference to compare with in the benchmarks.

Written anew from how they index, weigh and loop (github.com/rohitgandikota/unified-concept-editing,
train_erase.py of 2023 and uce_sd_erase.py of 2025), without their texts being encoded. Slow on
purpose; methods/uce.py gives the same weights quickly.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def loop_2025(
    weights: Sequence[Tensor], erased: Tensor, guides: Tensor, retained: Tensor, lam: float, erase: float, retain: float
) -> list[Tensor]:
    """One outer product for each concept and layer; vectors (k, d) and (m, d); float32 as there."""
    outputs = [
        [[weight @ vector for vector in vectors] for weight in weights] for vectors in (guides, retained)
    ]  # the targets of all layers, before the first is edited
    edited = []
    for number, weight in enumerate(weights):
        left = lam * weight
        right = lam * torch.eye(weight.shape[1])
        for vectors, targets, scale in ((erased, outputs[0][number], erase), (retained, outputs[1][number], retain)):
            for vector, target in zip(vectors, targets, strict=True):
                left += scale * (target[:, None] @ vector[None])
                right += scale * (vector[:, None] @ vector[None])
        edited.append(left @ torch.inverse(right))
    return edited


def loop_2023(
    weights: Sequence[Tensor],
    erased: Sequence[Tensor],
    guides: Sequence[Tensor],
    retained: Sequence[Tensor],
    lam: float,
    erase: float,
    retain: float,
    layers: Sequence[int] | None = None,
) -> list[Tensor]:
    """Every text (n, d) is projected by all layers for each layer, which uses one of them.

    layers: which to edit, or all.
    """
    edited = []
    for number in range(len(weights)) if layers is None else layers:
        left = lam * weights[number]
        right = lam * torch.eye(weights[number].shape[1])
        for texts, targets, scale in ((erased, guides, erase), (retained, retained, retain)):
            for text, target in zip(texts, targets, strict=True):
                values = [target @ weight.T for weight in weights][number]
                left += scale * (values[:, :, None] @ text[:, None, :]).sum(0)
                right += scale * (text[:, :, None] @ text[:, None, :]).sum(0)
        edited.append(left @ torch.inverse(right))
    return edited
