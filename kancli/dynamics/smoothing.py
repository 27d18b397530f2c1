"""Smooth curves through trajectories: splines whose smoothness the data choose, and their derivatives.

A spline of degree 5 with a knot at each point and the penalty λ·∫(f''')² has, in the basis of Demmler and Reinsch
(1975), the shrinkage 1/(1 + λdᵢ). λ minimises generalised cross-validation (Craven and Wahba 1979), with each degree
of freedom counted a little more than once, which keeps it from following the noise (Kim and Gu 2004). Points without
noise are interpolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline
from scipy.linalg import eigh, solve_triangular

Array = NDArray[np.float64]

DEGREE, ROUGHNESS = 5, 3
# Degree of the spline through points without noise.
INTERPOLATING = 7
# Kim and Gu (2004): what each degree of freedom counts in the cross-validation.
COUNTED = 1.4
# More knots than this are spread over the points: the decomposition takes the cube of their number.
MOST_KNOTS = 400
# What the polynomial through so many neighbours misses of a point, in units of the spread: less is no noise.
NO_NOISE, NEIGHBOURS = 1e-4, 10


@dataclass(frozen=True, eq=False)
class Smooth:
    """A smooth curve through (t, y): `spline`, and the standard deviation `sigma` of the points about it."""

    spline: BSpline
    sigma: float

    def value(self, t: Array) -> Array:
        """The curve at times t (n,)."""
        return np.asarray(self.spline(t), dtype=np.float64)

    def slope(self, t: Array, order: int = 1) -> Array:
        """Its derivative with respect to time, at times t (n,)."""
        return np.asarray(self.spline.derivative(order)(t), dtype=np.float64)


def smoother(t: Array) -> Callable[[Array], Smooth]:
    """The smoothing of points at these times t (n,), increasing: a function of their values y (n,)."""
    knots = knots_at(t)
    design = BSpline.design_matrix(t, knots, DEGREE).toarray()
    q, r = np.linalg.qr(design)
    half = solve_triangular(r, penalty(knots), trans="T")
    whole = solve_triangular(r, half.T, trans="T")
    shrink, vectors = eigh(0.5 * (whole + whole.T))
    shrink = np.maximum(shrink, 0.0)
    shrink[:ROUGHNESS] = 0.0  # polynomials without roughness

    def smooth(y: Array) -> Smooth:
        spread = float(y.std())
        if spread == 0.0:
            return Smooth(make_interp_spline(t, y, k=1), 0.0)
        if noise_of(t, y) <= NO_NOISE * spread:
            return Smooth(make_interp_spline(t, y, k=INTERPOLATING), 0.0)
        along = vectors.T @ (q.T @ y)
        beside = float(y @ y - along @ along)

        def left(strength: float) -> tuple[float, float]:
            kept = 1.0 / (1.0 + strength * shrink)
            return max(float(np.sum(((1 - kept) * along) ** 2)) + max(beside, 0.0), 0.0), float(kept.sum())

        rough = shrink[ROUGHNESS:]
        strengths = np.geomspace(0.01 / rough[-1], 100.0 / max(rough[0], rough[-1] * 1e-18), 200)
        tried = [left(float(s)) for s in strengths]
        scores = [
            rss / (len(t) - COUNTED * free) ** 2 if COUNTED * free < 0.9 * len(t) else np.inf
            for rss, free in tried
        ]
        best = int(np.argmin(scores))
        rss, free = tried[best]
        coefficients = solve_triangular(r, vectors @ (along / (1.0 + float(strengths[best]) * shrink)))
        return Smooth(BSpline(knots, coefficients, DEGREE), float(np.sqrt(rss / (len(t) - free))))

    return smooth


def noise_of(t: Array, y: Array) -> float:
    """The noise of points (n,): what the polynomial through the neighbours of each misses, in the median."""
    around = np.lib.stride_tricks.sliding_window_view(t, NEIGHBOURS + 1)
    values = np.lib.stride_tricks.sliding_window_view(y, NEIGHBOURS + 1)
    scaled = (around - around.mean(axis=1, keepdims=True)) / np.ptp(around, axis=1)[:, None]
    apart = scaled[:, :, None] - scaled[:, None, :]
    weights = 1.0 / np.prod(apart + np.eye(NEIGHBOURS + 1), axis=2)  # those of a divided difference
    missed = np.sum(weights * values, axis=1) / np.sqrt(np.sum(weights**2, axis=1))
    return float(np.median(np.abs(missed))) / 0.6745


def knots_at(t: Array) -> Array:
    """Knots with their repetitions at the ends: one per point, or fewer, so that the spline is determined."""
    inner = t[(DEGREE + 1) // 2 : -((DEGREE + 1) // 2)]
    if len(inner) > MOST_KNOTS:
        inner = inner[np.linspace(0, len(inner) - 1, MOST_KNOTS).astype(np.intp)]
    return np.concatenate([np.full(DEGREE + 1, t[0]), inner, np.full(DEGREE + 1, t[-1])])


def penalty(knots: Array) -> Array:
    """The matrix of ∫ Bᵢ'''·Bⱼ''' over all intervals; three Gauss points are exact for degree 5."""
    ends = np.unique(knots)
    nodes, weights = np.polynomial.legendre.leggauss(3)
    middle, reach = 0.5 * (ends[1:] + ends[:-1]), 0.5 * np.diff(ends)
    points = (middle[:, None] + reach[:, None] * nodes).ravel()
    weight = (reach[:, None] * weights).ravel()
    count = len(knots) - DEGREE - 1
    basis = BSpline(knots, np.eye(count), DEGREE).derivative(ROUGHNESS)(points)
    return np.asarray(basis.T @ (weight[:, None] * basis), dtype=np.float64)
