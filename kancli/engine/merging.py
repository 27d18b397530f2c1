"""Inputs that enter together: a first layer in which each group of inputs has one node.

f(x₁, x₂, x₃) = F(a(x₁) + b(x₂), x₃) is the generalised symmetry of AI Feynman 2 (Udrescu et al. 2020,
section II.B). A network for it has a node for the group, and passes the other inputs on unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from kancli.engine.architecture import Architecture
from kancli.engine.network import Network


def merged(architecture: Architecture, groups: Sequence[Sequence[int]]) -> Architecture:
    """The architecture with each group of inputs ending in one node of layer 1, every other input in one of its own.

    Layer 1 has as many nodes as there are groups and other inputs, in this order.
    """
    return Architecture(
        architecture.width,
        architecture.products,
        (tuple(sorted(targets(architecture.width[0], groups))), *architecture.edges[1:]),
    )


def targets(inputs: int, groups: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """(input, node of layer 1) pairs."""
    grouped = {i: node for node, group in enumerate(groups) for i in group}
    others = [i for i in range(inputs) if i not in grouped]
    return list(grouped.items()) + [(i, len(groups) + k) for k, i in enumerate(others)]


def with_identities(network: Network, groups: Sequence[Sequence[int]]) -> tuple[Network, Tensor]:
    """The network with the inputs outside the groups passed on unchanged, and the mask (P,) of parameters to freeze.

    They are passed on as straight lines of slope one over the half range of their grid.
    """
    layer = network.layers[0]
    c = layer.coefficients.clone()
    masks = [torch.zeros_like(v.coefficients[0], dtype=torch.bool) for v in network.layers]
    # Greville abscissae: coefficients equal to them make the spline the identity.
    size = layer.grid + network.order
    line = (torch.arange(size, dtype=c.dtype) - (network.order - 1) / 2) / layer.grid * 2 - 1
    for e, (_, target) in enumerate(network.architecture.edges[0]):
        if target >= len(groups):
            c[:, e, :size] = line
            c[:, e, size:] = 0
            masks[0][e] = True
    layers = (replace(layer, coefficients=c), *network.layers[1:])
    return replace(network, layers=layers), torch.cat([m.flatten() for m in masks])
