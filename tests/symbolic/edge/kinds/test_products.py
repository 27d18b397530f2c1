"""Products of two functions of one input, and what is made of two chains, fit their own members."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from edges import Array, best, edge_of, is_exact, raw, rows

from kancli.symbolic.edge.chains.pair_forms import PRODUCT, SUM
from kancli.symbolic.edge.kinds.products import POWERS, Pairs, activations, chain_of
from kancli.symbolic.library.functions import library

FUNCTIONS = library(["x", "x^2", "x^3", "1/x", "sqrt", "exp", "log", "sin", "cos", "tanh"])
Made = Callable[[Pairs], list]

# What fits, and a curve with random constants p in [0.5, 2).
MEMBERS: list[tuple[str, Made, Callable[[Array, Array], Array]]] = [
    ("x*sin", Pairs.products, lambda x, p: p[0] * x * np.sin(3 * p[1] * x + p[2])),
    ("exp*sin", Pairs.products, lambda x, p: np.exp(-p[0] * x) * np.sin(4 * p[1] * x + p[2])),
    ("log*tanh", Pairs.products, lambda x, p: np.log(x + p[0] - 0.4) * np.tanh(p[1] * x - 1)),
    ("sin*1/x(x^2)", Pairs.products, lambda x, p: np.sin(4 * p[0] * x) / (1 + p[1] * x**2)),
    ("polynomial*exp", Pairs.polynomial_products, lambda x, p: (p[0] - x + p[1] * x**3) * np.exp(-p[2] * x)),
    ("sin(x^2) + log", Pairs.sums, lambda x, p: np.sin(2 * p[0] * x**2) + p[1] * np.log(x)),
    (
        "sin + exp + cubic",
        lambda pairs: pairs.sums_beside(3),
        lambda x, p: np.sin(7 * p[0] * x) + np.exp(-3 * p[1] * x) + x**3 / 9,
    ),
    ("f + g + f*g", Pairs.mixed, lambda x, p: (np.sin(5 * p[0] * x) + p[1]) * (np.exp(-p[2] * x) + 0.7)),
    ("x^k*f*g", Pairs.triple, lambda x, p: x * np.exp(-p[0] * x) * np.sin(5 * p[1] * x)),
]


@pytest.fixture(params=MEMBERS, ids=[name for name, *_ in MEMBERS])
def member(request: pytest.FixtureRequest) -> tuple[Made, Array, Array]:
    name, made, curve = request.param
    x = rows(0.3, 3, count=120)
    return made, x, curve(x, np.random.default_rng(len(name)).uniform(0.5, 2, 3))


def test_a_random_member_is_fitted(member: tuple[Made, Array, Array]) -> None:
    made, x, y = member
    edge = edge_of(x, y)
    with np.errstate(all="ignore"):
        found = made(Pairs(edge, FUNCTIONS, 0.0))
    assert is_exact(best(raw(found, edge, FUNCTIONS)), x, y)


def test_chirps_are_among_the_factors_where_they_are_given() -> None:
    x = rows(-1, 2, count=200)
    y = x * np.sin(11 * x**2 + 3 * x)
    edge = edge_of(x, y)
    # s = x/half as x is measured from the raw origin.
    given = [(11 * edge.half**2, 3 * edge.half)]
    with np.errstate(all="ignore"):
        with_them = raw(Pairs(edge, FUNCTIONS, 0.0, chirps=given).products(), edge, FUNCTIONS)
        without = raw(Pairs(edge, FUNCTIONS, 0.0).products(), edge, FUNCTIONS)
    assert is_exact(best(with_them), x, y)
    assert min((one.residual for one in without), default=1.0) > 1e-3


def test_third_factors_are_powers_that_the_library_has() -> None:
    x = rows(0.3, 3, count=200)
    edge = edge_of(x, x**2 * np.exp(-x) * np.sin(5 * x))
    few = library(["x", "exp", "sin", "cos"])
    with np.errstate(all="ignore"):
        found = Pairs(edge, few, 0.0).triple()
    used = {chain[0].function for one in found for term in one.terms for chain in term.factors[1:]}
    assert used == {"x"}
    assert len(POWERS) > 1


def test_a_problem_as_an_activation_has_the_values_of_its_shapes() -> None:
    """Every shape is written as a chain of s: nothing of it is lost."""
    edge = edge_of(x := rows(0.3, 3, count=200), np.sin(x))
    with np.errstate(all="ignore"):
        pairs = Pairs(edge, FUNCTIONS, 0.0)
        s = pairs.coarse.t - pairs.coarse.origin
        for row, values in enumerate(pairs.shapes.values):
            u = s
            for step in chain_of(pairs.shapes.problems, row):
                u = step.value(u)
            assert np.allclose(u / np.max(np.abs(u)), values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("form", [PRODUCT, SUM])
def test_of_no_problems_there_are_no_activations(form) -> None:  # type: ignore[no-untyped-def]
    edge = edge_of(x := rows(0.3, 3), np.sin(x))
    pairs = Pairs(edge, FUNCTIONS, 0.0)
    assert activations(pairs.shapes.problems.take(np.array([], dtype=np.intp)), form, pairs.fine) == []
