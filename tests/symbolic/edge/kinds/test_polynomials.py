"""Polynomials of any degree up to ten about the raw origin."""

from __future__ import annotations

import numpy as np
import pytest
from edges import best, edge_of, is_exact, raw, rows
from numpy.polynomial import Polynomial

from kancli.symbolic.edge.kinds.polynomials import HIGHEST, LOWEST, monomial, whole_polynomials
from kancli.symbolic.library.functions import library

NAMES = frozenset(function.name for function in library())


@pytest.mark.parametrize("degree", range(LOWEST, HIGHEST + 1))
@pytest.mark.parametrize("low", [-1.0, 0.2])
def test_a_random_polynomial_is_fitted_with_its_degree(degree: int, low: float) -> None:
    rng = np.random.default_rng(degree)
    x = rows(low, 1.5, degree)
    # Coefficients of one size, so that the leading one shows.
    curve = Polynomial(rng.uniform(0.5, 2, degree + 1) * rng.choice([-1, 1], degree + 1))
    edge = edge_of(x, curve(x))
    found = whole_polynomials(edge, 0.0, NAMES)
    assert [len(one.terms) for one in found] == [degree]
    assert is_exact(best(raw(found, edge)), x, curve(x))


def test_a_floor_that_a_lower_degree_reaches_is_enough() -> None:
    x = rows(-1, 1)
    edge = edge_of(x, x**3 + 1e-4 * x**9)
    (rough,), (fine,) = (whole_polynomials(edge, floor, NAMES) for floor in (1e-6, 0.0))
    assert (len(rough.terms), len(fine.terms)) == (3, 9)


def test_under_noise_the_degree_is_that_of_the_law() -> None:
    x = rows(-1, 1)
    y = x**4 - x**2 + 0.01 * np.random.default_rng(1).normal(size=len(x))
    (found,) = whole_polynomials(edge_of(x, y), 0.0, NAMES)
    assert len(found.terms) == 4


@pytest.mark.parametrize(
    ("low", "high", "count", "degree"), [(-1, 1, 300, 2), (100, 101, 300, 4), (-1, 1, HIGHEST + 2, 4)]
)
def test_lines_parabolas_remote_origins_and_few_rows_are_left_to_others(
    low: float, high: float, count: int, degree: int
) -> None:
    x = rows(low, high, count=count)
    assert whole_polynomials(edge_of(x, (x - low) ** degree), 0.0, NAMES) == []


@pytest.mark.parametrize("names", [NAMES, frozenset()])
def test_a_monomial_is_the_power_whatever_the_library_has(names: frozenset[str]) -> None:
    u = np.linspace(-2, 2, 9)
    for degree in range(1, HIGHEST + 1):
        step = monomial(degree, names)
        assert np.allclose(step.value(u), u**degree, rtol=1e-14)
        assert step.free() == ()
    assert monomial(2, NAMES).function == "x^2"
    assert monomial(2).function == "x"
