"""A batch of Kolmogorov-Arnold networks that share one architecture and differ in their numbers.

`Network` is a value: training makes new ones. Nothing is cached in it; `trace` returns the
intermediate values. Only existing edges have coefficients, so an absent edge costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from kancli.engine.architecture import Architecture
from kancli.engine.splines import basis


@dataclass(frozen=True)
class Layer:
    """The activations between two layers of nodes.

    `coefficients` (R, E, K): E edges in the architecture's order, K = grid + order spline coefficients
    and, with a base function, its weight w_b. `low`, `high` (R or 1, sources): range of each source
    node's grid, shared by the edges that leave it.
    """

    coefficients: Tensor
    low: Tensor
    high: Tensor
    grid: int


@dataclass(frozen=True)
class Network:
    """R networks at once; see the module's docstring. `order` k and `base` hold for every edge."""

    architecture: Architecture
    layers: tuple[Layer, ...]
    order: int
    base: str

    @property
    def restarts(self) -> int:
        return self.layers[0].coefficients.shape[0]

    @property
    def size(self) -> int:
        """Parameters of one restart."""
        return sum(layer.coefficients[0].numel() for layer in self.layers)

    def parameters(self) -> Tensor:
        """All coefficients, (R, P), layer by layer and edge by edge."""
        return torch.cat([layer.coefficients.flatten(1) for layer in self.layers], dim=1)

    def with_parameters(self, parameters: Tensor) -> Network:
        """The same grids with other coefficients; R may differ from this network's if grids broadcast."""
        parts = torch.split(parameters, [layer.coefficients[0].numel() for layer in self.layers], dim=1)
        return replace(
            self,
            layers=tuple(
                replace(layer, coefficients=part.reshape(len(part), *layer.coefficients.shape[1:]))
                for layer, part in zip(self.layers, parts, strict=True)
            ),
        )

    def select(self, index: Tensor | Sequence[int]) -> Network:
        """The restarts named by `index`, in that order; repetition is allowed."""
        chosen = torch.as_tensor(index, dtype=torch.int64)

        def pick(t: Tensor) -> Tensor:
            return t if len(t) == 1 and self.restarts > 1 else t.index_select(0, chosen)

        return replace(
            self,
            layers=tuple(
                replace(
                    v, coefficients=v.coefficients.index_select(0, chosen), low=pick(v.low), high=pick(v.high)
                )
                for v in self.layers
            ),
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Outputs (R, N) of the (only) output node at inputs x (inputs, N)."""
        return trace(self, x, slopes=False).nodes[-1][:, 0]


@dataclass(frozen=True)
class Plan:
    """How the edges of one layer are gathered and scattered; derived from the architecture alone.

    `slots` (sources, m): edges leaving each source, padded with E; `place` (E,): where an edge's
    values stand in the padded product, or None if it is full and in order.
    """

    source: Tensor
    target: Tensor
    slots: Tensor
    place: Tensor | None
    full: bool
    products: tuple[tuple[int, Tensor], ...]
    nodes: int


def plan(architecture: Architecture, layer: int) -> Plan:
    """The gather and scatter indices of one layer."""
    pairs = architecture.edges[layer]
    sources = architecture.width[layer]
    leaving: list[list[int]] = [[] for _ in range(sources)]
    for i, (s, _) in enumerate(pairs):
        leaving[s].append(i)
    most = max(map(len, leaving))
    slots = torch.tensor([v + [len(pairs)] * (most - len(v)) for v in leaving])
    full = all(len(v) == most for v in leaving)
    place = None
    if not full:
        where = {i: s * most + m for s, v in enumerate(leaving) for m, i in enumerate(v)}
        place = torch.tensor([where[i] for i in range(len(pairs))])
    products = tuple(
        (node, torch.tensor(architecture.incoming(layer + 1, node), dtype=torch.int64))
        for node in sorted(architecture.products[layer + 1])
    )
    return Plan(
        torch.tensor([s for s, _ in pairs], dtype=torch.int64),
        torch.tensor([t for _, t in pairs], dtype=torch.int64),
        slots,
        place,
        full,
        products,
        architecture.width[layer + 1],
    )


def combine(coefficients: Tensor, values: Tensor, plan: Plan) -> Tensor:
    """Σ_k coefficients (R, E, K) · values (R or 1, sources, K, N) of each edge's source: (R, E, N)."""
    restarts, _, size = coefficients.shape
    if plan.full:
        padded = coefficients
    else:
        padded = torch.cat([coefficients, coefficients.new_zeros(restarts, 1, size)], dim=1)
        padded = padded.index_select(1, plan.slots.flatten())
    sources, most = plan.slots.shape
    grouped = padded.reshape(restarts, sources, most, size)
    if len(values) == 1 and restarts > 1:
        # One basis for all restarts: fold the restarts into the rows of one product per source.
        folded = grouped.transpose(0, 1).reshape(sources, restarts * most, size)
        out = (folded @ values[0]).reshape(sources, restarts, most, -1).transpose(0, 1)
    else:
        out = grouped @ values
    out = out.reshape(restarts, sources * most, -1)
    return out if plan.place is None else out.index_select(1, plan.place)


def gather_nodes(activations: Tensor, plan: Plan) -> Tensor:
    """Activations (R, E, N) summed, or multiplied, at their target nodes: (R, nodes, N)."""
    restarts, _, rows = activations.shape
    nodes = activations.new_zeros(restarts, plan.nodes, rows).index_add_(1, plan.target, activations)
    for node, incoming in plan.products:
        nodes[:, node] = activations.index_select(1, incoming).prod(dim=1)
    return nodes


def edge_sensitivity(activations: Tensor, node_sensitivity: Tensor, plan: Plan) -> Tensor:
    """∂output/∂activation (R, E, N) from ∂output/∂node (R, nodes, N).

    At a product node it is the product of the sibling activations, taken without dividing because
    they pass through zero.
    """
    sensitivity = node_sensitivity.index_select(1, plan.target)
    for _, incoming in plan.products:
        siblings = activations.index_select(1, incoming)
        before = torch.ones_like(siblings)
        after = torch.ones_like(siblings)
        if len(incoming) > 1:
            before[:, 1:] = siblings[:, :-1].cumprod(dim=1)
            after[:, :-1] = siblings.flip(1)[:, :-1].cumprod(dim=1).flip(1)
        sensitivity[:, incoming] *= before * after
    return sensitivity


@dataclass(frozen=True)
class Trace:
    """The intermediate values of a network at N rows.

    `nodes[l]` (R or 1, width[l], N), `activations[l]` (R, E_l, N), `values[l]` and `slopes[l]`
    (R or 1, sources, K, N): the basis at each source node and its derivative.
    """

    nodes: tuple[Tensor, ...]
    activations: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    slopes: tuple[Tensor, ...]
    plans: tuple[Plan, ...]


def trace(network: Network, x: Tensor, *, slopes: bool = True) -> Trace:
    """Run the networks on x (inputs, N) and keep every intermediate value."""
    nodes = [x.unsqueeze(0)]
    activations, values, derivatives, plans = [], [], [], []
    for index, layer in enumerate(network.layers):
        steps = plan(network.architecture, index)
        b, db = basis(nodes[-1], layer.low, layer.high, layer.grid, network.order, network.base)
        phi = combine(layer.coefficients, b, steps)
        nodes.append(gather_nodes(phi, steps))
        activations.append(phi)
        values.append(b)
        derivatives.append(db if slopes and index else b)
        plans.append(steps)
    return Trace(tuple(nodes), tuple(activations), tuple(values), tuple(derivatives), tuple(plans))


def sensitivities(network: Network, traced: Trace, output: Tensor) -> tuple[Tensor, ...]:
    """∂output/∂activation of every edge at every row, one (R, E_l, N) tensor per layer.

    `output` broadcasts to (R, N) and is the sensitivity to start from: 1, or the root of row weights.
    """
    current = output.expand(network.restarts, -1).unsqueeze(1)
    found: list[Tensor] = []
    for index in range(len(network.layers) - 1, -1, -1):
        steps = traced.plans[index]
        s = edge_sensitivity(traced.activations[index], current, steps)
        found.append(s)
        if index:
            slope = combine(network.layers[index].coefficients, traced.slopes[index], steps)
            below = network.architecture.width[index]
            current = s.new_zeros(len(s), below, s.shape[-1]).index_add_(1, steps.source, s * slope)
    return tuple(reversed(found))


def remove_edges(network: Network, architecture: Architecture) -> Network:
    """The network restricted to the edges of `architecture`, whose nodes are the same."""
    layers = []
    for layer, old, new in zip(network.layers, network.architecture.edges, architecture.edges, strict=True):
        keep = torch.tensor([old.index(pair) for pair in new], dtype=torch.int64)
        layers.append(replace(layer, coefficients=layer.coefficients.index_select(1, keep)))
    return replace(network, architecture=architecture, layers=tuple(layers))


def initial_network(
    architecture: Architecture,
    low: Tensor,
    high: Tensor,
    *,
    restarts: int,
    grid: int,
    order: int,
    base: str,
    noise: float,
    generator: torch.Generator,
) -> Network:
    """Random networks on inputs whose ranges are `low`, `high` (inputs,).

    Each activation is a random line of slope about ±1/√incoming over its grid plus `noise` times
    random coefficients. Into product nodes every other restart adds 1: some products are of factors near
    one, some of factors that change sign, and neither start finds the other.
    """
    layers = []
    for index, pairs in enumerate(architecture.edges):
        sources = architecture.width[index]
        size = grid + order

        def random(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        # Greville abscissae: coefficients equal to them make the spline the identity.
        line = (torch.arange(size, dtype=torch.float64) - (order - 1) / 2) / grid * 2 - 1
        fan_in = torch.tensor(
            [len(architecture.incoming(index + 1, t)) for _, t in pairs], dtype=torch.float64
        )
        slope = random(restarts, len(pairs), 1) / fan_in.sqrt().unsqueeze(-1)
        c = slope * line + noise * random(restarts, len(pairs), size)
        for i, (_, t) in enumerate(pairs):
            if t in architecture.products[index + 1]:
                c[::2, i] += 1
        if base != "none":
            c = torch.cat([c, random(restarts, len(pairs), 1) * (1 / fan_in.sqrt()).unsqueeze(-1)], dim=-1)
        layer_low = (
            low.unsqueeze(0) if index == 0 else torch.full((restarts, sources), -2.0, dtype=torch.float64)
        )
        layer_high = (
            high.unsqueeze(0) if index == 0 else torch.full((restarts, sources), 2.0, dtype=torch.float64)
        )
        layers.append(Layer(c, layer_low, layer_high, grid))
    return Network(architecture, tuple(layers), order, base)


def input_slopes(network: Network, x: Tensor) -> Tensor:
    """∂output/∂input at rows x (inputs, N): (R, inputs, N)."""
    traced = trace(network, x)
    ones = torch.ones(x.shape[-1], dtype=x.dtype)
    s = sensitivities(network, traced, ones)[0]
    layer = network.layers[0]
    _, slopes = basis(traced.nodes[0], layer.low, layer.high, layer.grid, network.order, network.base)
    steps = traced.plans[0]
    contributions = s * combine(layer.coefficients, slopes, steps)
    empty = contributions.new_zeros(len(contributions), network.architecture.width[0], x.shape[-1])
    return empty.index_add_(1, steps.source, contributions)
