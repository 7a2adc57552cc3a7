"""The subspaces that concept vectors lie in, and projections onto and off them.

Rows are vectors here. Tensor algebra only: knows nothing about texts, models or files.
"""

import torch
from torch import Tensor

from uce_core.edits.closed_form import ROWS, add_products
from uce_core.problems import Problem

CUT = 1e-6  # what is shorter than this share of the longest vector, or coordinate over all vectors, counts as 0


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
    _check(vectors)
    r = vectors[:0].double()
    for rows in vectors.split(ROWS):
        r = torch.linalg.qr(torch.cat([r, rows.double()]), mode="r").R
    return r


def basis(vectors: Tensor) -> Tensor:
    """Orthonormal rows (r, d) float64 that span the vectors (n, d), up to CUT.

    Found by a Cholesky decomposition with pivots of the smaller matrix of products (Higham 2002, Accuracy and Stability
    of Numerical Algorithms, section 10.3). That squares the condition, which float64 bears down to CUT: the vectors
    themselves are float32. Raises ValueError for vectors that are not finite.
    """
    _check(vectors)
    count, width = vectors.shape
    if count <= width:
        rows = vectors.double()
        chosen, _ = pivoted(rows @ rows.T)
        spanning = rows[chosen]
    else:
        products = vectors.new_zeros(width, width, dtype=torch.float64)
        add_products(products, vectors, 1.0)
        _, spanning = pivoted(products)
    found: Tensor = torch.linalg.qr(spanning.T).Q.T
    return found


def pivoted(products: Tensor) -> tuple[Tensor, Tensor]:
    """Of VᵀV or VVᵀ (n, n) float64 of rank r: which r rows are independent, and F (r, n) float64 with FᵀF the products,
    both up to CUT."""
    from scipy.linalg.lapack import dpstrf

    largest = float(products.diagonal().max()) if len(products) else 0.0
    lower, order, rank, _ = dpstrf(products.detach().cpu().numpy(), tol=CUT**2 * largest, lower=1)
    rows = torch.from_numpy(order[:rank] - 1).long().to(products.device)
    factor = torch.empty(len(products), rank, dtype=torch.float64)
    factor[torch.from_numpy(order - 1).long()] = torch.from_numpy(lower[:, :rank]).tril()
    return rows, factor.T.to(products.device)


def _check(vectors: Tensor) -> None:
    if not vectors.isfinite().all():
        raise Problem("vectors_not_finite", "The texts' vectors are not finite: check the text encoder for NaN.")


def onto(vectors: Tensor, directions: Tensor) -> Tensor:
    """Vectors (n, d) projected onto the span of orthonormal rows (r, d)."""
    return (vectors @ directions.T) @ directions


def off(vectors: Tensor, directions: Tensor) -> Tensor:
    """Vectors (n, d) without what lies in the span of orthonormal rows (r, d)."""
    return vectors - onto(vectors, directions)
