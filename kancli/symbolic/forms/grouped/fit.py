"""The constants of a grouped form: of each group alone, or together with some constants shared.

With shared constants s and own ones f_g the normal equations are shaped like an arrow:

    ⎡ A    B_1  …  B_G ⎤      A = Σ_g SᵀS over all rows, B_g = SᵀF and C_g = FᵀF over the rows of group g.
    ⎢ B_1ᵀ C_1         ⎥      Each C_g is eliminated by itself, which leaves A − Σ B_g C_g⁻¹ B_gᵀ, as large as
    ⎢ …         …      ⎥      the number of shared constants: the cost is linear in the groups
    ⎣ B_Gᵀ         C_G ⎦      (Schur complement; Björck, Numerical Methods for Least Squares Problems, 1996, 6.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.forms.grouped.model import Array, Codes, GroupedModel
from kancli.symbolic.least_squares import batched
from kancli.symbolic.least_squares.damping import MOST_DAMPING, adapted
from kancli.symbolic.least_squares.linear import lstsq
from kancli.work import spend

Mask = NDArray[np.bool_]

STEPS = 80
# Steps in a row that lower the error by less than this share end a fit.
TOLERANCE, PATIENCE = 1e-12, 3
# A step that promises less of the error than this is lost in its rounding.
ROUNDING = 4 * float(np.finfo(np.float64).eps)
RIDGE = 1e-15
# Damping at the beginning, from starts that are near.
NEAR = 1e-3
# Rounds in which the groups whose fit is behind start from the constants of others.
ROUNDS = 6
SCATTER = 0.5


@dataclass(frozen=True, eq=False)
class GroupedFit:
    """Constants θ (G, names) at a minimum; `free` (names,): those of the groups' own, the others are equal in all.

    `moving` (names,): those that were fitted; `sse` infinite where the form has no value on some row. `shared`
    (S, S) is the inverse of the normal equations for the shared ones that move, `given` (G, F, F) that for the own
    ones where the shared ones are known, `own` (G, F, F) where they are not.
    """

    theta: Array
    sse: float
    free: Mask
    moving: Mask
    shared: Array
    given: Array
    own: Array

    @property
    def constants(self) -> int:
        """How many numbers were fitted."""
        return int((self.moving & ~self.free).sum()) + len(self.theta) * int((self.moving & self.free).sum())


@dataclass(frozen=True, eq=False)
class Arrow:
    """Normal equations in the scale where each diagonal is 1; `gradient` of the shared and of the own constants."""

    a: Array
    b: Array
    c: Array
    shared: Array
    own: Array
    scale: Array
    own_scale: Array

    def solved(self, damping: float) -> tuple[Array, Array, float]:
        """The damped step of the shared (S,) and of the own constants (G, F), and the decrease it promises."""
        extra = damping + RIDGE
        s, f = len(self.shared), self.own.shape[1]
        right = np.concatenate([self.b.transpose(0, 2, 1), self.own[:, :, None]], axis=2)
        spend(right.size * f, calls=10)
        through = np.linalg.solve(self.c + extra * np.eye(f), right) if f else right
        schur = self.a + extra * np.eye(s) - np.einsum("gsf,gft->st", self.b, through[:, :, :s])
        toward = self.shared - np.einsum("gsf,gf->s", self.b, through[:, :, s])
        step = lstsq(schur, toward, rcond=None) if s else toward
        own = through[:, :, s] - through[:, :, :s] @ step
        promised = float(step @ (self.shared + extra * step)) + float(np.sum(own * (self.own + extra * own)))
        return step / self.scale, own / self.own_scale, promised

    def inverses(self) -> tuple[Array, Array, Array]:
        """`shared`, `given`, `own` as of a GroupedFit; flat directions have a huge variance."""
        s, f = len(self.shared), self.own.shape[1]
        given = inverted(self.c)
        through = given @ self.b.transpose(0, 2, 1)
        schur = self.a - np.einsum("gsf,gft->st", self.b, through)
        shared = inverted(schur[None])[0] if s else schur
        own = given + through @ shared @ through.transpose(0, 2, 1)
        scaled = shared / np.outer(self.scale, self.scale)
        pairs = self.own_scale[:, :, None] * self.own_scale[:, None, :]
        return scaled, given / pairs if f else given, own / pairs if f else own


def inverted(matrices: Array) -> Array:
    """Inverses of symmetric matrices (K, m, m) with diagonals of order 1; flat directions floored."""
    if not matrices.shape[-1]:
        return matrices
    values, vectors = np.linalg.eigh((matrices + matrices.transpose(0, 2, 1)) / 2)
    floored = np.maximum(values, 1e-15)
    inverse: Array = (vectors / floored[:, None, :]) @ vectors.transpose(0, 2, 1)
    return inverse


def arrow(jacobian: Array, residual: Array, model: GroupedModel, free: Mask, moving: Mask) -> Arrow | None:
    """The normal equations of weighted derivatives (n, names) and residuals (n,); None where they are not finite."""
    if not np.isfinite(jacobian).all():
        return None
    sums = model.rows.sums
    s, f = jacobian[:, moving & ~free], jacobian[:, moving & free]
    spend(len(s) * (s.shape[1] + f.shape[1]) ** 2, calls=20)
    scale = nonzero(np.sqrt(np.einsum("ij,ij->j", s, s)))
    own_scale = nonzero(np.sqrt(sums(f * f)))
    s = s / scale
    f = f / own_scale[model.rows.group]
    c = sums(f[:, :, None] * f[:, None, :])
    index = np.arange(c.shape[1])
    c[:, index, index] = 1.0  # also of constants without any effect, which then stay
    a = s.T @ s
    a[np.diag_indices(len(a))] = 1.0
    b = sums(s[:, :, None] * f[:, None, :])
    found = Arrow(a, b, c, s.T @ residual, sums(f * residual[:, None]), scale, own_scale)
    return found if np.isfinite(c).all() and np.isfinite(a).all() else None


def nonzero(values: Array) -> Array:
    return np.where((values > 0) & np.isfinite(values), values, 1.0)


def together(
    model: GroupedModel, theta: Array, free: Mask, moving: Mask | None = None, steps: int = STEPS
) -> GroupedFit:
    """The nearest minimum from θ (G, names), whose shared columns are equal in all rows; the constants that are not
    `moving` stay."""
    moving = np.ones(model.names, dtype=bool) if moving is None else moving
    rows = model.rows
    unit = float(np.max(np.abs(rows.y), initial=0.0)) or 1.0
    theta = np.array(theta, dtype=np.float64)
    shared, own = np.flatnonzero(moving & ~free), np.flatnonzero(moving & free)

    def at(point: Array) -> tuple[float, Array]:
        with np.errstate(all="ignore"):
            residual = (rows.y - model.value(point)) / unit * rows.root
            sse = float(residual @ residual)
        return (sse if math.isfinite(sse) else math.inf), residual

    def equations(point: Array, residual: Array) -> Arrow | None:
        with np.errstate(all="ignore"):
            jacobian = model.value_and_jacobian(point)[1] / unit * rows.root[:, None]
        return arrow(jacobian, residual, model, free, moving)

    sse, residual = at(theta)
    linear = equations(theta, residual) if math.isfinite(sse) else None
    damping, growth, idle = NEAR, 4.0, 0
    floor = float(np.finfo(np.float64).epsneg) ** 2 * len(rows.y)
    for _ in range(steps if moving.any() else 0):
        if linear is None or sse <= floor or idle >= PATIENCE or damping >= MOST_DAMPING:
            break
        step, steps_own, promised = linear.solved(damping)
        if promised <= ROUNDING * sse:
            break
        trial = theta.copy()
        trial[:, shared] += step
        trial[:, own] += steps_own
        new, left = at(trial)
        taken = new < sse
        ratio = (sse - new) / promised if taken else 0.0
        mu, further = adapted(damping, growth, taken, ratio)
        damping, growth = float(mu), float(further)
        if taken:
            idle = idle + 1 if sse - new <= TOLERANCE * sse else 0
            theta, sse, residual = trial, new, left
            linear = equations(theta, residual)
    s, f, g = len(shared), len(own), rows.groups
    inverses = (np.full((s, s), math.inf), np.full((g, f, f), math.inf), np.full((g, f, f), math.inf))
    if linear is not None:
        with np.errstate(all="ignore"):
            inverses = tuple(one / unit / unit for one in linear.inverses())  # type: ignore[assignment]
    return GroupedFit(theta, sse * unit * unit, free, moving, *inverses)


def apart(model: GroupedModel, starts: Sequence[Array], seed: int = 0) -> tuple[Array, Array]:
    """The constants (G, names) of each group fitted by itself, and its sum of squares (G,); from each of the starts
    (names,), and then from the constants of other groups, with some scatter. Infinite where the form has no value."""
    rows = model.rows
    unit = float(np.max(np.abs(rows.y), initial=0.0)) or 1.0

    def at(theta: Array, which: Codes) -> batched.Points:
        whole = best.copy()
        whole[which] = theta
        values, jacobian = model.value_and_jacobian(whole)
        residual = (rows.y - values) / unit * rows.root
        jacobian = jacobian / unit * rows.root[:, None]
        spend(jacobian.size * jacobian.shape[1], calls=10)
        gram = rows.sums(jacobian[:, :, None] * jacobian[:, None, :])
        gradient = rows.sums(jacobian * residual[:, None])
        sse = rows.sums(residual * residual)
        good = np.isfinite(sse) & np.isfinite(gram).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1)
        return batched.Points(np.where(good, sse, np.inf)[which], gram[which], gradient[which])

    best = np.tile(starts[0], (rows.groups, 1))
    least = np.full(rows.groups, math.inf)
    floor = float(np.finfo(np.float64).epsneg) ** 2 * float(rows.counts.max())

    def improve(theta: Array) -> bool:
        """Follow the starts θ (G, names); whether any group has gained."""
        nonlocal best, least
        states = batched.levenberg_marquardt(at, theta, tolerance=1e-9, floor=floor)
        end = batched.after(states, STEPS)
        better = end.sse < least * (1 - 1e-6)
        best = np.where(better[:, None], end.theta, best)
        least = np.where(better, end.sse, least)
        return bool(better.any())

    for start in starts:
        improve(np.tile(start, (rows.groups, 1)))
    generator = np.random.default_rng(seed)
    for number in range(ROUNDS if np.isfinite(least).any() and model.names else 0):
        known = np.flatnonzero(
            np.isfinite(least) & (least / rows.counts <= 4 * np.median(least / rows.counts))
        )
        known = known if len(known) else np.flatnonzero(np.isfinite(least))
        theta = best[generator.choice(known, size=rows.groups)]
        if number:
            theta = theta * np.exp(SCATTER * generator.normal(size=theta.shape))
        if not improve(theta) and number > 1:
            break
    return best, least * unit * unit
