"""Predictions by formula and by network, what lies outside, and how errors add up over chunks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import CheckpointError, UsageError
from kancli.stages.results.evaluate import Evaluation
from kancli.stages.results.predict import Outside, by_formula, by_network


def test_the_formula_is_evaluated_in_the_columns_order() -> None:
    predict = by_formula({"formula": "T_K - 2*b", "inputs": ["b", "T [K]"], "splines_left": 0})
    assert predict(np.array([[1.0, 10.0], [2.0, 20.0]])).tolist() == [8.0, 16.0]


def test_a_version_without_formula_or_with_splines_in_it_has_none_to_evaluate() -> None:
    for metadata in ({"inputs": ["x"]}, {"inputs": ["x"], "formula": "spline_0_0_0(x)", "splines_left": 1}):
        with pytest.raises(UsageError):
            by_formula(metadata)
    with pytest.raises(CheckpointError):
        by_formula({"inputs": ["x"], "formula": "x +", "splines_left": 0})


def test_the_network_predicts_in_the_datas_units_as_well_as_it_was_measured(
    trained: Checkpoint, tutorial: Dataset
) -> None:
    predicted = by_network(trained)(tutorial.x)
    rows = ~tutorial.validation
    rmse = float(np.sqrt(np.mean((predicted - tutorial.y)[rows] ** 2)))
    assert rmse == pytest.approx(trained.metadata["metrics"]["rmse"], rel=1e-6)


def test_many_rows_are_predicted_as_few_are(
    trained: Checkpoint, tutorial: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = by_network(trained)
    whole = predict(tutorial.x)
    monkeypatch.setattr("kancli.stages.results.predict.ROWS", 7)
    np.testing.assert_allclose(predict(tutorial.x), whole, rtol=1e-12)
    assert predict(tutorial.x[:0]).shape == (0,)


def test_rows_beyond_a_range_or_unlike_a_constant_are_counted_by_column() -> None:
    outside = Outside({"a": [0.0, 1.0]}, {"k": 3.0})
    outside.count(("a", "k"), np.array([[0.0, 3.0], [1.0, 3.0], [1.1, 3.0]]))
    outside.count(("a", "k"), np.array([[-1.0, 4.0]]))
    assert (outside.rows, outside.counts) == (4, {"a": 2, "k": 1})
    assert outside.remarks() == [
        "a: 2 of 4 rows outside the trained range, 0 to 1",
        "k: 1 of 4 rows differ from 3, its only value in training",
    ]


@given(st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_errors_over_chunks_are_those_over_all_rows(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    total = sum(sizes) + 2
    y = 1e6 + rng.normal(size=total)
    predicted = y + 0.1 * rng.normal(size=total)
    so_far = Evaluation()
    for part in np.split(np.arange(total), np.cumsum(sizes)):
        so_far = so_far.add(y[part], predicted[part])
    residual = predicted - y
    assert so_far.rows == total
    expected = {
        "r2": 1 - np.sum(residual**2) / np.sum((y - y.mean()) ** 2),
        "rmse": np.sqrt(np.mean(residual**2)),
        "mae": np.mean(np.abs(residual)),
        "max_error": np.max(np.abs(residual)),
    }
    assert so_far.metrics() == pytest.approx(expected, rel=1e-9)


def test_what_is_undefined_is_none_and_not_a_number() -> None:
    constant = Evaluation().add(np.ones(3), np.ones(3)).metrics()
    assert constant == {"r2": None, "rmse": 0.0, "mae": 0.0, "max_error": 0.0}
    broken = (
        Evaluation().add(np.arange(3.0), np.array([0.0, np.nan, 2.0])).add(np.ones(1), np.ones(1)).metrics()
    )
    assert set(broken.values()) == {None}
