"""Orthogonal matching pursuit: columns chosen one by one, each for what it explains beyond those before it.

Y. C. Pati, R. Rezaiifar & P. S. Krishnaprasad, Asilomar 1993. The gain of a column is what it takes off the squared
error when all chosen ones are fitted again (orthogonal least squares: Chen, Billings & Luo, Int. J. Control 50,
1989).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.work import spend

Array = NDArray[np.float64]

# The share of a column's square that lies outside the chosen ones at least: what is left of others is rounding.
OUTSIDE = 1e-9
# Columns whose gains agree to this share are one function written in several ways: the first is the shortest.
SAME = 1e-6


@dataclass(frozen=True)
class Chosen:
    """`members`: positions of columns in the order of their choice; `sse` when they are fitted beside the base."""

    members: tuple[int, ...]
    sse: float


def pursue(base: Array, columns: Array, target: Array, most: int, place: int = 0) -> Iterator[Chosen]:
    """What is chosen with 0, 1, … `most` columns. base (n, k) is always in; columns (n, m), target (n,).

    The first step takes the column that is `place` distinct gains behind the best.
    """
    q = orthonormal(base)
    residual = target - q @ (q.T @ target)
    squares = np.einsum("ij,ij->j", columns, columns)
    within = q.T @ columns
    inside = squares - np.einsum("ij,ij->j", within, within)
    spend(columns.size * (q.shape[1] + 1), calls=4)
    members: list[int] = []
    yield Chosen((), float(residual @ residual))
    for step in range(min(most, columns.shape[1])):
        along = residual @ columns
        usable = inside > OUTSIDE * squares
        gains = np.where(usable, along**2 / np.where(usable, inside, 1.0), 0.0)
        gains[members] = 0.0
        best = ranked(gains, place if step == 0 else 0)
        if best is None:
            return
        new = columns[:, best] - q @ (q.T @ columns[:, best])
        new = new - q @ (q.T @ new)
        new /= float(np.sqrt(new @ new)) or 1.0
        q = np.concatenate([q, new[:, None]], axis=1)
        residual = residual - new * float(new @ residual)
        inside = inside - (new @ columns) ** 2
        spend(3 * columns.size, calls=8)
        members.append(best)
        yield Chosen(tuple(members), float(residual @ residual))


def gains_of(base: Array, columns: Array, target: Array) -> Array:
    """By how much each column (n, m), added to the base (n, k), lowers the squared error of the target (n,)."""
    q = orthonormal(base)
    residual = target - q @ (q.T @ target)
    along, within = residual @ columns, q.T @ columns
    squares = np.einsum("ij,ij->j", columns, columns)
    inside = squares - np.einsum("ij,ij->j", within, within)
    spend(columns.size * (q.shape[1] + 3), calls=6)
    usable = inside > OUTSIDE * squares
    gains: Array = np.where(usable, along**2 / np.where(usable, inside, 1.0), 0.0)
    return gains


def ranked(gains: Array, place: int = 0) -> int | None:
    """The position of the gain so many distinct gains behind the largest, the first of those that agree; None where
    nothing is gained."""
    left = gains.copy()
    for _ in range(place + 1):
        largest = float(left.max(initial=0.0))
        if largest <= 0:
            return None
        same = left >= largest * (1 - SAME)
        best = int(np.argmax(same))
        left[same] = 0.0
    return best


def orthonormal(base: Array) -> Array:
    """A basis (n, r) of the columns' span."""
    u, s, _ = np.linalg.svd(base, full_matrices=False)
    kept: Array = u[:, s > 1e-12 * s[0]]
    return kept
