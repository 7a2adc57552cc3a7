"""The algebra against arithmetic that shares nothing with it."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from uce_core.edits.closed_form import (
    Retained,
    fold,
    projector,
    right_factor,
    solve,
    solve_from,
    tensor_projection,
)
from uce_core.problems import Problem

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
    kept = Retained(p, SCALES["lam"], SCALES["retain_scale"])
    for u, v in (solve(c, g, p, **SCALES), solve_from(kept, c, g, SCALES["erase_scale"])):
        ours = projector(u.double(), v.double())(w).numpy()
        assert np.abs(ours - expected).max() < 2e-6 * np.abs(expected).max()  # U and V are stored as float32


@pytest.mark.parametrize(
    ("width", "erased", "retained"), [(768, 100, 200), (1024, 10, 100), (2048, 20, 50), (768, 900, 0)]
)
def test_float32_result_is_exact_to_a_millionth_at_true_widths(width: int, erased: int, retained: int) -> None:
    """Vectors as text encoders give them: one large direction that all share, and one of their own."""
    generator = torch.Generator().manual_seed(width)
    shared = torch.randn(width, generator=generator, dtype=torch.float64)
    c, g, p = (shared + torch.randn(n, width, generator=generator) for n in (erased, erased, retained))
    w = torch.randn(OUT, width, generator=generator) / width**0.5
    left, right = 0.5 * w.double(), 0.5 * torch.eye(width, dtype=torch.float64)
    left = left + (w.double() @ g.T) @ c + (w.double() @ p.T) @ p
    right = right + c.T @ c + p.T @ p
    expected = left @ torch.linalg.inv(right)
    for factors in (solve(c, g, p, 0.5, 1.0, 1.0), solve_from(Retained(p, 0.5, 1.0), c, g, 1.0)):
        ours = projector(*factors)(w)
        assert ours.dtype == torch.float32
        assert (ours.double() - expected).abs().max() <= 1e-6 * expected.abs().max()


@pytest.mark.parametrize("erased", [3, 40])
def test_vectors_that_are_not_finite_are_refused_of_what_is_retained_too(erased: int) -> None:
    kept, c = Retained(vectors(5, 3), 0.3, 0.6), vectors(erased, 1)
    c[0, 0] = float("nan")
    with pytest.raises(Problem, match="cannot be solved"):
        solve_from(kept, c, vectors(erased, 2), 1.0)


def an_objective(seed: int) -> tuple[Callable[[torch.Tensor], torch.Tensor], torch.Tensor, torch.Tensor]:
    """The objective written with norms, W, and our W'."""
    c, g, p = vectors(5, seed), vectors(5, seed + 10), vectors(7, seed + 20)
    w = torch.randn(OUT, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)

    def objective(candidate: torch.Tensor) -> torch.Tensor:
        erased = sum(torch.linalg.vector_norm(candidate @ a - w @ b) ** 2 for a, b in zip(c, g, strict=True))
        retained = sum(torch.linalg.vector_norm(candidate @ a - w @ a) ** 2 for a in p)
        near = torch.linalg.matrix_norm(candidate - w, "fro") ** 2
        return SCALES["erase_scale"] * erased + SCALES["retain_scale"] * retained + SCALES["lam"] * near

    u, v = solve(c, g, p, **SCALES)
    return objective, w, projector(u.double(), v.double())(w)


@pytest.mark.parametrize("seed", range(3))
def test_gradient_of_the_objective_vanishes(seed: int) -> None:
    """Autograd agrees that W' is where the derivative by the matrix is zero."""
    objective, w, edited = an_objective(seed)
    gradients = []
    for point in (w, edited):
        variable = point.clone().requires_grad_()
        objective(variable).backward()
        gradients.append(variable.grad.norm())
    assert gradients[1] < 1e-5 * gradients[0]


def test_no_perturbation_is_better() -> None:
    objective, _, edited = an_objective(0)
    least = objective(edited)
    generator = torch.Generator().manual_seed(5)
    for number in range(1000):
        step = torch.randn(edited.shape, generator=generator, dtype=torch.float64) * 10.0 ** -(number % 4)
        assert objective(edited + step) > least


