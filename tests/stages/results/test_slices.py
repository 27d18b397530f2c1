"""A law over each input: what is drawn is what the formula says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.errors import UsageError
from kancli.stages.results.slices import band, slices

RNG = np.random.default_rng(5)
X = RNG.uniform(1, 3, (120, 3))
LEFT = RNG.normal(0, 0.1, 120)


def table() -> Dataset:
    y = X[:, 0] * X[:, 1] ** 2 + LEFT
    return from_memory({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": y})[0]


def version(**facts: Any) -> Checkpoint:
    named = {"inputs": ["a", "b", "c"], "target": "y", "formula": "a*b**2", **facts}
    return Checkpoint("fit", {}, named)


def test_only_inputs_of_the_formula_have_a_picture_and_the_others_stand_at_their_median() -> None:
    views = slices(version(), table())
    assert [view.variable for view in views] == ["a", "b"]
    middle = float(np.median(X[:, 1]))
    np.testing.assert_allclose(views[0].y, views[0].x * middle**2)
    assert views[0].middle == f"b = {middle:.3g}"


def test_the_dots_are_the_law_there_plus_what_it_leaves_of_the_row() -> None:
    data = table()
    (first, _) = slices(version(), data)
    expected = data.x[:, 0] * np.median(data.x[:, 1]) ** 2 + (data.y - data.x[:, 0] * data.x[:, 1] ** 2)
    np.testing.assert_allclose(first.points_y, expected)
    np.testing.assert_array_equal(first.held_out, data.validation)


def test_the_band_is_that_of_the_model_of_errors() -> None:
    y, measured = np.array([1.0, 10.0]), np.array([1.0, 10.0, 4.0])
    additive = band({"errors": {"model": "additive", "scale": 0.5}}, y, measured)
    assert additive is not None
    np.testing.assert_allclose(additive[1] - y, 1.96 * 0.5)
    logarithmic = band({"errors": {"model": "log", "scale": 0.1}}, y, measured)
    assert logarithmic is not None
    np.testing.assert_allclose(np.log(logarithmic[1] / y), 0.196)


def test_an_exact_law_has_no_band() -> None:
    assert band({"errors": {"model": "additive", "scale": 1e-9}}, np.ones(2), np.array([1.0, 2.0])) is None
    assert band({}, np.ones(2), np.array([1.0, 2.0])) is None


def test_a_law_without_a_value_on_any_row_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing can be predicted"):
        slices(version(formula="log(-a)"), table())


def test_the_band_is_wider_where_the_constants_leave_more_open() -> None:
    facts = {
        "inputs": ["x0"],
        "formula": "2.5*x0",
        "errors": {"model": "additive", "scale": 0.5},
        "uncertainty": {"covariance": [[0.04]], "left": 20, "target": {"rms": 1.0, "median": 1.0}},
    }
    rows = np.array([[0.0], [10.0]])
    low, high = band(facts, 2.5 * rows[:, 0], np.array([1.0, 10.0]), rows) or (None, None)
    assert low is not None
    np.testing.assert_allclose((high - low) / 2, 2.086 * np.array([0.5, np.hypot(0.5, 2.0)]), rtol=1e-3)
