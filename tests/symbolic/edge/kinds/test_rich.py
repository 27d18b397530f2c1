"""Products, polynomials inside functions and richer sums of one input: found exactly, and only where needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import make_lsq_spline

from kancli.symbolic.edge.fit import fit_data, fit_edge
from kancli.symbolic.edge.limits import is_limit
from kancli.symbolic.edge.ranking import Candidate
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]
FUNCTIONS = library()

# Name, range, curve.
EXACT: list[tuple[str, float, float, Curve]] = [
    ("x*sin", -1, 1, lambda x: x * np.sin(2 * np.pi * x)),
    ("x*exp", 0, 10, lambda x: (x - 1) * np.exp(-2 * x) + 3),
    ("x*log", 0.1, 10, lambda x: x * np.log(x)),
    ("cos*sin(x^2)", -1, 1, lambda x: np.sin(x**2) * np.cos(x) - 1),
    ("sin + sin(x + x^2)", -1, 1, lambda x: np.sin(x) + np.sin(x**2 + x)),
    ("log(x + x^3)", 0, 2, lambda x: np.log(x**3 + x + 0.5)),
    ("x*1/x(x^2)", -5, 5, lambda x: (1 + x) / (1 + x**2)),
    ("x + sin(x^2)", -10, 10, lambda x: x + np.sin(x**2)),
]
MORE: list[tuple[str, float, float, Curve]] = [
    ("1/x*sin", 0.1, 20, lambda x: np.sin(x) / x),
    ("exp*sin", 0, 5, lambda x: np.exp(-x) * np.sin(3 * x)),
    ("exp*(x + x^2)", 0, 4, lambda x: (x**2 + 2 * x - 1) * np.exp(-x)),
    ("x^3*1/x(exp)", 0.1, 10, lambda x: x**3 / np.expm1(x)),
    ("exp(x + x^3)", -1, 1, lambda x: np.exp(x - x**3)),
    ("1/x(x^2 + x^4)", -2, 2, lambda x: 1 / (x**4 + x**2 + 1)),
    ("x*exp*sin", 0, 6, lambda x: x * np.exp(-x) * np.sin(3 * x)),
    ("x + exp*cos", 0, 4, lambda x: np.exp(-x) * np.cos(4 * x) + x),
    ("arcsinh", -9, 40, lambda x: np.arcsinh(x)),
]


def rows(low: float, high: float, count: int = 200) -> Array:
    return np.sort(np.random.default_rng(0).uniform(low, high, count))


@pytest.mark.parametrize(
    ("name", "low", "high", "curve"),
    [*EXACT, *(pytest.param(*case, marks=pytest.mark.slow) for case in MORE)],
    ids=[f"{name} on [{low}, {high}]" for name, low, high, _ in (*EXACT, *MORE)],
)
def test_exact_data_give_the_law_itself(name: str, low: float, high: float, curve: Curve) -> None:
    x = rows(low, high)
    best = fit_data(x, curve(x), None, FUNCTIONS)[0]
    assert best.name == name
    beyond = np.linspace(high, high + 0.1 * (high - low), 30)
    np.testing.assert_allclose(
        best.activation.evaluate(beyond), curve(beyond), rtol=1e-7, atol=1e-7 * np.std(curve(x))
    )


@pytest.mark.slow
def test_harmonics_are_found_together() -> None:
    x = rows(-4, 4, 300)
    best = fit_data(x, np.sin(x) + np.sin(3 * x) / 3 + np.sin(5 * x) / 5, None, FUNCTIONS)[0]
    assert best.residual < 1e-24
    found = sorted((term.steps[0].a, term.c) for term in best.activation.terms)
    np.testing.assert_allclose(found, [(1, 1), (3, 1 / 3), (5, 1 / 5)], rtol=1e-9)


@pytest.mark.parametrize("coefficients", [[1.0] * 9, [1, 0, 0, -2, 0, 0, 3]])
def test_a_polynomial_of_high_degree_has_its_own_coefficients(coefficients: list[float]) -> None:
    x = rows(-1, 1, 300)
    y = sum(c * x**k for k, c in enumerate(coefficients, 1))
    best = fit_data(x, np.asarray(y), None, FUNCTIONS)[0]
    assert len(best.activation.terms) == np.count_nonzero(coefficients)
    found = sorted(term.c for term in best.activation.terms)
    np.testing.assert_allclose(found, sorted(c for c in coefficients if c), rtol=1e-10)


@pytest.mark.parametrize("count", [20, 1000])
def test_a_product_needs_few_rows_and_is_not_disturbed_by_many(count: int) -> None:
    x = rows(0, 10, count)
    best = fit_data(x, 3 * x * np.exp(-0.7 * x), None, FUNCTIONS)[0]
    assert (best.name, best.complexity) == ("x*exp", 5)


def test_a_product_is_found_under_noise() -> None:
    x = rows(-3, 3, 300)
    y = x * np.sin(4 * x)
    y = y + 0.01 * np.std(y) * np.random.default_rng(1).normal(size=len(y))
    assert fit_data(x, y, None, FUNCTIONS)[0].name == "x*sin"


def test_a_product_is_read_off_a_spline() -> None:
    x = rows(-1, 1, 600)
    y = x * np.sin(2 * np.pi * x)
    fine, coarse = spline(x, y, 20), spline(x, y, 10)
    floor = float(np.mean((fine - coarse) ** 2) / np.var(fine))
    assert fit_edge(x, fine, None, FUNCTIONS, floor=floor)[0].name == "x*sin"


def spline(x: Array, y: Array, grid: int) -> Array:
    knots = np.linspace(x[0], x[-1], grid + 1)
    knots = np.concatenate([np.repeat(knots[0], 3), knots, np.repeat(knots[-1], 3)])
    return np.asarray(make_lsq_spline(x, y, knots, 3)(x))


def test_noise_alone_is_a_constant() -> None:
    x = rows(0, 5, 200)
    best = fit_data(x, np.random.default_rng(1).normal(size=len(x)), None, FUNCTIONS)[0]
    assert best.name == "constant"


def test_weights_decide_which_rows_count() -> None:
    x = rows(0, 6, 300)
    y = np.where(x < 5, x * np.exp(-x), 7.0)
    weight = np.where(x < 5, 1.0, 0.0)
    assert fit_data(x, y, weight, FUNCTIONS)[0].name == "x*exp"


@pytest.mark.slow
def test_a_line_with_noise_stays_a_line() -> None:
    x = rows(0, 5)
    y = 2 * x + 1 + 0.1 * np.random.default_rng(1).normal(size=len(x))
    assert fit_data(x, y, None, FUNCTIONS)[0].name == "x"


def test_the_difference_of_two_nearly_equal_waves_is_a_limit() -> None:
    x = rows(-1, 1)
    near = [Term(c, (Step("cos", a, 0.0),)) for c, a in ((60.0, 6.27), (-60.0, 6.29))]
    apart = [Term(c, (Step("cos", a, 0.0),)) for c, a in ((1.0, 3.0), (-1.0, 7.0))]
    assert is_limit(Activation(tuple(near), 0.0), x)
    assert not is_limit(Activation(tuple(apart), 0.0), x)


def test_only_functions_of_the_library_are_written() -> None:
    x = rows(0.1, 5)
    found = fit_data(x, x**2 * np.exp(-x) * np.sin(x), None, library(["exp", "sin"]))
    assert written(found) <= {"x", "exp", "sin"}
    assert not any(
        any(step.higher)
        for candidate in found
        for term in candidate.activation.terms
        for chain in term.chains
        for step in chain
    )


def written(candidates: tuple[Candidate, ...]) -> set[str]:
    return {
        step.function
        for candidate in candidates
        for term in candidate.activation.terms
        for chain in term.chains
        for step in chain
    }


def test_the_units_of_a_product_do_not_matter() -> None:
    x = rows(0, 10)
    best = fit_data(1e-20 * x, 1e20 * x * np.exp(-x), None, FUNCTIONS)[0]
    assert (best.name, best.residual < 1e-24) == ("x*exp", True)
