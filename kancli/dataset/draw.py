"""Rows drawn by a hash of their numbers: the same ones in whatever pieces a table is read, and by whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# What distinguishes the two draws of a seed.
_HELD, _SAMPLE = 1, 2
_STEP = np.uint64(0x9E3779B97F4A7C15)


def hashes(numbers: NDArray[np.uint64], salt: int) -> NDArray[np.uint64]:
    """A uniform 64-bit number per row number (n,), by splitmix64 (Steele, Lea & Flood 2014).

    `salt` selects one of many streams.
    """
    with np.errstate(over="ignore"):
        start = np.uint64((salt * 0xD1342543DE82EF95) % 2**64)
        z = (numbers + np.uint64(1)) * _STEP + start
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return found


def held_rows(first: int, rows: int, fraction: float, seed: int) -> NDArray[np.bool_]:
    """Which of the rows with the numbers first, first + 1, … (rows,) are held out, each with this probability."""
    numbers = np.arange(first, first + rows, dtype=np.uint64)
    found: NDArray[np.bool_] = hashes(numbers, 4 * seed + _HELD) < np.uint64(int(fraction * (2**64 - 1)))
    return found


class Sample:
    """The `size` rows with the smallest hashes among all that were shown, in the order of the table."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._salt = size, 4 * seed + _SAMPLE
        self._keys = np.empty(0, dtype=np.uint64)
        self._numbers = np.empty(0, dtype=np.uint64)
        self._rows: list[NDArray[np.float64]] = []

    def show(self, first: int, values: NDArray[np.float64]) -> None:
        """Rows (n, columns) with the numbers first, first + 1, …"""
        numbers = np.arange(first, first + len(values), dtype=np.uint64)
        keys = hashes(numbers, self._salt)
        chosen = np.arange(len(keys))
        if len(self._keys) >= self._size:
            chosen = np.flatnonzero(keys < self._keys.max())
            if not len(chosen):
                return
        self._rows.append(values[chosen])
        self._keys = np.concatenate([self._keys, keys[chosen]])
        self._numbers = np.concatenate([self._numbers, numbers[chosen]])
        if len(self._keys) > self._size:
            kept = np.sort(np.argpartition(self._keys, self._size - 1)[: self._size])
            self._rows = [np.concatenate(self._rows)[kept]]
            self._keys, self._numbers = self._keys[kept], self._numbers[kept]

    def drawn(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The numbers (n,) of the rows drawn, and their values (n, columns)."""
        return self._numbers.astype(np.int64), np.concatenate(self._rows)
