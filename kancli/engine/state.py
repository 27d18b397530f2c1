"""A single network as named tensors and a JSON description, and back, to the bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from kancli.engine.architecture import Architecture
from kancli.engine.network import Layer, Network
from kancli.engine.splines import BASES


def to_state(network: Network) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors by name (`layers.0.coefficients` (E, K), `.low`, `.high` (sources,)) and the architecture.

    The network must be a batch of one.
    """
    if network.restarts != 1:
        raise ValueError(f"a state is of one network, not of {network.restarts}")
    tensors: dict[str, Tensor] = {}
    for index, layer in enumerate(network.layers):
        tensors[f"layers.{index}.coefficients"] = layer.coefficients[0].contiguous()
        tensors[f"layers.{index}.low"] = layer.low[0].contiguous()
        tensors[f"layers.{index}.high"] = layer.high[0].contiguous()
    a = network.architecture
    return tensors, {
        "width": list(a.width),
        "products": [sorted(nodes) for nodes in a.products],
        "edges": [[list(pair) for pair in pairs] for pairs in a.edges],
        "grid": [layer.grid for layer in network.layers],
        "order": network.order,
        "base": network.base,
    }


def from_state(tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> Network:
    """The inverse of `to_state`. Raises KeyError or ValueError if the two do not match."""
    architecture = Architecture(
        tuple(description["width"]),
        tuple(frozenset(nodes) for nodes in description["products"]),
        tuple(tuple((s, t) for s, t in pairs) for pairs in description["edges"]),
    )
    order, base = int(description["order"]), str(description["base"])
    if len(description["grid"]) != architecture.depth or base not in BASES:
        raise ValueError("the layers have no grid each, or a base function that is not known")
    layers = []
    for index, grid in enumerate(description["grid"]):
        c, low, high = (tensors[f"layers.{index}.{name}"] for name in ("coefficients", "low", "high"))
        expected = (len(architecture.edges[index]), grid + order + (base != "none"))
        if tuple(c.shape) != expected or len(low) != architecture.width[index] or low.shape != high.shape:
            raise ValueError(f"layer {index} has tensors of the wrong shape")
        c, low, high = (t.to(torch.float64).unsqueeze(0) for t in (c, low, high))
        layers.append(Layer(c, low, high, grid))
    return Network(architecture, tuple(layers), order, base)
