"""Rows that count more than others: in re-fits, joint fits, snapping and every figure of the formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from graphs import elementary, graph, rows

from kancli.symbolic.constants.refit import refit
from kancli.symbolic.constants.snap import snap
from kancli.symbolic.expression import constants
from kancli.symbolic.formula import finish
from kancli.symbolic.graph.fit import fit_graph
from kancli.symbolic.graph.graph import predict
from kancli.symbolic.text.parser import parse

RNG = np.random.default_rng(7)
X = RNG.uniform(0.5, 3, (120, 1))
SIGMA = np.where(np.arange(120) % 3 == 0, 0.02, 0.5)
LAW = 2.37 * np.exp(-0.83 * X[:, 0]) + 0.61
DECAY = parse("2.0*exp(-1.0*x) + 0.5", ["x"])
WEIGHT = 1 / SIGMA**2 / np.mean(1 / SIGMA**2)


def test_a_weight_of_two_is_the_row_twice() -> None:
    y = LAW + RNG.normal(0, 0.1, 120)
    weight = np.where(np.arange(120) < 40, 2.0, 1.0)
    twice = np.concatenate([np.arange(120), np.arange(40)])
    how: dict[str, object] = {"inputs": ["x"], "target": "y", "snapping": False}
    one = finish(DECAY, X, y, weight=weight, **how)  # type: ignore[arg-type]
    other = finish(DECAY, X[twice], y[twice], **how)  # type: ignore[arg-type]
    np.testing.assert_allclose(
        [c.value for c in one.constants], [c.value for c in other.constants], rtol=1e-4
    )
    np.testing.assert_allclose([one.r2, one.rmse], [other.r2, other.rmse], rtol=1e-6)


def test_a_joint_fit_sees_a_row_of_weight_two_twice() -> None:
    x = rows(2)
    known = graph(2, [(0, 2, elementary("sin", a=3.0)), (1, 2, elementary("x^2", c=0.7))])
    y = predict(known, x) + RNG.normal(0, 0.3, x.shape[1])
    start = graph(2, [(0, 2, elementary("sin", a=2.8)), (1, 2, elementary("x^2", c=1.0))])
    weight = np.ones(x.shape[1])
    weight[:50] = 2.0
    twice = np.concatenate([np.arange(x.shape[1]), np.arange(50)])
    one = fit_graph(start, x, y, weight, steps=40)
    other = fit_graph(start, np.ascontiguousarray(x[:, twice]), y[twice], steps=40)
    assert one.rmse == pytest.approx(other.rmse, rel=1e-6)
    np.testing.assert_allclose(predict(one.graph, x), predict(other.graph, x), atol=1e-3)


def test_standard_errors_are_the_scatter_of_repeated_draws() -> None:
    """χ²: over 400 draws the squared deviations in units of the standard error average to 1."""
    pulls = []
    errors = []
    for seed in range(400):
        y = LAW + np.random.default_rng(seed).normal(0, SIGMA)
        fitted = refit(DECAY, X, y, WEIGHT)
        found = np.array([c.value for c in constants(fitted.expression)])
        truth = np.array([c.value for c in constants(parse("2.37*exp(-0.83*x) + 0.61", ["x"]))])
        pulls.append((found - truth) / fitted.standard_errors)
        errors.append(fitted.standard_errors)
    scatter = np.mean(np.square(pulls), axis=0)
    # The mean of 400 χ²₁ has a standard deviation of √(2/400) = 0.07.
    np.testing.assert_allclose(scatter, 1.0, atol=0.28)
    unweighted = refit(DECAY, X, LAW + np.random.default_rng(0).normal(0, SIGMA)).standard_errors
    assert np.all(np.median(errors, axis=0) < 0.2 * unweighted)


def test_a_constant_is_snapped_where_the_precise_rows_tell_its_value() -> None:
    y = 0.5 * X[:, 0] ** 2 + np.random.default_rng(3).normal(0, np.where(SIGMA < 0.1, 1e-3, 2.0))
    weight = np.where(SIGMA < 0.1, 1e6, 0.25)
    start = parse("0.4*x**2", ["x"])
    assert not constants(snap(start, X, y, weight=weight / weight.mean()))
    assert abs(constants(refit(start, X, y).expression)[0].value - 0.5) > 5e-3


def test_the_figures_are_weighted() -> None:
    y = LAW + np.random.default_rng(1).normal(0, SIGMA)
    formula = finish(DECAY, X, y, inputs=["x"], target="y", weight=WEIGHT, snapping=False)
    residual = y - eval(formula.text, {"exp": np.exp, "x": X[:, 0]})
    mean = np.average(y, weights=WEIGHT)
    assert formula.rmse == pytest.approx(math.sqrt(np.average(residual**2, weights=WEIGHT)))
    assert formula.r2 == pytest.approx(1 - (WEIGHT @ residual**2) / (WEIGHT @ (y - mean) ** 2))
