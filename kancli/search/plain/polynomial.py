"""Polynomials with few terms, chosen by description length.

Monomials enter one by one, each time the one that lowers the sum of squares most (orthogonal least squares: Chen,
Billings & Luo, International Journal of Control 50, 1989), and leave again as long as that shortens the description.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.description import estimated, resolved
from kancli.symbolic.expression import Constant, Expression, Variable, add, exact, multiply, power

Array = NDArray[np.float64]
Monomial = tuple[int, ...]
"""The exponent of each input."""
Fit = tuple[float, list[int], Array]
"""Bits, the columns, and their factors with the constant last."""

# The highest degree: of three inputs one of the fourth has 35 terms, of two one of the sixth 28.
DEGREE, DEGREE_OF_TWO = 4, 6
# Columns of a regression at most, and rows per column: else the degree is lowered.
MOST_COLUMNS, ROWS_EACH = 400, 2
MOST_TERMS = 15
# Share of a column that must not lie in the span of those chosen: else it adds nothing.
NEW = 1e-12
# An input that varies by less than this share of its size has no curvature that could be told from a line.
CURVED = 0.1


@dataclass(frozen=True)
class Polynomial:
    """`terms` (exponents of each input) with their `factors`, and a constant; `bits` on the rows of the fit."""

    terms: tuple[Monomial, ...]
    factors: tuple[float, ...]
    constant: float
    bits: float

    def expression(self) -> Expression:
        """The polynomial in the table's columns, all factors free."""
        terms = [
            multiply(Constant(factor), *(power(Variable(i), exact(p)) for i, p in enumerate(term) if p))
            for factor, term in zip(self.factors, self.terms, strict=True)
        ]
        return add(*terms, *([Constant(self.constant)] if self.constant else []))


def monomials(x: Array, degree: int | None = None) -> list[Monomial]:
    """The monomials of x (n, d) up to a degree without the constant, of lowest degree first.

    An input with k different values has k - 1 powers; one that hardly varies beside its size has one. The degree is
    lowered until there are rows enough.
    """
    rows, inputs = x.shape
    degree = degree or (DEGREE_OF_TWO if inputs <= 2 else DEGREE)
    highest = []
    for own in x.T:
        steady = float(np.ptp(own)) < CURVED * float(np.abs(own).max())
        highest.append(1 if steady else min(len(np.unique(own)) - 1, degree))
    while degree > 1 and math.comb(inputs + degree, degree) > min(MOST_COLUMNS, rows / ROWS_EACH):
        degree -= 1
    found = []
    for total in range(1, degree + 1):
        for chosen in combinations_with_replacement(range(inputs), total):
            term = tuple(chosen.count(i) for i in range(inputs))
            if all(p <= most for p, most in zip(term, highest, strict=True)):
                found.append(term)
    return found


def values_of(terms: Sequence[Monomial], x: Array) -> Array:
    """Values (n, terms) of monomials at x (n, d)."""
    return np.stack([np.prod(x ** np.array(term), axis=1) for term in terms], axis=1)


def polynomial(
    terms: Sequence[Monomial], x: Array, y: Array, weight: Array | None = None
) -> Polynomial | None:
    """The polynomial of shortest description in some of the terms; x (n, d), y (n,), weight (n,) of the squares.

    None where a column has no finite value.
    """
    with np.errstate(all="ignore"):
        columns = values_of(terms, x)
        sizes = np.sqrt(np.mean(columns**2, axis=0))
    root = np.ones(len(y)) if weight is None else np.sqrt(weight)
    if not (np.isfinite(columns).all() and np.isfinite(sizes).all() and (sizes > 0).all()):
        return None
    spread = float(np.std(root * y)) or 1.0
    scaled, target = root[:, None] * columns / sizes, root * y / spread
    order, errors = entering(scaled, root, target)
    lengths = [
        estimated(resolved(e), len(y), k + 1, nodes_of(order[:k], terms)) for k, e in enumerate(errors)
    ]
    best: Fit | None = None
    for count in sorted({int(np.argmin(lengths)), len(order)}):
        for fitted in leaving(order[:count], terms, scaled, root, target):
            if best is None or fitted[0] < best[0]:
                best = fitted
    if best is None:
        return None
    bits, chosen, factors = best
    raw = factors[:-1] * spread / sizes[chosen]
    return Polynomial(
        tuple(terms[k] for k in chosen), tuple(map(float, raw)), float(factors[-1] * spread), bits
    )


def entering(columns: Array, root: Array, target: Array) -> tuple[list[int], list[float]]:
    """The columns (n, p) in the order in which they enter beside a constant, and the root mean square error with the
    first 0, 1, 2, … of them."""
    most = max(min(MOST_TERMS, len(target) // ROWS_EACH - 1, columns.shape[1]), 0)
    basis = root / np.linalg.norm(root)
    rest = target - basis * (basis @ target)
    left = columns - np.outer(basis, basis @ columns)
    whole = np.einsum("ij,ij->j", columns, columns)
    order: list[int] = []
    errors = [math.sqrt(float(np.mean(rest**2)))]
    for _ in range(most):
        size = np.einsum("ij,ij->j", left, left)
        usable = size > NEW * whole
        gain = np.where(usable, (left.T @ rest) ** 2 / np.where(usable, size, 1.0), -1.0)
        gain[order] = -1.0
        chosen = int(np.argmax(gain))
        if gain[chosen] <= 0:
            break
        order.append(chosen)
        direction = left[:, chosen] / math.sqrt(size[chosen])
        rest = rest - direction * (direction @ rest)
        left = left - np.outer(direction, direction @ left)
        errors.append(math.sqrt(float(np.mean(rest**2))))
    return order, errors


def leaving(
    order: Sequence[int], terms: Sequence[Monomial], columns: Array, root: Array, target: Array
) -> list[Fit]:
    """The fit in these columns, and those without one after the other: each time the one that lowers the sum of
    squares least, c²/(G⁻¹)_cc with G the Gram matrix."""
    chosen = sorted(order)
    found: list[Fit] = []
    while True:
        matrix = np.column_stack([columns[:, chosen], root])
        orthogonal, triangle = np.linalg.qr(matrix)
        diagonal = np.abs(np.diag(triangle))
        if diagonal.min() <= NEW * diagonal.max():  # the columns do not fix the factors
            return found
        inverse = np.linalg.inv(triangle)
        factors = inverse @ (orthogonal.T @ target)
        error = math.sqrt(float(np.mean((target - matrix @ factors) ** 2)))
        length = estimated(resolved(error), len(target), len(factors), nodes_of(chosen, terms))
        found.append((length, list(chosen), factors))
        if not chosen:
            return found
        lost = factors[:-1] ** 2 / (inverse[:-1] ** 2).sum(axis=1)
        del chosen[int(np.argmin(lost))]


def nodes_of(chosen: Sequence[int], terms: Sequence[Monomial]) -> int:
    """Nodes that are no constants of the sum of some of the terms."""
    return sum(1 + 2 * sum(1 for p in terms[k] if p) for k in chosen)
