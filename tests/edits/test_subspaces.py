"""Subspaces: spans of vectors against NumPy's singular value decomposition, whatever their number and rank."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from uce_core.edits.subspaces import CUT, basis, off, onto, triangle

WIDTH = 24


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def projection(vectors: Tensor) -> np.ndarray:
    """Onto their span, by singular values of at least CUT."""
    _, values, right = np.linalg.svd(vectors.double().numpy(), full_matrices=False)
    kept = right[values > CUT * values.max(initial=0)]
    return kept.T @ kept


@pytest.mark.parametrize(
    ("count", "rank"), [(1, 1), (5, 5), (5, 3), (WIDTH, WIDTH), (WIDTH, 7), (90, WIDTH), (90, 11), (6, 0), (0, 0)]
)
def test_a_basis_spans_what_the_vectors_span(count: int, rank: int) -> None:
    vectors = drawn(count, rank, seed=count) @ drawn(rank, WIDTH, seed=rank)
    found = basis(vectors)
    assert found.shape == (rank, WIDTH)
    assert torch.allclose(found @ found.T, torch.eye(rank, dtype=torch.float64), atol=1e-12)
    assert (found.T @ found).numpy() == pytest.approx(projection(vectors), abs=1e-9)
    assert torch.allclose(off(vectors, found), torch.zeros(count, WIDTH, dtype=torch.float64), atol=1e-9)


@pytest.mark.parametrize("count", [6, 60])
@pytest.mark.parametrize(("size", "counts"), [(1e-4, True), (1e-8, False)])
def test_what_is_shorter_than_the_cut_does_not_count(count: int, size: float, counts: bool) -> None:
    directions = torch.linalg.qr(drawn(WIDTH, 4)).Q.T
    vectors = drawn(count, 3, seed=1) @ directions[:3]
    vectors[-1] += size * directions[3]
    found = basis(vectors)
    assert len(found) == 3 + counts
    assert onto(directions[3:], found).norm().item() == pytest.approx(float(counts), abs=1e-6)


def test_vectors_in_float32_are_off_their_basis_by_their_own_rounding_at_most() -> None:
    vectors = (drawn(100, 9, seed=1) @ drawn(9, WIDTH, seed=2)).float()
    left = off(vectors.double(), basis(vectors[:50]))
    assert 0 < left.abs().max() < 1e-5
    own = off(vectors.double(), basis(vectors))
    assert own.abs().max() < 1e-5


@pytest.mark.parametrize("of", [basis, triangle])
def test_vectors_that_are_not_finite_are_refused(of: Callable[[Tensor], Tensor]) -> None:
    vectors = drawn(3, WIDTH)
    vectors[1, 2] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        of(vectors)
