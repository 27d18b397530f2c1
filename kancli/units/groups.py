"""Dimensionless groups: a law between n quantities of r independent dimensions is one between n − r numbers.

Buckingham, Phys. Rev. 4, 345 (1914), by the method of repeating variables: r columns whose dimensions are
independent span all others, and every other column becomes a number when it is divided by the product of their
powers that has its dimension. All choices of the r columns are tried; the one with the smallest exponents is
taken, among those whose powers exist on the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UsageError
from kancli.symbolic.expression import ONE, Constant, Expression, Variable, evaluate, exact, multiply, power
from kancli.symbolic.text.printer import render
from kancli.units.dimension import Dimension, Unit

Array = NDArray[np.float64]
Exponents = tuple[Fraction, ...]

# Choices of repeating columns that are tried.
_MOST_CHOICES = 1000
# A repeating column that changes sign costs as much as these exponents: its sign would be lost in even powers.
_SIGN = 100


@dataclass(frozen=True)
class Groups:
    """`groups`: expressions in the input columns that are plain numbers, `names` their texts.

    `scale`: the expression, in the unit of the target, by which the target is divided to become a number.
    """

    groups: tuple[Expression, ...]
    names: tuple[str, ...]
    scale: Expression
    target: str

    def values(self, x: Array) -> Array:
        """The groups (n, groups) at rows x (n, columns)."""
        if not self.groups:
            return np.empty((len(x), 0))
        return np.column_stack([evaluate(group, x) for group in self.groups])


def dimensionless(
    columns: Sequence[str], units: Sequence[Unit], target: str, target_unit: Unit, x: Array
) -> Groups:
    """Groups of the columns (by their names in formulas) on rows x (n, columns).

    Raises UsageError where no product of powers of the inputs has the target's dimension, where one does not
    exist on the data, and for units such as °C whose zero is arbitrary.
    """
    for name, unit in [*zip(columns, units, strict=True), (target, target_unit)]:
        if not unit.ratio:
            raise UsageError(
                f"--units reduce: {name} is in {unit.text}, which has no zero of its own", "give it in K"
            )
    dimensions = [unit.dimension for unit in units]
    best: tuple[tuple[float, int, float], list[Exponents], Exponents] | None = None
    reason = "no product of powers of the inputs has the dimension of the target"
    for chosen in islice(_bases(dimensions), _MOST_CHOICES):
        found = _exponents(dimensions, chosen, target_unit.dimension, x)
        if found is None:
            continue
        groups, scale = [upright(exponents, x) for exponents in found[0]], found[1]
        if not all(_exists(exponents, x) for exponents in (*groups, scale)):
            reason = "the inputs have zeros or negative values where their powers are needed"
            continue
        signs = sum(bool((x[:, i] <= 0).any()) for i in chosen)
        cost = float(sum(abs(e) for exponents in (*groups, scale) for e in exponents)) + _SIGN * signs
        fractions = sum(e.denominator > 1 for exponents in (*groups, scale) for e in exponents)
        if best is not None and (cost, fractions) > best[0][:2]:
            continue
        rank = cost, fractions, sum(_tail(exponents, x) for exponents in groups)
        if best is None or rank < best[0]:
            best = rank, groups, scale
    if best is None:
        raise UsageError(
            f"--units reduce: {reason} ({target} in {target_unit.text})",
            "a constant of the law that has a unit must be a column too; --units check does not need it",
        )
    _, groups, scale = best
    factors = [unit.factor for unit in units]
    over = _monomial(scale, factors, 1 / target_unit.factor)
    return Groups(
        tuple(_monomial(exponents, factors) for exponents in groups),
        tuple(_text(exponents, columns) for exponents in groups),
        over,
        target if scale == (Fraction(0),) * len(scale) else _quotient(target, _text(scale, columns)),
    )


def upright(exponents: Exponents, x: Array) -> Exponents:
    """A group or its inverse: the one without the long tail, v/c rather than c/v, as splines fit it better."""
    inverse = tuple(-e for e in exponents)
    if not _exists(exponents, x) or (_exists(inverse, x) and _tail(inverse, x) < _tail(exponents, x)):
        return inverse
    return exponents


def _tail(exponents: Exponents, x: Array) -> float:
    """How far the largest value lies beyond the middle one, as a logarithm."""
    with np.errstate(all="ignore"):
        logs = sum(float(e) * np.log(np.abs(x[:, i])) for i, e in enumerate(exponents) if e)
    return float(np.max(logs) - np.median(logs))


def _bases(dimensions: Sequence[Dimension]) -> Iterator[tuple[int, ...]]:
    """Sets of columns with independent dimensions that span those of all columns."""
    dimensional = [i for i, dimension in enumerate(dimensions) if dimension]
    rank = _rank([dimensions[i] for i in dimensional])
    for chosen in combinations(dimensional, rank):
        if _rank([dimensions[i] for i in chosen]) == rank:
            yield chosen


def _exponents(
    dimensions: Sequence[Dimension], chosen: Sequence[int], target: Dimension, x: Array
) -> tuple[list[Exponents], Exponents] | None:
    """Exponents (columns,) of every group, and of the product in the target's dimension; None: there is none."""
    basis = [dimensions[i] for i in chosen]
    groups = []
    for j, dimension in enumerate(dimensions):
        if j in chosen:
            continue
        solved = _solved(basis, dimension)
        assert solved is not None  # the basis spans all columns
        whole = math.lcm(*(e.denominator for e in solved)) if solved else 1
        if whole % 2 == 0 and (x[:, j] < 0).any():
            whole = 1  # an even power would lose the sign
        exponents = [Fraction(0)] * len(dimensions)
        exponents[j] = Fraction(whole)
        for i, e in zip(chosen, solved, strict=True):
            exponents[i] = -e * whole
        groups.append(tuple(exponents))
    solved = _solved(basis, target)
    if solved is None:
        return None
    scale = [Fraction(0)] * len(dimensions)
    for i, e in zip(chosen, solved, strict=True):
        scale[i] = e
    return groups, tuple(scale)


