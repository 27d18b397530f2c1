"""Laws that leave rounding of log|y|."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.search.factors.atoms import Argument, Atom, Base
from kancli.search.factors.exact import exact_laws, shortened
from kancli.search.factors.law import Law
from kancli.search.factors.logs import Logs, solved
from kancli.symbolic.expression import evaluate

X = np.random.default_rng(0).uniform(1, 3, (300, 3))
LAWS = [
    lambda a, b, c: -2.5 * a**2 / np.sqrt(b),
    lambda a, b, c: a**2.7 * b ** (-1 / 3),
    lambda a, b, c: a * np.exp(-b * c / 2) / c,
    lambda a, b, c: (a + 2 * b) ** 1.5 * np.sin(c),
    lambda a, b, c: c / (np.exp(a / b) - 1),
    lambda a, b, c: np.exp(-(((a - b) / c) ** 2) / 2) / c,
    lambda a, b, c: a / (1 + b * np.cos(c) / 4),
    lambda a, b, c: a * np.sqrt(1 - 0.0713 * b**2) / c,
    lambda a, b, c: np.cos(0.13 * a * b) * c**2,
    lambda a, b, c: np.tanh(a * b / 7) * c,
]


@pytest.mark.parametrize("law", LAWS)
def test_a_product_of_factors_is_found_to_rounding(law) -> None:  # type: ignore[no-untyped-def]
    y = law(*X.T)
    found = next(exact_laws(X, y, FitOptions()))
    assert evaluate(found.expression(X, y), X) == pytest.approx(y, rel=1e-7)


def test_what_is_no_product_is_none() -> None:
    y = X[:, 0] * np.sin(3 * X[:, 1]) + X[:, 2] ** 2 + np.exp(X[:, 0] * X[:, 2]) / 7
    assert list(exact_laws(X, y, FitOptions())) == []


def test_noise_is_no_law() -> None:
    y = X[:, 0] * (1 + 1e-4 * np.random.default_rng(1).normal(size=300))
    assert list(exact_laws(X, y, FitOptions())) == []


def test_rows_at_which_a_logarithm_is_infinite_do_not_matter() -> None:
    x = np.round(X * 2 - 4)  # many zeros, both signs
    y = 3 * x[:, 0] ** 2 * x[:, 1]
    found = next(exact_laws(x, y, FitOptions()))
    assert evaluate(found.expression(x, y), x) == pytest.approx(y, rel=1e-9, abs=1e-9)


def test_units_do_not_matter() -> None:
    scale = np.array([1e-20, 1e12, 1e-3])
    y = 1e-30 * X[:, 0] ** 2 / (X[:, 1] - 0.3 * X[:, 2])
    found = next(exact_laws(X * scale, y, FitOptions()))
    assert evaluate(found.expression(X * scale, y), X * scale) == pytest.approx(y, rel=1e-7)


def test_an_atom_that_is_not_needed_is_dropped() -> None:
    logs = Logs.of(X, X[:, 0] / (X[:, 1] + X[:, 2]))
    needed = Atom("factor", Argument(((Base(1, 2, 1), 1),)))
    idle = Atom("exponent", Argument(((Base(0), 1), (Base(1), 1))))
    law = solved(Law(0.0, (0.5,) * 3, (idle, needed), (0.5, 0.5)), logs)
    assert shortened(law, logs).atoms == (needed,)


def test_too_few_rows_determine_nothing() -> None:
    assert list(exact_laws(X[:7], X[:7, 0], FitOptions())) == []
