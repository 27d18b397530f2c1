"""Product nodes whose factors could as well be others, brought to the plainest form.

φ(A·B) is φ(u^{1/q}) of A^q·B^q for every q: training ends at any of them, and A = x^{-0.851} says little where
A = x would do. So q is chosen such that a factor, or the edge that leaves the node, becomes a straight line.

A(x)·B(y) + S(y) is (A(x) + k)·B(y) + (S(y) - k·B(y)) for every k. So k is chosen such that A has no constant.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kancli.engine.architecture import Edge
from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.graph.clean import is_pinned, line, scale_curve, straighten
from kancli.symbolic.graph.curve import Array, fit_spline
from kancli.symbolic.graph.graph import Graph, forward, linearise
from kancli.symbolic.library.functions import library

# Powers between which q is looked for; beyond them a spline of a power holds no information.
LEAST, MOST = 0.1, 10.0
# A curve this straight after the best power (1 − r²) is taken to be a straight line.
STRAIGHT = 1e-6
POWERS = 81


def plain_products(graph: Graph, x: Array, grid: int, pinned: frozenset[Edge] = frozenset()) -> Graph:
    """The graph with the factors of its product nodes in the powers that make most curves straight.

    x (inputs, n). Only factors that keep their sign on the rows have other powers. The curves that came out
    straight are straight lines then, which costs up to `STRAIGHT` of their variance: fit the graph again.
    """
    for node in sorted(graph.products):
        nodes, values = forward(graph, x)
        _, sensitivity, _ = linearise(graph, x)
        incoming, out = graph.into(node), graph.out_of(node)
        if not all(one_sign(values[i]) for i in incoming):
            continue
        if any(is_pinned(graph.edges[i], pinned) for i in (*incoming, *out)):
            continue
        size = {i: np.abs(values[i]) / np.exp(np.mean(np.log(np.abs(values[i])))) for i in incoming}
        product = np.multiply.reduce(list(size.values()))
        curves = [(size[i], nodes[graph.edges[i].source], sensitivity[i] ** 2) for i in incoming]
        curves += [(product, values[i], sensitivity[i] ** 2) for i in out]
        powers = [straightening(*curve) for curve in curves]

        def straight(q: float, curves: list[tuple[Array, Array, Array]] = curves) -> tuple[int, float]:
            residuals = [bent(q, *curve) for curve in curves]
            return -sum(r < STRAIGHT for r in residuals), min(residuals)

        best = min(((1.0, 0.0), *powers), key=lambda p: straight(p[0]))[0]
        if straight(best)[0] < straight(1.0)[0]:
            graph = raised(graph, node, best, size, values, nodes, grid)
            around = {graph.edges[i].origin[0]: STRAIGHT for i in (*incoming, *out)}
            graph = straighten(graph, x, around)
    return graph


def one_sign(values: Array) -> bool:
    """Whether all values lie on one side of zero, well away from it."""
    size = np.abs(values)
    return bool((np.all(values > 0) or np.all(values < 0)) and size.min() > 1e-6 * size.max())


def bent(q: float, base: Array, other: Array, weight: Array) -> float:
    """1 − r² of the straight line between baseᵠ (n,) and `other` (n,); base is positive."""
    return line(other, np.exp(np.clip(q * np.log(base), -30, 30)), weight)[2]


def straightening(base: Array, other: Array, weight: Array) -> tuple[float, float]:
    """The q for which baseᵠ is most nearly a straight line of `other`, and the 1 − r² of that line."""
    sizes = np.geomspace(LEAST, MOST, POWERS)
    best = min((*sizes, *-sizes), key=lambda q: bent(q, base, other, weight))
    low, high = sorted((best * 0.94, best * 1.06))
    golden = (np.sqrt(5) - 1) / 2
    while high - low > 1e-7 * abs(best):
        left, right = high - golden * (high - low), low + golden * (high - low)
        nearer_left = bent(left, base, other, weight) < bent(right, base, other, weight)
        low, high = (low, right) if nearer_left else (left, high)
    q = float(low + high) / 2
    return q, bent(q, base, other, weight)


def raised(
    graph: Graph,
    node: int,
    q: float,
    size: dict[int, Array],
    values: list[Array],
    nodes: list[Array],
    grid: int,
) -> Graph:
    """The graph with the factors' sizes (n,) to the power q in a product node, and edges out that undo it."""
    product = np.ones(len(nodes[0]))
    edges = list(graph.edges)
    for i, base in size.items():
        factor = np.exp(q * np.log(base))
        product = product * factor
        edges[i] = replace(edges[i], curve=fit_spline(nodes[edges[i].source], factor, grid, 3))
    for i in graph.out_of(node):
        edges[i] = replace(edges[i], curve=fit_spline(product, values[i], grid, 3))
    return replace(graph, edges=tuple(edges))


def plain_offsets(graph: Graph, x: Array, grid: int, pinned: frozenset[Edge] = frozenset()) -> Graph:
    """An equal graph in which a factor has no constant of its own where another edge can take it over.

    x (inputs, n). That is so for a product of two factors which enters a sum in a straight line, beside an
    edge from the other factor's source.
    """
    for node in sorted(graph.products):
        incoming = graph.into(node)
        if len(incoming) == 2:
            for factor, other in (incoming, incoming[::-1]):
                graph = without_constant(graph, node, factor, other, x, grid, pinned)
    return graph


def without_constant(
    graph: Graph, node: int, factor: int, other: int, x: Array, grid: int, pinned: frozenset[Edge]
) -> Graph:
    """The constant of one factor (an edge, as is `other`) of a product node handed on, where that is possible."""
    nodes, values = forward(graph, x)
    edges = list(graph.edges)
    out = graph.out_of(node)
    if len(out) != 1 or edges[out[0]].target in graph.products:
        return graph
    beside = [i for i in graph.into(edges[out[0]].target) if edges[i].source == edges[other].source]
    if not beside or any(is_pinned(edges[i], pinned) for i in (factor, other, *out, *beside)):
        return graph
    slope, _, residual = line(nodes[node], values[out[0]], np.ones(x.shape[1]))
    k = constant_of(nodes[edges[factor].source], values[factor]) if residual <= STRAIGHT else None
    if k is None or abs(k) <= STRAIGHT * np.std(values[factor]):
        return graph
    rest = values[beside[0]] + slope * k * values[other]
    edges[factor] = scale_curve(edges[factor], 1.0, -k)
    edges[beside[0]] = replace(edges[beside[0]], curve=fit_spline(nodes[edges[other].source], rest, grid, 3))
    return replace(graph, edges=tuple(edges))


def constant_of(u: Array, v: Array) -> float | None:
    """d of the plain function c·f(a·u + b) + d that v (n,) is of u (n,), if it is one."""
    best = fit_edge(u, v, None, library(), floor=STRAIGHT, compositions=False, sums=False, top=1)
    return best[0].activation.d if best and best[0].residual <= STRAIGHT else None
