"""The closed form of Unified Concept Editing, solved once for the whole model.

Gandikota et al. 2023 (arXiv 2308.14761), equation 7. For every cross-attention projection W, over
erased vectors c with guides g and retained vectors p, minimise

    Σ e‖W'c − Wg‖² + Σ r‖W'p − Wp‖² + λ‖W' − W‖²_F.

Its solution is W' = (λW + Σ e·Wgcᵀ + Σ r·Wppᵀ)(λI + Σ e·ccᵀ + Σ r·ppᵀ)⁻¹. Every W reads the same
text space, so W' = W·M with one (d, d) matrix M for all of them, and the retain terms cancel:

    W' = W + (W Uᵀ)V,   U = G − C,   V = e·C·A⁻¹,   A = λI + e·CᵀC + r·PᵀP.

More that is to be retained, of which only the second moment is known, is another term of A (methods/uce_captions.py).

Rows are vectors here. Tensor algebra only: knows nothing about texts, models or files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from uce_core.problems import Problem

ROWS = 4096  # vectors taken to float64 at a time


def solve(
    erased: Tensor,
    guides: Tensor,
    retained: Tensor,
    lam: float,
    erase_scale: float,
    retain_scale: float,
    moment: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The edit as two matrices U and V, (k, d) float32 each, with M = I + UᵀV.

    erased, guides: (k, d). retained: (m, d), m may be 0. moment: (d, d), of what is retained besides. Computed in
    float64. With more vectors than dimensions it is folded: U is the identity, V = e·(G − C)ᵀC·A⁻¹, and nothing of size
    (k, d) is made.

    Raises ValueError if a scale is out of range or the system cannot be solved.
    """
    count, width = erased.shape
    if count <= width:
        u = guides.double() - erased.double()
        return u.float(), right_factor(erased, retained, lam, erase_scale, retain_scale, moment).float()
    return _folded(erased, guides, _factor(erased, retained, lam, erase_scale, retain_scale, moment), erase_scale)


def _folded(erased: Tensor, guides: Tensor, factor: Tensor, erase_scale: float) -> tuple[Tensor, Tensor]:
    """factor: of A."""
    width = erased.shape[1]
    moved = torch.zeros(width, width, dtype=torch.float64)  # CᵀU, (d, d)
    for c, g in zip(erased.split(ROWS), guides.split(ROWS), strict=True):
        moved.addmm_(c.double().T, g.double() - c.double())
    return torch.eye(width), torch.cholesky_solve(moved, factor).T.mul_(erase_scale).float()


@dataclass(frozen=True)
class Retained:
    """A₀ = λI + r·PᵀP, for several erasures that retain the same. vectors: P, (m, d)."""

    vectors: Tensor
    lam: float
    scale: float

    @cached_property
    def matrix(self) -> Tensor:
        """A₀, (d, d) float64."""
        a = self.lam * torch.eye(self.vectors.shape[1], dtype=torch.float64)
        add_products(a, self.vectors, self.scale)
        return a

    @cached_property
    def _factor(self) -> Tensor:
        """The Cholesky factor of A₀, or of λI + r·PPᵀ, (m, m), where that is much smaller."""
        if not self._few:
            return _cholesky(self.matrix)
        p = self.vectors.double()
        return _cholesky((self.lam * torch.eye(len(p), dtype=torch.float64)).addmm_(p, p.T, alpha=self.scale))

    @property
    def _few(self) -> bool:
        count, width = self.vectors.shape
        return 2 * count < width

    def through(self, rows: Tensor) -> Tensor:
        """rows·A₀⁻¹, (k, d) float64, which for few vectors is (rows − r·rows·Pᵀ(λI + r·PPᵀ)⁻¹P)/λ (Woodbury's
        identity).

        Raises ValueError if the system cannot be solved.
        """
        if not self._few:
            return torch.cholesky_solve(rows.T, self._factor).T
        p = self.vectors.double()
        along = torch.cholesky_solve(p @ rows.T, self._factor)  # (m, k)
        return torch.addmm(rows, along.T, p, alpha=-self.scale).div_(self.lam)


