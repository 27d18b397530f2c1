"""The joint re-fit: known minima, closed forms, scales, domains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from expressions import NAMES

from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import Constant, Product, Variable, constants, evaluate, with_constants
from kancli.symbolic.text.parser import parse


def values(expression):
    return np.array([constant.value for constant in constants(expression)])


@pytest.mark.parametrize(
    ("start", "truth"),
    [
        ("2.6*exp(0.9*sin(3.1*x + 0.1)) + 0.2", (2.71, 1.1, 3.2, -0.1, 0.5)),
        ("1.2*x**0.8*y**(-1.1)", (1.5, 0.7, -1.3)),
        ("1.0/(0.8*x + 1.3*y + 0.9)", (2.0, 1.0, 1.5, 1.0)),
    ],
)
def test_constants_of_clean_data_come_back_to_the_last_digits(start, truth):
    x = np.random.default_rng(0).uniform(0.5, 2, (300, 3))
    expression = parse(start, NAMES)
    target = with_constants(expression, truth[: len(constants(expression))])
    y = evaluate(target, x)
    fitted = refit(expression, x, y, steps=200)
    assert math.sqrt(fitted.sse / len(y)) < 1e-14 * np.std(y) * 10
    np.testing.assert_allclose(evaluate(fitted.expression, x), y, rtol=1e-12)


def test_a_linear_model_equals_least_squares_with_its_covariance():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 2))
    y = x @ [2.0, -3.0] + 0.5 + 0.3 * rng.normal(size=200)
    weight = rng.uniform(0.5, 2, 200)
    fitted = refit(parse("1.0*x + 1.0*y + 1.0", NAMES), x, y, weight)
    design = np.column_stack([x, np.ones(200)])
    root = np.sqrt(weight)[:, None]
    expected, residual, *_ = np.linalg.lstsq(design * root, y * root[:, 0], rcond=None)
    np.testing.assert_allclose(values(fitted.expression), expected, rtol=1e-10)
    assert fitted.sse == pytest.approx(residual[0], rel=1e-10)
    gram = (design * root).T @ (design * root)
    np.testing.assert_allclose(fitted.covariance, residual[0] / 197 * np.linalg.inv(gram), rtol=1e-8)
    np.testing.assert_allclose(fitted.inverse_gram, np.linalg.inv(gram), rtol=1e-8)


@pytest.mark.parametrize("x_scale", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("y_scale", [1e-20, 1.0, 1e20])
def test_scales_of_the_data_do_not_matter(x_scale, y_scale):
    x = np.random.default_rng(2).uniform(0.5, 2, (200, 1)) * x_scale
    y = y_scale * np.exp(-1.3 * x[:, 0] / x_scale) * 2.5
    start = parse("1.0*exp(1.0*x)", NAMES)
    fitted = refit(with_constants(start, [2.0 * y_scale, -1.0 / x_scale]), x, y)
    np.testing.assert_allclose(values(fitted.expression), [2.5 * y_scale, -1.3 / x_scale], rtol=1e-12)


def test_a_redundant_constant_does_no_harm_and_has_a_huge_standard_error():
    x = np.random.default_rng(3).uniform(0, 1, (100, 1))
    expression = Product((Constant(1.0), Constant(1.5), Variable(0)))
    rng = np.random.default_rng(4)
    fitted = refit(expression, x, 3 * x[:, 0] + 0.01 * rng.normal(size=100))
    assert math.prod(values(fitted.expression)) == pytest.approx(3, abs=0.01)
    assert np.all(fitted.standard_errors > 1e3)


def test_a_step_out_of_the_domain_is_refused():
    x = np.linspace(0.1, 2, 50)[:, None]
    fitted = refit(parse("1.0*log(1.0*x + 0.5)", NAMES), x, np.log(x[:, 0]))
    assert np.all(np.isfinite(evaluate(fitted.expression, x)))
    assert fitted.sse < 1e-20


def test_an_expression_outside_its_domain_comes_back_with_infinite_error():
    expression = parse("2.0*log(x)", NAMES)
    fitted = refit(expression, np.array([[-1.0], [1.0]]), np.array([0.0, 0.0]))
    assert fitted.expression == expression
    assert fitted.sse == math.inf


def test_an_expression_without_free_constants_is_only_measured():
    x = np.array([[1.0], [2.0]])
    fitted = refit(parse("x**2", NAMES), x, np.array([1.0, 5.0]))
    assert fitted.sse == pytest.approx(1.0)
    assert fitted.covariance.shape == (0, 0)


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e170, 1e300])
def test_targets_whose_squares_no_float_holds_are_fitted(scale):
    x = np.linspace(0.5, 2, 50)[:, None]
    y = 2.5 * scale * np.exp(-1.3 * x[:, 0])
    fitted = refit(with_constants(parse("1.0*exp(1.0*x)", NAMES), [2 * scale, -1.0]), x, y)
    np.testing.assert_allclose(values(fitted.expression), [2.5 * scale, -1.3], rtol=1e-12)
    assert not np.any(np.isnan(fitted.covariance))
