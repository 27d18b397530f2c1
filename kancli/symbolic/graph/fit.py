"""All constants and spline coefficients of a graph fitted together on the data, by Levenberg-Marquardt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kancli.symbolic.graph.curve import Array, Curve
from kancli.symbolic.graph.graph import Graph, linearise, predict
from kancli.symbolic.least_squares.single import levenberg_marquardt, until

# A fit shows the shape of the curves; the last digits are not needed.
TOLERANCE = 1e-6
# A relative error at which rounding is all that is left.
EXACT = 1e-15
# Where a fit begins unless it is known to be far away.
NEAR = 1e-4


@dataclass(frozen=True)
class GraphFit:
    """`rmse`: root mean square error on the rows fitted."""

    graph: Graph
    rmse: float


@dataclass(frozen=True)
class _Point:
    """A graph as a least-squares model: its errors on the rows, (n,), times the roots of their weights."""

    graph: Graph
    x: Array
    y: Array
    root: Array

    @cached_property
    def residual(self) -> Array:
        return (predict(self.graph, self.x) - self.y) * self.root

    def jacobian(self) -> Array:
        """Where a curve meets a pole or a branch point, the row does not pull."""
        jacobian = np.concatenate(linearise(self.graph, self.x)[2], axis=1) * self.root[:, None]
        return np.where(np.isfinite(jacobian), jacobian, 0.0)


def fit_graph(
    graph: Graph, x: Array, y: Array, weight: Array | None = None, *, steps: int, damping: float = NEAR
) -> GraphFit:
    """At most `steps` trials from where the graph is; x (inputs, n), y (n,), weight (n,) of squared residuals.

    Redundant directions (the scale of a hidden node) are held by the damping. A step into a domain error is refused.
    """
    theta, sizes = _parameters(graph)
    root = np.ones(len(y)) if weight is None else np.sqrt(weight)

    def at(theta: Array) -> _Point:
        return _Point(_with_parameters(graph, theta, sizes), x, y, root)

    states = levenberg_marquardt(at, theta, damping=damping)
    floor = EXACT**2 * float((root * y) @ (root * y))
    end = until(states, steps=steps, tolerance=TOLERANCE, floor=floor)
    return GraphFit(end.point.graph, float(np.sqrt(end.sse / (root @ root))))


def _parameters(graph: Graph) -> tuple[Array, list[int]]:
    parts = [e.curve.parameters() for e in graph.edges]
    return np.concatenate(parts), [len(p) for p in parts]


def _with_parameters(graph: Graph, theta: Array, sizes: list[int]) -> Graph:
    curves: dict[int, Curve] = {}
    at = 0
    for i, size in enumerate(sizes):
        curves[i] = graph.edges[i].curve.with_parameters(theta[at : at + size])
        at += size
    return graph.with_curves(curves)
