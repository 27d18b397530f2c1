"""The regression of log|y|: its rows, and laws fitted to them by linear least squares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.search.factors.law import Exponent, Law
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# Relative errors below the first are rounding, and below the second where sums nearly vanish: but in a narrow range
# other functions imitate a law that well.
ROUNDING, ENLARGED = 1e-12, 1e-9
# Singular values below this share of the largest are rounding.
FLAT = 1e-13


@dataclass(frozen=True)
class Logs:
    """x (n, inputs), log|y| (n,), and the weight (n,) of its squared error, 1 on average."""

    x: Array
    target: Array
    weight: Array

    @staticmethod
    def of(x: Array, y: Array) -> Logs:
        """All rows at which every logarithm is finite, of equal weight: errors are in proportion to y."""
        good = (y != 0) & (x != 0).all(axis=1)
        return Logs(x[good], np.log(np.abs(y[good])), np.ones(int(good.sum())))

    @property
    def base(self) -> Array:
        """A constant and log|xᵢ|, (n, 1 + inputs)."""
        return np.column_stack([np.ones(len(self.x)), np.log(np.abs(self.x))])

    def some(self, rows: int) -> Logs:
        """So many rows at most, evenly spaced."""
        chosen = np.linspace(0, len(self.x) - 1, min(len(self.x), rows)).astype(np.intp)
        return Logs(self.x[chosen], self.target[chosen], self.weight[chosen])

    def is_rounding(self, sse: float) -> bool:
        """Whether a sum of squared errors is rounding."""
        return sse <= len(self.target) * ROUNDING**2

    def is_near(self, sse: float) -> bool:
        """Whether it may be rounding that sums have enlarged."""
        return sse <= len(self.target) * ENLARGED**2


def columns_of(law: Law, x: Array) -> Array:
    """What the atoms of a law are in the regression, (n, atoms)."""
    columns = [atom.column(x) for atom in law.atoms]
    return np.array(columns).T if columns else np.empty((len(x), 0))


def without_atoms(inputs: int) -> Law:
    """A product of powers of the inputs, to be fitted."""
    return Law(0.0, (0.5,) * inputs)


def solved(law: Law, logs: Logs) -> Law:
    """Its coefficients fitted by linear least squares, the exact ones and the scales as they are."""
    every = np.concatenate([logs.base, columns_of(law, logs.x)], axis=1)
    coefficients = (*law.powers, *law.weights)
    known = np.array([False, *(isinstance(c, Fraction) for c in coefficients)])
    values = np.array([0.0, *(float(c) for c in coefficients)])
    root = np.sqrt(logs.weight)
    rest = (logs.target - every[:, known] @ values[known]) * root
    free = every[:, ~known] * root[:, None]
    scale = np.sqrt(np.mean(free**2, axis=0))
    scale[scale == 0] = 1.0
    values[~known] = lstsq(free / scale, rest, rcond=FLAT) / scale
    new: list[Exponent] = [
        c if isinstance(c, Fraction) else float(v) for c, v in zip(coefficients, values[1:], strict=True)
    ]
    inputs = len(law.powers)
    return replace(law, constant=float(values[0]), powers=tuple(new[:inputs]), weights=tuple(new[inputs:]))


def predicted(law: Law, x: Array) -> Array:
    """log|y| by a law at x (n, inputs); (n,)."""
    with np.errstate(all="ignore"):
        logs = np.log(np.abs(x))
    powers = np.array([float(p) for p in law.powers])
    used = powers != 0
    weights = np.array([float(w) for w in law.weights])
    value: Array = law.constant + logs[:, used] @ powers[used] + columns_of(law, x) @ weights
    return value


def error_of(law: Law, logs: Logs) -> float:
    """Sum of the weighted squared errors of log|y|."""
    with np.errstate(all="ignore"):
        residual = logs.target - predicted(law, logs.x)
        return float(logs.weight @ residual**2)
