"""A spline as the activation of one edge, with the same methods as an elementary `Activation`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.graph.basis import basis
from kancli.symbolic.library.activation import Activation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SplineCurve:
    """Coefficients (K,) of a spline on [low, high] with `grid` intervals, order k, and its base function."""

    coefficients: tuple[float, ...]
    low: float
    high: float
    grid: int
    order: int
    base: str
    complexity: int = field(default=1000, init=False)  # never preferred to a function

    def parameters(self) -> Array:
        return np.array(self.coefficients)

    def with_parameters(self, theta: Array) -> SplineCurve:
        return SplineCurve(tuple(map(float, theta)), self.low, self.high, self.grid, self.order, self.base)

    def _basis(self, x: Array) -> tuple[Array, Array]:
        return basis(x, self.low, self.high, self.grid, self.order, self.base)

    def evaluate(self, x: Array) -> Array:
        """φ at x (n,)."""
        return np.asarray(self.coefficients @ self._basis(x)[0])

    def derivatives(self, x: Array) -> tuple[Array, Array, Array]:
        """Value (n,), dφ/dx (n,) and the derivatives by the coefficients (n, K)."""
        values, slopes = self._basis(x)
        c = np.array(self.coefficients)
        return c @ values, c @ slopes, values.T

    @property
    def name(self) -> str:
        return "spline"


Curve: TypeAlias = SplineCurve | Activation

# Ridge on the coefficients' second differences: decides where no row reaches a basis function.
SMOOTHNESS = 1e-10


def fit_spline(x: Array, y: Array, grid: int, order: int, weight: Array | None = None) -> SplineCurve:
    """The least-squares spline through the points x, y (n,), its grid their range; weight (n,) of squares."""
    low, high = float(x.min()), float(x.max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    empty = SplineCurve((0.0,) * (grid + order), low, high, grid, order, "none")
    root = np.ones_like(y) if weight is None else np.sqrt(weight / (weight.mean() or 1.0))
    design = empty.derivatives(x)[2] * root[:, None]
    rough = np.diff(np.eye(grid + order), n=2, axis=0) * np.sqrt(SMOOTHNESS * len(x))
    solution, *_ = np.linalg.lstsq(
        np.concatenate([design, rough]), np.concatenate([y * root, np.zeros(len(rough))]), rcond=None
    )
    return empty.with_parameters(solution)
