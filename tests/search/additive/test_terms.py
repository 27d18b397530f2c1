"""What the functions of an additive model are taken of, and splines as columns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from kancli.search.additive.terms import candidates, splines, usable
from kancli.symbolic.text.printer import render


def test_the_splines_are_those_of_scipy_the_right_end_included() -> None:
    z = np.concatenate([np.random.default_rng(0).uniform(-1, 3, 50), [-1.0, 3.0]])
    grid, low, high = 7, -1.0, 3.0
    knots = low + (high - low) / grid * np.arange(-3, grid + 4)
    expected = BSpline.design_matrix(z, knots, 3).toarray()
    assert splines(z, grid) == pytest.approx(expected, abs=1e-12)


def test_inputs_come_first_then_combinations_of_two() -> None:
    names = ("a", "b", "c")
    texts = [render(a.expression, names) for a in candidates(3)]
    assert texts[:3] == ["a", "b", "c"]
    assert {"a - b", "b + c", "a*b", "a/c", "a**2*b", "a/b**2"} <= set(texts)


def test_what_has_no_value_on_some_row_is_left_out() -> None:
    x = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 2.0]])
    kept, values = usable(candidates(2), x)
    texts = [render(a.expression, ("a", "b")) for a in kept]
    assert "a/b" not in texts
    assert "a*b" in texts
    assert (
        values[:, texts.index("a - b")].tolist() == pytest.approx([1.0, 1.0, 1.0])
        if "a - b" in texts
        else True
    )
