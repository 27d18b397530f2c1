"""Lack of fit over all rows: do the inputs explain anything of what a formula leaves?

The test of symbolic.noise in one pass: the residuals are regressed on products of Legendre polynomials of the inputs'
ranks, which here are those among the rows of the sample. The products of the polynomials are near the identity, so
sums of them lose no digits that an F test needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Block, Dataset, Whole
from kancli.stages.whole.reduce import over
from kancli.symbolic.noise import f_tail

Array = NDArray[np.float64]
White = Callable[[Block], tuple[NDArray[np.bool_], Array]]
"""The rows of a block that count (n,), and the residuals of these, of one size."""

# Polynomials: time grows with the square of their number. 34, of degree 3 of four inputs, show structure.
MOST = 40
# Degrees looked at: of one input there could be a hundred.
MOST_DEGREES = 12


@dataclass(frozen=True, eq=False)
class Products:
    """Sums over rows of products of the features with each other, (p, p), and with the residuals, (p, 2), and of the
    squares of these, (2,): residuals as they are, and cut at the size beyond which they are outliers."""

    rows: int
    features: Array
    along: Array
    squares: Array

    def merged(self, other: Products) -> Products:
        """With more rows."""
        return Products(
            self.rows + other.rows,
            self.features + other.features,
            self.along + other.along,
            self.squares + other.squares,
        )


def chance_over(sample: Dataset, whole: Whole, white: White, most: float) -> float:
    """The probability that chance explains as much of the residuals as the inputs do, with or without their tails,
    which begin at `most`."""
    edges = np.sort(sample.x, axis=0)
    powers, ends = degrees(sample.x.shape[1])
    if not ends:
        return 1.0

    def of(block: Block) -> Products:
        good, residual = white(block)
        features = features_of(block.x[good], edges, powers)
        both = np.column_stack([residual, np.clip(residual, -most, most)])
        return Products(
            len(residual), features.T @ features, features.T @ both, np.einsum("ij,ij->j", both, both)
        )

    return least_chance(over(whole.blocks(), of), ends)


def least_chance(sums: Products, ends: list[int]) -> float:
    """The least of the F tests, Bonferroni corrected for the degrees looked at."""
    try:
        lower = np.linalg.cholesky(sums.features + 1e-9 * sums.rows * np.eye(len(sums.features)))
    except np.linalg.LinAlgError:
        return 1.0
    shares = np.linalg.solve(lower, sums.along) ** 2  # (p, 2), the first row is the mean's
    least = 1.0
    for column in range(2):
        total = float(sums.squares[column] - shares[0, column])
        if not (total > 0 and math.isfinite(total)):
            continue
        for count in ends:
            free = sums.rows - 1 - count
            explained = float(shares[1 : count + 1, column].sum())
            if free <= 0 or total - explained <= 0:
                continue
            least = min(least, f_tail(explained / count / ((total - explained) / free), count, free))
    return min(1.0, least * len(ends))


def degrees(inputs: int) -> tuple[list[tuple[int, ...]], list[int]]:
    """The inputs in each product, by total degree, and how many products there are up to each degree."""
    powers: list[tuple[int, ...]] = []
    ends: list[int] = []
    degree = 1
    while degree <= MOST_DEGREES and math.comb(inputs + degree, degree) - 1 <= MOST:
        powers += combinations_with_replacement(range(inputs), degree)
        ends.append(len(powers))
        degree += 1
    return powers, ends


def features_of(x: Array, edges: Array, powers: list[tuple[int, ...]]) -> Array:
    """A column of ones and the products (n, 1 + p) at rows x (n, inputs); `edges` (m, inputs) are sorted samples."""
    rows, inputs = x.shape
    most = max(len(chosen) for chosen in powers)
    unit = np.column_stack(
        [2 * np.searchsorted(edges[:, i], x[:, i], side="right") / len(edges) - 1 for i in range(inputs)]
    )
    legendre = [np.ones_like(unit), unit]
    for degree in range(2, most + 1):
        legendre.append(((2 * degree - 1) * unit * legendre[-1] - (degree - 1) * legendre[-2]) / degree)
    found = np.ones((rows, 1 + len(powers)))
    for place, chosen in enumerate(powers, start=1):
        for i in set(chosen):
            count = chosen.count(i)
            found[:, place] *= math.sqrt(2 * count + 1) * legendre[count][:, i]
    return found
