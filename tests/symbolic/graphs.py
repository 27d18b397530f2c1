"""Shared by the tests of graphs: small graphs of known functions, and the same as splines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.curve import Array, Curve, fit_spline
from kancli.symbolic.graph.graph import Graph, GraphEdge, forward
from kancli.symbolic.library.activation import Activation, Step, Term

ROWS = 300
GRID = 20


def rows(inputs: int, *, low: float = -1.0, high: float = 1.0, count: int = ROWS, seed: int = 0) -> Array:
    """Uniform inputs (inputs, count)."""
    return np.random.default_rng(seed).uniform(low, high, (inputs, count))


def elementary(
    name: str, c: float = 1.0, a: float = 1.0, b: float = 0.0, d: float = 0.0, exponent: float | None = None
) -> Activation:
    """c·f(a·x + b) + d."""
    return Activation((Term(c, (Step(name, a, b, exponent),)),), d)


def graph(
    inputs: int,
    edges: Sequence[tuple[int, int, Curve]],
    *,
    products: Sequence[int] = (),
) -> Graph:
    """Nodes are numbered as in `Graph`; edge number i has the origin (0, i, i), so that it can be pinned."""
    nodes = 1 + max(target for _, target, _ in edges)
    made = tuple(GraphEdge(s, t, curve, (Edge(0, i, i),)) for i, (s, t, curve) in enumerate(edges))
    return Graph(inputs, nodes, frozenset(products), made)


def as_splines(known: Graph, x: Array, *, grid: int = GRID, only: Sequence[int] | None = None) -> Graph:
    """The graph with its activations (all, or `only` some) replaced by least-squares splines."""
    nodes, values = forward(known, x)
    edges = tuple(
        e
        if only is not None and i not in only
        else replace(e, curve=fit_spline(nodes[e.source], values[i], grid, 3))
        for i, e in enumerate(known.edges)
    )
    return replace(known, edges=edges)


def relative(found: Array, wanted: Array) -> float:
    """Root mean square difference, in units of the wanted values' spread."""
    return float(np.sqrt(np.mean((found - wanted) ** 2)) / np.std(wanted))


def numeric_jacobian(function: Callable[[Array], Array], theta: Array, step: float = 1e-6) -> Array:
    """Central differences of a function of (p,) with values (n,), as (n, p)."""
    columns = []
    for i in range(len(theta)):
        h = np.zeros_like(theta)
        h[i] = step * max(1.0, abs(theta[i]))
        columns.append((function(theta + h) - function(theta - h)) / (2 * h[i]))
    return np.stack(columns, axis=1)
