"""Product nodes in the powers that make them plain: the same function, and lines where lines are possible."""

from __future__ import annotations

import numpy as np
from graphs import GRID, as_splines, elementary, graph, relative, rows

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.clean import line
from kancli.symbolic.graph.graph import forward, predict
from kancli.symbolic.reading.gauge import plain_offsets, plain_products, straightening

X = rows(2, low=0.5, high=2.0)
# 1/(1 + x·y) as training may find it: both factors to the power -0.85.
ODD = graph(
    2,
    [
        (0, 2, elementary("power", c=1.3, exponent=-0.85)),
        (1, 2, elementary("power", c=-0.7, exponent=-0.85)),
        (2, 3, elementary("tanh", c=0.5, a=2.0, b=1.0)),
    ],
    products=[2],
)


def straightness(made: object, edge: int, x: np.ndarray) -> float:
    nodes, values = forward(made, x)  # type: ignore[arg-type]
    return line(nodes[made.edges[edge].source], values[edge], np.ones(x.shape[1]))[2]  # type: ignore[attr-defined]


def test_factors_become_straight_lines_where_one_power_makes_them_so() -> None:
    splines = as_splines(ODD, X)
    plain = plain_products(splines, X, GRID)
    assert relative(predict(plain, X), predict(splines, X)) < 1e-4
    assert straightness(plain, 0, X) < 1e-7
    assert straightness(plain, 1, X) < 1e-7


def test_the_edge_out_becomes_a_straight_line_where_that_is_possible() -> None:
    x = rows(2)
    known = graph(
        2,
        [
            (0, 2, elementary("gaussian", c=2.0, d=0.5)),
            (1, 2, elementary("sin", d=2.0)),
            (2, 3, elementary("power", exponent=1.0 / 3.0 + 0.0271)),
            (0, 3, elementary("x^2")),
        ],
        products=[2],
    )
    splines = as_splines(known, x)
    plain = plain_products(splines, x, GRID)
    assert relative(predict(plain, x), predict(splines, x)) < 1e-4
    assert straightness(plain, 2, x) < 1e-6


def test_factors_that_change_sign_have_no_other_powers() -> None:
    x = rows(2)
    known = as_splines(
        graph(
            2,
            [(0, 2, elementary("x^3")), (1, 2, elementary("exp")), (2, 3, elementary("tanh"))],
            products=[2],
        ),
        x,
    )
    assert plain_products(known, x, GRID) is known


def test_a_product_that_is_plain_already_stays_as_it_is() -> None:
    known = as_splines(
        graph(
            2, [(0, 2, elementary("x")), (1, 2, elementary("exp")), (2, 3, elementary("tanh"))], products=[2]
        ),
        X,
    )
    assert plain_products(known, X, GRID) is known


def test_a_pinned_edge_keeps_its_product_as_it_is() -> None:
    splines = as_splines(ODD, X)
    assert plain_products(splines, X, GRID, frozenset({Edge(0, 1, 1)})) is splines


def test_the_straightening_power_is_found() -> None:
    x = np.random.default_rng(0).uniform(0.3, 2.0, 200)
    for p in (0.3, -0.5, 2.0, -4.0):
        q, residual = straightening((1 + 2 * x) ** p, x, np.ones(200))
        assert abs(q * p - 1) < 1e-5
        assert residual < 1e-9


def test_a_factor_hands_its_constant_on_to_the_edge_beside_it() -> None:
    # (x + 0.7)·cos(2y) + sin(y), as training may write x·cos(2y) + (sin(y) + 0.7·cos(2y))
    x = rows(2)
    known = graph(
        2,
        [
            (0, 2, elementary("x", d=0.7)),
            (1, 2, elementary("cos", a=2.0)),
            (2, 3, elementary("x", c=1.5)),
            (1, 3, elementary("sin")),
        ],
        products=[2],
    )
    splines = as_splines(known, x, only=[0, 1, 3])
    plain = plain_offsets(splines, x, GRID)
    assert relative(predict(plain, x), predict(splines, x)) < 1e-5
    nodes, values = forward(plain, x)
    np.testing.assert_allclose(values[0] @ nodes[0] / (nodes[0] @ nodes[0]) * nodes[0], values[0], atol=1e-5)
    assert plain_offsets(splines, x, GRID, frozenset({Edge(0, 3, 3)})) is splines


def test_without_an_edge_beside_it_a_factor_keeps_its_constant() -> None:
    x = rows(2)
    known = graph(
        2, [(0, 2, elementary("x", d=0.7)), (1, 2, elementary("cos")), (2, 3, elementary("x"))], products=[2]
    )
    assert plain_offsets(as_splines(known, x), x, GRID).edges[0] == as_splines(known, x).edges[0]