def _solved(basis: Sequence[Dimension], wanted: Dimension) -> list[Fraction] | None:
    """Exponents e with Π basisᵉ = wanted; the basis is independent. None where there are none."""
    rows = [[b.exponents[k] for b in basis] + [wanted.exponents[k]] for k in range(len(wanted.exponents))]
    pivots = _eliminated(rows, len(basis))
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    return [rows[position][-1] for position in range(len(pivots))]


def _rank(dimensions: Sequence[Dimension]) -> int:
    rows = [list(dimension.exponents) for dimension in dimensions]
    return len(_eliminated(rows, 7)) if rows else 0


def _eliminated(rows: list[list[Fraction]], columns: int) -> list[int]:
    """Gauss-Jordan elimination in place over the first `columns`; the columns of the pivots."""
    pivots: list[int] = []
    for column in range(columns):
        at = len(pivots)
        row = next((r for r in range(at, len(rows)) if rows[r][column]), None)
        if row is None:
            continue
        rows[at], rows[row] = rows[row], rows[at]
        lead = rows[at][column]
        rows[at] = [entry / lead for entry in rows[at]]
        for r in range(len(rows)):
            if r != at and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[at], strict=True)]
        pivots.append(column)
    return pivots


def _exists(exponents: Exponents, x: Array) -> bool:
    """Whether the powers are finite real numbers on every row."""
    return all(
        (e >= 0 or bool((x[:, i] != 0).all())) and (e.denominator == 1 or bool((x[:, i] >= 0).all()))
        for i, e in enumerate(exponents)
    )


def _monomial(exponents: Exponents, factors: Sequence[float], factor: float = 1.0) -> Expression:
    """Π (factorᵢ·xᵢ)^eᵢ, all factors in one exact number, as units do not change."""
    whole: Expression = ONE
    for index, e in enumerate(exponents):
        if e:
            whole = multiply(whole, power(Variable(index), exact(e)))
            factor *= factors[index] ** float(e)
    if abs(factor - 1) < 1e-12:
        return whole
    return multiply(_number(factor), whole)


def _number(value: float) -> Constant:
    simple = Fraction(value).limit_denominator(10**6)
    return exact(simple) if float(simple) == value else exact(repr(value))


def _text(exponents: Exponents, columns: Sequence[str]) -> str:
    return render(_monomial(exponents, [1.0] * len(columns)), columns)


def _quotient(target: str, scale: str) -> str:
    return f"{target}/({scale})" if any(sign in scale for sign in "*/+- ") else f"{target}/{scale}"
