"""Which sign a part of an expression has on the data: what opens √u², log uᵖ and (u·v)^p."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import Call, Constant, Expression, Power, Product, Sum, integer_of

_ROWS = 4096
_ROUNDING = 1e-14


class Signs:
    """Answers for one table; without one, only what follows from the structure alone."""

    def __init__(self, x: NDArray[np.float64] | None = None) -> None:
        self._x = x
        if x is not None and len(x) > _ROWS:
            # Evenly spaced rows and the rows of each column's extremes, where signs change first.
            rows = np.concatenate([np.linspace(0, len(x) - 1, _ROWS).astype(int), x.argmin(0), x.argmax(0)])
            self._x = x[np.unique(rows)]
        self._known: dict[Expression, int] = {}

    def of(self, node: Expression) -> int:
        """1 where positive on every row, −1 where negative on every row, else 0."""
        if node not in self._known:
            structural = _structural(node)
            self._known[node] = (
                self._measured(node) if structural == 0 and self._x is not None else structural
            )
        return self._known[node]

    def side(self, node: Expression) -> int:
        """The same where 0 on some row does not matter, nor what is but rounding beside the other values."""
        known = self.of(node)
        bounds = None if known else self.range(node)
        if bounds is None:
            return known
        low, high = bounds
        none = _ROUNDING * max(abs(low), abs(high))
        return 1 if low >= -none else -1 if high <= none else 0

    def positive(self, node: Expression) -> bool:
        return self.of(node) > 0

    def range(self, node: Expression) -> tuple[float, float] | None:
        """Least and greatest value on the data, None without data or where not finite."""
        if self._x is None or not len(self._x):
            return None
        values = evaluate(node, self._x)
        if not np.all(np.isfinite(values)):
            return None
        return float(values.min()), float(values.max())

    def _measured(self, node: Expression) -> int:
        bounds = self.range(node)
        if bounds is None:
            return 0
        low, high = bounds
        return 1 if low > 0 else -1 if high < 0 else 0


def _structural(node: Expression) -> int:
    match node:
        case Constant(value, _):
            return 1 if value > 0 else -1 if value < 0 else 0
        case Call(function, _) if FUNCTIONS[function].sign == "positive":
            return 1
        case Power(base, exponent):
            if _structural(base) > 0:
                return 1
            whole = integer_of(exponent)
            return 1 if whole is None and _structural(exponent) < 0 else 0
        case Product(factors):
            product = 1
            for factor in factors:
                product *= _structural(factor)
            return product
        case Sum(terms):
            signs = {_structural(term) for term in terms}
            return signs.pop() if len(signs) == 1 else 0
    return 0
