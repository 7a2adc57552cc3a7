"""The algebra against arithmetic that shares nothing with it."""

import numpy as np
import pytest
import torch

from uce_core.closed_form import projector, solve

WIDTH, OUT = 24, 10
SCALES = {"lam": 0.3, "erase_scale": 1.7, "retain_scale": 0.6}


def vectors(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def published_formula(w: np.ndarray, erased: np.ndarray, guides: np.ndarray, retained: np.ndarray) -> np.ndarray:
    """W' as the paper's equation 7 reads, one vector at a time, in NumPy float64."""
    left = SCALES["lam"] * w
    right = SCALES["lam"] * np.eye(WIDTH)
    for c, g in zip(erased, guides, strict=True):
        left = left + SCALES["erase_scale"] * np.outer(w @ g, c)
        right = right + SCALES["erase_scale"] * np.outer(c, c)
    for p in retained:
        left = left + SCALES["retain_scale"] * np.outer(w @ p, p)
        right = right + SCALES["retain_scale"] * np.outer(p, p)
    return left @ np.linalg.inv(right)


@pytest.mark.parametrize(("erased", "retained"), [(1, 0), (1, 5), (4, 9), (30, 3), (60, 60)])
def test_equals_the_published_formula(erased: int, retained: int) -> None:
    c, g, p = vectors(erased, 1), vectors(erased, 2), vectors(retained, 3)
    w = torch.randn(OUT, WIDTH, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    expected = published_formula(w.numpy(), c.numpy(), g.numpy(), p.numpy())
    u, v = solve(c, g, p, **SCALES)
    ours = projector(u.double(), v.double())(w).numpy()
    assert np.abs(ours - expected).max() < 2e-6 * np.abs(expected).max()  # U and V are stored as float32


@pytest.mark.parametrize("seed", range(3))
def test_gradient_of_the_objective_vanishes(seed: int) -> None:
    """Autograd on the objective, written with norms, agrees that W' is a minimum."""
    c, g, p = vectors(5, seed), vectors(5, seed + 10), vectors(7, seed + 20)
    w = torch.randn(OUT, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    u, v = solve(c, g, p, **SCALES)

    def objective(candidate: torch.Tensor) -> torch.Tensor:
        erased = (candidate @ c.T - w @ g.T).square().sum()
        retained = (candidate @ p.T - w @ p.T).square().sum()
        near = torch.linalg.matrix_norm(candidate - w, "fro").square()
        return SCALES["erase_scale"] * erased + SCALES["retain_scale"] * retained + SCALES["lam"] * near

    at_original = w.clone().requires_grad_()
    objective(at_original).backward()
    at_edit = projector(u.double(), v.double())(w).requires_grad_()
    objective(at_edit).backward()
    assert at_edit.grad.norm() < 1e-5 * at_original.grad.norm()
    assert objective(at_edit) < objective(w)


def test_folds_when_there_are_more_vectors_than_dimensions() -> None:
    u, v = solve(vectors(WIDTH + 1, 1), vectors(WIDTH + 1, 2), vectors(0, 3), **SCALES)
    assert u.shape == v.shape == (WIDTH, WIDTH)


def test_more_retaining_moves_the_retained_less() -> None:
    c, g, p = vectors(3, 1), vectors(3, 2), vectors(4, 3)
    moved = []
    for scale in (0.0, 1.0, 100.0):
        u, v = solve(c, g, p, 0.3, 1.0, scale)
        moved.append(float((p @ v.double().T @ u.double()).norm()))
    assert moved[0] > moved[1] > moved[2]


@pytest.mark.parametrize("bad", [{"lam": 0.0}, {"erase_scale": -1.0}, {"retain_scale": -0.1}])
def test_refuses_scales_out_of_range(bad: dict) -> None:
    with pytest.raises(ValueError, match="lam > 0"):
        solve(vectors(1, 1), vectors(1, 2), vectors(0, 3), **{**SCALES, **bad})


def test_refuses_nan() -> None:
    with pytest.raises(ValueError, match="cannot be solved"):
        solve(vectors(1, 1) * float("nan"), vectors(1, 2), vectors(0, 3), **SCALES)
