"""Where to start: (a, b, exponent) of f(a·t + b) for t in [-1, 1], per function.

Only starts in which f is visibly curved: nearly straight, every function looks alike.
`starts` is a grid over decades of scale; `tied_starts` are those through the raw origin, u = a·(t - origin).
"""

from __future__ import annotations

import itertools

import numpy as np

from kancli.symbolic.edge.chains.problems import Curve
from kancli.symbolic.library.functions import Array, Function

DECADES = np.array([0.1, 0.2, 0.35, 0.6, 1, 1.6, 2.5, 4, 6, 9, 14, 20, 30, 50, 100, 300])
BELL_SCALES = np.array([0.5, 1, 2, 4, 8, 16, 40])
CENTRES = np.array([-1.8, -1.2, -0.9, -0.6, -0.3, 0, 0.3, 0.6, 0.9, 1.2, 1.8])
DISTANCES = np.array([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30])
SHIFTS = np.array([0, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 15])
REACHES = np.array([0.3, 0.6, 0.8, 0.9, 0.97, 0.995, 1.0])
EXPONENTS = np.array([-3.5, -2.5, -1.5, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1.5, 2.5, 3.5, 5.5])
# Frequencies of what ripples, near enough to each other to meet the phase at both ends; tied, up to so many radians.
RIPPLES = np.concatenate([np.arange(0.5, 20.0, 0.5), np.arange(20.0, 60.0)])
FARTHEST_RIPPLE = 150.0
PHASES = np.array([0, np.pi / 4, np.pi / 2, 3 * np.pi / 4])


def starts(function: Function, frequencies: Array, *, coarse: bool = False) -> Array:
    """(s, 3) starts with b free. `frequencies` are tried for waves, at four phases each.

    `coarse` thins the grids, for the products of grids that compositions need.
    """
    thin = slice(None, None, 2) if coarse else slice(None)
    # A branch point at the outermost row, but so that rounding does not put that row outside the domain.
    touching = 1e-7 if coarse else 1e-15
    if function.is_line:
        return np.array([[1.0, 0.0, 1.0]])
    if function.has_exponent:
        distances = np.concatenate([[touching], DISTANCES[2::2]])
        sides = [(1.0, 1.0 + delta) for delta in distances] + [(-1.0, 1.0 + delta) for delta in distances]
        return np.array([(a, b, p) for (a, b), p in itertools.product(sides, EXPONENTS[thin])])
    if function.ripples:
        return _rippling(function, frequencies, coarse=coarse)
    if function.ends:
        return _between(function, function.ends[thin])
    if function.is_one_sided:
        distances = np.concatenate([[touching], DISTANCES[thin]])
        right = [(1.0, 1.0 + delta, 1.0) for delta in distances]
        mirror = -1.0 if function.scale == "sign" else 1.0
        left = [(mirror, -mirror * (1.0 + delta), 1.0) for delta in distances]
        inside = [(1.0, -s, 1.0) for s in np.linspace(-0.97, 0.97, 13)] if function.at_zero == "pole" else []
        return np.array(right + left + inside)
    if function.scale == "fixed":
        interior = np.linspace(-0.95, 0.95, 21) if function.is_broken else np.empty(0)
        shifts = np.concatenate([-SHIFTS[1:], SHIFTS, interior])
        return np.stack([np.ones_like(shifts), -shifts, np.ones_like(shifts)], axis=1)
    if function.shift == "fixed":
        scales = np.concatenate([-DECADES[thin], DECADES[thin]])
        return np.stack([scales, np.zeros_like(scales), np.ones_like(scales)], axis=1)
    if function.wave is not None:
        return np.array([(a, b, 1.0) for a, b in itertools.product(frequencies, PHASES)])
    if function.is_bounded:
        return np.array(
            [(r / (1 + abs(s)), -r * s / (1 + abs(s)), 1.0) for s in CENTRES[thin] for r in REACHES]
        )
    if function.period is not None:
        half = function.period / 2
        narrow = [(r / (1 + abs(s)), s) for s in CENTRES[thin] for r in half * (REACHES - 0.001)]
        return np.array(
            [(a, -a * s, 1.0) for a, s in narrow + [(a, s) for a in (2.0, 4.0, 7.0) for s in CENTRES]]
        )
    scales = BELL_SCALES[thin]
    if function.grows:
        scales = DECADES[3:]
    if function.definition is not None:
        scales = np.concatenate([-DECADES[::2], DECADES[::2]])
    grid = [(a, -a * s, 1.0) for a, s in itertools.product(scales, CENTRES[thin])]
    if function.definition is not None:
        grid += [
            (a, b, 1.0)
            for a, b in itertools.product((-3.0, -1.0, -0.3, 0.3, 1.0, 3.0), (-5.0, -2.0, 2.0, 5.0))
        ]
    return np.array(grid)


def _rippling(function: Function, frequencies: Array, *, coarse: bool) -> Array:
    """Starts of a ripple about a centre inside the data or beside them; all of it right of 0 where it ends there."""
    frequencies = frequencies if coarse else np.union1d(RIPPLES, frequencies)
    if function.is_one_sided:
        distances = DISTANCES[2 :: 4 if coarse else 2]
        sides = [(a, a * (1.0 + delta)) for a, delta in itertools.product(frequencies, distances)]
        return np.array([(side * a, b, 1.0) for a, b in sides for side in (1.0, -1.0)])
    centres, phases = (CENTRES[1::3], PHASES[::2]) if coarse else (CENTRES, PHASES)
    return np.array(
        [(a, phase - a * s, 1.0) for a, s, phase in itertools.product(frequencies, centres, phases)]
    )


