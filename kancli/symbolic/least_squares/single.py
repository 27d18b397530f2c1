"""Levenberg-Marquardt on one problem, to machine precision: a generator of states.

Minimises ‖r(θ)‖². A step solves min ‖r + Jδ‖² + μ‖Dδ‖², D the largest column norms of J so far (Moré, Lect. Notes
Math. 630, 1978), by a QR factorisation of the column-scaled J: scaling makes parameters of 1e-20 and of 1e20 alike,
and QR keeps the digits that JᵀJ would square away. J is factorised once per accepted step; a refused trial only
factorises a triangle again.

How μ follows the steps: `damping`. Where to stop: `until`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.least_squares.damping import FIRST_DAMPING, GROWTH, MOST_DAMPING, adapted
from kancli.work import spend

Array = NDArray[np.float64]

# A direction this much flatter than the steepest is not determined by float64 data.
# Multiply-adds per element and column of a QR factorisation by LAPACK, beside a matrix product's.
QR = 6.0
FLAT = 1e-13
# A step this small beside every parameter is lost in rounding.
ROUNDING = 4 * float(np.finfo(np.float64).eps)


# A parameter damped this much stays where it is; squares must not overflow.
HELD = 1e100


class Point(Protocol):
    """The model at one θ: residuals (n,), and on demand their derivatives (n, p), which a refused trial never needs.

    Where the residuals are not finite, θ is outside the domain (or a bound), and the trial is refused.
    """

    @property
    def residual(self) -> Array: ...

    def jacobian(self) -> Array: ...


P = TypeVar("P", bound=Point)


@dataclass(frozen=True)
class Factorised:
    """J = Q·triangle·diag(scale) and `projected` = Qᵀr, all finite; `scale` (p,) are the column norms of J."""

    triangle: Array
    projected: Array
    scale: Array


@dataclass(frozen=True)
class State(Generic[P]):
    """One iterate: `sse` is ‖r‖² (infinite outside the domain), `damping` is μ for the next trial.

    `accepted`: whether the last trial was taken, else θ is where it was. `linear` is None where J is not finite.
    """

    step: int
    theta: Array
    point: P
    sse: float
    linear: Factorised | None
    damping: float
    accepted: bool


def levenberg_marquardt(
    at: Callable[[Array], P], theta: Array, *, damping: float = FIRST_DAMPING
) -> Iterator[State[P]]:
    """States of the iteration, the start first; one state per trial, refused ones too.

    `at(θ)` is the model there. No accepted trial raises the error, except by its rounding: steps that promise less
    than that are accepted blindly, because θ still gains digits when its error no longer shows. The iteration ends
    by itself where the start is outside the domain, J is not finite, the error is zero, a blind step is refused, or
    a step is lost in rounding.
    """
    theta = np.asarray(theta, dtype=np.float64)
    point, sse = evaluated(at, theta)
    linear = linearised(point) if math.isfinite(sse) else None
    state = State(0, theta, point, sse, linear, damping, True)
    yield state
    growth, blind = GROWTH, False
    reach = np.zeros(len(theta))
    while state.linear is not None and len(theta) and state.sse > 0.0 and state.damping < MOST_DAMPING:
        if blind and not state.accepted:
            return
        reach = np.maximum(reach, state.linear.scale)
        delta, predicted = damped_step(state.linear, state.damping, reach)
        if np.all(np.abs(delta) <= ROUNDING * np.abs(state.theta)):
            return
        blind = predicted <= ROUNDING * state.sse
        with np.errstate(all="ignore"):
            trial = state.theta + delta
        point, sse = evaluated(at, trial)
        accepted = sse < state.sse or (blind and sse <= (1.0 + ROUNDING) * state.sse)
        ratio = (state.sse - sse) / predicted if accepted and predicted > 0.0 else 1.0
        mu, further = adapted(state.damping, growth, accepted, ratio)
        growth = float(further)
        state = replace(state, step=state.step + 1, damping=float(mu), accepted=accepted)
        if accepted:
            state = replace(state, theta=trial, point=point, sse=sse, linear=linearised(point))
        yield state


def until(
    states: Iterable[State[P]],
    *,
    steps: int,
    tolerance: float,
    patience: int = 1,
    floor: float = 0.0,
) -> State[P]:
    """The state after `steps` trials, or before: where the error is at most `floor`, or where `patience` accepted
    steps in a row have each lowered it by at most the share `tolerance`."""
    idle, before = 0, math.inf
    for state in states:
        if state.accepted:
            idle = idle + 1 if before - state.sse <= tolerance * state.sse else 0
            before = state.sse
        if state.step >= steps or state.sse <= floor or idle >= patience:
            break
    return state


def evaluated(at: Callable[[Array], P], theta: Array) -> tuple[P, float]:
    """The model at θ and ‖r‖², infinite where that is not finite."""
    with np.errstate(all="ignore"):
        point = at(theta)
        sse = float(point.residual @ point.residual)
    return point, sse if math.isfinite(sse) else math.inf


def linearised(point: Point) -> Factorised | None:
    """The Jacobian factorised; None where it is not finite, which LAPACK must never see."""
    with np.errstate(all="ignore"):
        jacobian = point.jacobian()
        # Twice, because the squares of columns beyond 1e154 overflow.
        largest = np.max(np.abs(jacobian), axis=0, initial=0.0)
        largest[largest == 0.0] = 1.0
        scaled = jacobian / largest
        norm = np.sqrt(np.einsum("ij,ij->j", scaled, scaled))
        norm[norm == 0.0] = 1.0
        scaled /= norm
        scale = largest * norm
    if not (np.isfinite(scaled).all() and np.isfinite(scale).all()):
        return None
    return Factorised(*triangular(scaled, point.residual), scale)


def triangular(matrix: Array, right: Array) -> tuple[Array, Array]:
    """R (k, p) and Qᵀ·right (k,) of matrix (n, p) = Q·R, k the smaller of n and p; Q itself is never formed."""
    k, p = min(matrix.shape), matrix.shape[1]
    spend(QR * matrix.size * (p + 1), calls=2)
    both: Array = np.asarray(np.linalg.qr(np.concatenate([matrix, right[:, None]], axis=1), mode="r"))
    return both[:k, :p], both[:k, p]


def damped_step(linear: Factorised, damping: float, reach: Array) -> tuple[Array, float]:
    """δ (p,) of least ‖r + Jδ‖² + μ‖reach·δ‖², and the decrease ‖r‖² - ‖r + Jδ‖² that the linear model predicts.

    As reach ≥ scale, no diagonal element is below √μ: redundant directions need no case of their own.
    """
    with np.errstate(all="ignore"):
        ridge = np.minimum(math.sqrt(damping) * reach / linear.scale, HELD)
    system = np.concatenate([linear.triangle, np.diag(ridge)])
    triangle, along = triangular(system, np.concatenate([-linear.projected, np.zeros(len(ridge))]))
    scaled = np.linalg.solve(triangle, along)
    with np.errstate(all="ignore"):
        moved, held = linear.triangle @ scaled, ridge * scaled
        return scaled / linear.scale, float(moved @ moved + 2.0 * (held @ held))


def inverse_gram(linear: Factorised) -> Array:
    """(JᵀJ)⁻¹ (p, p); flat directions are floored, so that their variance is huge, never zero."""
    count = len(linear.scale)
    if not count:
        return np.zeros((0, 0))
    _, singular, right = np.linalg.svd(linear.triangle)
    padded = np.full(count, FLAT)
    padded[: len(singular)] = np.maximum(singular, FLAT)
    with np.errstate(all="ignore"):  # a parameter without any effect has an infinite variance
        spread = right.T / padded / linear.scale[:, None]
        inverse: Array = spread @ spread.T
    return np.nan_to_num(inverse, nan=math.inf, posinf=math.inf)
