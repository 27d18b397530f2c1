"""Levenberg–Marquardt over the free constants of an expression, to machine precision.

Each step solves min ‖r + Jδ‖² + λ‖Dδ‖² with D the column norms of J, by a QR of the column-scaled J:
scaling makes constants of 1e-20 and 1e20 alike, and QR keeps the digits that JᵀJ would square away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.program import compiled
from kancli.symbolic.expression.tree import Expression, constants, with_constants

_FIRST_DAMPING = 1e-4
_LARGEST_DAMPING = 1e12
CONVERGED = 1e-16
# A direction this much flatter than the steepest is not determined by float64 data.
_RANK = 1e-13


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
    steps: int = 50,
    tolerance: float = CONVERGED,
) -> Refit:
    """The nearest minimum of the squared error over all free constants.

    x (n, d), y (n,), weight (n,) per squared residual. A trial step that leaves the domain on some row
    is rejected; an expression that starts outside its domain comes back unchanged with infinite sse.
    The fit ends when a step lowers the error by less than the share `tolerance`.
    """
    theta = np.array([constant.value for constant in constants(expression)], dtype=np.float64)
    theta, sse, inverse = minimised(compiled(expression, x), theta, y, weight, steps, tolerance)
    covariance = sse / max(len(y) - len(theta), 1) * inverse
    return Refit(with_constants(expression, theta.tolist()), sse, covariance, inverse)


class Model(Protocol):
    """Values (n,) and their derivatives (n, p) as functions of parameters (p,)."""

    def value(self, theta: NDArray[np.float64]) -> NDArray[np.float64]: ...

    def value_and_jacobian(
        self, theta: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


def minimised(
    model: Model,
    theta: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    steps: int,
    tolerance: float,
) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """The nearest minimum for any model with parameters `theta` (p,): them, sse and (JᵀWJ)⁻¹ (p, p)."""
    root_weight = None if weight is None else np.sqrt(np.asarray(weight, dtype=np.float64))
    # Residuals of order one: squares of 1e-200 would vanish.
    unit = float(np.max(np.abs(y), initial=0.0)) or 1.0
    theta, sse, factor = _minimised(model, theta, y, root_weight, unit, steps, tolerance)
    shape = (len(theta), len(theta))
    with np.errstate(over="ignore"):  # a constant that nothing determines has an infinite variance
        inverse = _inverse_gram(factor) / unit**2 if math.isfinite(sse) else np.full(shape, math.inf)
    return theta, sse * unit**2, inverse


@dataclass(frozen=True)
class _Linearised:
    """J = Q·R·diag(scale) and qr = Qᵀr at one point, residuals in units of max|y|."""

    triangle: NDArray[np.float64]
    projected: NDArray[np.float64]
    scale: NDArray[np.float64]


def _minimised(
    program: Model,
    theta: NDArray[np.float64],
    y: NDArray[np.float64],
    root_weight: NDArray[np.float64] | None,
    unit: float,
    steps: int,
    tolerance: float,
) -> tuple[NDArray[np.float64], float, _Linearised]:
    def residual(values: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = (values - y) / unit
        return scaled if root_weight is None else scaled * root_weight

    def squared(values: NDArray[np.float64]) -> float:
        difference = residual(values)
        total = float(difference @ difference)
        return total if math.isfinite(total) else math.inf

    count = len(theta)
    with np.errstate(all="ignore"):
        sse = squared(program.value(theta))
        nothing = _Linearised(np.zeros((count, count)), np.zeros(count), np.ones(count))
        if not math.isfinite(sse) or not count:
            return theta, sse, nothing
        damping, failures = _FIRST_DAMPING, 0
        linear = nothing
        for _ in range(steps + 1):
            values, jacobian = program.value_and_jacobian(theta)
            linear = _linearised(jacobian / unit, residual(values), root_weight)
            if not np.all(np.isfinite(linear.triangle)):
                return theta, sse, nothing
            improved = False
            while damping < _LARGEST_DAMPING:
                step = _step(linear, damping)
                trial = theta + step
                trial_sse = squared(program.value(trial))
                if trial_sse < sse:
                    improved = True
                    break
                if np.all(np.abs(step) <= 4e-16 * np.abs(theta)):
                    break
                damping = max(damping, 1e-12) * 8
                failures += 1
            if not improved:
                break
            gain = sse - trial_sse
            theta, sse = trial, trial_sse
            damping = max(damping / 20, 1e-16)
            if gain <= tolerance * sse or sse == 0.0:
                break
        values, jacobian = program.value_and_jacobian(theta)
        return theta, sse, _linearised(jacobian / unit, residual(values), root_weight)


def _linearised(
    jacobian: NDArray[np.float64], residual: NDArray[np.float64], root_weight: NDArray[np.float64] | None
) -> _Linearised:
    if root_weight is not None:
        jacobian = jacobian * root_weight[:, None]
    largest = np.max(np.abs(jacobian), axis=0, initial=0.0)
    largest[~(largest > 0)] = 1.0
    scaled = jacobian / largest
    norm = np.sqrt(np.einsum("ij,ij->j", scaled, scaled))
    norm[~(norm > 0)] = 1.0
    scaled /= norm
    if not np.all(np.isfinite(scaled)):
        return _Linearised(np.full((1, 1), math.nan), residual[:1], largest)
    orthogonal, triangle = np.linalg.qr(scaled)
    return _Linearised(triangle, orthogonal.T @ residual, largest * norm)


def _step(linear: _Linearised, damping: float) -> NDArray[np.float64]:
    count = len(linear.scale)
    system = np.concatenate([linear.triangle, math.sqrt(damping) * np.eye(count)])
    right = np.concatenate([-linear.projected, np.zeros(count)])
    try:
        orthogonal, triangle = np.linalg.qr(system)
        if np.min(np.abs(np.diag(triangle)), initial=1.0) < _RANK:
            raise np.linalg.LinAlgError
        solution = np.linalg.solve(triangle, orthogonal.T @ right)
    except np.linalg.LinAlgError:  # a direction that nothing determines: the shortest step
        solution, *_ = np.linalg.lstsq(system, right, rcond=_RANK)
    step: NDArray[np.float64] = solution / linear.scale
    return step


def _inverse_gram(linear: _Linearised) -> NDArray[np.float64]:
    """(JᵀJ)⁻¹ in the units of the constants; flat directions are floored, so their variance is huge."""
    count = len(linear.scale)
    if not count:
        return np.zeros((0, 0))
    if not np.all(np.isfinite(linear.triangle)):
        return np.full((count, count), math.inf)
    _, singular, right = np.linalg.svd(linear.triangle)
    padded = np.full(count, _RANK)
    padded[: len(singular)] = np.maximum(singular, _RANK)
    spread = right.T / padded
    with np.errstate(all="ignore"):  # a constant without any effect has an infinite variance
        inverse: NDArray[np.float64] = spread @ spread.T / np.outer(linear.scale, linear.scale)
    return np.nan_to_num(inverse, nan=math.inf, posinf=math.inf)
