"""Moving grids with the data, and refining them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from kancli.engine.network import Layer, Network, trace
from kancli.engine.splines import change_of_grid
from kancli.engine.training.normal_equations import chunks

# A node whose values span less than this (in units where the target has variance one) is dead: its
# grid stays where it is. Dividing by such a span causes pykan's NaNs.
COLLAPSED = 1e-9
# Grids are left alone while the data fill this share of them and do not leave them by more than the rest.
SLACK = 0.05


def node_ranges(network: Network, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Lowest and highest value of each node, (R, width), for every layer of sources; x (inputs, N)."""
    found: list[tuple[Tensor, Tensor]] = []
    for rows in chunks(network, x.shape[-1]):
        nodes = trace(network, x[:, rows], slopes=False).nodes[:-1]
        part = [(n.amin(-1), n.amax(-1)) for n in nodes]
        found = (
            [(torch.minimum(a, c), torch.maximum(b, d)) for (a, b), (c, d) in zip(found, part, strict=True)]
            if found
            else part
        )
    return found


def regrid(network: Network, index: int, low: Tensor, high: Tensor, grid: int) -> Layer:
    """Layer `index` on other grids, its activations kept by least squares.

    `low`, `high` (R or 1, sources). The base function's weights stay as they are.
    """
    layer, order = network.layers[index], network.order
    source = torch.tensor([s for s, _ in network.architecture.edges[index]], dtype=torch.int64)
    change = change_of_grid(layer.low, layer.high, layer.grid, low, high, grid, order)
    size = layer.grid + order
    spline, base = layer.coefficients[..., :size], layer.coefficients[..., size:]
    moved = (change.index_select(1, source) @ spline.unsqueeze(-1)).squeeze(-1)
    return Layer(torch.cat([moved, base], dim=-1), low, high, grid)


def move_grids(network: Network, x: Tensor) -> tuple[Network, Tensor]:
    """Give every hidden node's grid the range that the node has on the rows x (inputs, N).

    Returns the network and which restarts changed, (R,) bool. Layers are moved one after the other: the
    least-squares error of one shifts the ranges of the next by no more than the slack.
    """
    changed = torch.zeros(network.restarts, dtype=torch.bool)
    ranges = node_ranges(network, x)
    layers = [network.layers[0]]
    for index in range(1, len(network.layers)):
        layer = network.layers[index]
        low, high = ranges[index]
        span = high - low
        slack = SLACK * span
        fits = ((layer.low - low).abs() <= slack) & ((layer.high - high).abs() <= slack)
        move = ~fits & (span > COLLAPSED) & torch.isfinite(span)
        if not move.any():
            layers.append(layer)
            continue
        margin = 0.01 * span
        new_low = torch.where(move, low - margin, layer.low)
        new_high = torch.where(move, high + margin, layer.high)
        moved = regrid(network, index, new_low, new_high, layer.grid)
        source = torch.tensor([s for s, _ in network.architecture.edges[index]], dtype=torch.int64)
        keep = ~move.index_select(1, source).unsqueeze(-1)
        layers.append(replace(moved, coefficients=torch.where(keep, layer.coefficients, moved.coefficients)))
        changed |= move.any(-1)
    return replace(network, layers=tuple(layers)), changed


def refine_grids(network: Network, grid: int) -> Network:
    """The same functions on grids of `grid` intervals each: exact where `grid` is a multiple of the old."""
    return replace(
        network,
        layers=tuple(
            regrid(network, index, layer.low, layer.high, grid) for index, layer in enumerate(network.layers)
        ),
    )
