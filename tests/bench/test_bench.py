"""The reference loops are the formula, and the benchmark's rows say what they claim."""

import dataclasses

import numpy as np
import pytest
import torch

from uce_core import Model
from uce_core.bench.generate import RUNS, bench_compare, bench_rounds, bench_switch
from uce_core.bench.reference_loops import loop_2023, loop_2025
from uce_core.bench.solve import _exact, bench_solve, vectors


def test_both_loops_compute_the_formula() -> None:
    c, g, p = vectors(3, 1), vectors(3, 2), vectors(4, 3)
    weights = [torch.randn(6, 768, generator=torch.Generator().manual_seed(i)) for i in range(2)]
    old = loop_2023(weights, [c], [g], [p], 0.5, 1.0, 1.0)
    new = loop_2025(weights, c, g, p, 0.5, 1.0, 1.0)
    for weight, first, second in zip(weights, old, new, strict=True):
        exact = _exact(weight, c, g, p)
        for found in (first, second):
            assert (found.double() - exact).abs().max() < 1e-2 * exact.abs().max()


def test_a_row_of_the_benchmark() -> None:
    [row] = bench_solve(["2+3"])
    assert (row.erased, row.retained) == (2, 3)
    assert row.error <= 1e-6 < row.error_2025
    assert min(row.seconds, row.seconds_2025, row.seconds_2023) > 0
    assert row.edited_bytes == 4 * 768 * 2 * (5 * 320 + 5 * 640 + 6 * 1280)


def test_switching_is_timed_at_the_true_shapes() -> None:
    rows = list(bench_switch())
    assert rows
    for row in rows:
        assert row.edited_bytes == 4 * 768 * 2 * (5 * 320 + 5 * 640 + 6 * 1280)
        assert min(row.seconds, row.seconds_back, row.seconds_bare) > 0


def test_comparing_is_held_against_the_plain_pipeline(atelier: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    shorter = dataclasses.replace(atelier.family, steps=2)
    monkeypatch.setattr(Model, "family", shorter)
    times = np.random.default_rng(0).uniform(1, 2, (RUNS, 4))
    clock = iter(times.flat)
    monkeypatch.setattr("uce_core.bench.generate.seconds", lambda action: next(clock))
    rows = bench_compare(atelier)
    assert next(clock, None) is None, "each way is timed once a turn"
    np.testing.assert_allclose([row.seconds for row in rows], np.median(times, axis=0))
    np.testing.assert_allclose([row.ratio for row in rows], np.median(times / times[:, :1], axis=0))


def test_rounds_report_both_ends_and_leave_the_model_as_it_was(atelier: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uce_core.bench.generate.EARLY", 2)
    row = bench_rounds(atelier, rounds=5, steps=1)
    assert row.bytes_late["resident"] < 1.2 * row.bytes_early["resident"]
    for name, master in atelier.masters.items():
        assert torch.equal(atelier.pipeline.unet.get_parameter(name), master.to(atelier.dtype))
