"""Functions of the target in which a law may be simpler: powers, and what undoes a function of the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import HALF, MINUS_ONE, Expression, call, exact, power
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]

# y must come back from f(y) to this share of its size.
SAME = 1e-9


@dataclass(frozen=True)
class Response:
    """f with its slope, both elementwise, and the formula for y where f(y) has one."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    back: Callable[[Expression], Expression]


ITSELF = Response("y", lambda y: y, np.ones_like, lambda e: e)
POWERS = (
    Response("y**2", lambda y: y**2, lambda y: 2 * y, lambda e: power(e, HALF)),
    Response("1/y", lambda y: 1 / y, lambda y: -1 / y**2, lambda e: power(e, MINUS_ONE)),
    Response("sqrt(y)", np.sqrt, lambda y: 0.5 / np.sqrt(y), lambda e: power(e, exact(2))),
)


def responses(y: Array, options: FitOptions) -> dict[str, Response]:
    """Those on whose branch all of y (n,) lies, by name: y itself, powers, then what undoes the functions of the
    library."""
    several = [ITSELF, *(POWERS if y.min() > 0 else ())]
    wanted = {f.name for f in library(options.lib, options.exclude, options.functions)}
    for entry in FUNCTIONS.values():
        other = FUNCTIONS.get(entry.undoes)
        if other is None or other.library_name not in wanted:
            continue
        with np.errstate(all="ignore"):
            again = other.value(entry.value(np.where((y >= entry.low) & (y <= entry.high), y, np.nan)))
        if np.isfinite(again).all() and np.max(np.abs(again - y)) <= SAME * np.max(np.abs(y)):
            several.append(undoing(entry.name, other.name))
    return {one.name: one for one in several}


def undoing(function: str, other: str) -> Response:
    """The function of the table that undoes another one."""
    entry = FUNCTIONS[function]
    return Response(
        f"{function}(y)",
        entry.value,
        lambda y: entry.derivative(y, entry.value(y)),
        lambda e: call(other, e),
    )
