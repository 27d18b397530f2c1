"""A single number on which the target depends, found without a network: sorted by it, neighbouring rows are alike.

This sees waves of many periods, which networks of coarse splines do not learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kancli.search.inputs.single_index import OneNumber
from kancli.search.inputs.slopes import Combination
from kancli.search.ties import clearly_less

Array = NDArray[np.float64]
# An input and the power of it that y is divided by, or nothing.
Factor = tuple[int, float] | None

# Inputs and rows that the search takes, and the share of the variance that may be left between neighbours.
MOST_INPUTS = 7
FEWEST_ROWS = 50
SMOOTH = 0.02
# The same in terms of the share that may be left in the end: differences also hold the slope.
ROUGHER = 1.5
# Exponents of the number's inputs, by how many inputs there are: their tuples are sorted by, one by one.
EXPONENTS = (0, 1, -1, 2, -2)
FEW_EXPONENTS = (0, 1, -1)
FEW_INPUTS = 4
# Powers of one input that may stand before the function of the number.
FACTORS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
FEW_FACTORS, FEW_FACTOR_INPUTS = (1.0, -1.0), 5
# A factor must make neighbours so many times more alike to be believed.
WORTH_A_FACTOR = 4.0
# The share of the variance of ranks that a number which determines the target may leave.
MOST_RANKS = 1e-4


def number_by_neighbours(x: Array, y: Array, most: float) -> OneNumber | None:
    """The number that alone determines y (n,), or y over a power of an input, but for the share `most` of the
    variance of y; None where there is none. x: (d, n).

    The share is estimated from differences of rows that are neighbours when sorted by the number (Rice, Annals
    of Statistics 12, 1984); for targets with a long tail also that of the variance of their ranks.
    """
    inputs, rows = x.shape
    if inputs < 2 or inputs > MOST_INPUTS or rows < FEWEST_ROWS or not float(y.var()) > 0:
        return None
    factors = [Divided.by(key, factor, y) for key, factor in factors_of(x)]
    # The best without a factor and with one, by the target and by its ranks.
    best: dict[tuple[bool, bool], tuple[float, tuple[int, ...], Divided]] = {}
    for exponents, number in numbers_of(x):
        order = np.argsort(number, kind="stable")
        for divided in factors:
            key = divided.key
            used = {i for i, p in enumerate(exponents) if p} | ({key[0]} if key else set())
            if len(used) < 2:
                continue
            for ranked, level in enumerate((divided.roughness(order), divided.roughness_of_ranks(order))):
                place = key is not None, bool(ranked)
                if clearly_less(level, best.get(place, (max(SMOOTH, ROUGHER * most),))[0]):
                    best[place] = level, exponents, divided
    for _, exponents, divided in sorted(
        best.values(), key=lambda b: b[0] * (WORTH_A_FACTOR if b[2].key else 1.0)
    ):
        number = dict(numbers_of(x, [exponents]))[exponents]
        if determines(number, y, divided.factor, most):
            members = tuple(i for i, p in enumerate(exponents) if p)
            found = Combination("product", members, tuple(float(exponents[i]) for i in members))
            return OneNumber(found, dict([divided.key]) if divided.key else {})
    return None


@dataclass(frozen=True)
class Divided:
    """The target over a factor: y, the factor, their ratio and its ranks, (n,) each."""

    key: Factor
    y: Array
    factor: Array
    ratio: Array
    ranks: Array

    @staticmethod
    def by(key: Factor, factor: Array, y: Array) -> Divided:
        return Divided(key, y, factor, y / factor, ranks_of(y / factor))

    def roughness(self, order: NDArray[np.intp]) -> float:
        """Share of y's variance by which y differs from what its neighbour's ratio predicts."""
        missed = np.diff(self.ratio[order]) * self.factor[order[1:]]
        return float(missed @ missed) / (2 * len(missed) * float(self.y.var()))

    def roughness_of_ranks(self, order: NDArray[np.intp]) -> float:
        """The same for the ranks of the ratio."""
        missed = np.diff(self.ranks[order])
        return 6 * float(missed @ missed) / len(order) ** 3


def ranks_of(y: Array) -> Array:
    """0 … n − 1 in the order of y (n,)."""
    return y.argsort(kind="stable").argsort(kind="stable").astype(float)


def determines(number: Array, y: Array, factor: Array, most: float) -> bool:
    """Whether y (n,) is `factor` times a function of the number, but for the share `most` of its variance, or but
    for next to nothing of the variance of its ranks."""
    if curvature(number, y, factor) <= most * float(y.var()):
        return True
    ranks = ranks_of(y / factor)
    return curvature(number, ranks, np.ones_like(ranks)) <= MOST_RANKS * float(ranks.var())


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
            for p in FACTORS if len(x) <= FEW_FACTOR_INPUTS else FEW_FACTORS:
                if p.is_integer() or (own > 0).all():
                    yield (i, p), own**p


def curvature(number: Array, y: Array, factor: Array) -> float:
    """Variance of y (n,) about straight lines between the neighbours of each row, as that of a single row
    (Gasser, Sroka & Jennen-Steinmetz, Biometrika 73, 1986)."""
    order = np.argsort(number, kind="stable")
    z, ratio, scale = number[order], (y / factor)[order], factor[order]
    gap = z[2:] - z[:-2]
    left = np.divide(z[2:] - z[1:-1], gap, out=np.full_like(gap, 0.5), where=gap > 0)
    missed = (ratio[1:-1] - left * ratio[:-2] - (1 - left) * ratio[2:]) * scale[1:-1]
    # The errors of the neighbours' y come multiplied by the quotients of the factors.
    before, after = left * scale[1:-1] / scale[:-2], (1 - left) * scale[1:-1] / scale[2:]
    return float(np.mean(missed**2 / (1 + before**2 + after**2)))
