"""Sums of products found by pursuit, and what they do not need taken away."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.lowrank.atoms import Kind, allowed
from kancli.search.lowrank.dictionary import gains, gains_of_two
from kancli.search.lowrank.model import Atom, Column, Fit, Model
from kancli.search.lowrank.pursuit import ROUNDING, grown
from kancli.search.lowrank.read import cancels, laws
from kancli.symbolic.expression import constants, evaluate

ALL = allowed(FitOptions())
OPTIONS = FitOptions()


def rows(low: float, high: float, inputs: int, n: int = 400) -> np.ndarray:
    return np.random.default_rng(1).uniform(low, high, (n, inputs))


@pytest.mark.parametrize(
    ("law", "low", "high", "inputs", "free"),
    [
        (lambda a: 0.3 * a - 0.02 * a**2 + 0.7 * a * np.exp(-0.11 * a), 1, 40, 1, 4),
        (lambda a: 0.91 * np.cos(np.log(1 + a)) - 0.26 * np.sqrt(a), 0.02, 1.5, 1, 4),
        (lambda t, p: 0.4 * p * np.exp(-0.06 * t) + 0.2 * p**2, 1, 30, 2, 3),
        (lambda x, v: -0.9 * x * np.exp(-np.abs(v)) + 0.3 * v * x**2, -2, 2, 2, 3),
    ],
)
def test_a_law_is_found_with_no_more_constants_than_it_has(law, low, high, inputs, free) -> None:  # type: ignore[no-untyped-def]
    x = rows(low, high, inputs)
    y = law(*x.T)
    found = next(laws(x, y, OPTIONS))
    assert np.allclose(evaluate(found, x), y, rtol=0, atol=1e-9 * y.std())
    assert len(constants(found)) <= free + 1


def test_what_is_no_sum_of_products_has_no_law() -> None:
    x = rows(1, 3, 3)
    y = np.sqrt(x[:, 0] ** 2 + x[:, 1] ** 2 - 0.3 * x.prod(axis=1))
    assert list(laws(x, y, OPTIONS)) == []


def test_a_power_that_imitates_a_logarithm_cancels() -> None:
    x = rows(0.1, 2, 1)
    y = np.log(x[:, 0])
    power = Atom(Kind("power", ""), 0, (1e-4,))
    model = Model((power,), (Column((0,)), Column((0,), (0,))))
    assert cancels(Fit(model, np.array([-1e4, 1e4]), 0.0), x, y)
    assert not cancels(Fit(model, np.array([1.0, 1.0]), 0.0), x, y)


def test_a_polynomial_needs_no_atoms() -> None:
    x = rows(-1, 2, 2)
    (fit,) = grown(x, 3 * x[:, 0] ** 2 * x[:, 1] - x[:, 1], ALL)
    assert fit.model.atoms == ()
    assert fit.error <= ROUNDING


def test_the_gain_of_a_product_is_what_it_takes_off_the_squared_error() -> None:
    rng = np.random.default_rng(2)
    a, b, base, y = (rng.normal(size=(50, k)) for k in (3, 2, 4, 1))
    q = np.linalg.qr(base)[0]
    residual = (y - q @ (q.T @ y))[:, 0]
    found = gains(a, b, q, residual)
    for i in range(3):
        for j in range(2):
            whole = np.column_stack([base, a[:, i] * b[:, j]])
            left = np.linalg.lstsq(whole, y[:, 0], rcond=None)[1][0]
            assert found[i, j] == pytest.approx(residual @ residual - left)
    both = gains_of_two(a, q, residual)
    left = np.linalg.lstsq(np.column_stack([base, a[:, [0, 2]]]), y[:, 0], rcond=None)[1][0]
    assert both[0, 2] == pytest.approx(residual @ residual - left)
