"""Which vectors would bring an erased concept back: what RECE (Gong et al. 2024, arXiv 2407.12383) erases next.

After an edit W̃ = W·M, the vector that comes nearest to what the model once made of c is

    c' = argmin Σ‖W̃c' − Wc‖² + λ‖c'‖² = (λI + MᵀSM)⁻¹MᵀS·c,   S = Σ WᵀW,

the sums over all cross-attention projections W. Rows are vectors here. Tensor algebra only: knows nothing about texts,
models or files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor


@dataclass(frozen=True)
class Spectrum:
    """S = Q·diag(values)·Qᵀ. values: (d,) float64. basis: Q, (d, d) float64."""

    values: Tensor
    basis: Tensor


def spectrum_of(weights: Iterable[Tensor]) -> Spectrum:
    """Of S of projections (out, d)."""
    gram = reduce(torch.add, (weight.double().T @ weight.double() for weight in weights)).cpu()
    return Spectrum(*torch.linalg.eigh(gram))


def reviving(concepts: Tensor, u: Tensor, v: Tensor, spectrum: Spectrum, lam: float) -> Tensor:
    """c' (k, d) float32 of each concept, after the edit M = I + UᵀV. concepts: (k, d). u, v: (r, d).

    With X = U·S and Z = [V; X], λI + MᵀSM = λI + S + Zᵀ·N·Z, where N⁻¹ = [[0, I], [I, −X·Uᵀ]]. In the basis of S its
    first part is diagonal, so that the inverse takes a system of 2r equations (Woodbury's identity).
    """
    rows = torch.cat([concepts, u, v]).double() @ spectrum.basis
    c, u, v = rows.split([len(concepts), len(u), len(v)])
    x, inverse = u * spectrum.values, 1 / (spectrum.values + lam)
    z, identity = torch.cat([v, x]), torch.eye(len(u), dtype=torch.float64)
    asked = (c * spectrum.values).addmm_(c @ x.T, v) * inverse  # rows of MᵀS·c, through (λI + S)⁻¹
    through = z * inverse
    inner = torch.cat([torch.cat([0 * identity, identity], 1), torch.cat([identity, -x @ u.T], 1)])  # N⁻¹
    found = asked - torch.linalg.solve(inner.addmm_(through, z.T), asked @ z.T, left=False) @ through
    revived: Tensor = found @ spectrum.basis.T
    return revived.float()
