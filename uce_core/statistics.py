"""Means with their uncertainty, and whether a difference is more than that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

RESAMPLES = 2000


@dataclass(frozen=True)
class Mean:
    """A mean and its bootstrap 95 % interval."""

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


def bootstrap(values: ArrayLike, seed: int = 0) -> Mean:
    """Of the mean, resampling the values (n,)."""
    array = np.asarray(values, float)
    return _mean(float(array.mean()), resampled(array, seed))


def change(before: ArrayLike, after: ArrayLike) -> Change:
    """Of paired values (n,): pairs are resampled, so that what a pair shares cancels."""
    first, second = np.asarray(before, float), np.asarray(after, float)
    return Change(bootstrap(first), bootstrap(second), bootstrap(second - first), len(first))


def difference(minuend: ArrayLike, subtrahend: ArrayLike) -> Mean:
    """Of the means of two groups that are not paired, each resampled by itself."""
    first, second = np.asarray(minuend, float), np.asarray(subtrahend, float)
    return _mean(float(first.mean() - second.mean()), resampled(first, 0) - resampled(second, 1))


def resampled(array: np.ndarray, seed: int) -> np.ndarray:
    """Means (RESAMPLES,) of as many values drawn with replacement."""
    drawn = np.random.default_rng(seed).integers(len(array), size=(RESAMPLES, len(array)))
    return array[drawn].mean(1)


def _mean(value: float, means: np.ndarray) -> Mean:
    low, high = np.percentile(means, [2.5, 97.5])
    return Mean(value, float(low), float(high))
