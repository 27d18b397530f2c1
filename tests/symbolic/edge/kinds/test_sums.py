"""Sums of powers, and of two functions side by side, fit their own members."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from edges import Array, best, edge_of, is_exact, rows

from kancli.symbolic.edge.kinds.sums import polynomials, sums_of_two
from kancli.symbolic.edge.scaling import scaled
from kancli.symbolic.library.functions import library

FUNCTIONS = library(["x", "x^2", "x^3", "1/x", "sqrt", "exp", "log", "sin", "cos", "tanh"])
POWERS = library()

# Random constants p in [0.5, 2) and one curve for each two functions.
SUMS: list[tuple[set[str], Callable[[Array, Array], Array]]] = [
    ({"x", "sin"}, lambda x, p: p[0] * x + np.sin(3 * p[1] * x + p[2])),
    ({"x", "exp"}, lambda x, p: p[0] * x + np.exp(-2 * p[1] * x)),
    ({"sin", "exp"}, lambda x, p: np.sin(4 * p[0] * x) + p[1] * np.exp(-p[2] * x)),
    ({"log", "sin"}, lambda x, p: p[0] * np.log(x) + np.sin(5 * p[1] * x)),
    ({"x^2", "sin"}, lambda x, p: p[0] * x**2 + np.sin(6 * p[1] * x + p[2])),
    ({"1/x", "x"}, lambda x, p: p[0] / x + p[1] * x),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("names", "curve"), SUMS, ids=["+".join(sorted(names)) for names, _ in SUMS])
def test_a_sum_of_two_with_random_constants_is_fitted(
    names: set[str], curve: Callable[[Array, Array], Array], seed: int
) -> None:
    x = rows(0.3, 3, seed)
    y = curve(x, np.random.default_rng(seed).uniform(0.5, 2, 3))
    found = sums_of_two(edge_of(x, y), FUNCTIONS, 0.0)
    exact = [candidate for candidate in found if is_exact(candidate, x, y)]
    assert best(found) in exact
    used = [{term.steps[0].function for term in candidate.activation.terms} for candidate in exact]
    # cos is the sine with another phase.
    assert names in [{"sin" if name == "cos" else name for name in one} for one in used]


def test_beside_a_line_one_of_the_two_is_the_line() -> None:
    x = rows(0.3, 3)
    edge = edge_of(x, 2 * x + np.sin(4 * x))
    found = sums_of_two(edge, FUNCTIONS, 0.0, with_line=True)
    assert all(any(term.is_line for term in candidate.activation.terms) for candidate in found)
    assert best(found).residual < 1e-20


@pytest.mark.parametrize("degrees", [(1, 2), (2, 5), (-1, 2), (-2, 1, 3), (1, 3, 4, 6)])
def test_a_random_sum_of_powers_is_fitted_with_its_own_powers(degrees: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(degrees))
    x = rows(0.4, 2)
    factors = rng.uniform(0.5, 2, len(degrees)) * rng.choice([-1, 1], len(degrees))
    y = np.asarray(sum(c * x**degree for c, degree in zip(factors, degrees, strict=True))) + 0.7
    found = best(polynomials(edge_of(x, y), POWERS, 0.0))
    assert is_exact(found, x, y)
    fitted = {term.steps[0].of.degree: term.c for term in found.activation.terms}
    assert fitted == {degree: pytest.approx(c, rel=1e-6) for degree, c in zip(degrees, factors, strict=True)}
    assert found.activation.d == pytest.approx(0.7, rel=1e-6)


def test_powers_are_about_the_raw_origin_wherever_the_data_lie() -> None:
    x = rows(5, 6)
    y = 3 * x**2 - x
    found = best(polynomials(edge_of(x, y), POWERS, 0.0))
    assert is_exact(found, x, y)
    assert [(term.c, term.steps[0].b) for term in found.activation.terms] == [
        (pytest.approx(-1, rel=1e-6), 0.0),
        (pytest.approx(3, rel=1e-6), 0.0),
    ]


def test_another_raw_zero_moves_all_powers_but_the_line() -> None:
    x = rows(2.5, 4)
    y = 3 * (x - 2) ** 2 - (x - 2)
    found = best(polynomials(scaled(x, y, None, 2.0), POWERS, 0.0))
    assert is_exact(found, x, y)
    assert [term.steps[0].b for term in found.activation.terms] == [0.0, -2.0]


def test_there_are_no_inverse_powers_where_the_data_contain_the_origin() -> None:
    x = rows(-1, 1)
    found = polynomials(edge_of(x, 1 / x + x), POWERS, 0.0)
    degrees = {term.steps[0].of.degree for candidate in found for term in candidate.activation.terms}
    assert min(degree for degree in degrees if degree is not None) > 0


def test_more_terms_are_tried_only_until_the_floor_is_reached() -> None:
    x = rows(0.4, 2)
    edge = edge_of(x, x**2 + 0.3 * x**3)
    assert {len(c.activation.terms) for c in polynomials(edge, POWERS, 0.0)} == {2}
    assert {len(c.activation.terms) for c in polynomials(edge_of(x, np.sin(5 * x)), POWERS, 0.0)} > {2, 3}
