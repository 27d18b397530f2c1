"""Splines as activations: their derivatives, and the least-squares fit."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import numeric_jacobian
from scipy.interpolate import BSpline

from kancli.symbolic.graph.curve import SplineCurve, fit_spline

GENERATOR = np.random.default_rng(0)


def random_curve(base: str = "none", order: int = 3, grid: int = 5) -> SplineCurve:
    size = grid + order + (base != "none")
    return SplineCurve(tuple(GENERATOR.normal(size=size)), -1.5, 2.0, grid, order, base)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_a_curve_is_scipys_spline_on_uniform_knots(order: int) -> None:
    curve = random_curve(order=order)
    width = (curve.high - curve.low) / curve.grid
    knots = curve.low + width * np.arange(-order, curve.grid + order + 1)
    x = GENERATOR.uniform(curve.low, curve.high, 100)
    expected = BSpline(knots, np.array(curve.coefficients), order)(x)
    np.testing.assert_allclose(curve.evaluate(x), expected, atol=1e-12)


@pytest.mark.parametrize("base", ["none", "silu", "identity"])
def test_derivatives_are_those_of_finite_differences(base: str) -> None:
    curve, x = random_curve(base), GENERATOR.uniform(-2, 2.5, 60)  # some rows beyond the grid
    value, slope, jacobian = curve.derivatives(x)
    np.testing.assert_allclose(value, curve.evaluate(x), rtol=1e-13)
    h = 1e-6
    np.testing.assert_allclose(slope, (curve.evaluate(x + h) - curve.evaluate(x - h)) / (2 * h), atol=1e-6)
    numeric = numeric_jacobian(lambda t: curve.with_parameters(t).evaluate(x), curve.parameters())
    np.testing.assert_allclose(jacobian, numeric, atol=1e-8)


def test_a_cubic_is_fitted_to_rounding() -> None:
    x = GENERATOR.uniform(-3, 1, 200)
    y = x**3 - 2 * x + 1
    assert np.abs(fit_spline(x, y, 7, 3).evaluate(x) - y).max() < 1e-6


def test_refining_the_grid_of_a_fit_follows_the_law_of_cubic_splines() -> None:
    x = GENERATOR.uniform(-1, 1, 2000)
    error = [
        np.sqrt(np.mean((fit_spline(x, np.sin(4 * x), g, 3).evaluate(x) - np.sin(4 * x)) ** 2))
        for g in (5, 10)
    ]
    assert error[0] / error[1] > 10


def test_a_fit_through_a_single_point_is_finite_there() -> None:
    x = np.full(10, 0.3)
    np.testing.assert_allclose(fit_spline(x, np.full(10, 2.0), 5, 3).evaluate(x), 2.0, atol=1e-6)
