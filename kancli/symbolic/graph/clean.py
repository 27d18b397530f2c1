"""Rewrites that keep a graph's function and bring it nearer to how a person would write the formula.

Each takes a graph and the inputs at the data rows and returns an equal graph (to spline accuracy: an edge
that takes the place of several is the least-squares spline through their values at the rows).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.curve import Array, fit_spline
from kancli.symbolic.graph.graph import Graph, GraphEdge, forward, linearise, renumbered
from kancli.symbolic.library.activation import Activation, Step, Term

# Two nodes are one when this much of either's variance is not a straight line of the other.
SAME = 1e-9


def linear(slope: float, constant: float) -> Activation:
    """slope·x + constant as an activation."""
    return Activation((Term(slope, (Step("x", 1.0, 0.0),)),), constant)


def clean(
    graph: Graph, x: Array, floors: Mapping[Edge, float], grid: int, pinned: frozenset[Edge] = frozenset()
) -> Graph:
    """Merge and absorb until nothing changes.

    `floors[edge]`: the 1 − r² to which an edge of the network is known. `pinned` edges stay by themselves,
    because someone has named them.
    """
    graph = straighten(graph, x, floors, pinned)
    while True:
        edges = len(graph.edges)
        for rewrite in (absorb_linear, merge_parallel, merge_chains, merge_equal_nodes):
            graph = rewrite(graph, x, grid, pinned)
        if len(graph.edges) == edges:
            return graph


def is_pinned(edge: GraphEdge, pinned: frozenset[Edge]) -> bool:
    """Whether the edge is, or contains, one that has to stay."""
    return not pinned.isdisjoint(edge.origin)


def straighten(
    graph: Graph, x: Array, floors: Mapping[Edge, float], pinned: frozenset[Edge] = frozenset()
) -> Graph:
    """Spline edges that are straight lines, as far as they are known, become straight lines.

    Not where one edge is all there is: then the data are read themselves, and know more than the spline.
    """
    if graph.inputs == len(graph.edges) == 1:
        return graph
    nodes, values = forward(graph, x)
    _, sensitivity, _ = linearise(graph, x)
    curves = {}
    for i in graph.splines():
        edge = graph.edges[i]
        slope, constant, residual = line(nodes[edge.source], values[i], sensitivity[i] ** 2)
        if residual <= floor_of(edge, floors) and not is_pinned(edge, pinned):
            curves[i] = linear(slope, constant)
    return graph.with_curves(curves)  # type: ignore[arg-type]


def floor_of(edge: GraphEdge, floors: Mapping[Edge, float]) -> float:
    """The 1 − r² to which a graph's edge is known: that of the least known edge in it."""
    return max(floors.get(e, 0.0) for e in edge.origin)


def line(u: Array, v: Array, w: Array) -> tuple[float, float, float]:
    """Weighted straight line v ≈ slope·u + constant, and its 1 − r²."""
    total = w.sum()
    if not total > 0:
        w, total = np.ones_like(u), float(len(u))
    mu, mv = (w @ u) / total, (w @ v) / total
    du, dv = u - mu, v - mv
    uu, vv = w @ (du * du), w @ (dv * dv)
    slope = (w @ (du * dv)) / uu if uu > 0 else 0.0
    rest = dv - slope * du
    return float(slope), float(mv - slope * mu), float(w @ (rest * rest) / vv) if vv > 0 else 0.0


def is_line(edge: GraphEdge) -> bool:
    """Whether the edge's curve is a straight line with a slope."""
    c = edge.curve
    return isinstance(c, Activation) and len(c.terms) == 1 and c.terms[0].is_line


def absorb_linear(graph: Graph, x: Array, grid: int, pinned: frozenset[Edge] = frozenset()) -> Graph:
    """A sum node whose only way out is a straight line into a sum node hands its edges on."""
    for node in range(graph.inputs, graph.output):
        out = graph.out_of(node)
        if node in graph.products or len(out) != 1:
            continue
        edge = graph.edges[out[0]]
        if not is_line(edge) or edge.target in graph.products:
            continue
        if any(is_pinned(graph.edges[i], pinned) for i in (*out, *graph.into(node))):
            continue
        curve = edge.curve
        assert isinstance(curve, Activation)
        slope, constant = curve.terms[0].c, curve.d
        edges = []
        first = True
        for i, e in enumerate(graph.edges):
            if i == out[0]:
                continue
            if e.target == node:
                scaled = scale_curve(e, slope, constant if first else 0.0)
                first = False
                e = replace(scaled, target=edge.target, origin=(*e.origin, *edge.origin))
            edges.append(e)
        return absorb_linear(renumbered(graph, edges, set(graph.products)), x, grid, pinned)
    return graph


