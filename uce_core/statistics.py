"""Means with their uncertainty, and whether a difference is more than that."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

NORMAL_95 = 1.96  # standard deviations that hold 95 % of a normal distribution
RESAMPLES, SEED = 2000, 0
BATCH = 4_000_000  # values resampled at a time: 32 MB


@dataclass(frozen=True)
class Mean:
    """A mean, or another statistic, and its 95 % interval, of a mean by the bootstrap."""

    value: float
    low: float
    high: float

    @property
    def none(self) -> bool:
        """Of a difference: its interval holds 0."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True)
class Change:
    """Of paired values. difference: after − before; count: of pairs."""

    before: Mean
    after: Mean
    difference: Mean
    count: int


def bootstrap(values: ArrayLike) -> Mean:
    """Of the mean, resampling the values (n,)."""
    return _means(np.asarray(values, float)[None])[0]


def change(before: ArrayLike, after: ArrayLike) -> Change:
    """Of paired values (n,): pairs are resampled, so that what a pair shares cancels."""
    first, second = np.asarray(before, float), np.asarray(after, float)
    old, new, apart = _means(np.stack([first, second, second - first]))
    return Change(old, new, apart, len(first))


def difference(minuend: ArrayLike, subtrahend: ArrayLike) -> Mean:
    """Of the means of two groups that are not paired, each resampled by itself."""
    first, second = np.asarray(minuend, float), np.asarray(subtrahend, float)
    if _constant(second):
        return bootstrap(first - second[0])
    if _constant(first):
        return bootstrap(first[0] - second)
    low, high = _interval(lambda x, y, axis: x.mean(axis) - y.mean(axis), first, second)
    return Mean(float(first.mean() - second.mean()), float(low), float(high))


def _means(rows: np.ndarray) -> list[Mean]:
    """Of each row of an array (k, n); the rows are resampled together. Values that are all equal are certain."""
    varied = (rows != rows[:, :1]).any(1)
    values = np.where(varied, rows.mean(1), rows[:, 0])
    low, high = values.copy(), values.copy()
    if varied.any():
        low[varied], high[varied] = _interval(np.mean, rows[varied])
    return [Mean(*ends) for ends in zip(values.tolist(), low.tolist(), high.tolist(), strict=True)]


def _constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())


def _interval(statistic: Callable[..., np.ndarray], *samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of a statistic of samples (..., n), n > 1, each resampled by itself."""
    from scipy import stats  # a second to import

    found = stats.bootstrap(
        samples,
        statistic,
        n_resamples=RESAMPLES,
        batch=max(1, BATCH // max(sample.size for sample in samples)),
        vectorized=True,
        axis=-1,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return found.confidence_interval.low, found.confidence_interval.high
