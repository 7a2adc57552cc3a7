"""Means with their uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Mean:
    """A mean and its bootstrap 95 % interval."""

    value: float
    low: float
    high: float


def bootstrap(values: Sequence[float], seed: int = 0) -> Mean:
    """Of the mean, resampling the values."""
    array = np.asarray(values, float)
    drawn = np.random.default_rng(seed).integers(len(array), size=(RESAMPLES, len(array)))
    low, high = np.percentile(array[drawn].mean(1), [2.5, 97.5])
    return Mean(float(array.mean()), float(low), float(high))
