"""Whether residuals are noise: a test for anything that the inputs still explain.

Residuals of the right formula are noise; those of a wrong one depend on the inputs. They are regressed on
products of Legendre polynomials of the inputs' ranks, all of total degree 1, then 2, 3, … for as long as
there are rows enough: one QR factorisation gives the sum of squares that each degree explains, and an F test
says how likely chance alone explains as much (Draper & Smith, Applied Regression Analysis, 1998, chapter 2).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Rows a coefficient of the regression needs, and the most coefficients: QR costs rows times their square.
ROWS_EACH = 4
MOST = 300
# Residuals that chance would explain less often than this still hold something.
CHANCE = 1e-3


def is_noise(x: Array, residual: Array) -> bool:
    """Whether nothing in `x` (n, d) explains the residuals (n,): the noise floor is reached."""
    return chance(x, residual) >= CHANCE


def even(residual: Array, weight: Array | None) -> Array:
    """Residuals (n,) of equal variance, as the test expects them: those of precise rows count more."""
    return residual if weight is None else residual * np.sqrt(weight)


def chance(x: Array, residual: Array) -> float:
    """Probability, Bonferroni corrected for the degrees looked at, that chance explains as much as `x` does.

    1.0 when there are too few rows to ask.
    """
    return chance_of(x, residual, range(x.shape[1]))


def chance_of(x: Array, residual: Array, inputs: Collection[int]) -> float:
    """The same for some inputs: what they explain, alone or with others, beyond what those others explain."""
    rows = len(residual)
    centred = residual - residual.mean()
    total = float(centred @ centred)
    if total <= 0 or not math.isfinite(total):
        return 1.0
    columns, powers, ends = features(x, min(rows // ROWS_EACH, MOST))
    if not ends:
        return 1.0
    asked = np.array([any(i in inputs for i in chosen) for chosen in powers])
    columns = columns - columns.mean(axis=0)
    # One factorisation for all degrees, unless what is known has to come first in each.
    shares = (np.linalg.qr(columns)[0].T @ centred) ** 2 if asked.all() else None
    least = 1.0
    for count in ends:
        known = count - int(asked[:count].sum())
        if shares is None:
            order = np.argsort(asked[:count], kind="stable")
            explained = (np.linalg.qr(columns[:, order])[0].T @ centred) ** 2
        else:
            explained = shares[:count]
        gained, rest, free = float(explained[known:].sum()), total - float(explained.sum()), rows - 1 - count
        if rest <= 0:
            return 0.0
        least = min(least, f_tail(gained / (count - known) / (rest / free), count - known, free))
    return min(1.0, least * len(ends))


def features(x: Array, most: int) -> tuple[Array, list[tuple[int, ...]], list[int]]:
    """Products of Legendre polynomials by total degree, (n, p), the inputs in each, how many up to each degree."""
    rows, inputs = x.shape
    ranks = x.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    unit = 2 * (ranks + 0.5) / rows - 1
    found: list[Array] = []
    powers: list[tuple[int, ...]] = []
    ends: list[int] = []
    legendre = [np.ones_like(unit), unit]
    degree = 1
    while math.comb(inputs + degree, degree) - 1 <= most:
        if degree > 1:
            legendre.append(((2 * degree - 1) * unit * legendre[-1] - (degree - 1) * legendre[-2]) / degree)
        for chosen in combinations_with_replacement(range(inputs), degree):
            product = np.ones(rows)
            for i in set(chosen):
                product = product * legendre[chosen.count(i)][:, i]
            found.append(product)
            powers.append(chosen)
        ends.append(len(found))
        degree += 1
    return (np.column_stack(found) if found else np.empty((rows, 0))), powers, ends


def f_tail(f: float, above: int, below: int) -> float:
    """P(F > f) with `above` and `below` degrees of freedom, by Paulson's normal approximation (1942)."""
    if f <= 0:
        return 1.0
    cube, a, b = f ** (1 / 3), 2 / (9 * above), 2 / (9 * below)
    z = ((1 - b) * cube - (1 - a)) / math.sqrt(b * cube**2 + a)
    return 0.5 * math.erfc(z / math.sqrt(2))
