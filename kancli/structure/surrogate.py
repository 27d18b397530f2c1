"""Polynomials of the inputs: fits, their description lengths, slopes with standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.least_squares.single import QR
from kancli.work import spend

Array = NDArray[np.float64]

# Rows that a coefficient needs, coefficients and degree at most.
ROWS_EACH, MOST, MOST_DEGREE = 5, 250, 12
# A relative error that is rounding.
ROUNDING = 1e-11
# A positive column over more than this range is seen by its logarithm.
DECADE = 10.0


@dataclass(frozen=True, eq=False)
class Fit:
    """A least-squares fit: `bits`, comparable for one target, `values` (n,), `degree`, `columns` fitted."""

    bits: float
    values: Array
    degree: int
    columns: int


def coordinate(column: Array) -> Array:
    """A column in [-1, 1]; by its logarithm where it is positive over more than a decade."""
    if column.min() > 0 and column.max() > DECADE * column.min():
        column = np.log(column)
    return scaled(column)


def scaled(column: Array) -> Array:
    """A column in [-1, 1]."""
    low, high = float(column.min()), float(column.max())
    found: Array = 2 * (column - low) / ((high - low) or 1.0) - 1
    return found


def exponents(inputs: int, degree: int) -> list[tuple[int, ...]]:
    """The inputs that are multiplied, each as often as its degree, for all terms but the constant."""
    return [m for d in range(1, degree + 1) for m in combinations_with_replacement(range(inputs), d)]


def terms(z: Array, several: Sequence[tuple[int, ...]]) -> Array:
    """Products of Legendre polynomials (n, terms) of z (n, inputs) in [-1, 1]."""
    most = max((max(m.count(i) for i in m) for m in several), default=0)
    legendre = np.polynomial.legendre.legvander(z, most)
    columns = np.ones((len(z), len(several)))
    for k, m in enumerate(several):
        for i in set(m):
            columns[:, k] *= legendre[:, i, m.count(i)]
    return columns


def fitted(columns: Array, y: Array, degree: int = 0) -> Fit:
    """The fit of columns (n, k) and a constant."""
    full = np.column_stack([np.ones(len(y)), columns])
    spend(QR * full.size * full.shape[1])
    values = full @ lstsq(full, y, rcond=1e-11)
    return Fit(length(y, values, full.shape[1]), values, degree, full.shape[1])


def length(y: Array, values: Array, free: int) -> float:
    """Bits of the residuals and of `free` constants (Schwarz 1978)."""
    n, spread = len(y), float(y.std()) or 1.0
    mse = float(np.mean((y - values) ** 2)) / spread**2 * n / max(n - free, 1) + ROUNDING**2
    return 0.5 * n * math.log2(mse) + 0.5 * free * math.log2(n)


def degrees(inputs: int, rows: int) -> list[int]:
    """The degrees that the rows carry."""
    found = []
    for degree in range(1, MOST_DEGREE + 1):
        if math.comb(inputs + degree, degree) > min(rows // ROWS_EACH, MOST):
            break
        found.append(degree)
    return found or [1]


def of_all(z: Array, y: Array) -> Fit:
    """The polynomial of z (n, inputs) of the degree with the shortest description."""
    fits = [fitted(terms(z, exponents(z.shape[1], d)), y, d) for d in degrees(z.shape[1], len(y))]
    return min(fits, key=lambda fit: fit.bits)


def of_parts(z: Array, y: Array, parts: Sequence[Sequence[int]]) -> Fit:
    """A sum of polynomials, each of the inputs of one part, all of the degree with the shortest description."""
    fits = []
    for degree in degrees(max(map(len, parts)), len(y) // max(len(parts), 1)):
        columns = [terms(z[:, list(part)], exponents(len(part), degree)) for part in parts]
        fits.append(fitted(np.concatenate(columns, axis=1), y, degree))
    return min(fits, key=lambda fit: fit.bits)


def of_product(z: Array, y: Array, one: Sequence[int], other: Sequence[int], steps: int = 12) -> Fit:
    """f(one)·g(other) by alternating least squares, from the singular vectors of a fit with all products."""
    best: Fit | None = None
    for degree in degrees(max(len(one), len(other)), len(y) // 2):
        f = np.column_stack([np.ones(len(y)), terms(z[:, list(one)], exponents(len(one), degree))])
        g = np.column_stack([np.ones(len(y)), terms(z[:, list(other)], exponents(len(other), degree))])
        right = g @ lstsq(g, y, rcond=1e-11)
        values = right
        for _ in range(steps):
            left = f @ lstsq(f * right[:, None], y, rcond=1e-11)
            right = g @ lstsq(g * left[:, None], y, rcond=1e-11)
            before, values = values, left * right
            spend(2 * QR * f.size * f.shape[1])
            if float(np.abs(values - before).max()) <= 1e-9 * float(np.abs(y).max()):
                break
        free = f.shape[1] + g.shape[1] - 1
        fit = Fit(length(y, values, free), values, degree, free)
        best = fit if best is None or fit.bits < best.bits else best
    assert best is not None
    return best


def derivatives(z: Array, y: Array, degree: int, input: int, order: int) -> tuple[Array, Array]:
    """The derivative of the polynomial of this degree by one coordinate, at each row, and its standard error (n,)."""
    several = exponents(z.shape[1], degree)
    full = np.column_stack([np.ones(len(y)), terms(z, several)])
    theta = lstsq(full, y, rcond=1e-11)
    variance = float(np.sum((y - full @ theta) ** 2)) / max(len(y) - full.shape[1], 1)
    slopes = np.zeros_like(full)
    for k, m in enumerate(several, start=1):
        own = m.count(input)
        if not own:
            continue
        rest = tuple(i for i in m if i != input)
        coefficients = np.polynomial.legendre.legder([0.0] * own + [1.0], order)
        slopes[:, k] = np.polynomial.legendre.legval(z[:, input], coefficients)
        if rest:
            slopes[:, k] *= terms(z, [rest])[:, 0]
    inverse = np.linalg.pinv(full.T @ full, rcond=1e-13, hermitian=True)
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, inverse, slopes) * variance, 0.0))
    return slopes @ theta, error