def scale_curve(edge: GraphEdge, slope: float, constant: float) -> GraphEdge:
    """The edge with slope·φ + constant in the place of φ."""
    c = edge.curve
    if isinstance(c, Activation):
        terms = tuple(replace(t, c=t.c * slope) for t in c.terms)
        return replace(edge, curve=Activation(terms, c.d * slope + constant))
    spline = c.grid + c.order
    coefficients = [v * slope + (constant if i < spline else 0.0) for i, v in enumerate(c.coefficients)]
    return replace(edge, curve=c.with_parameters(np.array(coefficients)))


def merge_parallel(graph: Graph, x: Array, grid: int, pinned: frozenset[Edge] = frozenset()) -> Graph:
    """Edges between the same two nodes become one."""
    groups: dict[tuple[int, int, int], list[int]] = {}
    for i, e in enumerate(graph.edges):
        alone = i + 1 if is_pinned(e, pinned) else 0
        groups.setdefault((e.source, e.target, alone), []).append(i)
    if all(len(g) == 1 for g in groups.values()):
        return graph
    nodes, values = forward(graph, x)
    edges = []
    for (source, target, _), group in groups.items():
        first = graph.edges[group[0]]
        if len(group) > 1:
            whole = np.multiply if target in graph.products else np.add
            v = whole.reduce([values[i] for i in group])
            first = replace(first, curve=fit_spline(nodes[source], v, grid, 3))
        edges.append(first)
    return renumbered(graph, edges, set(graph.products))


def merge_chains(graph: Graph, x: Array, grid: int, pinned: frozenset[Edge] = frozenset()) -> Graph:
    """A hidden node with one edge in is a composition: its edge in is joined to every edge out."""
    for node in range(graph.inputs, graph.output):
        incoming = graph.into(node)
        if len(incoming) != 1:
            continue
        if any(is_pinned(graph.edges[i], pinned) for i in (*incoming, *graph.out_of(node))):
            continue
        before = graph.edges[incoming[0]]
        nodes, values = forward(graph, x)
        edges = []
        for i, e in enumerate(graph.edges):
            if i == incoming[0]:
                continue
            if e.source == node:
                curve = fit_spline(nodes[before.source], values[i], grid, 3)
                e = GraphEdge(before.source, e.target, curve, (*before.origin, *e.origin))
            edges.append(e)
        return merge_chains(renumbered(graph, edges, set(graph.products)), x, grid, pinned)
    return graph


def merge_equal_nodes(graph: Graph, x: Array, grid: int, pinned: frozenset[Edge] = frozenset()) -> Graph:
    """Two hidden nodes whose values are straight lines of each other become one."""
    nodes, values = forward(graph, x)
    for one in range(graph.inputs, graph.output):
        for other in range(one + 1, graph.output):
            if line(nodes[one], nodes[other], np.ones(x.shape[1]))[2] > SAME:
                continue
            touching = (*graph.into(one), *graph.out_of(one), *graph.into(other), *graph.out_of(other))
            if any(is_pinned(graph.edges[i], pinned) for i in touching):
                continue
            edges = []
            for i, e in enumerate(graph.edges):
                if e.target == other:
                    continue
                if e.source == other:
                    e = replace(e, source=one, curve=fit_spline(nodes[one], values[i], grid, 3))
                edges.append(e)
            return renumbered(graph, edges, set(graph.products))
    return graph


def exponentiate(graph: Graph, node: int, x: Array, rate: float, grid: int) -> Graph | None:
    """A sum node Σ φ_i as the product node Π exp(rate·φ_i); edges out take the logarithm along.

    `rate` < 0 gives the inverse of the product. Offsets are dropped so that factors stay near 1. None if
    the exponentials span too much for float64 splines, or an edge comes from a product of its own.
    """
    if node in graph.products or node == graph.output:
        return None
    nodes, values = forward(graph, x)
    incoming = set(graph.into(node))
    edges = []
    product = np.ones(x.shape[1])
    for i in sorted(incoming):
        exponent = rate * (values[i] - values[i].mean())
        if np.abs(exponent).max() > 30:
            return None
        product = product * np.exp(exponent)
    for i, e in enumerate(graph.edges):
        if i in incoming:
            factor = np.exp(rate * (values[i] - values[i].mean()))
            e = replace(e, curve=fit_spline(nodes[e.source], factor, grid, 3))
        elif e.source == node:
            e = replace(e, curve=fit_spline(product, values[i], grid, 3))
        edges.append(e)
    return Graph(graph.inputs, graph.nodes, graph.products | {node}, tuple(edges))
