"""The quotient of polynomials with the fewest terms that a table without noise follows.

y·Q = P has as many solutions as the matrix of the columns m and −y·m, m the monomials, has singular values that are
rounding. Of a common factor of P and Q nothing shows, so terms are taken away one by one as long as a solution is
left. Rows are divided by 1 + |y|, so that those near a pole do not decide alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression import ZERO, Constant, Expression, Variable, add, divide, multiply
from kancli.symbolic.least_squares.single import QR
from kancli.work import spend

Array = NDArray[np.float64]
Monomial = tuple[int, ...]
"""The inputs that are multiplied, each as often as it occurs; () for 1."""

# Rows in which terms are chosen, and rows that a coefficient needs.
ROWS = 400
ROWS_EACH = 3
# Degrees of the polynomials, the lower first, and columns at most.
DEGREES = (1, 2, 3, 4)
MOST_COLUMNS = 130
# A singular value below this share of the largest is rounding.
ROUNDING = 1e-13
# Terms of a quotient at most: a table follows any with enough of them.
MOST_TERMS = 12
# A coefficient below this share of the largest has cancelled.
CANCELLED = 1e-8


Polynomial = Mapping[Monomial, float]


@dataclass(frozen=True)
class Quotient:
    """whole + above/below, polynomials with their coefficients by monomial."""

    whole: Polynomial
    above: Polynomial
    below: Polynomial

    @property
    def expression(self) -> Expression:
        """With all coefficients free but the first one below, which is 1."""
        (first, size), *rest = self.below.items()
        denominator = add(written(first), *(multiply(Constant(c / size), written(m)) for m, c in rest))
        numerator = add(*(multiply(Constant(c / size), written(m)) for m, c in self.above.items()))
        return add(polynomial(self.whole), divide(numerator, denominator) if self.above else ZERO)


def quotient_of(x: Array, y: Array) -> Quotient | None:
    """The quotient of the lowest degree that y (n,) follows at x (n, inputs); None where there is none."""
    rows = np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp)
    x, y = x[rows], y[rows]
    scale = np.abs(x).max(axis=0)
    unit = float(np.abs(y).max())
    if not (math.isfinite(unit) and unit > 0 and (scale > 0).all()):
        return None
    for degree in DEGREES:
        monomials = monomials_of(x.shape[1], degree)
        if 2 * len(monomials) > min(MOST_COLUMNS, len(y) // ROWS_EACH):
            return None
        found = solution(x / scale, y / unit, monomials)
        if found is not None:
            return in_raw_units(divided(found), scale, unit)
    return None


def monomials_of(inputs: int, degree: int) -> list[Monomial]:
    """All products of up to so many inputs, the shortest first."""
    return [m for k in range(degree + 1) for m in combinations_with_replacement(range(inputs), k)]


def values_of(monomials: list[Monomial], x: Array) -> Array:
    """Their values (n, monomials) at x (n, inputs)."""
    return np.stack([np.prod(x[:, list(m)], axis=1) for m in monomials], axis=1)


def solution(x: Array, y: Array, monomials: list[Monomial]) -> Quotient | None:
    """P/Q with y·Q = P and as few terms as there may be; None for none."""
    basis = values_of(monomials, x)
    columns = np.concatenate([basis, -y[:, None] * basis], axis=1) / (1 + np.abs(y))[:, None]
    norms = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    spend(2 * QR * columns.size * columns.shape[1])
    # The same singular values with as many rows as columns.
    small: Array = np.asarray(np.linalg.qr(columns / norms, mode="r"))
    kept = list(range(columns.shape[1]))
    if not is_singular(small[:, kept]):
        return None
    # The longest terms are taken away first.
    for k in sorted(kept, key=lambda k: -len(monomials[k % len(monomials)])):
        fewer = [j for j in kept if j != k]
        if fewer and is_singular(small[:, fewer]):
            kept = fewer
    spend(QR * small.size * len(monomials) * len(monomials))
    size = len(monomials)
    vector = np.linalg.svd(small[:, kept])[2][-1] / norms[kept]
    above = {monomials[k]: float(c) for k, c in zip(kept, vector, strict=True) if k < size}
    below = {monomials[k - size]: float(c) for k, c in zip(kept, vector, strict=True) if k >= size}
    return Quotient({}, above, below) if above and below and len(kept) <= MOST_TERMS else None


def is_singular(matrix: Array) -> bool:
    """Whether some combination of the columns is rounding."""
    if matrix.shape[1] > matrix.shape[0]:
        return True
    singular = np.linalg.svd(matrix, compute_uv=False)
    return bool(singular[-1] <= ROUNDING * singular[0])


def divided(quotient: Quotient) -> Quotient:
    """The same with multiples of the denominator taken out of the numerator, as long as that leaves fewer terms."""
    whole, above = dict(quotient.whole), dict(quotient.above)
    if len(quotient.below) == 1:
        return quotient
    for lead, size in quotient.below.items():
        for monomial, c in list(above.items()):
            rest = without(monomial, lead)
            if rest is None or monomial not in above:
                continue
            trial = dict(above)
            for m, b in quotient.below.items():
                key = tuple(sorted((*m, *rest)))
                trial[key] = trial.get(key, 0.0) - c / size * b
            largest = max(abs(value) for value in above.values())
            trial = {m: value for m, value in trial.items() if abs(value) > CANCELLED * largest}
            if len(trial) + 1 < len(above):
                whole[rest] = whole.get(rest, 0.0) + c / size
                above = trial
    return Quotient(whole, above, quotient.below)


def without(monomial: Monomial, other: Monomial) -> Monomial | None:
    """monomial/other; None where that is no monomial."""
    left = list(monomial)
    for i in other:
        if i not in left:
            return None
        left.remove(i)
    return tuple(left)


def in_raw_units(quotient: Quotient, scale: Array, unit: float) -> Quotient:
    """The quotient for inputs that were divided by `scale` (inputs,) and a target divided by `unit`."""

    def raw(part: Polynomial, factor: float) -> Polynomial:
        return {m: c * factor * float(np.prod(1 / scale[list(m)])) for m, c in part.items()}

    return Quotient(raw(quotient.whole, unit), raw(quotient.above, unit), raw(quotient.below, 1.0))


def polynomial(part: Polynomial) -> Expression:
    """A polynomial with free coefficients."""
    return add(*(multiply(Constant(c), written(m)) for m, c in part.items()))


def written(monomial: Monomial) -> Expression:
    """A product of inputs."""
    return multiply(*(Variable(i) for i in monomial))
