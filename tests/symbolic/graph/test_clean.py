"""Rewrites keep the function and make the graph smaller; pinned edges are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import GRID, as_splines, elementary, graph, relative, rows

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.clean import (
    absorb_linear,
    clean,
    exponentiate,
    is_line,
    line,
    linear,
    merge_chains,
    merge_equal_nodes,
    merge_parallel,
    straighten,
)
from kancli.symbolic.graph.curve import fit_spline
from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.library.activation import Activation

X = rows(2)
# A spline of 20 intervals through smooth values is this near to them.
SPLINE = 1e-4

LINES = graph(
    2,
    [
        (0, 2, elementary("sin", a=2.0)),
        (1, 2, elementary("x^2")),
        (2, 4, linear(2.0, 0.5)),
        (1, 3, elementary("exp")),
        (3, 4, linear(-1.0, 0.0)),
        (4, 5, elementary("exp", a=0.3)),
    ],
)
PARALLEL = graph(2, [(0, 2, elementary("sin")), (0, 2, elementary("x^2")), (1, 2, elementary("exp"))])
PARALLEL_PRODUCT = graph(
    2,
    [(0, 2, elementary("sin", b=2.0)), (0, 2, elementary("exp")), (1, 2, elementary("x^2", d=1.0))],
    products=[2],
)
CHAIN = graph(
    2,
    [
        (0, 2, elementary("x^2", d=1.0)),
        (2, 3, elementary("sqrt")),
        (2, 4, elementary("log")),
        (1, 3, elementary("x")),
        (3, 4, elementary("sin")),
    ],
)
TWINS = graph(
    2,
    [
        (0, 2, elementary("sin")),
        (1, 2, elementary("x^2")),
        (0, 3, elementary("sin", c=-2.0)),
        (1, 3, elementary("x^2", c=-2.0, d=3.0)),
        (2, 4, elementary("exp")),
        (3, 4, elementary("x^2")),
    ],
)


def check(before: Graph, after: Graph, within: float, x: np.ndarray = X) -> None:
    assert relative(predict(after, x), predict(before, x)) < within


def test_a_sum_node_behind_a_straight_line_is_absorbed_exactly() -> None:
    after = absorb_linear(LINES, X, GRID)
    check(LINES, after, 1e-13)
    assert len(after.edges) == len(LINES.edges) - 2


def test_absorbing_works_on_splines_with_a_base_function_too() -> None:
    before = as_splines(LINES, X, only=[0, 1, 3])
    check(before, absorb_linear(before, X, GRID), 1e-12)


def test_a_line_into_or_out_of_a_product_is_not_absorbed() -> None:
    into = graph(
        2,
        [
            (0, 2, elementary("sin")),
            (1, 2, elementary("x^2")),
            (2, 3, linear(2.0, 1.0)),
            (1, 3, elementary("exp")),
        ],
        products=[3],
    )
    out_of = graph(
        2, [(0, 2, elementary("sin")), (1, 2, elementary("x^2")), (2, 3, linear(2.0, 1.0))], products=[2]
    )
    for before in (into, out_of):
        assert absorb_linear(before, X, GRID) == before


@pytest.mark.parametrize("before", [PARALLEL, PARALLEL_PRODUCT], ids=["sum", "product"])
def test_edges_between_the_same_nodes_become_one(before: Graph) -> None:
    after = merge_parallel(before, X, GRID)
    check(before, after, SPLINE)
    assert len(after.edges) == 2


def test_a_node_with_one_edge_in_becomes_part_of_the_edges_out() -> None:
    after = merge_chains(CHAIN, X, GRID)
    check(CHAIN, after, SPLINE)
    assert len(after.edges) == len(CHAIN.edges) - 1
    assert (Edge(0, 0, 0), Edge(0, 1, 1)) in [e.origin for e in after.edges]


def test_a_product_node_with_one_edge_in_is_a_chain_as_well() -> None:
    before = graph(
        2, [(0, 2, elementary("sin")), (2, 3, elementary("exp")), (1, 3, elementary("x"))], products=[2]
    )
    after = merge_chains(before, X, GRID)
    check(before, after, SPLINE)
    assert not after.products


def test_nodes_that_are_straight_lines_of_each_other_become_one() -> None:
    after = merge_equal_nodes(TWINS, X, GRID)
    check(TWINS, after, SPLINE)
    assert after.nodes == TWINS.nodes - 1


def test_different_nodes_stay_apart() -> None:
    other = TWINS.with_curves({2: elementary("sin", c=-2.0, a=1.01)})
    assert merge_equal_nodes(other, X, GRID) == other


def test_a_spline_that_is_straight_as_far_as_it_is_known_becomes_a_line() -> None:
    bent = X[0] + 1e-4 * np.sin(9 * X[0])
    curve = fit_spline(X[0], bent, GRID, 3)
    before = graph(2, [(0, 2, curve), (1, 2, elementary("exp"))])
    known = straighten(before, X, {Edge(0, 0, 0): 1e-12})
    vague = straighten(before, X, {Edge(0, 0, 0): 1e-6})
    assert not known.edges[0].symbolic
    assert is_line(vague.edges[0])
    check(before, vague, 1e-3)


@pytest.mark.parametrize("known", [LINES, PARALLEL, PARALLEL_PRODUCT, CHAIN, TWINS])
def test_cleaning_keeps_the_function_and_leaves_nothing_to_clean(known: Graph) -> None:
    before = as_splines(known, X)
    after = clean(before, X, dict.fromkeys((e.origin[0] for e in before.edges), 1e-9), GRID)
    check(before, after, 5 * SPLINE)
    assert len(after.edges) < len(before.edges)
    assert clean(after, X, {}, GRID) == after


@pytest.mark.parametrize("known", [LINES, PARALLEL, PARALLEL_PRODUCT, CHAIN, TWINS])
def test_pinned_edges_stay_by_themselves(known: Graph) -> None:
    before = as_splines(known, X)
    pinned = frozenset(e.origin[0] for e in before.edges)
    floors = dict.fromkeys(pinned, 1.0)
    assert clean(before, X, floors, GRID, pinned) == before


def test_one_pinned_edge_does_not_keep_others_from_merging() -> None:
    pinned = frozenset({Edge(0, 2, 2)})  # the exp beside two parallel edges
    after = clean(as_splines(PARALLEL, X), X, {}, GRID, pinned)
    assert sorted(len(e.origin) for e in after.edges) == [1, 1]
    assert len(after.edges) == 2


@pytest.mark.parametrize("rate", [1.0, -1.0, 0.5])
def test_a_sum_becomes_a_product_of_exponentials(rate: float) -> None:
    before = graph(
        2,
        [
            (0, 2, elementary("sin")),
            (1, 2, elementary("x^2")),
            (2, 3, elementary("exp")),
            (1, 3, elementary("x")),
        ],
    )
    after = exponentiate(before, 2, X, rate, GRID)
    assert after is not None
    assert after.products == {2}
    check(before, after, 1e-3)


def test_a_sum_of_logarithms_becomes_a_monomial() -> None:
    x = rows(2, low=0.5, high=2.0)
    before = graph(
        2, [(0, 2, elementary("log")), (1, 2, elementary("log", c=-2.0)), (2, 3, elementary("exp"))]
    )
    after = exponentiate(before, 2, x, 1.0, GRID)
    assert after is not None
    check(before, after, 1e-3, x)
    # Each factor is a power of its input: log|factor| is a straight line of log(input).
    factor = after.edges[1].curve.evaluate(x[1])
    slope, _, residual = line(np.log(x[1]), np.log(factor), np.ones_like(factor))
    assert abs(slope + 2) < 1e-3
    assert residual < 1e-6


def test_a_product_the_output_and_too_wide_exponents_are_not_exponentiated() -> None:
    assert exponentiate(PARALLEL_PRODUCT, 2, X, 1.0, GRID) is None
    assert exponentiate(PARALLEL, PARALLEL.output, X, 1.0, GRID) is None
    wide = graph(2, [(0, 2, linear(100.0, 0.0)), (1, 2, elementary("x^2")), (2, 3, elementary("x"))])
    assert exponentiate(wide, 2, X, 1.0, GRID) is None


def test_a_weighted_line_ignores_rows_without_weight() -> None:
    u = np.array([0.0, 1.0, 2.0, 3.0])
    v = np.array([1.0, 3.0, 5.0, 100.0])
    assert line(u, v, np.array([1.0, 1.0, 1.0, 0.0])) == (2.0, 1.0, 0.0)


def test_the_residual_of_a_line_is_one_minus_r_squared() -> None:
    u, v = X[0], np.sin(3 * X[0])
    slope, constant, residual = line(u, v, np.ones_like(u))
    assert np.isclose(residual, 1 - np.corrcoef(u, v)[0, 1] ** 2)
    assert np.allclose([slope, constant], np.polyfit(u, v, 1))


def test_linear_is_a_straight_line() -> None:
    assert isinstance(linear(2.0, 1.0), Activation)
    np.testing.assert_allclose(linear(2.0, 1.0).evaluate(X[0]), 2 * X[0] + 1)
