"""Intervals of means, against what is known of them."""

import numpy as np
import pytest

from uce_core.statistics import Mean, bootstrap, change, difference


@pytest.mark.parametrize("values", [[0.1], [0.1, 0.1, 0.1], [0.0, 0.0], [1e-300] * 5, [-7.7] * 30])
def test_values_that_are_all_equal_are_certain(values: list[float]) -> None:
    assert bootstrap(values) == Mean(values[0], values[0], values[0])
    assert change(values, values).difference == Mean(0, 0, 0)
    assert difference(values, values) == Mean(0, 0, 0)


def test_the_interval_is_between_percentiles_of_two_thousand_resampled_means() -> None:
    """Against a bootstrap written out."""
    values = np.random.default_rng(1).normal(3, 2, 25)
    generated = np.random.default_rng(0).integers(25, size=(2000, 25))
    low, high = np.percentile([values[some].mean() for some in generated], [2.5, 97.5])
    found = bootstrap(values)
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high), abs=1e-12)


def test_many_values_are_resampled_in_parts_and_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).normal(size=40)
    whole = change(values, values**2)
    monkeypatch.setattr("uce_core.statistics.BATCH", 1000)
    assert change(values, values**2) == whole


@pytest.mark.parametrize(("first", "second"), [([5.0], [1.0, 2.0, 3.0]), ([4.0, 5.0, 6.0], [2.0])])
def test_a_group_of_one_image_only_shifts_the_other(first: list[float], second: list[float]) -> None:
    found = difference(first, second)
    assert found.value == np.mean(first) - np.mean(second)
    assert found.high - found.low == bootstrap([1.0, 2.0, 3.0]).high - bootstrap([1.0, 2.0, 3.0]).low
