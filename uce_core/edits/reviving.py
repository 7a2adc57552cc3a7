"""Which vectors would bring an erased concept back: what RECE (Gong et al. 2024, arXiv 2407.12383) erases next.

After an edit W̃ = W·M, the vector that comes nearest to what the model once made of c is

    c' = argmin Σ‖W̃c' − Wc‖² + λ‖c'‖² = (λI + MᵀSM)⁻¹MᵀS·c,   S = Σ WᵀW,

the sums over all cross-attention projections W. Rows are vectors here. Tensor algebra only: knows nothing about texts,
models or files.
"""

from collections.abc import Iterable
from functools import reduce

import torch
from torch import Tensor


def gram_of(weights: Iterable[Tensor]) -> Tensor:
    """S (d, d) float64 of projections (out, d)."""
    return reduce(torch.add, (weight.double().T @ weight.double() for weight in weights)).cpu()


def reviving(concepts: Tensor, u: Tensor, v: Tensor, gram: Tensor, lam: float) -> Tensor:
    """c' (k, d) float32 of each concept, after the edit M = I + UᵀV. concepts: (k, d). u, v: (r, d). gram: S."""
    m = torch.eye(gram.shape[0], dtype=torch.float64) + u.double().T @ v.double()
    seen = gram @ m
    a = m.T @ seen + lam * torch.eye(gram.shape[0], dtype=torch.float64)
    back = torch.cholesky_solve(seen.T, torch.linalg.cholesky(a))  # A⁻¹MᵀS, (d, d)
    return (concepts.double() @ back.T).float()
