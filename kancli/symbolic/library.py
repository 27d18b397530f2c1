"""The elementary functions that an edge may turn out to be.

A function f is used as c·f(a·x + b) + d. For most functions one or two of these four are redundant (the
size of a in (a·x)² only changes c); `scale` and `shift` say what is left to fit, so that the parameters of
an activation are always independent of each other.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UsageError

Array = NDArray[np.float64]
Elementwise = Callable[[Array, Array | float], Array]


@dataclass(frozen=True)
class Function:
    """One function of one variable u.

    `value(u, p)` and `derivative(u, p)` work elementwise on arrays of any shape and give NaN outside the
    domain; only "power" reads the exponent p (a number, or an array that broadcasts against u).
    `scale`: is a in f(a·u + b) free, redundant up to its sign, or redundant altogether;
    `shift`: is b free. `low` and `high` bound the domain; `parity` is 1 for even and -1 for odd functions
    (so that a > 0 can be asked for); `definition` is the text of a user's function.
    """

    name: str
    template: str
    value: Elementwise
    derivative: Elementwise
    complexity: int
    scale: Literal["free", "sign", "fixed"] = "free"
    shift: Literal["free", "fixed"] = "free"
    low: float = -np.inf
    high: float = np.inf
    parity: Literal[-1, 0, 1] = 0
    definition: str | None = None

    def inside(self, u: Array) -> NDArray[np.bool_]:
        """Which elements of u lie in the domain."""
        return (u >= self.low) & (u <= self.high)


# The smallest argument at which u**-6 is still a number: clamping to it keeps log and 1/sqrt finite.
TINY = 1e-50


def _power(p: int) -> Elementwise:
    """u**p by multiplications: numpy's general power is some thirty times slower."""

    def value(u: Array, _: Array | float = 0.0) -> Array:
        if p < 0:
            return np.asarray(1.0 / value_of(u, -p))
        return value_of(u, p)

    def value_of(u: Array, n: int) -> Array:
        if n == 0:
            return np.ones_like(u)
        half = value_of(u, n // 2) if n > 1 else u
        return half if n == 1 else half * half if n % 2 == 0 else half * half * u

    return value


def _monomial(name: str, template: str, p: int, complexity: int) -> Function:
    lower = _power(p - 1)
    return Function(name, template, _power(p), lambda u, _=0.0: p * lower(u), complexity, scale="fixed")


def _bounded(function: Callable[[Array], Array], low: float) -> Elementwise:
    """`function` with NaN, never a complex number or a warning, for u < low."""
    return lambda u, _=0.0: function(np.where(u >= low, u, np.nan))


_BUILTIN = (
    Function("x", "u", lambda u, _=0.0: u, lambda u, _=0.0: np.ones_like(u), 1, "fixed", "fixed"),
    _monomial("x^2", "u**2", 2, 2),
    _monomial("x^3", "u**3", 3, 3),
    _monomial("x^4", "u**4", 4, 3),
    _monomial("x^5", "u**5", 5, 4),
    _monomial("x^6", "u**6", 6, 4),
    _monomial("1/x", "1/u", -1, 2),
    _monomial("1/x^2", "1/u**2", -2, 3),
    _monomial("1/x^3", "1/u**3", -3, 4),
    _monomial("1/x^4", "1/u**4", -4, 4),
    Function(
        "sqrt",
        "sqrt(u)",
        _bounded(np.sqrt, 0.0),
        lambda u, _=0.0: 0.5 / np.sqrt(np.where(u >= 0.0, u, np.nan)),
        2,
        scale="sign",
        low=0.0,
    ),
    Function(
        "1/sqrt",
        "1/sqrt(u)",
        lambda u, _=0.0: 1.0 / np.sqrt(np.where(u >= TINY, u, np.nan)),
        lambda u, _=0.0: -0.5 / (u * np.sqrt(np.where(u >= TINY, u, np.nan))),
        3,
        scale="sign",
        low=TINY,
    ),
    Function(
        "power",
        "u**p",
        lambda u, p=1.0: np.where(u >= 0, u, np.nan) ** p,
        lambda u, p=1.0: p * np.where(u >= 0, u, np.nan) ** (p - 1.0),
        4,
        scale="sign",
        low=TINY,
    ),
    Function("exp", "exp(u)", lambda u, _=0.0: np.exp(u), lambda u, _=0.0: np.exp(u), 2, shift="fixed"),
    Function(
        "log",
        "log(u)",
        _bounded(np.log, TINY),
        lambda u, _=0.0: 1.0 / np.where(u >= TINY, u, np.nan),
        2,
        scale="sign",
        low=TINY,
    ),
    Function("sin", "sin(u)", lambda u, _=0.0: np.sin(u), lambda u, _=0.0: np.cos(u), 3, parity=-1),
    Function("cos", "cos(u)", lambda u, _=0.0: np.cos(u), lambda u, _=0.0: -np.sin(u), 3, parity=1),
    Function(
        "tan", "tan(u)", lambda u, _=0.0: np.tan(u), lambda u, _=0.0: 1.0 + np.tan(u) ** 2, 4, parity=-1
    ),
    Function(
        "tanh", "tanh(u)", lambda u, _=0.0: np.tanh(u), lambda u, _=0.0: 1.0 / np.cosh(u) ** 2, 4, parity=-1
    ),
    Function("sinh", "sinh(u)", lambda u, _=0.0: np.sinh(u), lambda u, _=0.0: np.cosh(u), 4, parity=-1),
    Function("cosh", "cosh(u)", lambda u, _=0.0: np.cosh(u), lambda u, _=0.0: np.sinh(u), 4, parity=1),
    Function(
        "arcsin",
        "asin(u)",
        lambda u, _=0.0: np.arcsin(u),
        lambda u, _=0.0: 1.0 / np.sqrt(1.0 - u * u),
        4,
        low=-1.0,
        high=1.0,
        parity=-1,
    ),
    Function(
        "arccos",
        "acos(u)",
        lambda u, _=0.0: np.arccos(u),
        lambda u, _=0.0: -1.0 / np.sqrt(1.0 - u * u),
        4,
        low=-1.0,
        high=1.0,
    ),
    Function(
        "arctan", "atan(u)", lambda u, _=0.0: np.arctan(u), lambda u, _=0.0: 1.0 / (1.0 + u * u), 4, parity=-1
    ),
    Function(
        "gaussian",
        "exp(-u**2)",
        lambda u, _=0.0: np.exp(-u * u),
        lambda u, _=0.0: -2.0 * u * np.exp(-u * u),
        4,
        parity=1,
    ),
    Function("abs", "Abs(u)", lambda u, _=0.0: np.abs(u), lambda u, _=0.0: np.sign(u), 3, scale="fixed"),
    Function(
        "sgn", "sign(u)", lambda u, _=0.0: np.sign(u), lambda u, _=0.0: np.zeros_like(u), 3, scale="fixed"
    ),
)

BUILTIN: Mapping[str, Function] = {function.name: function for function in _BUILTIN}

# Other spellings of the names, as people type them.
ALIASES: Mapping[str, str] = {
    "identity": "x", "linear": "x", "square": "x^2", "x**2": "x^2", "x2": "x^2", "cube": "x^3", "x**3": "x^3",
    "x**4": "x^4", "x**5": "x^5", "x**6": "x^6", "inv": "1/x", "1/x**2": "1/x^2", "1/x**3": "1/x^3",
    "1/x**4": "1/x^4", "x^0.5": "sqrt", "rsqrt": "1/sqrt", "1/sqrt(x)": "1/sqrt", "ln": "log",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "gauss": "gaussian", "sign": "sgn", "x^p": "power",
}  # fmt: skip


def library(
    names: Sequence[str] | None = None, exclude: Sequence[str] = (), user: Mapping[str, str] | None = None
) -> tuple[Function, ...]:
    """The functions to try, simplest first.

    `names` (default: all) and `exclude` pick from the built-in functions and from `user`, a map from a name
    to an expression text in u or x. The identity "x" is always among them: a straight edge is no choice of
    taste. Raises UsageError for a name that is neither.
    """
    user = user or {}
    own = {name: user_function(name, text) for name, text in user.items()}
    known = {**BUILTIN, **own}
    chosen = list(known) if names is None else ["x", *(_resolve(name, known) for name in names), *own]
    left_out = {_resolve(name, known) for name in exclude}
    picked = {name: known[name] for name in chosen if name not in left_out or name == "x"}
    return tuple(sorted(picked.values(), key=lambda function: function.complexity))


def function_of(name: str, definition: str | None = None) -> Function:
    """The function behind a step of an activation: a built-in name, or a user's name with its text."""
    if definition is not None:
        return user_function(name, definition)
    if name not in BUILTIN:
        raise UsageError(f"unknown function {name!r}", _hint(name, BUILTIN))
    return BUILTIN[name]


@lru_cache(maxsize=256)
def user_function(name: str, text: str) -> Function:
    """A function from an expression text in one variable, u or x, read by the safe parser.

    Raises UsageError when the text has another variable, or none.
    """
    from kancli.symbolic.edge_user import compile_text

    value, derivative, complexity = compile_text(name, text)
    return Function(name, text, value, derivative, complexity, parity=_parity(value), definition=text)


def _parity(value: Elementwise) -> Literal[-1, 0, 1]:
    """Whether a function is even or odd, by its values at some points of several sizes."""
    u = np.array([0.037, 0.31, 0.77, 1.3, 2.9, 7.1])
    with np.errstate(all="ignore"):
        right, left = value(u, 1.0), value(-u, 1.0)
    if np.allclose(left, right, rtol=1e-12, atol=0.0):
        return 1
    return -1 if np.allclose(left, -right, rtol=1e-12, atol=0.0) else 0


def _resolve(name: str, known: Mapping[str, Function]) -> str:
    if name in known:
        return name
    if name in ALIASES:
        return ALIASES[name]
    raise UsageError(f"unknown function {name!r}", _hint(name, known))


def _hint(name: str, known: Mapping[str, Function]) -> str:
    close = difflib.get_close_matches(name, [*known, *ALIASES], n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"the library has {', '.join(known)}"
