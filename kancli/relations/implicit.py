"""The polynomial of several columns that vanishes on every row, with as few terms as there may be.

The monomials of the columns, as columns of a matrix, are linearly dependent exactly where such a polynomial exists:
its smallest singular value is then rounding, and its last singular vector holds the coefficients. Terms are taken
away one by one as long as a solution is left. Columns whose rows have been permuted, each by itself, have no
relation: where their smallest singular value is as small, it says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression import (
    MINUS_ONE,
    ONE,
    ZERO,
    Constant,
    Expression,
    Variable,
    add,
    complexity,
    exact,
    multiply,
    negate,
)
from kancli.symbolic.least_squares.single import QR
from kancli.work import spend

Array = NDArray[np.float64]
Monomial = tuple[int, ...]

# Rows in which a polynomial is looked for, rows that a coefficient needs, and the highest degree.
ROWS, ROWS_EACH, DEGREES = 400, 3, (1, 2, 3, 4)
# A singular value below this share of the largest is rounding; that of permuted columns must be above it by so much.
ROUNDING, ABOVE = 1e-13, 1e4
# Terms at most: with enough of them there is always a polynomial.
MOST_TERMS, MOST_COLUMNS = 8, 130
# A coefficient is a ratio of two whole numbers up to this one if it is so near.
LARGEST, NEAR = 12, 1e-9


@dataclass(frozen=True)
class Implicit:
    """left = right on every row, both in the columns' order; `terms` are the coefficients by monomial."""

    left: Expression
    right: Expression
    terms: tuple[tuple[Monomial, float], ...]

    @property
    def members(self) -> tuple[int, ...]:
        """The columns that occur."""
        return tuple(sorted({k for monomial, _ in self.terms for k in monomial}))

    @property
    def complexity(self) -> int:
        """Nodes of both sides."""
        return complexity(self.left) + complexity(self.right)


def implicit_relation(x: Array, generator: np.random.Generator) -> Implicit | None:
    """The polynomial of the lowest degree that vanishes at the rows of x (n, columns); None where there is none."""
    rows = np.linspace(0, len(x) - 1, min(len(x), ROWS)).astype(np.intp)
    scale = np.abs(x).max(axis=0)
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        return None
    unit = x[rows] / scale
    shuffled = np.stack([generator.permutation(column) for column in unit.T], axis=1)
    for degree in DEGREES:
        monomials = [
            m for k in range(degree + 1) for m in combinations_with_replacement(range(x.shape[1]), k)
        ]
        if len(monomials) > min(MOST_COLUMNS, len(unit) // ROWS_EACH):
            return None
        if smallest(normal(unit, monomials)) > ROUNDING:
            continue
        if smallest(normal(shuffled, monomials)) < ABOVE * ROUNDING:
            return None
        terms = sparsest(unit, monomials)
        return None if terms is None else written(terms, scale)
    return None


def normal(x: Array, monomials: Sequence[Monomial]) -> Array:
    """The values of the monomials (n, monomials), each of length 1."""
    values = np.stack([np.prod(x[:, list(m)], axis=1) for m in monomials], axis=1)
    columns: Array = values / np.sqrt(np.einsum("ij,ij->j", values, values))
    return columns


def smallest(columns: Array) -> float:
    """The smallest singular value as a share of the largest."""
    spend(QR * columns.size * columns.shape[1])
    singular = np.linalg.svd(columns, compute_uv=False)
    return float(singular[-1] / singular[0])


def sparsest(x: Array, monomials: Sequence[Monomial]) -> list[tuple[Monomial, float]] | None:
    """Coefficients of as few monomials as vanish together at x (n, columns); None where they are too many."""
    columns = np.asarray(np.linalg.qr(normal(x, monomials), mode="r"))
    lengths = np.sqrt(np.mean([np.prod(x[:, list(m)], axis=1) ** 2 for m in monomials], axis=1))
    kept = list(range(len(monomials)))
    for k in sorted(kept, key=lambda k: -len(monomials[k])):  # the longest terms are taken away first
        fewer = [j for j in kept if j != k]
        if len(fewer) > 1 and smallest(columns[:, fewer]) <= ROUNDING:
            kept = fewer
    if len(kept) > MOST_TERMS:
        return None
    vector = np.linalg.svd(columns[:, kept])[2][-1] / lengths[kept]
    return [(monomials[k], float(c)) for k, c in zip(kept, vector, strict=True)]


def written(terms: Sequence[tuple[Monomial, float]], scale: Array) -> Implicit:
    """The equation in raw units: in whole numbers where it has such, the constant on the right."""
    raw = [(m, c / float(np.prod(scale[list(m)]))) for m, c in terms]
    best = min(raw, key=lambda pair: (lack(raw, pair[1]), -len(pair[0])))[1]
    # The sign that leaves fewer minus signs on the left.
    shares = [(m, c / best) for m, c in raw]
    minus = sum(1 if c < 0 else -1 for m, c in shares if m)
    if minus > 0 or (minus == 0 and shares[1][1] < 0):
        shares = [(m, -c) for m, c in shares]
    left = add(*(term(m, c) for m, c in reversed(shares) if m))
    right = negate(add(*(term(m, c) for m, c in shares if not m))) if any(not m for m, _ in shares) else ZERO
    return Implicit(left, right, tuple(shares))


def lack(terms: Sequence[tuple[Monomial, float]], unit: float) -> float:
    """How far from plain numbers the coefficients are in this unit: digits of those that are, and more for others."""
    return sum(cost(c / unit) for _, c in terms)


def cost(value: float) -> float:
    found = fraction_of(value)
    return 20.0 if found is None else math.log2(abs(found[0])) + 2 * math.log2(found[1])


def fraction_of(value: float) -> tuple[int, int] | None:
    """Numerator and denominator of a ratio of small whole numbers; None where it is none."""
    for below in range(1, LARGEST + 1):
        above = round(value * below)
        if above and abs(above) <= LARGEST * below and abs(value - above / below) <= NEAR * abs(value):
            return above, below
    return None


def term(monomial: Monomial, coefficient: float) -> Expression:
    """A coefficient times its monomial, the coefficient exact where it is a ratio of small whole numbers."""
    product = multiply(*(Variable(k) for k in monomial)) if monomial else ONE
    found = fraction_of(coefficient)
    if found is None:
        return multiply(Constant(coefficient), product)
    if abs(found[0]) == found[1]:
        return product if found[0] > 0 else multiply(MINUS_ONE, product)
    return multiply(number(found), product)


def number(fraction: tuple[int, int]) -> Constant:
    """An exact ratio."""
    from fractions import Fraction

    return exact(Fraction(*fraction))
