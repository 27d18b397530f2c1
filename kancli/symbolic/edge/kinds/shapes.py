"""The curves that products and richer sums are put together from: chains of at most two functions.

All are measured from the raw origin and two steps deep: a single function stands behind a first step "x".
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.candidates import free_parameters, searched
from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, problems, values
from kancli.symbolic.edge.chains.starts import starts, tied_starts
from kancli.symbolic.library.functions import Array, Function

# Zeros of a linear factor, in half ranges from the middle.
ZEROS = np.concatenate([np.arange(-2.0, 2.1, 0.25), [-6.0, -3.0, 3.0, 6.0]])
# Phases of waves of s² and s³ at the farthest row, in radians; α and β of those of α·s² + β·s.
QUADRATIC = np.concatenate([[0.5, 1.0, 1.5, 2.0, 2.5, 3.2], np.arange(4.0, 40.0, 1.5)])
CUBIC = QUADRATIC[:14]
CHIRPS = np.array([0.5, 1.5, 2.5, 4.0])
DRIFTS = np.array([-8.0, -5.0, -3.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0])
CENTRES = np.array([-1.5, -0.8, -0.4, -0.15, 0.15, 0.4, 0.8, 1.5])
ADDED = np.array([0.02, 0.1, 0.3, 1.0, 3.0])
OFFSETS = np.array([-2.0, -1.0, -0.5, -0.2, 0.2, 0.5, 1.0, 2.0])
RATES = np.array([0.3, 0.7, 1.5, 3.0, 6.0, 12.0])
# A shape that varies less than this share of its size is no factor.
FLAT = 1e-4


@dataclass(frozen=True)
class Shapes:
    """Problems of two steps with their values (K, m) on some rows, divided by their largest."""

    problems: Problems
    values: Array

    def take(self, rows: NDArray[np.intp]) -> Shapes:
        """The shapes at the given rows."""
        return Shapes(self.problems.take(rows), self.values[rows])

    def names(self) -> tuple[str, ...]:
        """For each shape a name of its functions and of what is free in it."""
        names = [function.name for function in self.problems.functions]
        return tuple(
            f"{names[outer]}({names[inner]}) {free.tobytes().hex()}"
            for (inner, outer), free in zip(self.problems.chain, self.problems.free, strict=True)
        )


@dataclass(frozen=True)
class _Group:
    inner: Function
    outer: Function
    theta: Array
    free: tuple[bool, ...]


def shapes_of(
    functions: tuple[Function, ...], sample: Curve, omega: Array, chirps: Sequence[tuple[float, float]] = ()
) -> Shapes:
    """Every usable shape of the functions on the sample's rows; `omega`: frequencies worth trying, per t.

    `chirps`: α and β of waves of α·s² + β·s that are worth trying.
    """
    groups = _groups(functions, sample, omega)
    named = {function.name: function for function in functions}
    if chirps:
        outer = named.get("sin") or named["cos"]
        moved = [(b / (2 * a), a, p - b * b / (4 * a)) for a, b in chirps for p in (0.0, 0.5 * np.pi)]
        groups.append(_nested(named["x^2"], outer, moved, shifted=True))
    groups = [group for group in groups if len(group.theta)]
    position = {function.name: k for k, function in enumerate(functions)}
    chain = np.concatenate(
        [
            np.tile([position[group.inner.name], position[group.outer.name]], (len(group.theta), 1))
            for group in groups
        ]
    )
    theta = np.concatenate([group.theta for group in groups])
    free = np.concatenate([np.tile(group.free, (len(group.theta), 1)) for group in groups])
    batch = problems(functions, chain, theta, free, sample.origin)
    with np.errstate(all="ignore"):
        column = values(batch, sample.t)
        column = column / np.max(np.abs(column), axis=1, keepdims=True)
        z = column - (column @ sample.w)[:, None]
        varies = (z * z) @ sample.w > FLAT * ((column * column) @ sample.w)
    rows = np.flatnonzero(np.isfinite(column).all(axis=1) & varies)
    return Shapes(batch.take(rows), column[rows])


def _groups(functions: tuple[Function, ...], sample: Curve, omega: Array) -> list[_Group]:
    named = {function.name: function for function in functions}
    groups = _single(functions, sample, omega)
    reach = float(np.max(np.abs(sample.t - sample.origin)))
    for name, inner in itertools.product(("sin", "cos"), ("x^2", "x^3")):
        if name in named and inner in named:
            scales = QUADRATIC / reach**2 if inner == "x^2" else CUBIC / reach**3
            groups.append(_nested(named[inner], named[name], [(0.0, a, 0.0) for a in scales]))
            if inner == "x^2":
                # α·s² + β·s is α·(s + β/2α)² and a phase.
                drifting = [
                    (beta / (2 * alpha), alpha, -beta * beta / (4 * alpha))
                    for alpha, beta in itertools.product(CHIRPS, DRIFTS)
                ]
                groups.append(_nested(named[inner], named[name], drifting, shifted=True))
        if name in named and "x^2" in named and inner == "x^2":
            waves = [(a, 1.0) for a in omega]
            groups.append(_around(named[name], named["x^2"], waves, free=(True, False, False)))
    for name in ("log", "sqrt", "1/sqrt", "1/x", "1/x^2"):
        if name in named and "x^2" in named:
            groups.append(_nested(named["x^2"], named[name], [(0.0, 1.0, k) for k in ADDED]))
            moved = [(-zero, 1.0, k) for zero, k in itertools.product(CENTRES, ADDED[::2])]
            groups.append(_nested(named["x^2"], named[name], moved, shifted=True))
    if "log" in named:
        # The size of what a logarithm is taken of is an offset, and beside another factor not redundant.
        theta = np.array([(1.0, b, 1.0, 1.0, k, 1.0) for b in (0.0, *ADDED) for k in OFFSETS])
        tied = theta[:, 1] == 0.0
        groups.append(
            _Group(named["log"], named["x"], theta[tied], (False, False, False, False, True, False))
        )
        groups.append(
            _Group(named["log"], named["x"], theta[~tied], (False, True, False, False, True, False))
        )
    if "exp" in named and "x^3" in named:
        groups.append(_nested(named["x^3"], named["exp"], [(0.0, a, 0.0) for a in (-3.0, -1.0, 1.0, 3.0)]))
    if "exp" in named and "1/x" in named:
        shifts = itertools.product((*RATES, *-RATES), (-1.0, 1.0))
        group = _around(named["exp"], named["1/x"], [(a, 1.0) for a, _ in shifts], free=(True, True, False))
        group.theta[:, PER_STEP + 1] = np.tile([-1.0, 1.0], 2 * len(RATES))
        groups.append(group)
    return groups


def _single(functions: tuple[Function, ...], sample: Curve, omega: Array) -> list[_Group]:
    """Single functions with b free (the starts' b is measured from the middle), and through the origin."""
    names = frozenset(function.name for function in functions)
    line = next(function for function in functions if function.is_line)
    untwinned = {functions[k].name for k in searched(functions, names)}
    one = (False, False, False)
    groups = []
    for function in functions:
        if not function.worth_multiplying:
            continue
        if function.is_line:
            theta = np.stack([np.ones_like(ZEROS), sample.origin - ZEROS, np.ones_like(ZEROS)], axis=1)
            groups.append(_Group(line, function, _behind_line(theta), (*one, False, True, False)))
            groups.append(_Group(line, function, _behind_line(np.array([[1.0, 0.0, 1.0]])), (*one, *one)))
            continue
        if function.name in untwinned:
            theta = starts(function, omega, coarse=True)
            theta[:, 1] += theta[:, 0] * sample.origin
            groups.append(
                _Group(line, function, _behind_line(theta), (*one, *free_parameters(function, tied=False)))
            )
        theta = tied_starts(function, sample, omega)
        if function.wave is not None:
            theta = theta.reshape(-1, PER_STEP)
        if len(theta):
            groups.append(
                _Group(line, function, _behind_line(theta), (*one, *free_parameters(function, tied=True)))
            )
    return groups


def _behind_line(theta: Array) -> Array:
    return np.concatenate([np.tile([1.0, 0.0, 1.0], (len(theta), 1)), theta], axis=1)


def _nested(
    inner: Function, outer: Function, starts: Sequence[tuple[float, float, float]], *, shifted: bool = False
) -> _Group:
    """outer(a·inner(s + b1) + b) for (b1, a, b); b1 is free where `shifted`."""
    theta = np.array([(1.0, b1, 1.0, a, b, 1.0) for b1, a, b in starts])
    free = free_parameters(outer, tied=all(b == 0.0 for _, _, b in starts))
    # The size of a inside a root or a logarithm is redundant at its outermost only.
    return _Group(inner, outer, theta, (False, shifted, False, *free))


def _around(
    inner: Function, outer: Function, starts: Sequence[tuple[float, float]], *, free: tuple[bool, bool, bool]
) -> _Group:
    """outer(inner(a·s) + b) with a, b (of the outer function) and the exponent free or not."""
    theta = np.array([(a, 0.0, 1.0, sign, 0.0, 1.0) for a, sign in starts])
    return _Group(inner, outer, theta, (free[0], False, False, False, free[1], False))
