"""A coarse look at all pairs of functions: every inner shape under every outer one, ranked in closed form.

Inner values are scaled to [-1, 1] before the outer function sees them: one grid of outer starts serves all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge_solver import Curve, Problems, problems, values
from kancli.symbolic.edge_starts import starts, tied_starts
from kancli.symbolic.library import Array, Function

# r² with a straight line above which a shape says nothing that the other function does not say alone.
STRAIGHT = 1.0 - 2e-5
FREQUENCIES = np.concatenate([[0.6, 1.0, 1.5, 2.0, 2.6, 3.2, 4.0], np.arange(5.0, 18.0, 1.0)])
OUTER_FREQUENCIES = np.array([0.5, 0.8, 1.2, 1.6, 2.2, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 12.0, 15.0])


# Functions with a and b both free that are cheap enough for their whole grid.
TWO_SIDED = frozenset({"tanh", "arctan", "gaussian", "cosh", "sinh", "tan"})


@dataclass(frozen=True)
class Shapes:
    """Inner shapes: problems of depth 1 with their values (K, m), scaled to [-1, 1] by middle and half."""

    problems: Problems
    values: Array
    middle: Array
    half: Array
    tied: NDArray[np.bool_]


def inner_shapes(
    functions: tuple[Function, ...],
    indices: Sequence[int],
    tied_too: Sequence[int],
    sample: Curve,
    omega: Array,
) -> Shapes:
    """All usable shapes of the functions at `indices`, and through the origin of those at `tied_too`."""
    chains, thetas, pivots, ties = [], [], [], []
    for index in dict.fromkeys([*indices, *tied_too]):
        for tied in (False, True):
            if index not in (tied_too if tied else indices):
                continue
            function = functions[index]
            theta = tied_starts(function, sample, omega) if tied else starts(function, omega, coarse=True)
            chains.append(np.full(len(theta), index))
            thetas.append(theta.reshape(-1, 3))
            pivots.append(np.full(len(theta), sample.origin if tied else 0.0))
            ties.append(np.full(len(theta), tied))
    theta = np.concatenate(thetas)
    batch = problems(
        functions, np.concatenate(chains), theta, np.zeros_like(theta, dtype=bool), np.concatenate(pivots)
    )
    column = values(batch, sample.t)
    with np.errstate(all="ignore"):
        low, high = column.min(axis=1), column.max(axis=1)
        half, middle = 0.5 * (high - low), 0.5 * (high + low)
        scaled = (column - middle[:, None]) / half[:, None]
        z = scaled - (scaled @ sample.w)[:, None]
        line = sample.t - sample.w @ sample.t
        variance = (z * z) @ sample.w
        straight = (z @ (sample.w * line)) ** 2 / (variance * (sample.w @ (line * line)))
    fine = np.isfinite(scaled).all(axis=1) & (half > 1e-12 * np.abs(middle)) & (variance > 1e-5)
    linear = np.array([functions[k].name == "x" for k in batch.chain[:, 0]])
    rows = np.flatnonzero(fine & ((straight < STRAIGHT) | linear))
    return Shapes(batch.take(rows), scaled[rows], middle[rows], half[rows], np.concatenate(ties)[rows])


def outer_starts(function: Function) -> Array:
    """(s, 3) starts of an outer function on [-1, 1]."""
    return starts(function, OUTER_FREQUENCIES, coarse=function.name not in TWO_SIDED)


def residuals(function: Function, theta: Array, shapes: Shapes, sample: Curve) -> NDArray[np.float32]:
    """1 - r² (outer starts, inner shapes) of the function over every inner shape, in single precision.

    Infinite where the domain is left, or where single precision cannot tell the curve from a constant.
    """
    inner = shapes.values.astype(np.float32)
    w = sample.w.astype(np.float32)
    both = np.stack([w, (sample.w * sample.y).astype(np.float32)], axis=1)
    result = np.empty((len(theta), len(inner)), dtype=np.float32)
    with np.errstate(all="ignore"):
        for row, (a, b, p) in enumerate(theta.astype(np.float32)):
            f = np.asarray(function.value(a * inner + b, p), dtype=np.float32)
            f = f / np.max(np.abs(f), axis=1, keepdims=True)
            mean, covariance = (f @ both).T
            square = (f * f) @ w
            variance = square - mean * mean
            result[row] = 1.0 - covariance * covariance / variance
            result[row][~(variance > 1e-5 * square)] = np.inf
    return np.where(np.isfinite(result), result, np.inf)
