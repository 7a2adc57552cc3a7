"""The subspaces that concept vectors lie in, and projections onto and off them.

Rows are vectors here. Tensor algebra only: knows nothing about texts, models or files.
"""

import torch
from torch import Tensor

from uce_core.edits.closed_form import ROWS
from uce_core.problems import Problem

CUT = 1e-6  # of the largest singular value: what is below counts as 0


def principal(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Singular values (r,), the largest first, and right singular vectors (r, d) of vectors (n, d), float64; r is the
    smaller of n and d.

    Raises ValueError for vectors that are not finite.
    """
    _, values, directions = torch.linalg.svd(triangle(vectors), full_matrices=False)
    return values, directions


def triangle(vectors: Tensor) -> Tensor:
    """The R (r, d) float64 of a QR decomposition of vectors (n, d), RᵀR = Σ vvᵀ; r is the smaller of n and d.

    It is made of some rows at a time: of thousands of vectors no copy in float64 is needed, and no product of them,
    which would square their condition. Raises ValueError for vectors that are not finite.
    """
    if not vectors.isfinite().all():
        raise Problem("vectors_not_finite", "The texts' vectors are not finite: check the text encoder for NaN.")
    r = vectors[:0].double()
    for rows in vectors.split(ROWS):
        r = torch.linalg.qr(torch.cat([r, rows.double()]), mode="r").R
    return r


def basis(vectors: Tensor) -> Tensor:
    """Orthonormal rows (r, d) float64 that span the vectors (n, d), up to CUT."""
    values, directions = principal(vectors)
    return directions[values > CUT * values[:1]]


def onto(vectors: Tensor, directions: Tensor) -> Tensor:
    """Vectors (n, d) projected onto the span of orthonormal rows (r, d)."""
    return (vectors @ directions.T) @ directions


def off(vectors: Tensor, directions: Tensor) -> Tensor:
    """Vectors (n, d) without what lies in the span of orthonormal rows (r, d)."""
    return vectors - onto(vectors, directions)
