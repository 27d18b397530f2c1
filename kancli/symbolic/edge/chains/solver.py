"""Many small least-squares problems at once: c·f2(a2·f1(a1·(t - pivot) + b1) + b2) + d against one curve.

c and d are solved in closed form for every trial of the others (variable projection), the others by the batched
Levenberg–Marquardt. A problem that leaves its domain sees an infinite residual, so the step is refused and shortened.

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
from kancli.symbolic.least_squares.batched import (
    Points,
    Projection,
    after,
    levenberg_marquardt,
    normal_equations,
    project,
)
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
    """Levenberg–Marquardt on all problems; one that improves by less than `tolerance` twice in a row rests.

    Residuals never rise. `model`: chains by default.
    """
    model = model or CHAINS
    if not len(batch.theta):
        return batch

    def at(theta: Array, which: NDArray[np.intp]) -> Points:
        residual, gram, gradient, anchors = model.linearise(batch.take(which), theta, curve)
        return Points(residual, gram, gradient, (anchors,))

    def moved(theta: Array, step: Array, more: tuple[Anchors, ...], which: NDArray[np.intp]) -> Array:
        return model.retract(replace(batch.take(which), theta=theta), theta, step, more[0], curve)

    states = levenberg_marquardt(at, batch.theta, moved=moved, tolerance=tolerance, floor=ROUNDING)
    end = after(states, steps)
    return replace(batch, theta=end.theta, residual=end.sse)


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
    best = project(inner[:, None], curve.y, curve.w)
    for column in columns:
        column *= best.coefficients
    gram, gradient = equations(best, columns, used, batch.free, curve)
    return best.sse, gram, gradient, np.stack(anchors, axis=1)


def equations(
    best: Projection, slopes: Sequence[Array], used: list[int], free: NDArray[np.bool_], curve: Curve
) -> tuple[Array, Array]:
    """Gram (K, q, q) and gradient (K, q) from the derivatives (K, m) by the parameters `used`; 0 where not `free`."""
    count, size = free.shape
    jacobian = np.stack(slopes, axis=1) if used else np.empty((count, 0, len(curve.t)))
    jacobian[~(np.isfinite(jacobian) & free[:, used, None])] = 0.0
    return normal_equations(best, jacobian, curve.w, used, size)


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


CHAINS = Model(linearise_chain, retract_chain)
