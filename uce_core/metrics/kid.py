"""KID: how far two sets of images are apart as wholes, from features of each image (Bińkowski et al. 2018, arXiv
1801.01401).

The squared maximum mean discrepancy of their distributions under the kernel k(x, y) = (x·y/d + 1)³. The images here are
pairs, an original and the same edited, so the estimator is that of pairs (Gretton et al. 2012, JMLR 13, equation 4):

    KID = 1/(n(n−1)) Σ_{i≠j} h_ij,   h_ij = k(x_i, x_j) + k(y_i, y_j) − k(x_i, y_j) − k(x_j, y_i)

It is unbiased, whether the two of a pair depend on each other or not, and exactly 0 where nothing has changed; with the
terms k(x_i, y_i) of the estimator for independent sets, it would be below 0 there. Knows nothing about where features
come from.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LEAST = 3  # pairs, of which one can be left out
ROWS = 1024  # of the kernel's matrix at a time


@dataclass(frozen=True)
class Kid:
    """value: 0 in expectation for the same distribution, then also below 0; larger for further apart. error: its
    standard error, by leaving out each pair in turn (the jackknife)."""

    value: float
    error: float


def kid(originals: Tensor, edited: Tensor) -> Kid:
    """Of features (n, d) each, row i of both from one pair, computed in float64. Raises ValueError for fewer than three
    pairs, or matrices that are no pairs."""
    if originals.ndim != 2 or originals.shape != edited.shape or len(originals) < LEAST:
        raise ValueError(f"KID needs two matrices (n, d), n ≥ {LEAST}: not {originals.shape} and {edited.shape}.")
    x, y, n = originals.double(), edited.double(), len(originals)
    sums = torch.cat([_sums(x, y, start) for start in range(0, n, ROWS)])  # (n,) Σ_{j≠i} h_ij
    total = sums.sum()
    without = (total - 2 * sums) / ((n - 1) * (n - 2))  # (n,) KID of all pairs but one
    error = ((n - 1) / n * (without - without.mean()).square().sum()).sqrt()
    return Kid(float(total / (n * (n - 1))), float(error))


def _sums(x: Tensor, y: Tensor, start: int) -> Tensor:
    """Σ_{j≠i} h_ij of some rows i, (ROWS,)."""
    own, edited = x[start : start + ROWS], y[start : start + ROWS]
    h = kernel(own, x) + kernel(edited, y) - kernel(own, y) - kernel(edited, x)  # (ROWS, n)
    h.diagonal(start).zero_()
    return h.sum(1)


def kernel(x: Tensor, y: Tensor) -> Tensor:
    """(n, m) of features (n, d) and (m, d)."""
    return (x @ y.T / x.shape[1] + 1) ** 3
