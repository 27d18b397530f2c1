"""Polynomials of inputs, their slopes and errors."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.structure.surrogate import derivatives, of_all, of_parts, of_product

Z = np.random.default_rng(0).uniform(-1, 1, (400, 2))


def test_a_polynomial_is_reproduced_with_its_slope_and_curvature() -> None:
    y = Z[:, 0] ** 3 * Z[:, 1] + Z[:, 1] ** 2
    assert np.abs(of_all(Z, y).values - y).max() < 1e-10
    slope, error = derivatives(Z, y, 4, 0, 1)
    assert slope == pytest.approx(3 * Z[:, 0] ** 2 * Z[:, 1], abs=1e-9)
    assert error.max() < 1e-9
    curvature, _ = derivatives(Z, y, 4, 1, 2)
    assert curvature == pytest.approx(2.0, abs=1e-8)


def test_standard_errors_are_the_scatter_of_slopes_over_tables() -> None:
    slopes, errors = [], []
    for seed in range(200):
        y = Z[:, 0] ** 2 + np.random.default_rng(seed).normal(size=400)
        slope, error = derivatives(Z, y, 2, 0, 1)
        slopes.append(slope[:5])
        errors.append(error[:5])
    assert np.std(slopes, axis=0) == pytest.approx(np.mean(errors, axis=0), rel=0.2)


def test_a_sum_and_a_product_fit_what_they_are_and_not_each_other() -> None:
    added, multiplied = np.exp(Z[:, 0]) + Z[:, 1] ** 2, (Z[:, 0] + 0.2) * (Z[:, 1] ** 2 - 0.3)
    assert np.abs(of_parts(Z, added, [[0], [1]]).values - added).max() < 1e-6
    assert np.abs(of_product(Z, multiplied, [0], [1]).values - multiplied).max() < 1e-6
    assert np.abs(of_parts(Z, multiplied, [[0], [1]]).values - multiplied).max() > 0.05
