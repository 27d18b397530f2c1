"""The free constants of an expression fitted to data, to machine precision, with their covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.program import compiled
from kancli.symbolic.expression.tree import Expression, constants, with_constants
from kancli.symbolic.least_squares.single import inverse_gram, levenberg_marquardt, until

CONVERGED = 1e-16
# Starts are constants read off elsewhere: near the minimum.
NEAR = 1e-4
# Steps in a row that lower the error by no more than the tolerance: the last ones double the digits of θ, not of it.
PATIENCE = 3
# Residuals of half a unit in the last place of the largest y leave nothing to fit.
ULP = float(np.finfo(np.float64).epsneg)


@dataclass(frozen=True)
class Refit:
    """`sse` is Σ w·(f(x) − y)², infinite where f is not finite on every row.

    `covariance` (p, p) is σ²(JᵀWJ)⁻¹ with σ² = sse/(n − p), over the free constants in traversal order;
    `inverse_gram` is (JᵀWJ)⁻¹ alone, which a perfect fit (sse 0) leaves finite. A direction that the data
    do not determine has a huge variance, never zero.
    """

    expression: Expression
    sse: float
    covariance: NDArray[np.float64]
    inverse_gram: NDArray[np.float64]

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        return np.sqrt(np.diag(self.covariance))


def refit(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
    steps: int = 100,
    tolerance: float = CONVERGED,
) -> Refit:
    """The nearest minimum of the squared error over all free constants.

    x (n, d), y (n,), weight (n,) per squared residual. A trial step that leaves the domain on some row
    is refused; an expression that starts outside its domain comes back unchanged with infinite sse.
    The fit ends when steps lower the error by less than the share `tolerance`, or after `steps` trials.
    """
    theta = np.array([constant.value for constant in constants(expression)], dtype=np.float64)
    theta, sse, inverse = minimised(compiled(expression, x), theta, y, weight, steps, tolerance)
    with np.errstate(all="ignore"):
        covariance = sse / max(len(y) - len(theta), 1) * inverse
    covariance[np.isnan(covariance)] = math.inf  # not determined, though the fit is perfect
    return Refit(with_constants(expression, theta.tolist()), sse, covariance, inverse)


class Model(Protocol):
    """Values (n,) and their derivatives (n, p) as functions of parameters (p,)."""

    def value(self, theta: NDArray[np.float64]) -> NDArray[np.float64]: ...

    def value_and_jacobian(
        self, theta: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


@dataclass(frozen=True)
class _Point:
    """A model at one θ, its rows over `unit` and times `root` (n,), the roots of the weights."""

    model: Model
    theta: NDArray[np.float64]
    unit: float
    root: NDArray[np.float64]
    residual: NDArray[np.float64]

    def jacobian(self) -> NDArray[np.float64]:
        return self.model.value_and_jacobian(self.theta)[1] / self.unit * self.root[:, None]


def minimised(
    model: Model,
    theta: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    steps: int,
    tolerance: float,
) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """The nearest minimum for any model with parameters `theta` (p,): them, sse and (JᵀWJ)⁻¹ (p, p)."""
    root = np.ones(len(y)) if weight is None else np.sqrt(np.asarray(weight, dtype=np.float64))
    # Residuals of order one: squares of 1e-200 would vanish.
    unit = float(np.max(np.abs(y), initial=0.0)) or 1.0

    def at(theta: NDArray[np.float64]) -> _Point:
        return _Point(model, theta, unit, root, (model.value(theta) - y) / unit * root)

    states = levenberg_marquardt(at, theta, damping=NEAR)
    floor = ULP**2 * float(root @ root)
    end = until(states, steps=steps, tolerance=tolerance, patience=PATIENCE, floor=floor)
    inverse = np.full((len(theta), len(theta)), math.inf)
    with np.errstate(all="ignore"):  # beyond 1e154, squares are infinite
        if end.linear is not None:
            inverse = inverse_gram(end.linear) / unit / unit
        return end.theta, end.sse * unit * unit, inverse
