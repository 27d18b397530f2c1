"""Widths: how many nodes each layer of a network has.

A width is written `2,5,1` (inputs, hidden nodes, output). A layer may contain product nodes besides its
sum nodes: `4,3+2p,1` has three sums and two products in the middle, `4,2p,1` only products.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Layer = tuple[int, int]
"""A layer's node counts: (sum nodes, product nodes)."""

_LAYER = re.compile(r"(?:(?P<sums>\d{1,9})(?:\s*\+\s*(?P<mixed>\d{1,9})p)?|(?P<products>\d{1,9})p)")
# Layers of functions within functions: what a formula would have to nest. Far fewer are ever of use.
MOST_LAYERS = 30
_EXAMPLE = "write it like 2,5,1 or, with two product nodes, 4,3+2p,1"


def parse_width(width: str | Sequence[str | int]) -> tuple[Layer, ...]:
    """Read a width, text or list, into one (sums, products) pair per layer, inputs first.

    Raises ValueError with a sentence about the part that is wrong.
    """
    parts = width.split(",") if isinstance(width, str) else [str(part) for part in width]
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"has {len(parts):,} layers; at most {MOST_LAYERS} can be trained")
    layers = tuple(_parse_layer(part.strip()) for part in parts)
    if len(layers) < 2:
        raise ValueError(f"needs at least an input and an output layer; {_EXAMPLE}")
    if layers[0][1]:
        raise ValueError(f"the first layer is the inputs, which cannot be product nodes; {_EXAMPLE}")
    if sum(layers[-1]) != 1:
        raise ValueError(f"the last layer must be one node, because there is one target; {_EXAMPLE}")
    return layers


def format_width(layers: Sequence[Layer]) -> str:
    """Write (sums, products) pairs as the text that `parse_width` reads back to the same pairs."""
    return ",".join(_format_layer(layer) for layer in layers)


def _parse_layer(text: str) -> Layer:
    match = _LAYER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a layer; {_EXAMPLE}")
    sums = int(match["sums"] or 0)
    products = int(match["mixed"] or match["products"] or 0)
    if sums + products == 0:
        raise ValueError(f"a layer of {text!r} has no nodes; {_EXAMPLE}")
    return sums, products


def _format_layer(layer: Layer) -> str:
    sums, products = layer
    if not products:
        return str(sums)
    return f"{sums}+{products}p" if sums else f"{products}p"
