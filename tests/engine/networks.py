"""Random networks for the engine's tests, and a forward pass written the slow and obvious way."""

from __future__ import annotations

import torch
from torch import Tensor

from kancli.engine.architecture import Architecture, Edge, dense
from kancli.engine.network import Layer, Network
from kancli.engine.splines import basis

# Depth 1 to 3, product nodes in hidden layers and at the output, absent edges, an input without edges.
ARCHITECTURES: dict[str, Architecture] = {
    "one layer": dense((3, 1)),
    "two layers": dense((2, 3, 1)),
    "three layers": dense((2, 2, 2, 1)),
    "products": dense((3, 1, 1), (0, 2, 0)),
    "product output": dense((2, 2, 0), (0, 0, 1)),
    "products above products": dense((2, 1, 1, 1), (0, 2, 1, 0)),
    "sparse": dense((3, 3, 1)).without({Edge(0, 0, 1), Edge(0, 1, 0), Edge(0, 1, 1), Edge(0, 2, 2)}),
    "sparse products": dense((3, 1, 1), (0, 2, 0)).without({Edge(0, 0, 1), Edge(0, 2, 2)}),
    "unused input": dense((3, 2, 1)).without({Edge(0, 1, 0), Edge(0, 1, 1)}),
}


def random_network(
    architecture: Architecture,
    *,
    restarts: int = 2,
    grid: int = 4,
    order: int = 3,
    base: str = "none",
    seed: int = 0,
) -> Network:
    """Coefficients from a normal distribution, a grid of its own for every node and restart."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    layers = []
    for index, pairs in enumerate(architecture.edges):
        size = grid + order + (base != "none")
        nodes = (1 if index == 0 else restarts, architecture.width[index])
        low = -1 - 0.3 * normal(*nodes).abs() if index else -torch.ones(nodes, dtype=torch.float64)
        high = 1 + 0.3 * normal(*nodes).abs() if index else torch.ones(nodes, dtype=torch.float64)
        layers.append(Layer(normal(restarts, len(pairs), size), low, high, grid))
    return Network(architecture, tuple(layers), order, base)


def inputs(network: Network, rows: int = 40, *, reach: float = 1.2, seed: int = 1) -> Tensor:
    """Uniform rows (inputs, rows), a few of them outside the first layer's grid [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    shape = (network.architecture.width[0], rows)
    return (torch.rand(*shape, generator=generator, dtype=torch.float64) * 2 - 1) * reach


def naive_forward(network: Network, x: Tensor) -> Tensor:
    """Outputs (R, N), one restart, one edge at a time."""
    out = []
    for r in range(network.restarts):
        nodes = list(x)
        for index, layer in enumerate(network.layers):
            low, high = (t.expand(network.restarts, -1)[r] for t in (layer.low, layer.high))
            below = nodes
            nodes = []
            for target in range(network.architecture.width[index + 1]):
                product = target in network.architecture.products[index + 1]
                total = torch.ones_like(x[0]) if product else torch.zeros_like(x[0])
                for e, (s, t) in enumerate(network.architecture.edges[index]):
                    if t != target:
                        continue
                    values, _ = basis(below[s], low[s], high[s], layer.grid, network.order, network.base)
                    phi = layer.coefficients[r, e] @ values
                    total = total * phi if product else total + phi
                nodes.append(total)
        out.append(nodes[0])
    return torch.stack(out)
