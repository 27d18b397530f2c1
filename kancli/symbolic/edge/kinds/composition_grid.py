"""A coarse look at all pairs of functions: every inner shape under every outer one, ranked in closed form.

Inner values are scaled to [-1, 1] before the outer function sees them: one grid of outer starts serves all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.chains.problems import Curve, Problems, problems, values
from kancli.symbolic.edge.chains.starts import starts, tied_starts
from kancli.symbolic.library.functions import Array, Function
from kancli.work import ELEMENTWISE, spend

# r² with a straight line above which a shape adds nothing to the other function.
STRAIGHT = 1.0 - 2e-5
FREQUENCIES = np.concatenate([[0.6, 1.0, 1.5, 2.0, 2.6, 3.2, 4.0], np.arange(5.0, 18.0, 1.0)])
WAVE_GRID = np.concatenate([[0.3], np.arange(0.6, 18.0, 0.6)])


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
    linear = np.array([functions[k].is_line for k in batch.chain[:, 0]])
    rows = np.flatnonzero(fine & ((straight < STRAIGHT) | linear))
    return Shapes(batch.take(rows), scaled[rows], middle[rows], half[rows], np.concatenate(ties)[rows])


def best_outer(function: Function, shapes: Shapes, sample: Curve) -> tuple[NDArray[np.float32], Array]:
    """For every inner shape the best start of `function` over it: 1 - r² (K,) and a, b, exponent (K, 3).

    In single precision. Infinite where every start leaves the domain, or cannot be told from a constant.
    """
    inner = shapes.values.astype(np.float32)
    if function.wave is not None:
        return _best_wave(inner, sample)
    theta = starts(function, WAVE_GRID, coarse=not function.dense_starts)
    w = sample.w.astype(np.float32)
    both = np.stack([w, (sample.w * sample.y).astype(np.float32)], axis=1)
    table = np.empty((len(theta), len(inner)), dtype=np.float32)
    spend(ELEMENTWISE * inner.size * len(theta), calls=3 * len(theta))
    with np.errstate(all="ignore"):
        for row, (a, b, p) in enumerate(theta.astype(np.float32)):
            f = np.asarray(function.value(a * inner + b, p), dtype=np.float32)
            f = f / np.max(np.abs(f), axis=1, keepdims=True)
            mean, covariance = (f @ both).T
            square = (f * f) @ w
            variance = square - mean * mean
            table[row] = 1.0 - covariance * covariance / variance
            table[row][~(variance > 1e-5 * square)] = np.inf
    table = np.where(np.isfinite(table), table, np.inf)
    best = np.argmin(table, axis=0)
    return table[best, np.arange(len(inner))], theta[best]


def _best_wave(inner: NDArray[np.float32], sample: Curve) -> tuple[NDArray[np.float32], Array]:
    """The best frequency of every shape, the phase in closed form: α·sin ωv + β·cos ωv."""
    w = sample.w.astype(np.float32)
    both = np.stack([w, (sample.w * sample.y).astype(np.float32)], axis=1)
    best = np.full(len(inner), np.inf, dtype=np.float32)
    theta = np.ones((len(inner), 3))
    spend(2 * ELEMENTWISE * inner.size * len(WAVE_GRID), calls=6 * len(WAVE_GRID))
    with np.errstate(all="ignore"):
        for omega in WAVE_GRID.astype(np.float32):
            phase = omega * inner
            s, c = np.sin(phase), np.cos(phase)
            (s_mean, sy), (c_mean, cy) = (s @ both).T, (c @ both).T
            ss = (s * s) @ w - s_mean * s_mean
            cc = (c * c) @ w - c_mean * c_mean
            sc = (s * c) @ w - s_mean * c_mean
            determinant = ss * cc - sc * sc
            alpha, beta = (cc * sy - sc * cy) / determinant, (ss * cy - sc * sy) / determinant
            residual = 1.0 - alpha * sy - beta * cy
            better = (residual < best) & (determinant > 1e-5 * ss * cc)
            best[better] = residual[better]
            theta[better, 0] = omega
            theta[better, 1] = np.arctan2(beta, alpha)[better]
    return best, theta
