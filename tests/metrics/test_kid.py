"""KID against its definition, written out pair by pair, and against what is known of it."""

import numpy as np
import pytest
import torch

from uce_core.metrics import kid as module
from uce_core.metrics.kid import kid


def naive(x: np.ndarray, y: np.ndarray) -> float:
    """Equation 4 of Gretton et al. 2012 with the kernel of Bińkowski et al. 2018, term by term."""

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return (sum(float(p) * float(q) for p, q in zip(a, b, strict=True)) / len(a) + 1) ** 3

    n, total = len(x), 0.0
    for i in range(n):
        for j in range(n):
            if i != j:
                total += k(x[i], x[j]) + k(y[i], y[j]) - k(x[i], y[j]) - k(x[j], y[i])
    return total / (n * (n - 1))


def drawn(seed: int, n: int, d: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def of(x: np.ndarray, y: np.ndarray) -> module.Kid:
    return kid(torch.from_numpy(x), torch.from_numpy(y))


@pytest.mark.parametrize("rows", [1, 4, 1024])
def test_it_is_the_double_sum_however_many_rows_are_taken_at_a_time(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", rows)
    x, y = drawn(0, 11), 0.5 * drawn(1, 11) + 0.3
    found = of(x, y)
    assert found.value == pytest.approx(naive(x, y), rel=1e-12)
    assert of(y, x).value == pytest.approx(found.value, rel=1e-12), "it has no direction"
    left_out = [naive(np.delete(x, i, 0), np.delete(y, i, 0)) for i in range(11)]
    assert found.error == pytest.approx(np.sqrt(10 * np.var(left_out)), rel=1e-9)


def test_what_has_not_changed_is_at_no_distance() -> None:
    found = of(drawn(2, 20), drawn(2, 20))
    assert (found.value, found.error) == (0.0, 0.0)


def test_it_is_0_in_expectation_for_one_distribution_and_the_error_is_its_spread() -> None:
    found = [of(drawn(2 * i, 40), drawn(2 * i + 1, 40)) for i in range(300)]
    values = np.array([one.value for one in found])
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(len(values))
    assert (values < 0).any()
    moved = [of(drawn(2 * i, 40), drawn(2 * i + 1, 40) + 0.5) for i in range(300)]
    spread = np.std([one.value for one in moved])
    assert np.mean([one.error for one in moved]) == pytest.approx(spread, rel=0.2)


def test_pairs_that_depend_on_each_other_do_not_bias_it() -> None:
    """Of a shifted normal distribution the squared distance is known: with d = 1, E (xy + 1)³ in moments."""
    shift, n = 1.0, 60

    def expected(a: float, b: float) -> float:
        """E (xy + 1)³ = E x³ E y³ + 3 E x² E y² + 3 E x E y + 1 of independent normals of means a and b."""
        third, second = (lambda m: m**3 + 3 * m), (lambda m: m**2 + 1)
        return third(a) * third(b) + 3 * second(a) * second(b) + 3 * a * b + 1

    distance = expected(0, 0) + expected(shift, shift) - 2 * expected(0, shift)
    values = [of(x, x + shift).value for x in (drawn(i, n, 1) for i in range(400))]
    assert np.mean(values) == pytest.approx(distance, abs=4 * np.std(values) / 20)


@pytest.mark.parametrize(("first", "second"), [((2, 4), (2, 4)), ((5, 4), (6, 4)), ((5, 4), (5, 3)), ((5,), (5,))])
def test_what_is_no_pairs_is_refused(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="KID needs"):
        kid(torch.zeros(first), torch.zeros(second))
