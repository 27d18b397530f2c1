"""Networks to draw, made by hand."""

from __future__ import annotations

import numpy as np

from kancli.report.values import EdgeView, NetworkView


def edge(
    layer: int, source: int, target: int, strength: float = 1.0, function: str | None = None
) -> EdgeView:
    """An edge whose curve is a wave with a few data points about it."""
    x = np.linspace(-1, 1, 50)
    y = np.sin(3 * x)
    points = np.column_stack([x[::5], y[::5] + 0.05])
    fit = None if function is None else y
    return EdgeView(layer, source, target, "x<1>", x, y, points, strength, function, 0.99, fit)


def dense(*width: int, products: tuple[int, ...] = (), function: str | None = None) -> NetworkView:
    """All edges between the layers; `products` are nodes of the first hidden layer."""
    edges = tuple(
        edge(layer, s, t, (s + 1) / (width[layer] + 1), function)
        for layer in range(len(width) - 1)
        for s in range(width[layer])
        for t in range(width[layer + 1])
    )
    multiply = tuple(frozenset(products if layer == 1 else ()) for layer in range(len(width)))
    names = tuple(f"x<{i}>" for i in range(width[0]))
    return NetworkView(width, multiply, names, "y & z", edges, "exp(a)" if function else None)
