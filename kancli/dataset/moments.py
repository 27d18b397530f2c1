"""Count, range, mean and spread of columns, summed over blocks of rows without cancellation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Of columns (c,) over `rows` rows; `squares` are sums of squares about the mean."""

    rows: int
    low: Array
    high: Array
    mean: Array
    squares: Array

    @staticmethod
    def of(values: Array) -> Moments:
        """Those of rows (n, c), at least one."""
        mean = values.mean(axis=0)
        away = values - mean
        return Moments(
            len(values), values.min(axis=0), values.max(axis=0), mean, np.einsum("ij,ij->j", away, away)
        )

    def merged(self, other: Moments) -> Moments:
        """With the rows of another. (Chan, Golub & LeVeque 1983.)"""
        rows, step = self.rows + other.rows, other.mean - self.mean
        return Moments(
            rows,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.mean + step * (other.rows / rows),
            self.squares + other.squares + step**2 * (self.rows * (other.rows / rows)),
        )
