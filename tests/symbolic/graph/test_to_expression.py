"""Graphs as formulas: equal to the graph, and refused while a spline is left."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import as_splines, elementary, graph, rows

from kancli.symbolic.expression import complexity, constants, evaluate
from kancli.symbolic.graph.clean import linear
from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.graph.to_expression import expression_of
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import ALL, named_function

SUM = graph(
    2,
    [
        (0, 2, elementary("sin", 2.0, 3.0, 0.5, 1.0)),
        (1, 2, elementary("x^2", 0.3)),
        (2, 3, elementary("exp", a=0.4)),
    ],
)
PRODUCT = graph(
    2,
    [
        (0, 2, elementary("cos", d=2.0)),
        (1, 2, elementary("x^3", b=0.1)),
        (2, 3, linear(2.0, -1.0)),
        (0, 3, elementary("abs")),
    ],
    products=[2],
)
CHAINS = graph(
    2,
    [
        (0, 2, Activation((Term(1.5, (Step("x^2", 1.0, 0.0), Step("sqrt", 1.0, 2.0))),), 0.0)),
        (1, 2, Activation((Term(1.0, (Step("x", 1.0, 0.0),)), Term(0.5, (Step("sin", 2.0, 0.0),))), 0.1)),
    ],
)
POWER = graph(
    2, [(0, 2, elementary("power", b=2.0, exponent=1.5)), (1, 2, elementary("power", b=3.0, exponent=-0.37))]
)


@pytest.mark.parametrize("known", [SUM, PRODUCT, CHAINS, POWER], ids=["sum", "product", "chains", "powers"])
def test_the_formula_equals_the_graph_in_the_datas_units(known: Graph) -> None:
    scale, shift, size = (3.0, 1e-3), -7.0, 1e4
    x = rows(2)
    raw = x.T * np.array(scale)
    expression = expression_of(known, scale, shift, size)
    np.testing.assert_allclose(evaluate(expression, raw), shift + size * predict(known, x), rtol=1e-11)


@pytest.mark.parametrize("name", [name for name in ALL if name not in ("power", "x")])
def test_every_function_of_the_library_is_written_as_it_is_computed(name: str) -> None:
    function = named_function(name, {})
    b = 2.0 if function.low > -np.inf else 0.1
    a, b = (0.4, 0.1) if function.is_bounded else (0.4, b)
    known = graph(
        1,
        [
            (
                0,
                1,
                elementary(
                    name,
                    1.3,
                    a if function.scale == "free" else 1.0,
                    b if function.shift == "free" else 0.0,
                    0.2,
                ),
            )
        ],
    )
    x = rows(1, low=0.1, high=0.9)
    values = predict(known, x)
    assert np.isfinite(values).all()
    np.testing.assert_allclose(evaluate(expression_of(known, (1.0,), 0.0, 1.0), x.T), values, rtol=1e-10)


def test_a_users_function_is_written_out() -> None:
    langevin = "1/tanh(x) - 1/x"
    step = Step("langevin", 2.0, 0.0, None, langevin)
    known = graph(1, [(0, 1, Activation((Term(1.5, (step,)),), 0.5))])
    x = rows(1, low=0.2, high=3.0)
    expected = 1.5 * (1 / np.tanh(2 * x[0]) - 1 / (2 * x[0])) + 0.5
    np.testing.assert_allclose(evaluate(expression_of(known, (1.0,), 0.0, 1.0), x.T), expected, rtol=1e-12)


def test_a_spline_left_over_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(ValueError, match="still a spline"):
        expression_of(as_splines(SUM, rows(2), only=[1]), (1.0, 1.0), 0.0, 1.0)


def test_an_input_without_edges_does_not_occur() -> None:
    known = graph(3, [(0, 3, elementary("sin")), (2, 3, elementary("exp"))])
    x = rows(3)
    expression = expression_of(known, (1.0, 1.0, 1.0), 0.0, 1.0)
    np.testing.assert_allclose(evaluate(expression, x.T), np.sin(x[0]) + np.exp(x[2]), rtol=1e-12)


def test_numbers_that_are_decided_are_no_constants_to_fit() -> None:
    free = len(
        constants(expression_of(graph(1, [(0, 1, elementary("power", b=2.0, exponent=1.37))]), (1.0,), 0, 1))
    )
    decided = len(
        constants(expression_of(graph(1, [(0, 1, elementary("power", b=2.0, exponent=1.5))]), (1.0,), 0, 1))
    )
    assert decided == free - 1
    assert complexity(expression_of(graph(1, [(0, 1, elementary("x^2"))]), (1.0,), 0.0, 1.0)) > 0
