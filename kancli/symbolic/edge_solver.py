"""Many small least-squares problems at once: c·f2(a2·f1(a1·(t - pivot) + b1) + b2) + d against one curve.

c and d are solved in closed form for every trial of the others (variable projection, Golub & Pereyra 1973,
with Kaufman's simplification of the Jacobian), the others by Levenberg–Marquardt. Every problem has its own
damping. A problem that leaves its domain sees an infinite residual, so the step is refused and shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.library import Array, Function

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


Linearise = Callable[[Problems, Array, Curve], tuple[Array, Array, Array]]


def problems(functions: tuple[Function, ...], chain: object, theta: Array, free: object, pivot: object) -> Problems:
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
    batch: Problems, curve: Curve, steps: int, tolerance: float = 1e-3, linearise: Linearise | None = None
) -> Problems:
    """Levenberg–Marquardt on all problems; one that improves by less than `tolerance` rests.

    Two such steps in a row, or a damping beyond use, end a problem. Residuals never rise. `linearise`
    gives residual, Gram matrix and gradient of another model than one chain.
    """
    linearise = linearise or _linearise
    theta = batch.theta.copy()
    count = len(theta)
    if not count:
        return batch
    with np.errstate(all="ignore"):
        residual, gram, gradient = linearise(batch, theta, curve)
        damping = np.full(count, 1e-2)
        idle = np.zeros(count, dtype=int)
        active = np.flatnonzero(np.isfinite(residual) & batch.free.any(axis=1) & (residual > ROUNDING))
        for _ in range(steps):
            if not len(active):
                break
            part = batch.take(active)
            trial = theta[active] + _step(gram[active], gradient[active], damping[active])
            new_residual, new_gram, new_gradient = linearise(part, trial, curve)
            old = residual[active]
            better = new_residual < old
            won = active[better]
            theta[won] = trial[better]
            residual[won] = new_residual[better]
            gram[won] = new_gram[better]
            gradient[won] = new_gradient[better]
            damping[active] = np.where(better, np.maximum(damping[active] * 0.2, 1e-14), damping[active] * 6.0)
            small = better & (old - new_residual < tolerance * old)
            idle[active] = np.where(small, idle[active] + 1, np.where(better, 0, idle[active]))
            stays = (idle[active] < 2) & (damping[active] < 1e9) & (residual[active] > ROUNDING)
            active = active[stays]
    return replace(batch, theta=theta, residual=residual)


def values(batch: Problems, t: Array) -> Array:
    """f of every chain at t (m,): (K, m), NaN outside the domain."""
    with np.errstate(all="ignore"):
        inner = t[None, :] - batch.pivot[:, None]
        for level in range(batch.chain.shape[1]):
            a, b, p = (batch.theta[:, PER_STEP * level + k][:, None] for k in range(PER_STEP))
            inner = grouped(batch.functions, batch.chain[:, level], a * inner + b, p, derivative=False)[0]
    return inner


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


def _linearise(batch: Problems, theta: Array, curve: Curve) -> tuple[Array, Array, Array]:
    """Residual (K,), Gram matrix (K, q, q) and gradient (K, q) of the projected problem at theta."""
    depth = batch.chain.shape[1]
    inner = curve.t[None, :] - batch.pivot[:, None]
    columns: list[Array] = []
    used: list[int] = []
    for level in range(depth):
        a, b, p = (theta[:, PER_STEP * level + k][:, None] for k in range(PER_STEP))
        u = a * inner + b
        value, slope = grouped(batch.functions, batch.chain[:, level], u, p, derivative=True)
        chain_slope = slope * a
        columns = [column * chain_slope for column in columns]
        free = batch.free[:, PER_STEP * level : PER_STEP * (level + 1)]
        if free[:, 0].any():
            columns.append(slope * inner)
            used.append(PER_STEP * level)
        if free[:, 1].any():
            columns.append(slope)
            used.append(PER_STEP * level + 1)
        if free[:, 2].any():
            columns.append(np.where(free[:, 2:], value * np.log(np.where(u > 0, u, 1.0)), 0.0))
            used.append(PER_STEP * level + 2)
        inner = value
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
        mask = batch.free[:, used]
        jacobian = np.stack(columns, axis=1) * (c / norm)[:, None, None]
        jacobian = np.where(np.isfinite(jacobian) & mask[:, :, None], jacobian, 0.0)
        jacobian -= (jacobian @ w)[:, :, None]
        jacobian -= (jacobian @ zw[:, :, None]) * z[:, None, :]
        weighted = jacobian * w
        rows = np.array(used)
        gram[:, rows[:, None], rows[None, :]] = weighted @ jacobian.transpose(0, 2, 1)
        gradient[:, rows] = (weighted @ r[:, :, None])[:, :, 0]
    return residual, gram, gradient


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
