"""Targets whose squares are no float64: what is squared is an error, and decides what a formula is worth."""

from __future__ import annotations

import math

import numpy as np

from kancli.dataset import Dataset
from kancli.errors import DataError

# The squares of float64 end at 1e308 and lose digits below 1e-308; sums of many rows, and of what a bad formula
# leaves, need some room.
LARGEST, SMALLEST = 1e140, 1e-140


def check_magnitude(table: Dataset) -> None:
    """Raises DataError where the target is too large, or varies too little, for its squares to be numbers."""
    largest = float(np.abs(table.y).max())
    if largest > LARGEST:
        _refuse(table, f"values up to {largest:.3g}", largest)
    varies = float(table.y.max() - table.y.min())
    if varies < SMALLEST:
        _refuse(table, f"values that differ by {varies:.3g} at most", varies)


def _refuse(table: Dataset, what: str, size: float) -> None:
    raise DataError(
        f"{table.source}: column {table.target!r} has {what}: their squares are no float64 numbers",
        f"give the column in another unit: divide it by 1e{math.floor(math.log10(size))}",
    )
