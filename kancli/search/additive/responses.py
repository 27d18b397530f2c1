"""The functions of the target that may be a sum, and their inverses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression import HALF, MINUS_ONE, Expression, call, exact, power

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """θ, its slope dθ/dy, and the formula for y where θ(y) has one."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    back: Callable[[Expression], Expression]


SAME = Response("y", lambda y: y, np.ones_like, lambda e: e)
OTHERS = (
    Response("log(y)", np.log, lambda y: 1 / y, lambda e: call("exp", e)),
    Response("1/y", lambda y: 1 / y, lambda y: -1 / y**2, lambda e: power(e, MINUS_ONE)),
    Response("y**2", lambda y: y**2, lambda y: 2 * y, lambda e: power(e, HALF)),
    Response("sqrt(y)", np.sqrt, lambda y: 0.5 / np.sqrt(y), lambda e: power(e, exact(2))),
)


def responses(y: Array) -> Sequence[Response]:
    """Those that are monotone over the values y (n,): of values of both signs only y itself."""
    return (SAME, *OTHERS) if y.min() > 0 else (SAME,)
