"""Logit models by maximum likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.classify.likelihood import fitted, loss_at, smoothed, spline_model, together
from kancli.classify.verdict import quantile_residuals
from kancli.symbolic.expression import Constant, Variable, add, constants, multiply
from kancli.symbolic.noise import chance

GENERATOR = np.random.default_rng(0)
X = GENERATOR.uniform(-2, 2, (2000, 2))
ETA = 1.5 * X[:, 0] - 0.5
HAPPENED = GENERATOR.uniform(size=2000) < 1 / (1 + np.exp(-ETA))
LINE = add(multiply(Constant(1.0), Variable(0)), Constant(0.0))


def values(expression: object) -> list[float]:
    """The free constants, sorted."""
    return sorted(constant.value for constant in constants(expression))  # type: ignore[arg-type]


def test_a_line_has_the_constants_at_which_the_slope_of_the_likelihood_is_zero() -> None:
    best = fitted(LINE, X, HAPPENED)
    assert best is not None
    low, high = values(best)
    assert (low, high) == pytest.approx((-0.5, 1.5), abs=0.25)
    off = smoothed(HAPPENED) - 1 / (1 + np.exp(-(high * X[:, 0] + low)))
    assert abs(off.mean()) < 1e-4
    assert abs((off * X[:, 0]).mean()) < 1e-4


def test_separable_classes_have_finite_constants() -> None:
    best = fitted(LINE, X, X[:, 0] > 0)
    assert best is not None
    assert max(map(abs, values(best))) < 1e4


def test_splines_follow_what_no_line_does() -> None:
    eta = 3 - 3 * X[:, 0] ** 2 + X[:, 0] * X[:, 1]
    happened = np.random.default_rng(1).uniform(size=2000) < 1 / (1 + np.exp(-eta))
    shares = happened.astype(float)
    found = spline_model(X, happened, 0)
    assert loss_at(found, shares) < loss_at(eta, shares) + 0.02


def test_three_classes_are_fitted_together_to_the_stationary_point_of_the_softmax() -> None:
    eta = np.column_stack([np.zeros(2000), X[:, 0], 0.5 - X[:, 0]])
    p = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    codes = np.array([np.random.default_rng(i).choice(3, p=row) for i, row in enumerate(p)])
    one, two = together([LINE, LINE], X, codes)
    assert values(one) == pytest.approx([0.0, 1.0], abs=0.25)
    assert values(two) == pytest.approx([-1.0, 0.5], abs=0.25)


def test_residuals_are_noise_at_the_right_log_odds_only() -> None:
    assert chance(X, quantile_residuals(ETA, HAPPENED, 0)) > 0.01
    assert chance(X, quantile_residuals(np.zeros(2000), HAPPENED, 0)) < 1e-6
