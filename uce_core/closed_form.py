"""The closed form of Unified Concept Editing, solved once for the whole model.

Gandikota et al. 2023 (arXiv 2308.14761), equation 7. For every cross-attention projection W, over
erased vectors c with guides g and retained vectors p, minimise

    Σ e‖W'c − Wg‖² + Σ r‖W'p − Wp‖² + λ‖W' − W‖²_F.

Its solution is W' = (λW + Σ e·Wgcᵀ + Σ r·Wppᵀ)(λI + Σ e·ccᵀ + Σ r·ppᵀ)⁻¹. Every W reads the same
text space, so W' = W·M with one (d, d) matrix M for all of them, and the retain terms cancel:

    W' = W + (W Uᵀ)V,   U = G − C,   V = e·C·A⁻¹,   A = λI + e·CᵀC + r·PᵀP.

Rows are vectors here. Tensor algebra only: knows nothing about texts, models or files.
"""

import torch
from torch import Tensor

from uce_core.problems import Problem


def solve(
    erased: Tensor, guides: Tensor, retained: Tensor, lam: float, erase_scale: float, retain_scale: float
) -> tuple[Tensor, Tensor]:
    """The edit as two matrices U and V, (k, d) float32 each, with M = I + UᵀV.

    erased, guides: (k, d). retained: (m, d), m may be 0. Computed in float64; one Cholesky
    factorisation of a (d, d) matrix. If k > d, the product is folded: U is the identity, V is M − I.

    Raises ValueError if a scale is out of range or the system cannot be solved.
    """
    if lam <= 0 or erase_scale <= 0 or retain_scale < 0:
        raise Problem(
            "Use lam > 0, erase scale > 0 and retain scale ≥ 0 (got {lam}, {erase_scale}, {retain_scale}).",
            lam=lam,
            erase_scale=erase_scale,
            retain_scale=retain_scale,
        )
    c, g, p = erased.double(), guides.double(), retained.double()
    width = c.shape[1]
    a = lam * torch.eye(width, dtype=torch.float64) + erase_scale * c.T @ c + retain_scale * p.T @ p  # (d, d)
    factor, failed = torch.linalg.cholesky_ex(a)
    if failed or not a.isfinite().all():
        raise Problem("The equations cannot be solved: use a larger lam, or look for NaN in the text encoder.")
    u = g - c  # (k, d)
    v = erase_scale * torch.cholesky_solve(c.T, factor).T  # (k, d)
    if len(u) > width:
        u, v = torch.eye(width, dtype=torch.float64), u.T @ v
    return u.float(), v.float()


def edited_projection(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """W' = W + (W Uᵀ)V for one projection, (out, d)."""
    return torch.addmm(weight, weight @ u.T, v)
