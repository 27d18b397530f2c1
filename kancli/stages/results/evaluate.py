"""How well predictions agree with a target, from chunks of rows: only sums are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """Sums over the rows so far. `spread` is Σ(y − mean)², `squares` Σ(ŷ − y)²."""

    rows: int = 0
    mean: float = 0.0
    spread: float = 0.0
    squares: float = 0.0
    absolute: float = 0.0
    largest: float = 0.0

    def add(self, y: Array, predicted: Array) -> Evaluation:
        """With more rows added. Means and spreads are merged as by Chan, Golub & LeVeque (1983), without
        cancellation."""
        if not len(y):
            return self
        mean = float(y.mean())
        spread = float(np.sum((y - mean) ** 2))
        rows, step = self.rows + len(y), mean - self.mean
        residual = np.abs(predicted - y)
        if not np.isfinite(residual).all():
            return Evaluation(rows, self.mean, self.spread, math.nan, math.nan, math.nan)
        return Evaluation(
            rows,
            self.mean + step * len(y) / rows,
            self.spread + spread + step**2 * self.rows * len(y) / rows,
            self.squares + float(residual @ residual),
            self.absolute + float(residual.sum()),
            max(self.largest, float(residual.max())),
        )

    def metrics(self) -> dict[str, float | None]:
        """r2, rmse, mae, max_error; None where undefined (r² of a constant) or not finite."""
        found = {
            "r2": 1 - self.squares / self.spread if self.spread > 0 else math.nan,
            "rmse": math.sqrt(self.squares / self.rows) if self.rows else math.nan,
            "mae": self.absolute / self.rows if self.rows else math.nan,
            "max_error": self.largest,
        }
        return {name: value if math.isfinite(value) else None for name, value in found.items()}
