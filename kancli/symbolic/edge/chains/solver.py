"""Many small least-squares problems at once: c·f2(a2·f1(a1·(t - pivot) + b1) + b2) + d against one curve.

c and d are solved in closed form for every trial of the others (variable projection, Golub & Pereyra 1973,
with Kaufman's simplification of the Jacobian), the others by Levenberg–Marquardt. Every problem has its own
damping. A problem that leaves its domain sees an infinite residual, so the step is refused and shortened.

Steps are taken in anchored coordinates: of every f(a·v + b), the argument at the row where it is nearest to 0
and its range over the rows, instead of b and a. In b and a, moving the inner function of a chain drags the
outer one's pole or centre away from the data, and the valley is so bent that LM crawls along it (1/(exp(x) - 1):
54 iterations; anchored: 6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, grouped, reach
from kancli.symbolic.library.functions import Array
from kancli.work import ELEMENTWISE, spend

# 1 - r² where float64 itself is exhausted.
ROUNDING = 1e-31


# (K, depth, 2): of every step the row where its argument is nearest to 0, and the row farthest from that.
Anchors = NDArray[np.intp]


@dataclass(frozen=True)
class Model:
    """How the K problems depend on theta: their linear approximation, and what a step of it does to theta."""

    linearise: Callable[[Problems, Array, Curve], tuple[Array, Array, Array, Anchors]]
    retract: Callable[[Problems, Array, Array, Anchors, Curve], Array]


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
    spend(ELEMENTWISE * u.size * (4 + len(columns)), calls=10)
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
        before = reach(batch, theta, inner, level)
        move_step(batch, theta, step, moved, level, before, reach(batch, moved, inner, level))
    return moved


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
    one_sided = np.array([function.is_one_sided for function in batch.functions])[batch.chain[:, level]]
    shrunk = beta * np.exp(np.clip(change / np.where(beta == 0.0, 1.0, beta), -4.0, 4.0))
    new_beta = np.where(one_sided, shrunk, beta + change)
    moved[:, first] = new_a
    moved[:, first + 1] = np.where(free[:, 1], new_beta - new_a * after[:, 0], b)
    moved[:, first + 2] = theta[:, first + 2] + step[:, first + 2]


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
