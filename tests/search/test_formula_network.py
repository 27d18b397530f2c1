"""The network that a formula is."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe.width import parse_width
from kancli.search.edges import edge_rows
from kancli.search.formula_network import network_of
from kancli.symbolic.expression import evaluate
from kancli.symbolic.text.parser import parse

X = np.random.default_rng(0).uniform(1, 3, (60, 3))
NAMES = ("x", "y", "z")
FORMULAS = [
    ("2*x**2*exp(-3*y) + 0.5*z", "3,1+1p,1"),
    ("x + sin(y) + 1", "3,1"),
    ("x*y/z", "3,1p"),
    ("-(x*y + 2*z)", "3,1+1p,1"),
    ("1 + 2*(x + y**2)", "3,1"),
    ("(1 + x*y)/(2 + x - z)", "3,1+1p,1p"),
    ("sqrt(x**2 + y**2)", "3,1,1"),
    ("x**y + z", "3,1p,1+1p,1"),
    ("sin(x)", "3,1"),
]


@pytest.mark.parametrize("text", [text for text, _ in FORMULAS])
def test_it_computes_the_formula(text: str) -> None:
    expression = parse(text, NAMES)
    found = network_of(expression, X)
    assert found is not None
    width, edges = found
    values = list(X.T)
    for layer, (sums, products) in enumerate(parse_width(width)[1:]):
        entering = [[e for e in edges if (e.layer, e.target) == (layer, k)] for k in range(sums + products)]
        for own in (e for node in entering for e in node):
            assert own.u == pytest.approx(values[own.source])
        values = [
            (np.sum if k < sums else np.prod)([e.value for e in node], axis=0)
            for k, node in enumerate(entering)
        ]
    assert values[0] == pytest.approx(evaluate(expression, X))


@pytest.mark.parametrize(("text", "width"), [f for f in FORMULAS if f[0] != "x**y + z"])
def test_no_node_is_there_twice(text: str, width: str) -> None:
    found = network_of(parse(text, NAMES), X)
    assert found is not None
    assert found[0] == width


def test_the_slope_of_an_edge_is_the_derivative_by_it() -> None:
    found = network_of(parse("3*sin(x*y)", NAMES), X)
    assert found is not None
    first, second, last = found[1]
    cosine = 3 * np.cos(X[:, 0] * X[:, 1])
    assert first.slope == pytest.approx(cosine * X[:, 1], rel=1e-5)
    assert second.slope == pytest.approx(cosine * X[:, 0], rel=1e-5)
    assert last.slope == pytest.approx(np.ones(60))


def test_data_that_follow_the_formula_agree_with_each_edge() -> None:
    expression = parse("x*exp(-y) + z**2", NAMES)
    found = network_of(expression, X)
    assert found is not None
    rows = edge_rows(found[1], np.zeros(60), None)
    assert all(row["r2"] > 0.999 for row in rows)
    assert "x^2" in {row["function"] for row in rows}


def test_a_constant_is_no_network() -> None:
    assert network_of(parse("3", NAMES), X) is None
