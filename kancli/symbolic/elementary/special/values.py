"""What the entries share: scipy's functions, and how some languages call them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from kancli.symbolic.elementary.entry import Array, Written

_MATH = re.compile(r"\b(exp|log|sin|cos|tan|sinh|cosh|sqrt|fabs|fmin|floor|pow)\(")


@cache
def special() -> Any:
    """scipy.special, imported when one of its functions is first called: help and plain fits do without."""
    import scipy.special

    return scipy.special


def of_scipy(name: str, *before: float) -> Callable[[Array], Array]:
    """scipy's function of that name, with the arguments that come `before` u."""
    return lambda u: np.asarray(getattr(special(), name)(*before, u), dtype=np.float64)


def above(low: float, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The function, NaN below `low`, where scipy continues it."""
    return lambda u: function(np.where(u >= low, u, np.nan))


def python(scipy: str) -> Written:
    """scipy's function in the export to numpy."""
    own = f"_{scipy}"
    return Written(
        own, f"def {own}(v):\n    from scipy.special import {scipy}\n\n    return {scipy}(v)\n\n\n"
    )


def jax(name: str) -> Written:
    """JAX's function; it has fewer than scipy."""
    own = f"_{name}"
    return Written(
        own, f"def {own}(v):\n    from jax.scipy.special import {name}\n\n    return {name}(v)\n\n\n"
    )


def c_and_cpp(name: str, body: str) -> dict[str, Written | None]:
    """A function of v in C and in C++, from the `body` of the first."""
    head = f"double {name}(double v)\n{{\n"
    standard = _MATH.sub(r"std::\1(", body)
    return {
        "c": Written(name, f"static {head}{body}}}\n"),
        "c++": Written(name, f"inline {head}{standard}}}\n"),
    }
