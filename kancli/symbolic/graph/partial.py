"""A formula in which some edges have stayed splines, and are marked as such."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kancli.symbolic.expression import Constant, Expression, Variable, add, multiply
from kancli.symbolic.graph.curve import Array
from kancli.symbolic.graph.graph import Graph, forward
from kancli.symbolic.graph.to_expression import activation_expression
from kancli.symbolic.library.activation import Activation


def spline_name(graph: Graph, edge: int) -> str:
    """The name under which a spline stands in a formula: spline_LAYER_FROM_TO."""
    first, last = graph.edges[edge].origin[0], graph.edges[edge].origin[-1]
    return f"spline_{first.layer}_{first.source}_{last.target}"


def partial_expression(
    graph: Graph,
    input_scale: tuple[float, ...],
    target_shift: float,
    target_scale: float,
    written: Callable[[Expression, dict[int, str]], str],
) -> tuple[Expression, dict[int, str]]:
    """The formula with variable `inputs + i` in the place of spline edge i, and how each is written.

    `written(expression, names)` prints an expression under such names; a spline's argument is printed with it,
    as in spline_1_0_0(x1**2 + x2).
    """
    values: list[Expression] = [
        Variable(i) if s == 1.0 else multiply(Constant(1 / s), Variable(i)) for i, s in enumerate(input_scale)
    ]
    raw: list[Expression] = [Variable(i) for i in range(graph.inputs)]
    names: dict[int, str] = {}
    for node in range(graph.inputs, graph.nodes):
        parts = []
        for i in graph.into(node):
            edge = graph.edges[i]
            if isinstance(edge.curve, Activation):
                parts.append(activation_expression(edge.curve, values[edge.source]))
                continue
            argument = raw[edge.source] if edge.source < graph.inputs else values[edge.source]
            names[graph.inputs + i] = f"{spline_name(graph, i)}({written(argument, names)})"
            parts.append(Variable(graph.inputs + i))
        values.append(multiply(*parts) if node in graph.products else add(*parts))
    return add(multiply(Constant(target_scale), values[-1]), Constant(target_shift)), names


def spline_columns(graph: Graph, x: Array) -> Array:
    """Inputs (n, inputs) followed by the values of every edge (n, edges), as `partial_expression` numbers them."""
    _, edges = forward(graph, np.ascontiguousarray(x.T))
    return np.column_stack([x, *edges])
