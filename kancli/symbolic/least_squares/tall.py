"""Least squares over rows that are never together in memory: a triangle per block, merged (TSQR).

The triangle of [J | r] holds all that a step, a covariance and a sum of squares take. Merging two of them is a QR
factorisation of one upon the other (Demmel, Grigori, Hoemmen & Langou 2012), which keeps the digits that sums of
products lose: with inputs about 1e8 that differ by 1, JᵀJ has none left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A direction this much flatter than the steepest is not determined by float64 data.
FLAT = 1e-13


def triangle_of(jacobian: Array, residual: Array) -> Array:
    """R (k, p + 1) of [J | r], J (n, p) and r (n,) finite, k the smaller of n and p + 1."""
    return np.asarray(np.linalg.qr(np.column_stack([jacobian, residual]), mode="r"))


def merged(one: Array, other: Array) -> Array:
    """The triangle of the rows of both."""
    return np.asarray(np.linalg.qr(np.concatenate([one, other]), mode="r"))


@dataclass(frozen=True, eq=False)
class Solved:
    """The least squares step (p,) for residuals f − y, (JᵀJ)⁻¹ (p, p), the sum of squares here, and by how much the
    step lowers it in a linear model."""

    step: Array
    inverse: Array
    sse: float
    gain: float


def solved(triangle: Array) -> Solved:
    """What a triangle of at least p + 1 rows says. Directions that the rows do not determine are left as they are,
    with a huge variance."""
    p = triangle.shape[1] - 1
    full = np.zeros((p + 1, p + 1))
    full[: len(triangle)] = triangle[: p + 1]
    right = full[:p, p]
    scale = np.sqrt(np.einsum("ij,ij->j", full[:p, :p], full[:p, :p]))
    scale[scale == 0] = 1.0
    left, singular, basis = np.linalg.svd(full[:p, :p] / scale) if p else (full[:0, :0],) * 3
    largest = float(singular.max(initial=0.0))
    known = singular > FLAT * largest
    along = left.T @ right
    gain = float(np.sum(along[known] ** 2))
    step = -(basis.T[:, known] @ (along[known] / singular[known])) / scale
    floored = np.where(known, singular, FLAT * (largest or 1.0))
    spread = basis.T / floored / scale[:, None]
    total = float(full[:, p] @ full[:, p])
    return Solved(step, spread @ spread.T, total, gain)
