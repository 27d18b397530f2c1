"""A network on its way to a formula: nodes, and edges that are splines or already functions.

Unlike an engine network it has no layers: edges may join any two nodes in topological order, so nodes
can be merged away. It is one network, not a batch, and each of its edges may be of another kind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kancli.engine.architecture import Edge
from kancli.symbolic.graph.curve import Array, Curve, SplineCurve
from kancli.symbolic.library.activation import Activation

if TYPE_CHECKING:
    from kancli.engine.network import Network


@dataclass(frozen=True)
class GraphEdge:
    """`origin` names the edges of the network that went into this one, from the input's side on."""

    source: int
    target: int
    curve: Curve
    origin: tuple[Edge, ...]

    @property
    def symbolic(self) -> bool:
        return isinstance(self.curve, Activation)


@dataclass(frozen=True)
class Graph:
    """Nodes 0 … inputs-1 are the inputs, the last node is the output; numbering is topological.

    `products` are the nodes that multiply what comes in; all other nodes add.
    """

    inputs: int
    nodes: int
    products: frozenset[int]
    edges: tuple[GraphEdge, ...]

    @property
    def output(self) -> int:
        return self.nodes - 1

    def into(self, node: int) -> tuple[int, ...]:
        """Positions of the edges that end in `node`."""
        return tuple(i for i, e in enumerate(self.edges) if e.target == node)

    def out_of(self, node: int) -> tuple[int, ...]:
        """Positions of the edges that start at `node`."""
        return tuple(i for i, e in enumerate(self.edges) if e.source == node)

    def with_curves(self, curves: dict[int, Curve]) -> Graph:
        """The same graph with the curves of some edges (by position) replaced."""
        return replace(
            self, edges=tuple(replace(e, curve=curves.get(i, e.curve)) for i, e in enumerate(self.edges))
        )

    def splines(self) -> tuple[int, ...]:
        """Positions of the edges that are still splines."""
        return tuple(i for i, e in enumerate(self.edges) if not e.symbolic)


def graph_of(network: Network) -> Graph:
    """The graph of a batch of one, without the nodes that have no edges left."""
    a = network.architecture
    number = {(0, i): i for i in range(a.width[0])}
    products = set()
    for layer in range(1, a.depth + 1):
        for node in range(a.width[layer]):
            if a.incoming(layer, node):
                number[layer, node] = len(number)
                if node in a.products[layer]:
                    products.add(number[layer, node])
    edges = []
    for index, activations in enumerate(network.layers):
        for i, (s, t) in enumerate(a.edges[index]):
            curve = SplineCurve(
                tuple(activations.coefficients[0, i].tolist()),
                float(activations.low[0, s]),
                float(activations.high[0, s]),
                activations.grid,
                network.order,
                network.base,
            )
            edges.append(GraphEdge(number[index, s], number[index + 1, t], curve, (Edge(index, s, t),)))
    return Graph(a.width[0], len(number), frozenset(products), tuple(edges))


def forward(graph: Graph, x: Array) -> tuple[list[Array], list[Array]]:
    """Values of every node and of every edge, (n,) each, at inputs x (inputs, n)."""
    nodes: list[Array] = [x[i] for i in range(graph.inputs)]
    edges: list[Array] = [np.empty(0)] * len(graph.edges)
    for node in range(graph.inputs, graph.nodes):
        incoming = graph.into(node)
        for i in incoming:
            edges[i] = graph.edges[i].curve.evaluate(nodes[graph.edges[i].source])
        nodes.append(_gather(graph, node, [edges[i] for i in incoming], x.shape[1]))
    return nodes, edges


def predict(graph: Graph, x: Array) -> Array:
    """The output (n,) at inputs x (inputs, n)."""
    return forward(graph, x)[0][-1]


def linearise(graph: Graph, x: Array) -> tuple[Array, list[Array], list[Array]]:
    """Output (n,), each edge's sensitivity ∂output/∂φ (n,), each edge's Jacobian ∂output/∂θ (n, p)."""
    rows = x.shape[1]
    nodes: list[Array] = [x[i] for i in range(graph.inputs)]
    parts: list[tuple[Array, Array, Array]] = [(np.empty(0),) * 3] * len(graph.edges)
    for node in range(graph.inputs, graph.nodes):
        incoming = graph.into(node)
        for i in incoming:
            parts[i] = graph.edges[i].curve.derivatives(nodes[graph.edges[i].source])
        nodes.append(_gather(graph, node, [parts[i][0] for i in incoming], rows))
    of_node = [np.zeros(rows) for _ in range(graph.nodes)]
    of_node[-1] = np.ones(rows)
    of_edge: list[Array] = [np.empty(0)] * len(graph.edges)
    for node in range(graph.nodes - 1, graph.inputs - 1, -1):
        incoming = graph.into(node)
        for i in incoming:
            s = of_node[node]
            if node in graph.products:
                for j in incoming:
                    if j != i:
                        s = s * parts[j][0]
            of_edge[i] = s
            of_node[graph.edges[i].source] = of_node[graph.edges[i].source] + s * parts[i][1]
    jacobians = [s[:, None] * p[2] for s, p in zip(of_edge, parts, strict=True)]
    return nodes[-1], of_edge, jacobians


def _gather(graph: Graph, node: int, values: list[Array], rows: int) -> Array:
    if node in graph.products:
        return np.multiply.reduce(values) if values else np.ones(rows)
    return np.add.reduce(values) if values else np.zeros(rows)


def renumbered(graph: Graph, edges: list[GraphEdge], products: set[int]) -> Graph:
    """A graph of these edges, without the nodes that none of them touches; the order of nodes stays."""
    used = {e.source for e in edges} | {e.target for e in edges} | {graph.output}
    kept = [*range(graph.inputs), *sorted(n for n in used if n >= graph.inputs)]
    number = {old: new for new, old in enumerate(kept)}
    return Graph(
        graph.inputs,
        len(kept),
        frozenset(number[n] for n in products if n in number),
        tuple(replace(e, source=number[e.source], target=number[e.target]) for e in edges),
    )
