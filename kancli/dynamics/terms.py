"""The terms that a law of motion may be a sum of: monomials, and functions of the columns times monomials.

Terms that saturate have constants inside; each stands in the pool at several values, and the fit moves them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression import (
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Variable,
    add,
    exact,
    multiply,
    power,
)

Array = NDArray[np.float64]

# Monomials up to this degree, by the number of columns.
DEGREES = {1: 6, 2: 4, 3: 3}
LOWEST_DEGREE = 2
# Constants inside a term that saturates, as shares of the largest value of its column.
SATURATION = (0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6)
HILL = (1, 2, 3, 4, 5)
# Slopes and places of a logistic function, in units of its argument's range; directions of arguments of two columns.
# Pairs of more columns are too many.
STEEPNESS, PLACES, DIRECTIONS, MOST_LOGISTIC = (2.0, 8.0, 30.0), (-0.3, 0.1, 0.4, 0.6, 0.9, 1.3), 8, 4

Allowed = Callable[[str], bool]


@dataclass(frozen=True)
class Term:
    """A term and what naming it costs, in bits: the logarithm of the number of terms of its kind."""

    expression: Expression
    bits: float


Pool = dict[str, list[Term]]
"""The terms by kind."""


def pool(x: Array, allowed: Allowed) -> Pool:
    """The terms in the columns of x (q, d) by kind; `allowed`: may a function be used."""
    columns, found = x.shape[1], Pool()
    degrees = [list(monomials(columns, size)) for size in range(DEGREES.get(columns, LOWEST_DEGREE) + 1)]
    named = [math.log2(sum(map(len, degrees[: size + 1]))) for size in range(len(degrees))]
    found["monomials"] = [
        Term(term, bits) for bits, terms in zip(named, degrees, strict=True) for term in terms
    ]
    kinds = {"waves": waves(columns, allowed), "saturating": saturating(x), "others": others(x, allowed)}
    if allowed("exp"):
        kinds["logistic"] = logistic(x)
    for kind, terms in kinds.items():
        different = list(dict.fromkeys(terms))
        found[kind] = [Term(term, math.log2(len(different))) for term in different]
    return found


def monomials(columns: int, degree: int) -> Iterator[Expression]:
    """Products of so many columns; the constant 1 of none."""
    for chosen in combinations_with_replacement(range(columns), degree):
        yield multiply(*(Variable(i) for i in chosen)) if chosen else ONE


def waves(columns: int, allowed: Allowed) -> Iterator[Expression]:
    """Sines and cosines of a column, of a multiple, of sums and differences of two; times columns and each other."""
    names = [name for name in ("sin", "cos") if allowed(name)]
    single: list[tuple[int, Expression]] = []
    for i, name in product(range(columns), names):
        single.append((i, Call(name, Variable(i))))
        yield single[-1][1]
        yield Call(name, multiply(exact(2), Variable(i)))
        yield power(single[-1][1], exact(2))
        for j in range(columns):
            yield multiply(Variable(j), single[-1][1])
    for i, j in combinations(range(columns), 2):
        for name, sign in product(names, (ONE, MINUS_ONE)):
            yield Call(name, add(Variable(i), multiply(sign, Variable(j))))
    for (i, a), (j, b) in combinations(single, 2):
        yield multiply(a, b)
        if i != j:
            yield multiply(power(a, exact(2)), b)
            yield multiply(a, power(b, exact(2)))


def saturating(x: Array) -> Iterator[Expression]:
    """xⁿ/(k + xⁿ) and 1/(k + xⁿ), also times another column: for columns of one sign, or even n."""
    columns = x.shape[1]
    for i in range(columns):
        largest = float(np.abs(x[:, i]).max())
        for n in HILL if columns == 1 else HILL[:2]:
            if largest == 0.0 or (n % 2 and float(x[:, i].min()) < 0.0):
                continue
            raised = power(Variable(i), exact(n))
            for share in SATURATION:
                below = power(add(Constant((share * largest) ** n), raised), MINUS_ONE)
                yield below
                for top in {power(Variable(i), exact(p)): None for p in (1, n)}:
                    yield multiply(top, below)
                for j in range(columns):
                    if j != i:
                        yield multiply(Variable(j), below)
                        yield multiply(Variable(j), Variable(i), below)


def others(x: Array, allowed: Allowed) -> Iterator[Expression]:
    """Logarithms, roots, inverses and exponentials of one column, where they have values."""
    for i, column in enumerate(x.T):
        v, low = Variable(i), float(column.min())
        reach = float(np.ptp(column)) or 1.0
        if low > 0.0:
            yield power(v, MINUS_ONE)
            if allowed("log"):
                yield Call("log", v)
                yield multiply(v, Call("log", v))
        if low >= 0.0 and allowed("sqrt"):
            yield power(v, exact("1/2"))
        if allowed("exp"):
            for slope in (-4.0, -1.0, 1.0):
                yield Call("exp", multiply(Constant(slope / reach), v))
                yield multiply(v, Call("exp", multiply(Constant(slope / reach), v)))


def logistic(x: Array) -> Iterator[Expression]:
    """1/(1 + c·exp(a·u)) of u = one column, or of two along several directions."""
    columns = range(x.shape[1])
    pairs = list(combinations(columns, 2)) if len(columns) <= MOST_LOGISTIC else []
    for chosen in ((i,) for i in columns):
        yield from logistic_of(x, chosen)
    for pair in pairs:
        yield from logistic_of(x, pair)


def logistic_of(x: Array, chosen: tuple[int, ...]) -> Iterator[Expression]:
    """The same of some columns."""
    turns = [(1.0,)] if len(chosen) == 1 else [
        (float(np.cos(angle)), float(np.sin(angle))) for angle in np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    ]  # fmt: skip
    for turn in turns:
        scaled = [w / (float(np.ptp(x[:, i])) or 1.0) for w, i in zip(turn, chosen, strict=True)]
        u = x[:, chosen] @ np.array(scaled)
        low, reach = float(u.min()), float(np.ptp(u)) or 1.0
        for slope, place in product(STEEPNESS, PLACES):
            inner = [
                multiply(Constant(-slope / reach * w), Variable(i))
                for w, i in zip(scaled, chosen, strict=True)
            ]
            shift = Constant(float(np.exp(np.clip(slope / reach * (low + place * reach), -300, 300))))
            yield power(add(ONE, multiply(shift, Call("exp", add(*inner)))), MINUS_ONE)
