"""Formulas in which some edges have stayed splines."""

from __future__ import annotations

import numpy as np
from graphs import as_splines, elementary, graph, rows

from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.graph.graph import Graph, predict
from kancli.symbolic.graph.partial import partial_expression, spline_columns, spline_name
from kancli.symbolic.text.printer import render

X = rows(2)
KNOWN = graph(
    2, [(0, 2, elementary("sin", a=2.0)), (1, 2, elementary("x^2")), (2, 3, elementary("exp", a=0.3))]
)


def written(graph: Graph, scale: tuple[float, ...] = (1.0, 1.0)) -> tuple[Expression, dict[int, str], str]:
    def write(expression: Expression, more: dict[int, str]) -> str:
        last = max(more, default=graph.inputs - 1)
        return render(expression, ["x1", "x2", *(more.get(i, "") for i in range(graph.inputs, last + 1))])

    expression, names = partial_expression(graph, scale, 0.5, 2.0, write)
    return expression, names, write(expression, names)


def test_a_spline_stands_under_its_own_name_with_its_raw_argument() -> None:
    made = as_splines(KNOWN, X, only=[1])
    text = written(made, (10.0, 10.0))[2]
    assert "spline_0_1_1(x2)" in text
    assert "sin" in text


def test_a_spline_of_a_hidden_node_is_written_with_what_enters_it() -> None:
    text = written(as_splines(KNOWN, X, only=[2]))[2]
    assert "spline_0_2_2(" in text
    assert "sin(2" in text.split("spline_0_2_2(")[1]


def test_splines_may_be_nested() -> None:
    assert "spline_0_2_2(spline_0_0_0(x1) + " in written(as_splines(KNOWN, X, only=[0, 2]))[2]


def test_the_formula_with_the_splines_values_equals_the_graph() -> None:
    made = as_splines(KNOWN, X, only=[0, 2])
    expression = written(made)[0]
    values = evaluate(expression, spline_columns(made, X.T))
    np.testing.assert_allclose(values, 0.5 + 2.0 * predict(made, X), rtol=1e-12)


def test_a_merged_edge_is_named_by_where_it_begins_and_ends() -> None:
    from dataclasses import replace

    from kancli.engine.architecture import Edge

    made = as_splines(KNOWN, X, only=[1])
    edge = replace(made.edges[1], origin=(Edge(0, 1, 4), Edge(1, 4, 2)))
    assert spline_name(replace(made, edges=(made.edges[0], edge, made.edges[2])), 1) == "spline_0_1_2"
