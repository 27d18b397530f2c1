"""A few rows with the values that an export has to compute, for self-testing files.

The expected values are computed with 40 digits and then rounded, so they are not numpy's own; rows at which the
rounding of float64 alone spoils the result (1 − cos x near 0) cannot test an export and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kancli.errors import UsageError
from kancli.export.source import Source
from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
)

TOLERANCE = "1e-12"
_DIGITS = 40
_CANDIDATES = 64
# How far float64 may be from the true value at a row that is used.
_ROUNDING = 2e-14


@dataclass(frozen=True)
class Check:
    """`rows[i]` holds the inputs, `expected[i]` the value there, right to the last bit of float64."""

    rows: tuple[tuple[float, ...], ...]
    expected: tuple[float, ...]

    @property
    def table(self) -> list[tuple[float, ...]]:
        """The inputs of each row, then its expected value."""
        return [(*row, value) for row, value in zip(self.rows, self.expected, strict=True)]


def check_of(source: Source, count: int = 5) -> Check:
    """Rows drawn evenly from the ranges that the formula was fitted on; always the same ones.

    Raises UsageError where the ranges are not known or the formula is finite nowhere in them.
    """
    ranges = source.ranges
    if any(column not in ranges for column in source.columns):
        raise UsageError(
            "a self-testing file needs the ranges of the data, which are not stored here",
            "export from a version that `kan` has written",
        )
    # Four digits are enough for a row and can be read.
    drawn = np.random.default_rng(0).uniform(size=(_CANDIDATES, len(source.columns)))
    low, high = np.array([ranges[column] for column in source.columns], dtype=float).reshape(-1, 2).T
    rows = [
        [_short(*cell) for cell in zip(row, low, high, strict=True)] for row in low + drawn * (high - low)
    ]
    computed = evaluate(source.expression, np.array(rows, dtype=float).reshape(len(rows), -1))
    taken: dict[tuple[float, ...], float] = {}
    for row, value in zip(rows, computed, strict=True):
        true = _true_value(source.expression, row)
        if true is not None and np.isfinite(value) and abs(value - true) <= _ROUNDING * abs(true):
            taken[tuple(row)] = true
        if len(taken) == count:
            break
    if not taken:
        raise UsageError(
            "no row in the ranges of the data has a value that float64 can reproduce to this accuracy",
            "export without --with-test",
        )
    return Check(tuple(taken), tuple(taken.values()))


def _short(value: float, low: float, high: float) -> float:
    short = float(f"{value:.4g}")
    return short if low <= short <= high else float(value)


def _true_value(expression: Expression, row: Sequence[float]) -> float | None:
    """The float64 number nearest to the true value; None where that is not a finite real number."""
    from mpmath import mp

    with mp.workdps(_DIGITS):
        try:
            value = float(_value(expression, row, mp))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return None
    return value if np.isfinite(value) else None


def _value(node: Expression, row: Sequence[float], mp: Any) -> Any:
    match node:
        case Variable(index):
            return mp.mpf(row[index])
        case Constant(value, None):
            return mp.mpf(value)
        case Constant(_, text):
            return _exact(str(text), mp)
        case Sum(terms):
            return mp.fsum(_value(term, row, mp) for term in terms)
        case Product(factors):
            return mp.fprod(_value(factor, row, mp) for factor in factors)
        case Power(base, exponent):
            return _real(mp.power(_value(base, row, mp), _value(exponent, row, mp)))
        case Call(function, argument):
            inside = _value(argument, row, mp)
            return _real(FUNCTIONS[function].by_mpmath(mp, inside))
    raise AssertionError(node)


def _exact(text: str, mp: Any) -> Any:
    from kancli.symbolic.expression.exact import Exact

    number = Exact.parse(text)
    rational = mp.mpf(number.rational.numerator) / number.rational.denominator
    pi_exponent = mp.mpf(number.pi.numerator) / number.pi.denominator
    e_exponent = mp.mpf(number.e.numerator) / number.e.denominator
    return rational * mp.pi**pi_exponent * mp.exp(e_exponent) * mp.sqrt(number.root)


def _real(value: Any) -> Any:
    """Raises ValueError for a value off the real line, which is nan in every export."""
    if getattr(value, "imag", 0) != 0:
        raise ValueError("not real")
    return value.real
