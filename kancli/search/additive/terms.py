"""What the functions of an additive model are taken of, and splines as columns."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.search.factors.atoms import Argument, Base, argument_values
from kancli.symbolic.graph.basis import spline_basis

Array = NDArray[np.float64]

CUBIC = 3
# Combinations of two inputs, at most: a budget of columns.
MOST = 150


def candidates(inputs: int) -> list[Argument]:
    """The inputs, then sums, differences, products and quotients of two, and x²·y and x/y² both ways."""
    singles = [Argument(((Base(i), 1),)) for i in range(inputs)]
    pairs: list[Argument] = []
    several = list(combinations(range(inputs), 2))
    for sign in (-1, 1):
        pairs += [Argument(((Base(i, j, sign), 1),)) for i, j in several]
    for p, q in ((1, 1), (1, -1), (2, 1), (1, 2), (2, -1), (1, -2)):
        pairs += [Argument(((Base(i), p), (Base(j), q))) for i, j in several]
    return [*singles, *pairs[:MOST]]


def usable(several: list[Argument], x: Array) -> tuple[list[Argument], Array]:
    """Those that have a value in every row and change, with their values (n, arguments)."""
    values = argument_values(several, x)
    good = np.flatnonzero(np.isfinite(values).all(axis=0) & (np.ptp(values, axis=0) > 0))
    return [several[k] for k in good], values[:, good]


def splines(z: Array, grid: int) -> Array:
    """Cubic B-splines on `grid` intervals over the range of z (n,): their values (n, grid + 3)."""
    return np.ascontiguousarray(spline_basis(z, float(z.min()), float(z.max()), grid, CUBIC)[0].T)
