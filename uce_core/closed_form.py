"""The closed form of Unified Concept Editing, solved once for the whole model.

Gandikota et al. 2023 (arXiv 2308.14761), equation 7. For every cross-attention projection W, over
erased vectors c with guides g and retained vectors p, minimise

    Σ e‖W'c − Wg‖² + Σ r‖W'p − Wp‖² + λ‖W' − W‖²_F.

Its solution is W' = (λW + Σ e·Wgcᵀ + Σ r·Wppᵀ)(λI + Σ e·ccᵀ + Σ r·ppᵀ)⁻¹. Every W reads the same
text space, so W' = W·M with one (d, d) matrix M for all of them, and the retain terms cancel:

    W' = W + (W Uᵀ)V,   U = G − C,   V = e·C·A⁻¹,   A = λI + e·CᵀC + r·PᵀP.

Rows are vectors here. Tensor algebra only: knows nothing about texts, models or files.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from uce_core.problems import Problem


def solve(
    erased: Tensor, guides: Tensor, retained: Tensor, lam: float, erase_scale: float, retain_scale: float
) -> tuple[Tensor, Tensor]:
    """The edit as two matrices U and V, (k, d) float32 each, with M = I + UᵀV.

    erased, guides: (k, d). retained: (m, d), m may be 0. Computed in float64, folded if k > d.

    Raises ValueError if a scale is out of range or the system cannot be solved.
    """
    v = right_factor(erased, retained, lam, erase_scale, retain_scale)
    u, v = fold(guides.double() - erased.double(), v)
    return u.float(), v.float()


def right_factor(erased: Tensor, retained: Tensor, lam: float, erase_scale: float, retain_scale: float) -> Tensor:
    """V = e·C·A⁻¹, (k, d) float64, by one Cholesky factorisation of the (d, d) matrix A.

    Raises ValueError if a scale is out of range or the system cannot be solved.
    """
    if lam <= 0 or erase_scale <= 0 or retain_scale < 0:
        raise Problem(
            "Use lam > 0, erase scale > 0 and retain scale ≥ 0 (got {lam}, {erase_scale}, {retain_scale}).",
            lam=lam,
            erase_scale=erase_scale,
            retain_scale=retain_scale,
        )
    c, p = erased.double(), retained.double()
    a = (erase_scale * c.T @ c).addmm_(p.T, p, alpha=retain_scale)  # (d, d)
    a.diagonal().add_(lam)
    factor, failed = torch.linalg.cholesky_ex(a)
    if failed or not a.isfinite().all():
        raise Problem("The equations cannot be solved: use a larger lam, or look for NaN in the text encoder.")
    return torch.cholesky_solve(c.T, factor).T.mul_(erase_scale)


def fold(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """The same product UᵀV by at most d rows: with more vectors than dimensions, U is the identity and V is M − I."""
    count, width = u.shape
    return (u, v) if count <= width else (torch.eye(width, dtype=u.dtype), u.T @ v)


def projector(u: Tensor, v: Tensor, device: torch.device | None = None) -> Callable[[Tensor], Tensor]:
    """W ↦ W' = W + W·UᵀV for weights (out, d) on a device, multiplied in the cheaper order."""
    count, width = u.shape
    if 2 * count < width:
        left, right = u.T.to(device), v.to(device)
        return lambda weight: torch.addmm(weight, weight @ left, right)
    change = (u.T.double() @ v.double()).to(device, u.dtype)  # (d, d)
    return lambda weight: torch.addmm(weight, weight, change)


def tensor_projection(weight: Tensor, erased: Sequence[Tensor], guides: Sequence[Tensor], right: Tensor) -> Tensor:
    """W' (out, d) of one projection by the first published code's technique "tensor".

    There the target of a text's vectors C_i (n, d) is not G_i·Wᵀ but G_i·Wᵀ − ⟨G_i·Wᵀ, O⟩·O with
    O = C_i·Wᵀ / ‖C_i·Wᵀ‖_F: what is left of the guide's outputs after taking away their component
    along the erased outputs, all rows read as one long vector. It depends on W, so no one matrix
    serves all layers; but only a factor per text does, and A is the same.

    erased, guides: one (n, d) for each text. right: V of right_factor over all their rows.
    """
    moved = []
    for c, g in zip(erased, guides, strict=True):
        old, new = c.to(weight) @ weight.T, g.to(weight) @ weight.T  # (n, out)
        along = (old * new).sum() / old.square().sum()
        moved.append(new - (1 + along) * old)
    return torch.addmm(weight, torch.cat(moved).T, right.to(weight))