def solve_from(kept: Retained, erased: Tensor, guides: Tensor, erase_scale: float) -> tuple[Tensor, Tensor]:
    """As solve: C(A₀ + e·CᵀC)⁻¹ = (I + e·C·A₀⁻¹Cᵀ)⁻¹C·A₀⁻¹, a system of k equations.

    Raises ValueError if a scale is out of range or it cannot be solved.
    """
    _check(kept.lam, erase_scale, kept.scale)
    count, width = erased.shape
    if count > width:
        whole = kept.matrix.clone()
        add_products(whole, erased, erase_scale)
        return _folded(erased, guides, _cholesky(whole), erase_scale)
    c = erased.double()
    seen = kept.through(c)  # CA₀⁻¹, (k, d)
    system = torch.eye(len(c), dtype=torch.float64).addmm_(seen, c.T, alpha=erase_scale)
    v = torch.cholesky_solve(seen, _cholesky(system)).mul_(erase_scale)
    return (guides.double() - c).float(), v.float()


def right_factor(
    erased: Tensor,
    retained: Tensor,
    lam: float,
    erase_scale: float,
    retain_scale: float,
    moment: Tensor | None = None,
) -> Tensor:
    """V = e·C·A⁻¹, (k, d) float64. moment: as of solve.

    Raises ValueError if a scale is out of range or the system cannot be solved.
    """
    factor = _factor(erased, retained, lam, erase_scale, retain_scale, moment)
    return torch.cholesky_solve(erased.double().T, factor).T.mul_(erase_scale)


def _factor(
    erased: Tensor, retained: Tensor, lam: float, erase_scale: float, retain_scale: float, moment: Tensor | None
) -> Tensor:
    """The Cholesky factor (d, d) of A, float64."""
    _check(lam, erase_scale, retain_scale)
    a = lam * torch.eye(erased.shape[1], dtype=torch.float64)
    if moment is not None:
        a += moment.double()
    add_products(a, erased, erase_scale)
    add_products(a, retained, retain_scale)
    return _cholesky(a)


def _check(lam: float, erase_scale: float, retain_scale: float) -> None:
    """Raises ValueError for scales with which no equations can be solved."""
    if lam <= 0 or erase_scale <= 0 or retain_scale < 0:
        raise Problem(
            "bad_weights",
            "Use lam > 0, erase scale > 0 and retain scale ≥ 0 (got {lam}, {erase_scale}, {retain_scale}).",
            lam=lam,
            erase_scale=erase_scale,
            retain_scale=retain_scale,
        )


def _cholesky(a: Tensor) -> Tensor:
    """Raises ValueError if there is no factor."""
    factor: Tensor
    factor, failed = torch.linalg.cholesky_ex(a)
    if failed or not a.isfinite().all():
        raise Problem(
            "not_solvable", "The equations cannot be solved: use a larger lam, or check the text encoder for NaN."
        )
    return factor


def add_products(a: Tensor, vectors: Tensor, scale: float) -> None:
    """A + scale·VᵀV of vectors (n, d), in place."""
    for rows in vectors.split(ROWS):
        a.addmm_(rows.double().T, rows.double(), alpha=scale)


def fold(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """The same product UᵀV by at most d rows: with more vectors than dimensions, U is the identity and V is M − I."""
    count, width = u.shape
    return (u, v) if count <= width else (torch.eye(width, dtype=u.dtype), u.T @ v)


def product(u: Tensor, v: Tensor, next_u: Tensor, next_v: Tensor) -> tuple[Tensor, Tensor]:
    """U and V, (k + n, d) each, of one edit after the other, exactly.

    (I + UᵀV)(I + U₂ᵀV₂) = I + Uᵀ(V + V·U₂ᵀV₂) + U₂ᵀV₂. u, v: (k, d). next_u, next_v: (n, d).
    """
    return torch.cat([u, next_u]), torch.cat([v + (v @ next_u.T) @ next_v, next_v])


def in_sequence(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """U and V of the updates I + uᵢᵀvᵢ one after the other, (I + u₁ᵀv₁)(I + u₂ᵀv₂)⋯ = I + AᵀV, exactly.

    u, v: (k, d), their rows. aᵢ = uᵢ + Σ_{j<i} (uᵢ·vⱼ)aⱼ, so that A solves (I − T)A = U with the strictly lower part T
    of UVᵀ (docs/methods.md). With more updates than dimensions they are folded d by d.
    """
    width = u.shape[1]
    left, right = u[:0], v[:0]
    for us, vs in zip(u.split(width), v.split(width), strict=True):
        a = torch.linalg.solve_triangular(-us @ vs.T, us, upper=False, unitriangular=True)
        left, right = fold(*product(left, right, a, vs))
    return left, right


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
