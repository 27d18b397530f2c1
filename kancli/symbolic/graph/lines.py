"""Splines that can be straight lines if the others take their bend over.

Training ends anywhere among the networks that hold a function, rarely at the plainest: φ(A·B) with a bent φ
where another A and B would do without. A curve's own shape does not tell; re-fitting the rest around a straight
line in its place does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.clean import is_pinned, line, linear
from kancli.symbolic.graph.curve import Array, Curve
from kancli.symbolic.graph.fit import GraphFit, fit_graph
from kancli.symbolic.graph.graph import Graph, forward, linearise

# How much the error may rise: by a spline's own inaccuracy where that is all there is, else hardly.
ALLOWED, ALLOWED_IN_NOISE = 1.25, 1.02
NOISE = 1e-3
# Steps of one fit, and the dampings that fits one after another start from: a long way needs both.
STEPS = 60
DAMPINGS = (1e-2, 1e-4)


def straightened_in_context(
    graph: Graph,
    x: Array,
    y: Array,
    rmse: float,
    pinned: frozenset[Edge] = frozenset(),
    expired: Callable[[], bool] = lambda: False,
    weight: Array | None = None,
) -> Graph:
    """The graph with as many splines turned into lines as leave its error on x (inputs, n), y (n,) where it was.

    `weight` (n,) multiplies squared residuals. `rmse` is that error, relative to the spread of y; the same graph
    comes back where no line is possible.
    """
    allowed = rmse * (ALLOWED if rmse < NOISE else ALLOWED_IN_NOISE)
    while True:
        for edges in worth_trying(graph, x, pinned):
            if expired():
                return graph
            fitted = with_lines(graph, edges, x, y, allowed, weight)
            if fitted.rmse <= allowed:
                graph = fitted.graph
                break
        else:
            return graph


def worth_trying(graph: Graph, x: Array, pinned: frozenset[Edge]) -> Iterator[tuple[int, ...]]:
    """Sets of splines: all that leave hidden nodes at once, then each by itself, the straightest first."""
    nodes, values = forward(graph, x)
    _, sensitivity, _ = linearise(graph, x)
    free = [i for i in graph.splines() if not is_pinned(graph.edges[i], pinned)]
    hidden = tuple(i for i in free if graph.edges[i].source >= graph.inputs)
    if len(hidden) > 1:
        yield hidden

    def bend(i: int) -> float:
        return line(nodes[graph.edges[i].source], values[i], sensitivity[i] ** 2)[2]

    yield from ((i,) for i in sorted(free, key=bend))


def with_lines(
    graph: Graph, edges: tuple[int, ...], x: Array, y: Array, enough: float, weight: Array | None = None
) -> GraphFit:
    """The graph with these edges straight and all else fitted, until the error is small enough."""
    nodes, values = forward(graph, x)
    _, sensitivity, _ = linearise(graph, x)
    curves: dict[int, Curve] = {}
    for i in edges:
        slope, constant, _ = line(nodes[graph.edges[i].source], values[i], sensitivity[i] ** 2)
        curves[i] = linear(slope or 1.0, constant)
    fitted = GraphFit(graph.with_curves(curves), np.inf)
    for damping in DAMPINGS:
        fitted = fit_graph(fitted.graph, x, y, weight, steps=STEPS, damping=damping)
        if fitted.rmse <= enough:
            break
    return fitted
