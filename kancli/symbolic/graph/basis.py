"""The basis of `engine.splines` for arrays: what a formula without a network needs is there without torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def local_weights(t: Array, order: int) -> tuple[Array, Array]:
    """Values and derivatives (order + 1, n) of the uniform B-splines that are not 0 at t (n,) in [0, 1] of one
    interval. De Boor, "A Practical Guide to Splines" (1978), ch. X, for unit knot spacing."""
    values = lower = np.ones((1, len(t)))
    zero = np.zeros((1, len(t)))
    for j in range(1, order + 1):
        lower, i = values, np.arange(j + 1)[:, None]
        left, right = np.concatenate([zero, lower]), np.concatenate([lower, zero])
        values = (left * (t + j - i) + right * (i + 1 - t)) / j
    if order == 0:
        return values, np.zeros_like(values)
    return values, np.concatenate([zero, lower]) - np.concatenate([lower, zero])


def spline_basis(x: Array, low: float, high: float, grid: int, order: int) -> tuple[Array, Array]:
    """All basis functions on `grid` intervals over [low, high], and their derivatives, at x (n,): twice
    (grid + order, n). Outside they go on with their value and slope at the end."""
    step = (high - low) / grid
    u = (x - low) / step
    inside = np.clip(u, 0, grid)
    # A value that is not a number has no cell; in cell 0 it stays what it is.
    cell = np.nan_to_num(np.minimum(np.floor(inside), grid - 1)).astype(np.intp)
    weights, slopes = local_weights(inside - cell, order)
    weights = weights + slopes * (u - inside)
    values = np.zeros((grid + order, len(x)))
    derivatives = np.zeros_like(values)
    index = cell + np.arange(order + 1)[:, None], np.arange(len(x))
    values[index], derivatives[index] = weights, slopes / step
    return values, derivatives


def basis(x: Array, low: float, high: float, grid: int, order: int, base: str) -> tuple[Array, Array]:
    """The same, followed by the base function as one more row unless `base` is "none"."""
    values, derivatives = spline_basis(x, low, high, grid, order)
    if base == "none":
        return values, derivatives
    if base == "silu":
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-x))
        value, derivative = x * s, s * (1 + x * (1 - s))
    elif base == "identity":
        value, derivative = x, np.ones_like(x)
    else:
        raise ValueError(f"unknown base function {base!r}")
    return np.concatenate([values, value[None]]), np.concatenate([derivatives, derivative[None]])
