"""Quantiles of errors from chunks."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.stages.results.quantiles import Quantiles


def test_chunks_do_not_matter() -> None:
    errors = np.random.default_rng(0).exponential(size=1000)
    found = Quantiles()
    for part in np.split(errors, [1, 10, 500]):
        found.add(np.zeros(len(part)), part)
    assert list(found.values().values()) == pytest.approx(np.quantile(errors, [0.5, 0.9, 0.99]))


def test_of_many_rows_evenly_spread_ones_are_kept() -> None:
    found = Quantiles(most=100)
    for part in np.split(np.arange(10_000.0), 37 * np.arange(1, 20)):
        found.add(np.zeros(len(part)), part)
    assert found.values()[0.9] == pytest.approx(9000, rel=0.03)


def test_a_row_without_a_prediction_leaves_none() -> None:
    found = Quantiles()
    found.add(np.zeros(2), np.array([1.0, np.nan]))
    assert found.values()[0.5] is None
