"""A function of a polynomial, and a quotient of polynomials, fit their own members."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from edges import Array, best, edge_of, is_exact, raw, rows

from kancli.symbolic.edge.chains.polish import polish
from kancli.symbolic.edge.kinds.inner_polynomials import ROWS, UNDONE, polynomials_inside, quotients
from kancli.symbolic.edge.scaling import subsample

OUTER: dict[str, Callable[[Array], Array]] = {
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "1/sqrt": lambda u: 1 / np.sqrt(u),
    "1/x": lambda u: 1 / u,
    "1/x^2": lambda u: 1 / u**2,
}


def polynomial(x: Array, rng: np.random.Generator) -> Array:
    """A random cubic or quartic in x, 0.5 or more everywhere on the rows."""
    value = np.polynomial.polynomial.polyval(x, rng.uniform(-1.5, 1.5, rng.integers(4, 6)))
    return np.asarray(value - value.min() + rng.uniform(0.5, 1))


def test_every_outer_function_that_is_undone_has_a_curve_here() -> None:
    assert set(OUTER) == set(UNDONE)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", OUTER)
def test_a_function_of_a_random_polynomial_is_fitted(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rows(-1.2, 1.5, seed)
    inside = polynomial(x, rng)
    # An exponential grows too fast to show its small values otherwise.
    y = rng.uniform(0.5, 3) * OUTER[name](-inside if name == "exp" else inside) + rng.uniform(-2, 2)
    edge = edge_of(x, y)
    found = polynomials_inside(edge, frozenset({name, "x", "x^2", "x^3"}))
    assert is_exact(best(raw(found, edge)), x, y)


def test_only_functions_of_the_library_stand_outside() -> None:
    x = rows(-1, 1)
    edge = edge_of(x, np.log(2 + x + x**3 / 2))
    used = {
        step.function
        for one in polynomials_inside(edge, frozenset({"log", "x"}))
        for step in one.terms[0].steps
    }
    assert used == {"log"}
    assert polynomials_inside(edge, frozenset({"x"})) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("above", "below"), [(0, 1), (1, 1), (0, 2), (1, 2), (3, 2), (2, 3), (4, 2)])
def test_a_random_quotient_of_polynomials_is_fitted(above: int, below: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rows(-1, 1, seed)
    # The denominator's zeros are off the data: pairs beside the real axis, one beyond the end.
    under = np.ones_like(x) if below < 2 else (x - rng.uniform(-0.8, 0.8)) ** 2 + rng.uniform(0.3, 1)
    under = under * (x + rng.uniform(1.3, 2)) if below % 2 else under
    y = np.polynomial.polynomial.polyval(x, rng.uniform(0.5, 1.5, above + 1)) / under
    curve = subsample(edge_of(x, y).curve, ROWS)
    with np.errstate(all="ignore"):
        found = [polish(one, curve).residual for one in quotients(curve)]
    assert min(found) < 1e-16
