"""Many small least-squares problems at once: c·f2(a2·f1(a1·(t - pivot) + b1) + b2) + d against one curve.

c and d are solved in closed form for every trial of the others (variable projection, Golub & Pereyra 1973,
with Kaufman's simplification of the Jacobian), the others by Levenberg–Marquardt. Every problem has its own
damping. A problem that leaves its domain sees an infinite residual, so the step is refused and shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.library import TINY, Array, Function

# Columns of `theta` per step: a, b and the exponent.
PER_STEP = 3
# 1 - r² where float64 itself is exhausted.
ROUNDING = 1e-31


@dataclass(frozen=True)
class Curve:
    """One edge's rows, scaled: t about [-1, 1], y (m,) of mean 0 and variance 1 under w, w of sum 1.

    `origin` is where the raw zero lies in t.
    """

    t: Array
    y: Array
    w: Array
    origin: float


@dataclass(frozen=True)
class Problems:
    """K problems of one depth.

    functions: the library; chain (K, depth): index into it for each step, innermost first;
    theta (K, 3·depth): a, b, exponent of each step; free (K, 3·depth): which of them are fitted;
    pivot (K,): where t is measured from in the innermost step; residual (K,): 1 - r².
    """

    functions: tuple[Function, ...]
    chain: NDArray[np.intp]
    theta: Array
    free: NDArray[np.bool_]
    pivot: Array
    residual: Array

    def take(self, rows: NDArray[np.intp]) -> Problems:
        """The problems at the given rows."""
        return replace(
            self,
            chain=self.chain[rows],
            theta=self.theta[rows],
            free=self.free[rows],
            pivot=self.pivot[rows],
            residual=self.residual[rows],
        )


# (K, depth, 2): of every step the row where its argument is nearest to 0, and the row farthest from that.
Anchors = NDArray[np.intp]


@dataclass(frozen=True)
class Model:
    """How the K problems depend on theta: their linear approximation, and what a step of it does to theta."""

    linearise: Callable[[Problems, Array, Curve], tuple[Array, Array, Array, Anchors]]
    retract: Callable[[Problems, Array, Array, Anchors, Curve], Array]


def problems(
    functions: tuple[Function, ...], chain: object, theta: Array, free: object, pivot: object
) -> Problems:
    """Problems not yet solved (their residuals are infinite)."""
    theta = np.asarray(theta, dtype=np.float64)
    return Problems(
        functions,
        np.asarray(chain, dtype=np.intp).reshape(len(theta), -1),
        theta,
        np.asarray(free, dtype=bool),
        np.broadcast_to(np.asarray(pivot, dtype=np.float64), (len(theta),)).copy(),
        np.full(len(theta), np.inf),
    )


def concatenate(parts: Sequence[Problems]) -> Problems:
    """Several sets of problems over the same library and depth as one."""
    return Problems(
        parts[0].functions,
        np.concatenate([part.chain for part in parts]),
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.free for part in parts]),
        np.concatenate([part.pivot for part in parts]),
        np.concatenate([part.residual for part in parts]),
    )


def solve(
    batch: Problems, curve: Curve, steps: int, tolerance: float = 1e-3, model: Model | None = None
) -> Problems:
    """Levenberg–Marquardt on all problems; one that improves by less than `tolerance` rests.

    Two such steps in a row, or a damping beyond use, end a problem. Residuals never rise. `model`: chains
    by default.
    """
    model = model or CHAINS
    theta = batch.theta.copy()
    count = len(theta)
    if not count:
        return batch
    with np.errstate(all="ignore"):
        residual, gram, gradient, anchors = model.linearise(batch, theta, curve)
        damping = np.full(count, 1e-2)
        idle = np.zeros(count, dtype=int)
        active = np.flatnonzero(np.isfinite(residual) & batch.free.any(axis=1) & (residual > ROUNDING))
        for _ in range(steps):
            if not len(active):
                break
            part = batch.take(active)
            step = _step(gram[active], gradient[active], damping[active])
            trial = model.retract(
                replace(part, theta=theta[active]), theta[active], step, anchors[active], curve
            )
            new_residual, new_gram, new_gradient, new_anchors = model.linearise(part, trial, curve)
            old = residual[active]
            better = new_residual < old
            won = active[better]
            theta[won] = trial[better]
            residual[won] = new_residual[better]
            gram[won] = new_gram[better]
            gradient[won] = new_gradient[better]
            anchors[won] = new_anchors[better]
            damping[active] = np.where(
                better, np.maximum(damping[active] * 0.2, 1e-14), damping[active] * 6.0
            )
            small = better & (old - new_residual < tolerance * old)
            idle[active] = np.where(small, idle[active] + 1, np.where(better, 0, idle[active]))
            stays = (idle[active] < 2) & (damping[active] < 1e9) & (residual[active] > ROUNDING)
            active = active[stays]
    return replace(batch, theta=theta, residual=residual)


def values(batch: Problems, t: Array) -> Array:
    """f of every chain at t (m,): (K, m), NaN outside the domain."""
    with np.errstate(all="ignore"):
        return _reach(batch, batch.theta, t[None, :] - batch.pivot[:, None], batch.chain.shape[1])


def project(f: Array, curve: Curve) -> tuple[Array, Array, Array]:
    """Closed form of c and d for columns f (K, m): residual 1 - r² (K,), c (K,), d (K,)."""
    with np.errstate(all="ignore"):
        mean = f @ curve.w
        z = f - mean[:, None]
        scale = np.max(np.abs(z), axis=1)
        z = z / scale[:, None]
        zw = z * curve.w
        c = (zw @ curve.y) / np.einsum("km,km->k", zw, z)
        r = curve.y - c[:, None] * z
        residual = (r * r) @ curve.w
        c = c / scale
        return np.where(np.isfinite(residual), residual, np.inf), c, -c * mean


def grouped(
    functions: tuple[Function, ...], index: NDArray[np.intp], u: Array, p: Array, *, derivative: bool
) -> tuple[Array, Array]:
    """Value and derivative (both (K, m)) of function index[k] at row k of u; without derivative, u twice."""
    value = np.empty_like(u)
    slope = np.empty_like(u) if derivative else value
    order = np.argsort(index, kind="stable")
    edges = np.flatnonzero(np.diff(index[order])) + 1
    for rows in np.split(order, edges) if len(order) else ():
        function = functions[index[rows[0]]]
        # A slice where the rows lie together spares a copy each way.
        where: NDArray[np.intp] | slice = rows
        if rows[-1] - rows[0] + 1 == len(rows):
            where = slice(rows[0], rows[-1] + 1)
        part, exponent = u[where], p[where]
        value[where] = function.value(part, exponent)
        if derivative:
            slope[where] = function.derivative(part, exponent)
    return value, slope


def linearise_chain(batch: Problems, theta: Array, curve: Curve) -> tuple[Array, Array, Array, Anchors]:
    """Residual (K,), Gram matrix (K, q, q), gradient (K, q) and anchors of the projected problem at theta."""
    inner = curve.t[None, :] - batch.pivot[:, None]
    columns: list[Array] = []
    anchors = []
    used: list[int] = []
    for level in range(batch.chain.shape[1]):
        inner, columns, rows, mine = advance(batch, theta, level, inner, columns)
        anchors.append(rows)
        used += mine
    w = curve.w
    z = inner - (inner @ w)[:, None]
    norm = np.sqrt((z * z) @ w)
    z = z / norm[:, None]
    zw = z * w
    c = zw @ curve.y
    r = curve.y - c[:, None] * z
    residual = (r * r) @ w
    residual = np.where(np.isfinite(residual), residual, np.inf)
    q = theta.shape[1]
    gram = np.zeros((len(theta), q, q))
    gradient = np.zeros((len(theta), q))
    if used:
        jacobian = np.stack(columns, axis=1) * (c / norm)[:, None, None]
        jacobian = np.where(np.isfinite(jacobian) & batch.free[:, used, None], jacobian, 0.0)
        jacobian -= (jacobian @ w)[:, :, None]
        jacobian -= (jacobian @ zw[:, :, None]) * z[:, None, :]
        normal_equations(gram, gradient, used, jacobian, r, w)
    return residual, gram, gradient, np.stack(anchors, axis=1)


def normal_equations(
    gram: Array, gradient: Array, used: Sequence[int], jacobian: Array, r: Array, w: Array
) -> None:
    """Write J W Jᵀ and J W r into the rows `used` of gram and gradient."""
    weighted = jacobian * w
    rows = np.array(used)
    gram[:, rows[:, None], rows[None, :]] = weighted @ jacobian.transpose(0, 2, 1)
    gradient[:, rows] = (weighted @ r[:, :, None])[:, :, 0]


def advance(
    batch: Problems, theta: Array, level: int, inner: Array, columns: Sequence[Array]
) -> tuple[Array, list[Array], NDArray[np.intp], list[int]]:
    """One step of every chain: values, derivatives by all coordinates, anchor rows, new coordinates."""
    first = PER_STEP * level
    a, b, p = (theta[:, first + k][:, None] for k in range(PER_STEP))
    free = batch.free[:, first : first + PER_STEP]
    u = a * inner + b
    value, slope = grouped(batch.functions, batch.chain[:, level], u, p, derivative=True)
    every = np.arange(len(theta))
    near = np.argmin(np.abs(u), axis=1)
    v_near = inner[every, near]
    far = np.argmax(np.abs(inner - v_near[:, None]), axis=1)
    span = (inner[every, far] - v_near)[:, None]
    relative = (inner - np.where(free[:, 1:2], v_near[:, None], 0.0)) / span
    scaled = slope * a
    moved = []
    for column in columns:
        at_near = column[every, near][:, None]
        stretch = column[every, far][:, None] - at_near
        moved.append(scaled * (column - np.where(free[:, 1:2], at_near, 0.0) - relative * stretch))
    used = []
    if free[:, 0].any():
        moved.append(slope * relative)
        used.append(first)
    if free[:, 1].any():
        moved.append(slope)
        used.append(first + 1)
    if free[:, 2].any():
        moved.append(np.where(free[:, 2:], value * np.log(np.where(u > 0, u, 1.0)), 0.0))
        used.append(first + 2)
    return value, moved, np.stack([near, far], axis=1), used


def retract_chain(batch: Problems, theta: Array, step: Array, anchors: Anchors, curve: Curve) -> Array:
    """theta (a, b, exponent) after a step in the local coordinates of `advance`."""
    moved = theta.copy()
    for level in range(batch.chain.shape[1]):
        inner = curve.t[anchors[:, level]] - batch.pivot[:, None]
        before = _reach(batch, theta, inner, level)
        move_step(batch, theta, step, moved, level, before, _reach(batch, moved, inner, level))
    return moved


def _reach(batch: Problems, theta: Array, inner: Array, depth: int) -> Array:
    """What the first `depth` steps of every chain make of `inner` (K, m)."""
    for level in range(depth):
        a, b, p = (theta[:, PER_STEP * level + k][:, None] for k in range(PER_STEP))
        inner = grouped(batch.functions, batch.chain[:, level], a * inner + b, p, derivative=False)[0]
    return inner


def move_step(
    batch: Problems, theta: Array, step: Array, moved: Array, level: int, before: Array, after: Array
) -> None:
    """Write the new a, b and exponent of one step; `before`, `after` (K, 2): its input at near and far row.

    The local coordinates are α = a·(far - near), β = a·near + b and the exponent. Where the function has a
    pole or a branch point at 0, β is moved by its logarithm, so that no step ever crosses it.
    """
    first = PER_STEP * level
    free = batch.free[:, first : first + PER_STEP]
    a, b = theta[:, first], theta[:, first + 1]
    span, new_span = before[:, 1] - before[:, 0], after[:, 1] - after[:, 0]
    alpha = a * span + step[:, first]
    beta = a * before[:, 0] + b
    new_a = alpha / new_span
    change = step[:, first + 1]
    one_sided = np.array([is_one_sided(function) for function in batch.functions])[batch.chain[:, level]]
    shrunk = beta * np.exp(np.clip(change / np.where(beta == 0.0, 1.0, beta), -4.0, 4.0))
    new_beta = np.where(one_sided, shrunk, beta + change)
    moved[:, first] = new_a
    moved[:, first + 1] = np.where(free[:, 1], new_beta - new_a * after[:, 0], b)
    moved[:, first + 2] = theta[:, first + 2] + step[:, first + 2]


@lru_cache(maxsize=512)
def is_one_sided(function: Function) -> bool:
    """Has the function a pole or a branch point at 0."""
    return function.low in (0.0, TINY) or function.name.startswith("1/")


def _step(gram: Array, gradient: Array, damping: Array) -> Array:
    """Solve (G + λ diag G) δ = g in the scale where diag G = 1; fixed parameters have zero rows."""
    diagonal = np.sqrt(np.einsum("kii->ki", gram))
    scale = np.where((diagonal > 0) & np.isfinite(diagonal), diagonal, 1.0)
    scaled = gram / (scale[:, :, None] * scale[:, None, :])
    scaled = np.where(np.isfinite(scaled), scaled, 0.0)
    right = gradient / scale
    right = np.where(np.isfinite(right), right, 0.0)
    q = gram.shape[1]
    diagonal_index = np.arange(q)
    empty = scaled[:, diagonal_index, diagonal_index] < 0.5
    scaled[:, diagonal_index, diagonal_index] = np.where(empty, 1.0, 1.0 + 1e-15 + damping[:, None])
    return np.linalg.solve(scaled, right[:, :, None])[:, :, 0] / scale


CHAINS = Model(linearise_chain, retract_chain)
