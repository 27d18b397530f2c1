"""From an edge's raw rows to a scaled curve, and from scaled solutions back to activations, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.errors import FitError
from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.library.functions import Array

# Rows with less than this share of the largest weight have no influence, but could leave a function's domain.
NEGLIGIBLE = 1e-13
# 1 - r² below which a curve counts as constant or a fit as exact, per squared relative rounding of y.
ROUNDING_FACTOR = 30.0


@dataclass(frozen=True)
class Scaled:
    """x = middle + half·t and y = mean + spread·(scaled y); `rows` of the raw arrays, sorted by x."""

    curve: Curve
    middle: float
    half: float
    origin: float
    mean: float
    spread: float
    rows: NDArray[np.intp]
    rounding: float


def scaled(x: Array, y: Array, weight: Array | None, origin: float) -> Scaled:
    """Scale x to [-1, 1] and y to mean 0, variance 1 under `weight`.

    `rounding` is the 1 - r² that the last bits of x and y allow at best; `spread` is 0 for a constant y.
    Raises FitError for values that are not finite, lengths that differ, or fewer than two different x.
    """
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    w = np.ones_like(x) if weight is None else np.asarray(weight, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.shape != w.shape:
        raise FitError(f"edge fit needs x, y and weight of one length, not {x.shape}, {y.shape}, {w.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(w).all()):
        raise FitError("edge fit met values that are not finite")
    largest = float(w.max(initial=0.0))
    if largest <= 0.0:
        w, largest = np.ones_like(x), 1.0
    order = np.argsort(x, kind="stable")
    rows = order[w[order] > NEGLIGIBLE * largest]
    x, y, w = x[rows], y[rows], w[rows] / largest
    w = w / w.sum()
    # Sums of the extremes would overflow near the largest float, hence halves first.
    half = float(0.5 * x[-1] - 0.5 * x[0])
    middle = float(0.5 * x[-1] + 0.5 * x[0])
    if not half > 0.0:
        raise FitError("edge fit needs at least two different x")
    scale = float(np.max(np.abs(y)))
    mean = float(w @ (y / scale)) * scale if scale > 0.0 else 0.0
    centred = y - mean
    size = float(np.max(np.abs(centred)))
    spread = float(np.sqrt(w @ (centred / size) ** 2)) * size if size > 0.0 else 0.0
    epsilon = np.finfo(np.float64).eps
    if spread <= 4.0 * epsilon * scale:
        return Scaled(Curve(x, y, w, 0.0), middle, half, origin, mean, 0.0, rows, 0.0)
    t = (x - middle) / half
    z = centred / spread
    slopes = np.abs(np.diff(z)) / np.maximum(np.diff(t), 1e-12)
    steepest = min(float(np.quantile(slopes, 0.9)), 1e3)
    relative = scale / spread + steepest * max(abs(float(x[0])), abs(float(x[-1]))) / half
    rounding = ROUNDING_FACTOR * (epsilon * relative) ** 2
    curve = Curve(t, z, w, (origin - middle) / half)
    return Scaled(curve, middle, half, origin, mean, spread, rows, rounding)


def subsample(curve: Curve, size: int) -> Curve:
    """About `size` rows that stand for all: half of them even in weight, half even in t, the ends included.

    Each takes over the weight of the rows nearest to it.
    """
    count = len(curve.t)
    if count <= size:
        return curve
    by_weight = np.searchsorted(np.cumsum(curve.w), (np.arange(size // 2) + 0.5) / (size // 2))
    by_place = np.searchsorted(curve.t, np.linspace(-1.0, 1.0, size - size // 2))
    picked = np.unique(np.clip(np.concatenate([by_weight, by_place, [0, count - 1]]), 0, count - 1))
    edges = np.concatenate([[0], (picked[1:] + picked[:-1] + 1) // 2])
    w = np.add.reduceat(curve.w, edges)
    y = curve.y[picked]
    mean = float(w @ y)
    spread = float(np.sqrt(w @ (y - mean) ** 2))
    if spread < 1e-6:
        return curve
    return Curve(curve.t[picked], (y - mean) / spread, w, curve.origin)
