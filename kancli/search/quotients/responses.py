"""What of the target may be a quotient: itself, its square, and f(y) for every function f that undoes another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import HALF, Expression, call, power
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]

# y must come back from f(y) to this share of its size.
SAME = 1e-9


@dataclass(frozen=True)
class Response:
    """`target` (n,) is f(y); `undo` is the function g with y = g(f(y)), "" for none and "sqrt" for the root."""

    target: Array
    undo: str

    def back(self, inner: Expression) -> Expression:
        """The formula for y where f(y) has one."""
        if not self.undo:
            return inner
        return power(inner, HALF) if self.undo == "sqrt" else call(self.undo, inner)


def responses(y: Array, options: FitOptions) -> Iterator[Response]:
    """y (n,) itself; then what undoes the functions of the library, on whose branch all of y lies."""
    yield Response(y, "")
    if y.min() > 0:
        yield Response(y**2, "sqrt")
    wanted = {f.name for f in library(options.lib, options.exclude, options.functions)}
    for entry in FUNCTIONS.values():
        other = FUNCTIONS.get(entry.undoes)
        if other is None or other.library_name not in wanted:
            continue
        with np.errstate(all="ignore"):
            target = entry.value(np.where((y >= entry.low) & (y <= entry.high), y, np.nan))
            again = other.value(target)
        if np.isfinite(again).all() and np.max(np.abs(again - y)) <= SAME * np.max(np.abs(y)):
            yield Response(target, other.name)
