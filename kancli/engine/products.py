"""Sum nodes that together only multiply, as one product node.

u·v = ((u + v)² − (u − v)²)/4, and with u = sin, v = sin two cosines do the same: in sums alone a
product of sign-changing factors takes two hidden nodes or more, in an arbitrary gauge, so that their
activations mean little. A product node has the factors themselves on its edges: p(x)·q(y), or
p(x)·q(y) + r(x) + s(y). The held-out error decides whether it replaces the sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from kancli.engine.architecture import Architecture, Edge
from kancli.engine.network import Network, initial_network
from kancli.engine.training.fitting import run
from kancli.engine.training.levenberg_marquardt import Problem, levenberg_marquardt


class Group(NamedTuple):
    """Sum nodes of one layer that feed the same single sum node and have edges from the same two nodes."""

    layer: int
    nodes: tuple[int, ...]
    sources: tuple[int, int]
    target: int


def groups(architecture: Architecture) -> list[Group]:
    """All groups of two nodes or more."""
    found = []
    for layer in range(1, architecture.depth):
        by_target: dict[int, list[int]] = {}
        for node in range(architecture.width[layer]):
            out = {t for s, t in architecture.edges[layer] if s == node}
            if node not in architecture.products[layer] and len(out) == 1:
                by_target.setdefault(out.pop(), []).append(node)
        for target, nodes in by_target.items():
            sources = {s for s, t in architecture.edges[layer - 1] if t in nodes}
            if len(nodes) > 1 and len(sources) == 2 and target not in architecture.products[layer + 1]:
                one, other = sorted(sources)
                found.append(Group(layer, tuple(nodes), (one, other), target))
    return found


def alternatives(architecture: Architecture, group: Group) -> Iterator[tuple[Architecture, Edge | None]]:
    """The architecture with a product node for the group, without and with an adding node beside it.

    The edge that comes with the second leads out of the adding node and must stay a straight line.
    """
    layer, nodes, sources, target = group
    for keep in (nodes[:1], nodes[:2]):
        edges = [list(pairs) for pairs in architecture.edges]
        edges[layer - 1] = sorted(
            [p for p in edges[layer - 1] if p[1] not in nodes] + [(s, n) for s in sources for n in keep]
        )
        edges[layer] = sorted([p for p in edges[layer] if p[0] not in nodes] + [(n, target) for n in keep])
        products = tuple(
            p | {nodes[0]} if index == layer else p for index, p in enumerate(architecture.products)
        )
        straight = Edge(layer, keep[1], target) if len(keep) > 1 else None
        yield Architecture(architecture.width, products, tuple(map(tuple, edges))), straight


def with_architecture(
    network: Network,
    architecture: Architecture,
    group: Group,
    straight: Edge | None,
    problem: Problem,
    held_out: Problem,
    *,
    restarts: int,
    steps: int,
    generator: torch.Generator,
) -> Network:
    """Fit an alternative: the group's edges start at random, the others where they are; the best restart."""
    start = started(network, architecture, group, restarts, generator)
    frozen: Tensor | None = None
    if straight is not None:
        start, frozen = straightened(start, straight)
    return (
        run(
            levenberg_marquardt(start, problem, move_grid_every=4, frozen=frozen),
            problem,
            held_out,
            steps=steps,
            patience=15,
            tolerance=0.01,
            watch=lambda step, error: None,
        )
        .best()
        .network
    )


def started(
    network: Network, architecture: Architecture, group: Group, restarts: int, generator: torch.Generator
) -> Network:
    """Restarts of `architecture` that agree with `network` on every edge outside the group."""
    first = network.layers[0]
    fresh = initial_network(
        architecture,
        first.low[0],
        first.high[0],
        restarts=restarts,
        grid=first.grid,
        order=network.order,
        base=network.base,
        noise=0.1,
        generator=generator,
    )
    layers = []
    for index, (new, was) in enumerate(zip(fresh.layers, network.layers, strict=True)):
        c = new.coefficients.clone()
        for i, (s, t) in enumerate(architecture.edges[index]):
            inside = (index + 1 == group.layer and t in group.nodes) or (
                index == group.layer and s in group.nodes
            )
            if not inside:
                c[:, i] = was.coefficients[0, network.architecture.edges[index].index((s, t))]
        low, high = new.low, new.high
        if index:
            low, high = was.low.expand(restarts, -1).clone(), was.high.expand(restarts, -1).clone()
            if index == group.layer:
                low[:, list(group.nodes)], high[:, list(group.nodes)] = -2.0, 2.0
        layers.append(replace(new, coefficients=c, low=low, high=high))
    return replace(fresh, layers=tuple(layers))


def straightened(network: Network, edge: Edge) -> tuple[Network, Tensor]:
    """The network with one activation the identity, and the mask (R, P) that keeps it so."""
    layers, masks = list(network.layers), []
    for index, layer in enumerate(layers):
        mask = torch.zeros_like(layer.coefficients, dtype=torch.bool)
        if index == edge.layer:
            i = network.architecture.edges[index].index((edge.source, edge.target))
            size = layer.grid + network.order
            greville = (torch.arange(size, dtype=torch.float64) - (network.order - 1) / 2) / layer.grid
            low, high = layer.low[:, edge.source, None], layer.high[:, edge.source, None]
            c = layer.coefficients.clone()
            c[:, i] = 0.0
            c[:, i, :size] = low + (high - low) * greville
            layers[index] = replace(layer, coefficients=c)
            mask[:, i] = True
        masks.append(mask.flatten(1))
    return replace(network, layers=tuple(layers)), torch.cat(masks, dim=1)