def _between(function: Function, ends: tuple[float, ...]) -> Array:
    """The data on each of the intervals that have these ends, in both directions."""
    inside = [end for end in ends if function.low <= end <= function.high]
    halves = [((high - low) / 2, (high + low) / 2) for low, high in itertools.combinations(inside, 2)]
    return np.array([(side * a, b, 1.0) for a, b in halves for side in (1.0, -1.0)])


def tied_starts(function: Function, curve: Curve, frequencies: Array) -> Array:
    """(s, 3) starts of u = a·(t - origin), b staying 0; none for functions whose b is no parameter."""
    low, high = float(curve.t.min()) - curve.origin, float(curve.t.max()) - curve.origin
    far = max(abs(low), abs(high))
    if function.shift == "fixed":
        return np.empty((0, 3))
    scales: Array
    if function.scale == "fixed":
        scales = np.array([1.0])
    elif function.scale == "sign":
        if low < 0.0 < high:
            return np.empty((0, 3))
        scales = np.array([1.0 if high > 0.0 else -1.0])
    elif function.wave is not None:
        scales = frequencies
    elif function.ripples or function.ends:
        reaches = np.arange(0.5, FARTHEST_RIPPLE, 0.5) if function.ripples else np.array(function.ends)
        scales = np.concatenate([reaches, -reaches]) / far
        kept = function.inside(scales * low) & function.inside(scales * high) & (scales != 0.0)
        scales = scales[kept & (scales > 0.0)] if function.parity else scales[kept]
    elif function.is_bounded:
        scales = REACHES / far
    elif function.period is not None:
        scales = np.concatenate([function.period / 2 * (REACHES - 0.001), [2.0, 4.0, 7.0]]) / far
    else:
        scales = np.concatenate([DECADES, DECADES / max(far, 1.0)])
        if function.definition is not None:
            scales = np.concatenate([-scales, scales])
    exponents = EXPONENTS if function.has_exponent else np.array([1.0])
    return np.array([(a, 0.0, p) for a, p in itertools.product(scales, exponents)]).reshape(-1, 3)


def step_starts(curve: Curve, *, tied: bool) -> Array:
    """(1, 3) or none: the step between the two rows that it explains best, found over all of them.

    Anywhere between those rows is equally right: the raw origin where it lies there (`tied`), else half way.
    """
    left_weight, left = np.cumsum(curve.w)[:-1], np.cumsum(curve.w * curve.y)[:-1]
    with np.errstate(all="ignore"):
        explained = left * left / (left_weight * (1.0 - left_weight))
    gaps = np.diff(curve.t) > 0.0
    best = int(np.argmax(np.where(gaps & np.isfinite(explained), explained, -1.0)))
    low, high = float(curve.t[best]), float(curve.t[best + 1])
    inside = low < curve.origin < high
    if tied:
        return np.array([[1.0, 0.0, 1.0]]) if inside else np.empty((0, 3))
    return np.array([[1.0, -0.5 * (low + high), 1.0]])


def frequencies(sample: Curve, full: Curve) -> Array:
    """Angular frequencies worth trying: peaks of two periodograms (f,).

    One by least squares on the sample up to about 30 periods, which does not mind gaps; one by a Fourier
    transform of all rows put on a fine even grid, up to their Nyquist frequency.
    """
    grid = np.concatenate([[0.15, 0.3, 0.5, 0.75], np.arange(1.0, 100.0, 0.4)])
    power = _periodogram(sample, grid)
    peak = np.flatnonzero((power >= np.roll(power, 1)) & (power >= np.roll(power, -1)))
    best = peak[np.argsort(power[peak])[::-1][:6]]
    found = [grid[best], np.array([0.3, 0.7, 1.2, 1.8, 2.5, 3.2])]
    if len(full.t) > 64:
        found.append(_fast_peaks(full))
    return np.unique(np.concatenate(found))


def _periodogram(curve: Curve, omega: Array) -> Array:
    """r² of α·sin ωt + β·cos ωt + δ for every ω."""
    phase = np.outer(omega, curve.t)
    s, c, w = np.sin(phase), np.cos(phase), curve.w
    s -= (s @ w)[:, None]
    c -= (c @ w)[:, None]
    ss, cc, sc = (s * s) @ w, (c * c) @ w, (s * c) @ w
    sy, cy = s @ (w * curve.y), c @ (w * curve.y)
    determinant = ss * cc - sc * sc
    explained = (cc * sy * sy - 2 * sc * sy * cy + ss * cy * cy) / np.maximum(determinant, 1e-14 * ss * cc)
    return np.where(determinant > 1e-9 * ss * cc, explained, 0.0)


def _fast_peaks(curve: Curve) -> Array:
    """The four strongest frequencies beyond the first grid, by a Fourier transform of binned values."""
    rows = len(curve.t)
    bins = 1 << int(np.ceil(np.log2(4 * min(rows, 16384))))
    low, high = float(curve.t.min()), float(curve.t.max())
    where = np.minimum(((curve.t - low) / (high - low) * bins).astype(int), bins - 1)
    total = np.bincount(where, curve.w * curve.y, minlength=bins)
    power = np.abs(np.fft.rfft(total, 2 * bins))
    omega: Array = np.pi / (high - low) * np.arange(len(power), dtype=np.float64)
    allowed = (omega > 90.0) & (omega < np.pi * rows / (high - low))
    power = np.where(allowed, power, 0.0)
    best = np.argsort(power)[::-1][:4]
    return omega[best[power[best] > 0.0]]
