"""The integral form of a law of motion: x(t) = x(t₀) + ∫ f(x(s)) ds, which noise hardly disturbs.

Derivatives of measured points are noisy; integrals over smoothed states are not, and their residuals are the errors
of the points themselves, nearly independent. The start x(t₀) of each segment is free. The errors of the smoothed
states add up along a segment, so segments are as long as the time in which that reaches the errors of the points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from kancli.dynamics.smoothing import Smooth
from kancli.dynamics.trajectory import System
from kancli.symbolic.expression import Expression, compiled, constants, with_constants

Array = NDArray[np.float64]

# Gauss points per interval between two measured times.
POINTS = 3
# A segment has at least so many points.
SHORTEST = 12
# Of the spread of a state: errors that cannot be told from none. Points without noise come from a solver, and have
# its tolerance. EXPERIMENTS: trajectories
RESOLUTION = 2e-5
# Of the errors of the points: what those of the smoothed states may add up to along a segment.
PART = 0.5
# Residuals count as at least so many.
FEWEST_COUNTED = 8.0


@dataclass(frozen=True, eq=False)
class Integral:
    """The integral form for one state.

    `x` (q, columns): the smoothed states, and the time where it counts, at the Gauss points; `weights` (q,) of these;
    `ends` (n,): how many Gauss points lie before each measured point, in its trajectory; `segment` (n,): the segment
    of each measured point; `y` (n,): the points with the mean of their segment subtracted. `spread`: the deviation of
    the points; `floor`: the error that cannot be told from none. `counted`: how many residuals count as independent,
    0 for all of them. With `order` 2 the integrals are double ones, and the velocity at the start of each segment is
    free as well; `times` (q,) and `at` (n,) are then the times of the Gauss points and of the measured ones.
    """

    x: Array
    weights: Array
    ends: NDArray[np.intp]
    segment: NDArray[np.intp]
    y: Array
    spread: float
    floor: float
    counted: float = 0.0
    order: int = 1
    times: Array | None = None
    at: Array | None = None

    @property
    def rows(self) -> int:
        """How many residuals are free: one is lost to each start."""
        return max(len(self.y) - self.order * (int(self.segment[-1]) + 1), 1)

    @property
    def count(self) -> int:
        """How many independent residuals there are."""
        return max(round(self.counted), 1) if self.counted else self.rows

    def of(self, values: Array) -> Array:
        """The integrals (n, …) of values (q, …) at the Gauss points, the mean of each segment subtracted."""
        flat = values.reshape(len(self.weights), -1)
        sums = summed(self.weights[:, None] * flat)[self.ends]
        if self.order == 2:  # ∫∫ f = t·∫ f − ∫ s·f(s) ds, up to a line in t
            assert self.times is not None
            assert self.at is not None
            moments = summed((self.weights * self.times)[:, None] * flat)[self.ends]
            sums = self.at[:, None] * sums - moments
        return centred(sums, self.segment, self.at).reshape(-1, *values.shape[1:])

    def counting(self, residual: Array) -> Integral:
        """The same, with as many residuals as this one has that are independent: two per change of sign (white noise
        changes its sign at every second point). Points of a solver have errors that vary slowly, and count as few."""
        same = self.segment[1:] == self.segment[:-1]
        changes = int(np.sum((np.sign(residual[1:]) != np.sign(residual[:-1])) & same))
        return replace(self, counted=float(np.clip(2.0 * changes, FEWEST_COUNTED, self.rows)))

    def error(self, residual: Array) -> float:
        """Mean square of a residual (n,) per free row, what cannot be resolved included."""
        return float(residual @ residual) / self.rows + self.floor**2


def summed(values: Array) -> Array:
    """The sums (q + 1, k) of all rows (q, k) before each."""
    sums = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def centred(values: Array, segment: NDArray[np.intp], at: Array | None = None) -> Array:
    """Rows (n, k) with the mean of their segment subtracted; where times `at` (n,) are given, the line in time."""
    if at is not None:
        flat = centred(values, segment)
        along = centred(at[:, None], segment)
        first = np.searchsorted(segment, np.arange(int(segment[-1]) + 1))
        slopes = np.add.reduceat(along * flat, first, axis=0) / np.add.reduceat(along**2, first, axis=0)
        return np.asarray(flat - along * slopes[segment], dtype=np.float64)
    count = np.bincount(segment).astype(np.float64)
    sums = np.add.reduceat(values, np.searchsorted(segment, np.arange(len(count))), axis=0)
    return np.asarray(values - (sums / count[:, None])[segment], dtype=np.float64)


def integral_of(
    system: System, curves: Sequence[Sequence[Smooth]], state: int, *, order: int = 1, driven: bool = False
) -> Integral:
    """The integral form for one state; `curves` (trajectories, columns) are its smoothed columns.

    `driven`: the time is the last column of `x`.
    """
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    xs, ws, ends, segments, ys, times = [], [], [], [], [], []
    before, first = 0, 0
    for trajectory, smooth in zip(system.trajectories, curves, strict=True):
        t = trajectory.t
        middle, reach = 0.5 * (t[1:] + t[:-1]), 0.5 * np.diff(t)
        at = (middle[:, None] + reach[:, None] * nodes).ravel()
        times.append(at)
        columns = [curve.value(at) for curve in smooth]
        xs.append(np.column_stack([*columns, at] if driven else columns))
        ws.append((reach[:, None] * weights).ravel())
        ends.append(before + POINTS * np.arange(len(t)))
        count = segments_of(t, smooth[state])
        segments.append(first + np.minimum(np.arange(len(t)) * count // len(t), count - 1))
        ys.append(trajectory.states[:, state])
        before, first = before + POINTS * (len(t) - 1), first + count
    y, segment = np.concatenate(ys), np.concatenate(segments)
    spread = float(y.std()) or 1.0
    measured = np.concatenate([one.t for one in system.trajectories]) if order == 2 else None
    return Integral(
        np.concatenate(xs),
        np.concatenate(ws),
        np.concatenate(ends),
        segment,
        centred(y[:, None], segment, measured)[:, 0],
        spread,
        RESOLUTION * spread,
        order=order,
        times=np.concatenate(times) if order == 2 else None,
        at=measured,
    )


def segments_of(t: Array, curve: Smooth) -> int:
    """How many segments a trajectory has: errors of a smoothed state that enter with the rate ω add up as ω·√(hτ)
    after the time τ, with h the step, and reach a part of those of the points at τ = part²/(h·ω²)."""
    inside = t[2:-2]
    fast, slow = np.mean(curve.slope(inside, 2) ** 2), np.mean(curve.slope(inside) ** 2)
    rate = float(np.sqrt(fast / (slow + 1e-300)))
    whole, step = float(t[-1] - t[0]), float(np.median(np.diff(t)))
    if curve.sigma == 0.0:  # without noise, short segments show fast changes beside slow ones
        return max(len(t) // SHORTEST, 1)
    return int(np.clip(np.ceil(whole * step * (rate / PART) ** 2), 1, max(len(t) // SHORTEST, 1)))


@dataclass(frozen=True, eq=False)
class Fit:
    """A law with the constants that the integral form gives, the sum of squares `sse` that it leaves, and the
    standard error of each constant, in traversal order."""

    law: Expression
    sse: float
    errors: Array


def fitted(law: Expression, form: Integral, most: int = 30) -> Fit | None:
    """The law with its free constants fitted in the integral form; None where it has no value."""
    program = compiled(law, form.x)
    start = np.array([c.value for c in constants(law)])
    scale = form.spread

    def residual(theta: Array) -> Array:
        return np.nan_to_num(
            (form.of(program.value(theta)) - form.y) / scale, nan=1e6, posinf=1e6, neginf=-1e6
        )

    def jacobian(theta: Array) -> Array:
        _, slopes = program.value_and_jacobian(theta)
        return np.nan_to_num(form.of(slopes) / scale, nan=0.0, posinf=0.0, neginf=0.0)

    if not np.isfinite(program.value(start)).all():
        return None
    if not len(start):
        return Fit(law, float(np.sum(residual(start) ** 2)) * scale**2, np.zeros(0))
    if len(start) > form.rows:
        return None
    with np.errstate(all="ignore"):
        try:
            found = least_squares(
                residual, start, jacobian, method="lm", x_scale="jac", max_nfev=most, xtol=1e-12, ftol=1e-12
            )
        except (ValueError, np.linalg.LinAlgError):
            return None
        slopes = jacobian(found.x)
    sse = float(2 * found.cost)
    left = max(form.rows - len(start), 1)
    inverse = np.linalg.pinv(slopes.T @ slopes)
    size = np.sqrt(np.maximum(np.diag(inverse), 0.0) * (sse / left + (form.floor / scale) ** 2))
    return Fit(with_constants(law, found.x.tolist()), sse * scale**2, size)
