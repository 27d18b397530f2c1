"""The sum of squares of a fit that leaves little more than rounding, from the digits of the table.

A value such as 2.5134 is no float64; where residuals are of the size of the difference, its square sums are wrong in
their third digit, and standard errors with them. The shortest text of the float64 is what the table said.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import Call, Constant, Expression, Power, Product, Sum, Variable

Array = NDArray[np.float64]

# Residuals below this share of the largest value are computed with so many digits, if the rows are not more.
SMALL, DIGITS, ROWS = 1e-10, 40, 1000


def squares(expression: Expression, x: Array, y: Array, weight: Array | None, sse: float) -> float:
    """Σ w·(y − f)², `sse` where float64 computes it well enough; x (n, inputs), y and weight (n,)."""
    largest = float(np.max(np.abs(y), initial=0.0))
    if not len(y) or len(y) > ROWS or not math.isfinite(sse) or sse > len(y) * (SMALL * largest) ** 2:
        return sse
    import mpmath

    with mpmath.workdps(DIGITS):
        total = mpmath.mpf(0)
        for k, (row, target) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            values = [mpmath.mpf(repr(value)) for value in row]
            left = mpmath.mpf(repr(target)) - _value(mpmath, expression, values)
            total += (1.0 if weight is None else float(weight[k])) * abs(left) ** 2
        return float(total)


def _value(mp: Any, node: Expression, row: list[Any]) -> Any:
    match node:
        case Variable(index):
            return row[index]
        case Constant(value, exact):
            return mp.mpf(value) if exact is None else _exact(mp, Exact.parse(exact))
        case Sum(terms):
            return mp.fsum(_value(mp, term, row) for term in terms)
        case Product(factors):
            return mp.fprod(_value(mp, factor, row) for factor in factors)
        case Power(base, exponent):
            return mp.power(_value(mp, base, row), _value(mp, exponent, row))
        case Call(function, argument):
            return FUNCTIONS[function].by_mpmath(mp, _value(mp, argument, row))
    raise TypeError(f"not an expression: {node!r}")


def _exact(mp: Any, number: Exact) -> Any:
    rational, pi, e = (mp.mpf(q.numerator) / q.denominator for q in (number.rational, number.pi, number.e))
    return rational * mp.pi**pi * mp.exp(e) * mp.sqrt(number.root)
