"""Levenberg-Marquardt on many small problems at once, each with its own damping: a generator of states.

Of each problem k it minimises sse(θₖ), given with its normal equations. A step solves (G + μ·diag G) δ = g in the
scale where diag G is 1 (Marquardt, J. SIAM 11, 1963). The equations at a trial point give its error as well, so a
step costs one evaluation of those problems that still move. How μ follows the steps: `damping`.

Normal equations square the condition number: errors end near 1e-14 of the data's, which is enough to rank starts and
forms. The last digits are `single`'s.

Parameters that enter linearly are solved for at every point, so that only the others take steps (variable projection,
Golub & Pereyra, SIAM J. Numer. Anal. 10, 1973, with Kaufman's Jacobian, BIT 15, 1975): `project`, `normal_equations`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kancli.symbolic.least_squares.damping import FIRST_DAMPING, GROWTH, MOST_DAMPING, adapted
from kancli.work import spend

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

# A step that promises less of the error than this is lost in its rounding.
ROUNDING = 4 * float(np.finfo(np.float64).eps)
# Added to a diagonal of ones: what is singular without it is solved all the same.
RIDGE = 1e-15


@dataclass(frozen=True)
class Points:
    """Problems at one θ each: `sse` (A,), infinite outside the domain; `gram` (A, q, q) = JᵀWJ and `gradient` (A, q)
    = JᵀW(y - f), zero for a parameter that stays; `more`: any arrays (A, …) that belong to the points."""

    sse: Array
    gram: Array
    gradient: Array
    more: tuple[NDArray[Any], ...] = ()


@dataclass(frozen=True)
class State:
    """One iterate of K problems: `theta` (K, q), `sse` (K,), `more` as of the points, `damping` (K,) for the next
    trials; `accepted` (K,): whose last trial was taken; `active` (A,): the problems that go on."""

    step: int
    theta: Array
    sse: Array
    more: tuple[NDArray[Any], ...]
    damping: Array
    accepted: NDArray[np.bool_]
    active: Rows


def levenberg_marquardt(
    at: Callable[[Array, Rows], Points],
    theta: Array,
    *,
    moved: Callable[[Array, Array, tuple[NDArray[Any], ...], Rows], Array] = lambda t, d, m, r: t + d,
    damping: ArrayLike = FIRST_DAMPING,
    tolerance: float = 0.0,
    patience: int = 2,
    floor: float = 0.0,
) -> Iterator[State]:
    """States of the iteration, the start first, until every problem rests. No error ever rises.

    `at(θ, which)`: the problems `which` (A,) at θ (A, q). `moved(θ, δ, more, which)`: where a step leads, θ + δ
    unless steps are taken in other coordinates or within bounds. A problem rests outside its domain, at an error of
    `floor`, after `patience` accepted steps in a row that each lowered the error by less than the share `tolerance`,
    and where no step promises anything beyond rounding.
    """
    theta = np.array(theta, dtype=np.float64)
    count = len(theta)
    with np.errstate(all="ignore"):
        start = at(theta, np.arange(count))
    sse, gram, gradient = np.array(start.sse), np.array(start.gram), np.array(start.gradient)
    sse[~np.isfinite(sse)] = np.inf
    more = tuple(np.array(part) for part in start.more)
    mu = np.array(np.broadcast_to(np.asarray(damping, dtype=np.float64), (count,)))
    growth, idle = np.full(count, GROWTH), np.zeros(count, dtype=np.intp)
    accepted = np.ones(count, dtype=bool)
    active = np.flatnonzero(np.isfinite(sse) & (sse > floor))
    step = 0
    while True:
        yield State(step, theta.copy(), sse.copy(), tuple(map(np.copy, more)), mu.copy(), accepted, active)
        if not len(active):
            return
        delta, predicted = damped_steps(gram[active], gradient[active], mu[active])
        promising = predicted > ROUNDING * sse[active]
        if not promising.any():
            return
        active, delta, predicted = active[promising], delta[promising], predicted[promising]
        old = sse[active]
        with np.errstate(all="ignore"):
            trial = moved(theta[active], delta, tuple(part[active] for part in more), active)
            new = at(trial, active)
            better = new.sse < old
            ratio = np.where(better, (old - new.sse) / predicted, 0.0)
        won = active[better]
        theta[won], sse[won] = trial[better], new.sse[better]
        gram[won], gradient[won] = new.gram[better], new.gradient[better]
        for part, other in zip(more, new.more, strict=True):
            part[won] = other[better]
        mu[active], growth[active] = adapted(mu[active], growth[active], better, ratio)
        small = better & (old - sse[active] < tolerance * old)
        idle[active] = np.where(small, idle[active] + 1, np.where(better, 0, idle[active]))
        accepted = np.zeros(count, dtype=bool)
        accepted[won] = True
        active = active[(idle[active] < patience) & (mu[active] < MOST_DAMPING) & (sse[active] > floor)]
        step += 1


def after(states: Iterator[State], steps: int) -> State:
    """The state after `steps` steps, or where all problems rest before."""
    for state in states:
        if state.step >= steps:
            break
    return state


def damped_steps(gram: Array, gradient: Array, damping: Array) -> tuple[Array, Array]:
    """δ (A, q) of (G + μ·diag G) δ = g, and the decrease of each error that the linear model predicts, (A,).

    A parameter with a zero row stays; so does a problem whose equations are not finite, and nothing else is given to
    LAPACK.
    """
    with np.errstate(all="ignore"):
        size = np.sqrt(np.einsum("kii->ki", gram))
        empty = ~((size > 0.0) & np.isfinite(size))
        scale = np.where(empty, 1.0, size)
        scaled = gram / scale[:, :, None] / scale[:, None, :]
        right = np.where(empty, 0.0, gradient / scale)
        good = np.asarray(np.isfinite(scaled).all(axis=(1, 2)))[:, None, None]
        scaled, right = np.where(good, scaled, 0.0), np.where(good[:, 0] & np.isfinite(right), right, 0.0)
        index = np.arange(gram.shape[1])
        extra = damping[:, None] + RIDGE
        scaled[:, index, index] = np.where(empty, 1.0, 1.0 + extra)
    spend(scaled.size * scaled.shape[-1], calls=5)
    solution = np.linalg.solve(scaled, right[:, :, None])[:, :, 0]
    with np.errstate(all="ignore"):
        predicted = np.einsum("ki,ki->k", solution, right + extra * solution)
        return solution / scale, predicted


@dataclass(frozen=True)
class Projection:
    """The best combination of columns and a constant: `basis` (K, L, m) orthonormal under w and to the constant, and
    `weighted` the same times w; `coefficients` (K, L) of the columns; `residual` (K, m) = y less the combination;
    `sse` (K,), infinite where that has no finite value."""

    basis: Array
    weighted: Array
    coefficients: Array
    residual: Array
    sse: Array


def project(columns: Array, y: Array, w: Array) -> Projection:
    """Least squares of y (m,), of mean 0, on columns (K, L, m) and a constant under weights w (m,) of sum 1.

    By Gram-Schmidt, twice for what rounding leaves over.
    """
    basis = columns - (columns @ w)[:, :, None]
    weighted = np.empty_like(basis)
    count = columns.shape[1]
    triangle = np.zeros((len(basis), count, count))
    for k in range(count):
        v = basis[:, k]
        for _ in range(2 if k else 0):
            along = np.einsum("klm,km->kl", weighted[:, :k], v)
            triangle[:, :k, k] += along
            v = v - np.einsum("kl,klm->km", along, basis[:, :k])
        triangle[:, k, k] = np.sqrt((v * v) @ w)
        basis[:, k] = v / triangle[:, k, k, None]
        weighted[:, k] = basis[:, k] * w
    along = weighted @ y
    residual = y - along[:, :1] * basis[:, 0]
    for k in range(1, count):
        residual -= along[:, k, None] * basis[:, k]
    sse = (residual * residual) @ w
    c = np.zeros_like(along)
    for k in range(count - 1, -1, -1):
        later = np.einsum("kl,kl->k", triangle[:, k, k + 1 :], c[:, k + 1 :])
        c[:, k] = (along[:, k] - later) / triangle[:, k, k]
    return Projection(basis, weighted, c, residual, np.where(np.isfinite(sse), sse, np.inf))


def normal_equations(
    projection: Projection, jacobian: Array, w: Array, used: list[int], size: int
) -> tuple[Array, Array]:
    """Gram (K, size, size) and gradient (K, size) of the projected problems.

    `jacobian` (K, p, m): derivatives of the combination by the parameters `used` (p,), zero where one does not move;
    what the columns and the constant can follow is taken out, in place.
    """
    count = len(projection.sse)
    gram, gradient = np.zeros((count, size, size)), np.zeros((count, size))
    if not used:
        return gram, gradient
    jacobian -= (jacobian @ w)[:, :, None]
    for k in range(projection.basis.shape[1]):  # they are few, and a product of so thin matrices is slow
        along = jacobian @ projection.weighted[:, k, :, None]
        jacobian -= along * projection.basis[:, k, None, :]
    weighted = jacobian * w
    rows = np.array(used)
    gram[:, rows[:, None], rows[None, :]] = weighted @ jacobian.transpose(0, 2, 1)
    gradient[:, rows] = (weighted @ projection.residual[:, :, None])[:, :, 0]
    return gram, gradient
