"""A single number on which the target depends, found without a network: sorted by it, neighbouring rows are alike.

This sees waves of many periods, which networks of coarse splines do not learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kancli.search.combinations import Combination
from kancli.search.one_number import OneNumber

Array = NDArray[np.float64]
# An input and the power of it that y is divided by, or nothing.
Factor = tuple[int, float] | None

# Inputs and rows that the search takes, and the share of the variance that may be left between neighbours.
MOST_INPUTS = 5
FEWEST_ROWS = 50
SMOOTH = 0.02
# Exponents of the number's inputs, by how many inputs there are: their tuples are sorted by, one by one.
EXPONENTS = (0, 1, -1, 2, -2)
FEW_EXPONENTS = (0, 1, -1)
FEW_INPUTS = 4
# Powers of one input that may stand before the function of the number.
FACTORS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
# A factor must make neighbours so many times more alike to be believed.
WORTH_A_FACTOR = 4.0


def number_by_neighbours(x: Array, y: Array, most: float) -> OneNumber | None:
    """The number that alone determines y (n,), or y over a power of an input, but for the share `most` of the
    variance of y; None where there is none. x: (d, n).

    The share is estimated from differences of rows that are neighbours when sorted by the number (Rice, Annals
    of Statistics 12, 1984), that of the winner without what a straight line between neighbours explains (Gasser,
    Sroka & Jennen-Steinmetz, Biometrika 73, 1986).
    """
    inputs, rows = x.shape
    variance = float(y.var())
    if inputs < 2 or inputs > MOST_INPUTS or rows < FEWEST_ROWS or not variance > 0:
        return None
    factors = dict(factors_of(x))
    # The best without a factor, and with one.
    best: dict[bool, tuple[float, tuple[int, ...], Factor]] = {}
    for exponents, number in numbers_of(x):
        order = np.argsort(number)
        for key, factor in factors.items():
            used = {i for i, p in enumerate(exponents) if p} | ({key[0]} if key else set())
            if len(used) < 2:
                continue
            level = roughness(y[order], factor[order]) / variance
            if level < best.get(key is not None, (SMOOTH,))[0]:
                best[key is not None] = level, exponents, key
    if not best:
        return None
    _, exponents, key = min(best.values(), key=lambda b: b[0] * (WORTH_A_FACTOR if b[2] else 1.0))
    number = dict(numbers_of(x, [exponents]))[exponents]
    if curvature(number, y, factors[key]) / variance > most:
        return None
    members = tuple(i for i, p in enumerate(exponents) if p)
    found = Combination("product", members, tuple(float(exponents[i]) for i in members))
    return OneNumber(found, dict([key]) if key else {})


def numbers_of(
    x: Array, wanted: list[tuple[int, ...]] | None = None
) -> Iterator[tuple[tuple[int, ...], Array]]:
    """Exponents and values (n,) of products of powers of the inputs x (d, n), their first exponent positive.

    Negative powers of inputs that are 0 somewhere are left out.
    """
    choices = EXPONENTS if len(x) <= FEW_INPUTS else FEW_EXPONENTS
    powers = [{p: own**p for p in choices if p >= 0 or own.all()} for own in x]
    for exponents in wanted or product(*powers):
        used = [(i, p) for i, p in enumerate(exponents) if p]
        if used and used[0][1] == 1:
            yield exponents, np.prod([powers[i][p] for i, p in used], axis=0)


def factors_of(x: Array) -> Iterator[tuple[Factor, Array]]:
    """No factor, and the powers of single inputs x (d, n) that y can be divided by, with their values (n,)."""
    yield None, np.ones(x.shape[1])
    for i, own in enumerate(x):
        if own.all():
            for p in FACTORS:
                if p.is_integer() or (own > 0).all():
                    yield (i, p), own**p


def roughness(y: Array, factor: Array) -> float:
    """Half the mean square by which y (n,) differs from what its neighbour's y/factor predicts."""
    ratio = y / factor
    return float(np.mean((np.diff(ratio) * factor[1:]) ** 2)) / 2


def curvature(number: Array, y: Array, factor: Array) -> float:
    """Variance of y (n,) about straight lines between the neighbours of each row, as a share of one row's."""
    order = np.argsort(number)
    z, ratio, scale = number[order], (y / factor)[order], factor[order]
    gap = z[2:] - z[:-2]
    left = np.divide(z[2:] - z[1:-1], gap, out=np.full_like(gap, 0.5), where=gap > 0)
    missed = (ratio[1:-1] - left * ratio[:-2] - (1 - left) * ratio[2:]) * scale[1:-1]
    return float(np.mean(missed**2 / (1 + left**2 + (1 - left) ** 2)))
