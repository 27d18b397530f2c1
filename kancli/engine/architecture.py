"""The architecture of a network: nodes, which of them multiply, and which edges exist. No tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Edge(NamedTuple):
    """The activation between node `source` of layer `layer` and node `target` of the next layer."""

    layer: int
    source: int
    target: int


@dataclass(frozen=True)
class Architecture:
    """Nodes and edges of a Kolmogorov-Arnold network.

    `width[l]` nodes in layer l, the inputs being layer 0. `products[l]` names the nodes of layer l that
    multiply their incoming activations instead of adding them (none in layer 0). `edges[l]` holds the
    (source, target) pairs between layers l and l + 1, sorted.
    """

    width: tuple[int, ...]
    products: tuple[frozenset[int], ...]
    edges: tuple[tuple[tuple[int, int], ...], ...]

    def __post_init__(self) -> None:
        if len(self.width) < 2 or any(n < 1 for n in self.width):
            raise ValueError(f"a network needs two layers or more, each with a node: {self.width}")
        if len(self.products) != len(self.width) or len(self.edges) != len(self.width) - 1:
            raise ValueError("products and edges do not match the layers")
        if any(
            not 0 <= node < n for n, nodes in zip(self.width, self.products, strict=True) for node in nodes
        ):
            raise ValueError("products are nodes that are not there")
        for layer, pairs in enumerate(self.edges):
            if list(pairs) != sorted(set(pairs)):
                raise ValueError(f"edges of layer {layer} are not sorted and unique")
            if not all(0 <= s < self.width[layer] and 0 <= t < self.width[layer + 1] for s, t in pairs):
                raise ValueError(f"edges of layer {layer} lead to nodes that are not there")

    @property
    def depth(self) -> int:
        """Layers of edges."""
        return len(self.edges)

    @property
    def size(self) -> int:
        """Edges in all layers."""
        return sum(map(len, self.edges))

    def all_edges(self) -> tuple[Edge, ...]:
        """Every edge, in the order in which parameters are stored."""
        return tuple(Edge(layer, s, t) for layer, pairs in enumerate(self.edges) for s, t in pairs)

    def incoming(self, layer: int, node: int) -> tuple[int, ...]:
        """Positions in `edges[layer - 1]` of the edges that end in `node` of layer `layer`."""
        return tuple(i for i, (_, t) in enumerate(self.edges[layer - 1]) if t == node)

    def without(self, removed: frozenset[Edge] | set[Edge]) -> Architecture:
        """The same nodes without some edges."""
        edges = tuple(
            tuple(pair for pair in pairs if Edge(layer, *pair) not in removed)
            for layer, pairs in enumerate(self.edges)
        )
        return Architecture(self.width, self.products, edges)

    def useless_edges(self) -> frozenset[Edge]:
        """Edges on no path from an input to an output.

        An edge into a node that leads nowhere has no effect; an edge out of a node that no input reaches
        is a constant.
        """
        leads: list[set[int]] = [set() for _ in self.width[:-1]] + [set(range(self.width[-1]))]
        for layer in range(self.depth - 1, -1, -1):
            leads[layer] = {s for s, t in self.edges[layer] if t in leads[layer + 1]}
        reached: list[set[int]] = [set(range(self.width[0]))] + [set() for _ in self.edges]
        for layer in range(self.depth):
            reached[layer + 1] = {t for s, t in self.edges[layer] if s in reached[layer]}
        return frozenset(
            e
            for e in self.all_edges()
            if e.source not in reached[e.layer] or e.target not in leads[e.layer + 1]
        )

    def outputs_reached(self) -> bool:
        """Whether every output still depends on some input."""
        useless = self.useless_edges()
        alive = {e.target for e in self.all_edges() if e.layer == self.depth - 1 and e not in useless}
        return len(alive) == self.width[-1]


def dense(sums: tuple[int, ...], products: tuple[int, ...] | None = None) -> Architecture:
    """The dense architecture: `sums[l]` sum nodes and `products[l]` product nodes in layer l, sums first."""
    products = products or (0,) * len(sums)
    width = tuple(s + p for s, p in zip(sums, products, strict=True))
    return Architecture(
        width,
        tuple(frozenset(range(s, s + p)) for s, p in zip(sums, products, strict=True)),
        tuple(
            tuple((i, j) for i in range(width[layer]) for j in range(width[layer + 1]))
            for layer in range(len(width) - 1)
        ),
    )
