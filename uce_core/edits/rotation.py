"""One projection turned instead of added to: W' = R·W with the orthogonal R that erases most and moves least else.

Sun et al. 2026 (arXiv 2605.28902): R maximises tr(RᵀA), an orthogonal Procrustes problem, with

    A = −e·EEᵀ(I − GGᵀ) + r·Σ Wp(Wp)ᵀ + m·W·C·Wᵀ + λ·WWᵀ.

E and G are orthonormal bases of the erased concepts' and of their guides' outputs Wc and Wg, p what is retained, C the
second moment of texts in general. With A = UΣVᵀ, R = UVᵀ. Rows are vectors here. Tensor algebra only: knows nothing
about texts, models or files.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from uce_core.edits.subspaces import basis, off


class Weights(NamedTuple):
    """e, r, m and λ."""

    erase: float
    retain: float
    moment: float
    lam: float


def rotated(
    weight: Tensor, erased: Tensor, guides: Tensor, retained: Tensor, moment: Tensor, weights: Weights
) -> Tensor:
    """W' (out, d) of one projection, float64 on its device.

    erased, guides, retained: (n, d) each. moment: C, (d, d). With W = ZT, Z's columns orthonormal, A = ZBZᵀ with B the
    same sum for T: what is decomposed has no more rows than the smaller of out and d, and W' = Z·(UVᵀ of B)·T.
    """
    z, t = torch.linalg.qr(weight.double())  # (out, s), (s, d)
    e, g = (basis(functional.normalize(rows.to(t) @ t.T)) for rows in (erased, guides))
    kept = retained.to(t) @ t.T
    seen = weights.moment * moment.to(t) + weights.lam * torch.eye(t.shape[1]).to(t)
    b = weights.retain * kept.T @ kept - weights.erase * e.T @ off(e, g) + t @ seen @ t.T  # (s, s)
    u, _, vh = torch.linalg.svd(b)
    turned: Tensor = z @ (u @ (vh @ t))
    return turned