def test_gradient_descent_arrives_there() -> None:
    objective, w, edited = an_objective(1)
    point = w.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([point], max_iter=500, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = objective(point)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert (point.detach() - edited).abs().max() < 1e-5 * edited.abs().max()


def change(*arguments: object) -> torch.Tensor:
    """M − I."""
    u, v = solve(*arguments)
    return u.T.double() @ v.double()


counts = st.integers(1, 6)
seeds = st.integers(0, 10_000)
scales = st.floats(0.01, 100.0)
unhurried = settings(max_examples=40, deadline=None)


@unhurried
@given(counts, counts, seeds, scales, scales, scales)
def test_erasing_towards_itself_is_the_identity(k: int, m: int, seed: int, lam: float, e: float, r: float) -> None:
    c, p = vectors(k, seed), vectors(m, seed + 1)
    assert change(c, c, p, lam, e, r).abs().max() == 0


@unhurried
@given(counts, st.integers(2, 6), seeds)
def test_order_of_the_retained_does_not_matter(k: int, m: int, seed: int) -> None:
    c, g, p = vectors(k, seed), vectors(k, seed + 1), vectors(m, seed + 2)
    torch.testing.assert_close(change(c, g, p, *SCALES.values()), change(c, g, p.flip(0), *SCALES.values()))


@unhurried
@given(counts, counts, seeds, st.integers(2, 5))
def test_a_repeated_retained_counts_by_its_weight(k: int, m: int, seed: int, times: int) -> None:
    c, g, p = vectors(k, seed), vectors(k, seed + 1), vectors(m, seed + 2)
    lam, e, r = SCALES.values()
    torch.testing.assert_close(change(c, g, p.repeat(times, 1), lam, e, r), change(c, g, p, lam, e, times * r))


@unhurried
@given(counts, counts, seeds, scales)
def test_only_the_ratios_of_the_scales_matter(k: int, m: int, seed: int, factor: float) -> None:
    c, g, p = vectors(k, seed), vectors(k, seed + 1), vectors(m, seed + 2)
    lam, e, r = SCALES.values()
    scaled = change(c, g, p, lam * factor, e * factor, r * factor)
    torch.testing.assert_close(scaled, change(c, g, p, lam, e, r), rtol=1e-4, atol=1e-6)


@unhurried
@given(counts, seeds, st.floats(1.1, 100.0))
def test_a_larger_lam_changes_less(k: int, seed: int, factor: float) -> None:
    c, g = vectors(k, seed), vectors(k, seed + 1)
    w = torch.randn(OUT, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    near, far = ((w @ change(c, g, vectors(0, 0), lam, 1.0, 1.0)).norm() for lam in (factor, 1.0))
    assert near <= far * (1 + 1e-5)


@unhurried
@given(counts, seeds, st.floats(-3.0, 3.0))
def test_both_orders_of_multiplication_agree(k: int, seed: int, strength: float) -> None:
    u, v = vectors(k, seed), vectors(k, seed + 1) * strength
    w = torch.randn(OUT, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(projector(u, v)(w), w @ (torch.eye(WIDTH, dtype=torch.float64) + u.T @ v))
    many_u, many_v = fold(u.repeat(WIDTH, 1), v.repeat(WIDTH, 1))
    assert many_u.shape == (WIDTH, WIDTH)
    torch.testing.assert_close(many_u.T @ many_v, WIDTH * u.T @ v)


def test_tensor_technique_is_the_published_loop_for_one_layer() -> None:
    """One layer and two texts, written out row by row with the Frobenius norm over all of a text's rows."""
    texts = [(vectors(3, 1), vectors(3, 2)), (vectors(4, 3), vectors(4, 4))]
    w = torch.randn(OUT, WIDTH, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    left, right = 0.5 * w, 0.5 * torch.eye(WIDTH, dtype=torch.float64)
    for c, g in texts:
        unit = (c @ w.T) / torch.linalg.matrix_norm(c @ w.T, "fro")
        target = g @ w.T - ((g @ w.T) * unit).sum() * unit
        for value, key in zip(target, c, strict=True):
            left, right = left + torch.outer(value, key), right + torch.outer(key, key)
    rows = torch.cat([c for c, _ in texts])
    ours = tensor_projection(w, *zip(*texts, strict=True), right_factor(rows, vectors(0, 0), 0.5, 1.0, 1.0))
    torch.testing.assert_close(ours, left @ torch.linalg.inv(right))


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
