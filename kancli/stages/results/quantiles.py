"""Quantiles of absolute errors, from chunks of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The shares whose errors are told.
SHARES = (0.5, 0.9, 0.99)
# Errors that are kept: of more rows every second, fourth, … one, which is enough for a quantile.
MOST = 1 << 20


class Quantiles:
    """Absolute errors of the rows so far, or of evenly spread ones where they are many."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._every, self._rows = most, 1, 0
        self._kept: list[Array] = []

    def add(self, y: Array, predicted: Array) -> None:
        """More rows (n,) with their predictions (n,)."""
        errors = np.abs(predicted - y)
        self._kept.append(errors[(-self._rows) % self._every :: self._every])
        self._rows += len(errors)
        while sum(map(len, self._kept)) > self._most:
            self._every *= 2
            self._kept = [np.concatenate(self._kept)[::2]]

    def values(self) -> dict[float, float | None]:
        """The error that each share of the rows stays below; None where some row has none."""
        errors = np.concatenate(self._kept) if self._kept else np.empty(0)
        if not len(errors) or not np.isfinite(errors).all():
            return dict.fromkeys(SHARES)
        return {share: float(np.quantile(errors, share)) for share in SHARES}
