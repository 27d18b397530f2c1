"""Many chains c·f2(a2·f1(a1·(t - pivot) + b1) + b2) + d against one curve: their values and best c and d."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.library.functions import Array, Function

# Columns of `theta` per step: a, b and the exponent.
PER_STEP = 3


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


def problems(
    functions: tuple[Function, ...], chain: object, theta: Array, free: object, pivot: object
) -> Problems:
    """Problems not yet solved (their residuals are infinite)."""
    theta = np.asarray(theta, dtype=np.float64)
    return Problems(
        functions,
        # Of no problems the shape says nothing, and -1 would have to be guessed.
        np.asarray(chain, dtype=np.intp).reshape(len(theta), theta.shape[-1] // PER_STEP),
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


def values(batch: Problems, t: Array) -> Array:
    """f of every chain at t (m,): (K, m), NaN outside the domain."""
    with np.errstate(all="ignore"):
        return reach(batch, batch.theta, t[None, :] - batch.pivot[:, None], batch.chain.shape[1])


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
            slope[where] = function.derivative(part, value[where], exponent)
    return value, slope


def reach(batch: Problems, theta: Array, inner: Array, depth: int) -> Array:
    """What the first `depth` steps of every chain make of `inner` (K, m)."""
    for level in range(depth):
        a, b, p = (theta[:, PER_STEP * level + k][:, None] for k in range(PER_STEP))
        inner = grouped(batch.functions, batch.chain[:, level], a * inner + b, p, derivative=False)[0]
    return inner
