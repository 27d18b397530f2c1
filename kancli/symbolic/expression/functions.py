"""The elementary functions a `Call` may name: values, derivatives, parity and inverses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Elementary:
    """value(u), and derivative(u, value(u)): many derivatives are cheap in terms of the value."""

    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    parity: Literal["odd", "even", None] = None


FUNCTIONS: dict[str, Elementary] = {
    "exp": Elementary(np.exp, lambda u, v: v),
    "log": Elementary(np.log, lambda u, v: 1 / u),
    "sin": Elementary(np.sin, lambda u, v: np.cos(u), "odd"),
    "cos": Elementary(np.cos, lambda u, v: -np.sin(u), "even"),
    "tan": Elementary(np.tan, lambda u, v: 1 + v * v, "odd"),
    "sinh": Elementary(np.sinh, lambda u, v: np.cosh(u), "odd"),
    "cosh": Elementary(np.cosh, lambda u, v: np.sinh(u), "even"),
    "tanh": Elementary(np.tanh, lambda u, v: 1 - v * v, "odd"),
    "asin": Elementary(np.arcsin, lambda u, v: 1 / np.sqrt((1 - u) * (1 + u)), "odd"),
    "acos": Elementary(np.arccos, lambda u, v: -1 / np.sqrt((1 - u) * (1 + u))),
    "atan": Elementary(np.arctan, lambda u, v: 1 / (1 + u * u), "odd"),
    "asinh": Elementary(np.arcsinh, lambda u, v: 1 / np.sqrt(1 + u * u), "odd"),
    "acosh": Elementary(np.arccosh, lambda u, v: 1 / np.sqrt((u - 1) * (u + 1))),
    "atanh": Elementary(np.arctanh, lambda u, v: 1 / ((1 - u) * (1 + u)), "odd"),
    "abs": Elementary(np.abs, lambda u, v: np.sign(u), "even"),
    "sign": Elementary(np.sign, lambda u, v: np.zeros_like(u), "odd"),
}

# f(g(u)) = u wherever the left side is defined.
CANCELS: dict[tuple[str, str], bool] = {
    ("exp", "log"): True,
    ("log", "exp"): True,
    ("sin", "asin"): True,
    ("cos", "acos"): True,
    ("tan", "atan"): True,
    ("sinh", "asinh"): True,
    ("asinh", "sinh"): True,
    ("cosh", "acosh"): True,
    ("tanh", "atanh"): True,
    ("atanh", "tanh"): True,
}
