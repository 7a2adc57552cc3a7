"""One projection edited only in directions that its retained vectors do not use.

Li et al. 2025 (arXiv 2503.07392), with erased vectors C, their guides G, retained R and invariants B; n texts erased:

    ΔW = W·(G − C)ᵀC/n · (N − NBᵀ(BNBᵀ + λI)⁻¹BN),   N = P(P·CᵀC/n·P + sI)⁻¹P.

P projects onto the directions along which R, filtered and augmented for W, has a mean square below a threshold. So
ΔW = (W Uᵀ)V with one U for all projections and a V for each (docs/methods.md). Rows are vectors here. Tensor algebra
only: knows nothing about texts, models or files.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from uce_core.edits.closed_form import fold
from uce_core.edits.subspaces import off, principal, triangle

ROUNDING = 1e-12  # relative, of float64 sums: what differs by less is the same


@dataclass(frozen=True)
class Erasure:
    """What is to move, float64, (k, d) each, with k ≤ d. u, c: uᵀc = (G − C)ᵀC/n. root: rootᵀroot = CᵀC/n."""

    u: Tensor
    c: Tensor
    root: Tensor

    @classmethod
    def of(cls, erased: Tensor, guides: Tensor, texts: int) -> Self:
        """erased, guides: (k, d). texts: n. With more vectors than dimensions it is folded. Raises ValueError for
        vectors that are not finite."""
        c = erased.double()
        u, right = fold(guides.double() - c, c / texts)
        return cls(u, right, triangle(erased) / texts**0.5)


@dataclass(frozen=True)
class Prior:
    """What is to stay. retained: R, (m, d) float32. noise: (m, a) float64, how far each of a further samples of a
    retained vector is from it, along the direction that the projection weakens most. filtered: whether only what would
    move most is retained. threshold: the mean square of a direction from which on it is not edited.
    """

    retained: Tensor
    noise: Tensor
    filtered: bool
    threshold: float

    def used(self, weight: Tensor, erasure: Erasure) -> Tensor:
        """The directions that are not edited, orthonormal rows (q, d) float64. weight: W (out, d) float64."""
        values, directions = principal(self._samples(weight, erasure))
        return directions[values.square() >= self.threshold]

    def _samples(self, weight: Tensor, erasure: Erasure) -> Tensor:
        """Rows (j, d) float64 whose second moment Σ xxᵀ is the mean one of all that is retained for W.

        Of the retained vectors, and then of the samples around them, those count whose influence is at least the mean
        one: ‖W·Uᵀ·c(I + CᵀC/n)⁻¹r‖, how far they would move if nothing were retained.
        """
        moved = regularised(erasure.c, erasure.root, 1.0)  # (k, d)
        outputs = weight @ erasure.u.T  # (out, k)
        gram = outputs.T @ outputs  # (k, k)
        rows, noise = self.retained.double(), self.noise
        effects = rows @ moved.T  # (m, k)
        if self.filtered:
            kept = strongest(((effects @ gram) * effects).sum(1))
            rows, effects, noise = rows[kept], effects[kept], noise[kept]
        weakest = weakest_direction(weight) if noise.numel() else rows.new_zeros(rows.shape[1])
        effect = moved @ weakest  # (k,)
        squares = ((effects @ gram) * effects).sum(1, keepdim=True) + 2 * noise * (effects @ gram @ effect)[:, None]
        counted = strongest(squares + noise.square() * (effect @ gram @ effect))  # (m, a)
        return summed(rows, noise * counted, 1 + counted.sum(1), weakest)


def summed(rows: Tensor, noise: Tensor, counts: Tensor, direction: Tensor) -> Tensor:
    """Rows (m + 1, d) whose second moment Σ xxᵀ is the mean one of all r + z·direction.

    rows: r, (m, d). noise: (m, a), each z, and 0 where there is no such sample. counts: (m,), how many there are of
    each r, itself with z = 0 included. What belongs to one r is its mean, as often as it is many, and its scatter.
    """
    means = noise.sum(1) / counts
    scatter = (noise.square().sum(1) - counts * means.square()).sum().clamp(min=0)
    centres = counts.sqrt()[:, None] * (rows + means[:, None] * direction)
    return torch.cat([centres, scatter.sqrt() * direction[None]]) / counts.sum().clamp(min=1).sqrt()


def strongest(squares: Tensor) -> Tensor:
    """Which of squared lengths are of lengths of at least the mean, so that of equal ones all are."""
    lengths = squares.clamp(min=0).sqrt()
    return lengths >= (1 - ROUNDING) * lengths.mean()


def weakest_direction(weight: Tensor) -> Tensor:
    """The right singular vector (d,) of W (out, d) with the smallest of its min(out, d) singular values; of the two of
    opposite sign that whose largest entry is positive."""
    is_wide = weight.shape[0] < weight.shape[1]
    _, vectors = torch.linalg.eigh(weight @ weight.T if is_wide else weight.T @ weight)  # the smallest first
    found = functional.normalize(weight.T @ vectors[:, 0] if is_wide else vectors[:, 0], dim=0)
    return found * found[found.abs().argmax()].sign()


def right_factor(erasure: Erasure, used: Tensor, invariants: Tensor, lam: float, slack: float) -> Tensor:
    """V (k, d) float64 of one projection; zero if nothing is left to edit. used: orthonormal rows (q, d), what P
    projects off. invariants: B, (b, d) float64. lam, slack: s and λ; with λ = 0 no invariant moves."""
    if len(used) == used.shape[1]:
        return torch.zeros_like(erasure.c)
    rows = off(torch.cat([erasure.c, invariants]), used)
    free, held = regularised(rows, off(erasure.root, used), lam).split([len(erasure.c), len(invariants)])  # cN, BN
    inner = held @ invariants.T + slack * torch.eye(len(invariants), dtype=torch.float64)  # BNBᵀ + λI
    largest = float(invariants.square().sum()) / lam  # that BNBᵀ could be
    inverse = torch.linalg.pinv(inner, atol=ROUNDING * largest, hermitian=True)
    v: Tensor = free - free @ invariants.T @ inverse @ held
    return v


def regularised(rows: Tensor, root: Tensor, lam: float) -> Tensor:
    """rows (n, d) times (rootᵀroot + λI)⁻¹, by a system of root's k rows (Woodbury)."""
    small = root @ root.T + lam * torch.eye(len(root), dtype=root.dtype)  # (k, k)
    inner = torch.cholesky_solve(root, torch.linalg.cholesky(small))  # (k, d)
    return (rows - rows @ root.T @ inner) / lam
