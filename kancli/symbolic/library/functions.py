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
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UsageError

Array = NDArray[np.float64]


class Elementwise(Protocol):
    """f(u, p) on arrays of any shape; only a power reads the exponent p."""

    def __call__(self, u: Array, p: Array | float = 1.0, /) -> Array: ...


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


def _plain(function: Callable[[Array], Array]) -> Elementwise:
    """`function` as an Elementwise that has no exponent."""

    def elementwise(u: Array, p: Array | float = 1.0, /) -> Array:
        return function(u)

    return elementwise


def _integer_power(u: Array, n: int) -> Array:
    """u**n by multiplications: numpy's general power is some thirty times slower."""
    if n < 0:
        return 1.0 / _integer_power(u, -n)
    if n == 0:
        return np.ones_like(u)
    if n == 1:
        return u
    half = _integer_power(u, n // 2)
    return half * half if n % 2 == 0 else half * half * u


def _monomial(name: str, template: str, n: int, complexity: int) -> Function:
    return Function(
        name,
        template,
        _plain(lambda u: _integer_power(u, n)),
        _plain(lambda u: n * _integer_power(u, n - 1)),
        complexity,
        scale="fixed",
    )


def _branched(
    name: str,
    template: str,
    value: Callable[[Array], Array],
    derivative: Callable[[Array], Array],
    complexity: int,
    low: float,
) -> Function:
    """A function of u ≥ low only, in which the size of a is redundant."""

    def within(u: Array) -> Array:
        return np.where(u >= low, u, np.nan)

    return Function(
        name,
        template,
        _plain(lambda u: value(within(u))),
        _plain(lambda u: derivative(within(u))),
        complexity,
        scale="sign",
        low=low,
    )


def _smooth(
    name: str,
    template: str,
    value: Callable[[Array], Array],
    derivative: Callable[[Array], Array],
    complexity: int,
    parity: Literal[-1, 0, 1],
    bound: float = np.inf,
) -> Function:
    """A function whose a and b are both free, for |u| ≤ bound."""
    return Function(
        name, template, _plain(value), _plain(derivative), complexity, low=-bound, high=bound, parity=parity
    )


def _power_value(u: Array, p: Array | float = 1.0, /) -> Array:
    raised: Array = np.where(u >= 0.0, u, np.nan) ** p
    return raised


def _power_derivative(u: Array, p: Array | float = 1.0, /) -> Array:
    return p * _power_value(u, p - 1.0)


_BUILTIN = (
    Function("x", "u", _plain(lambda u: u), _plain(np.ones_like), 1, scale="fixed", shift="fixed"),
    _monomial("x^2", "u**2", 2, 2),
    _monomial("x^3", "u**3", 3, 3),
    _monomial("x^4", "u**4", 4, 3),
    _monomial("x^5", "u**5", 5, 4),
    _monomial("x^6", "u**6", 6, 4),
    _monomial("1/x", "1/u", -1, 2),
    _monomial("1/x^2", "1/u**2", -2, 3),
    _monomial("1/x^3", "1/u**3", -3, 3),
    _monomial("1/x^4", "1/u**4", -4, 4),
    _branched("sqrt", "sqrt(u)", np.sqrt, lambda u: 0.5 / np.sqrt(u), 2, 0.0),
    _branched("1/sqrt", "1/sqrt(u)", lambda u: 1.0 / np.sqrt(u), lambda u: -0.5 / (u * np.sqrt(u)), 3, TINY),
    Function("power", "u**p", _power_value, _power_derivative, 5, scale="sign", low=TINY),
    Function("exp", "exp(u)", _plain(np.exp), _plain(np.exp), 2, shift="fixed"),
    _branched("log", "log(u)", np.log, lambda u: 1.0 / u, 2, TINY),
    _smooth("sin", "sin(u)", np.sin, np.cos, 3, -1),
    _smooth("cos", "cos(u)", np.cos, lambda u: -np.sin(u), 3, 1),
    _smooth("tan", "tan(u)", np.tan, lambda u: 1.0 + np.tan(u) ** 2, 4, -1),
    _smooth("tanh", "tanh(u)", np.tanh, lambda u: 1.0 - np.tanh(u) ** 2, 4, -1),
    _smooth("sinh", "sinh(u)", np.sinh, np.cosh, 4, -1),
    _smooth("cosh", "cosh(u)", np.cosh, np.sinh, 4, 1),
    _smooth("arcsin", "asin(u)", np.arcsin, lambda u: 1.0 / np.sqrt(1.0 - u * u), 4, -1, bound=1.0),
    _smooth("arccos", "acos(u)", np.arccos, lambda u: -1.0 / np.sqrt(1.0 - u * u), 4, 0, bound=1.0),
    _smooth("arctan", "atan(u)", np.arctan, lambda u: 1.0 / (1.0 + u * u), 4, -1),
    _smooth("gaussian", "exp(-u**2)", lambda u: np.exp(-u * u), lambda u: -2.0 * u * np.exp(-u * u), 3, 1),
    Function("abs", "Abs(u)", _plain(np.abs), _plain(np.sign), 3, scale="fixed", parity=1),
    # Where the step lies is no parameter to follow a gradient in: it is searched among the rows.
    Function(
        "sgn",
        "sign(u)",
        _plain(np.sign),
        _plain(np.zeros_like),
        3,
        scale="fixed",
        shift="fixed",
        parity=-1,
    ),
)

BUILTIN: Mapping[str, Function] = {function.name: function for function in _BUILTIN}

# Known by name, but not in the library unless asked for: only single edges that nothing else fits are held to
# them, as on a spline's few digits they are logarithm, tanh or tan.
RARE: Mapping[str, Function] = {
    function.name: function
    for function in (
        _smooth("arcsinh", "asinh(u)", np.arcsinh, lambda u: 1.0 / np.sqrt(1.0 + u * u), 5, -1),
        _smooth("arctanh", "atanh(u)", np.arctanh, lambda u: 1.0 / (1.0 - u * u), 5, -1, bound=1.0),
    )
}

# Other spellings of the names, as people type them.
ALIASES: Mapping[str, str] = {
    "identity": "x", "linear": "x", "square": "x^2", "x**2": "x^2", "x2": "x^2", "cube": "x^3", "x**3": "x^3",
    "x**4": "x^4", "x**5": "x^5", "x**6": "x^6", "inv": "1/x", "1/x**2": "1/x^2", "1/x**3": "1/x^3",
    "1/x**4": "1/x^4", "x^0.5": "sqrt", "rsqrt": "1/sqrt", "1/sqrt(x)": "1/sqrt", "ln": "log",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "atanh": "arctanh",
    "gauss": "gaussian", "sign": "sgn", "x^p": "power",
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
    known = {**BUILTIN, **RARE, **own}
    chosen = [*BUILTIN, *own] if names is None else ["x", *(_resolve(name, known) for name in names), *own]
    left_out = {_resolve(name, known) for name in exclude}
    picked = {name: known[name] for name in chosen if name not in left_out or name == "x"}
    return tuple(sorted(picked.values(), key=lambda function: function.complexity))


def named_function(name: str, user: Mapping[str, str] | None = None) -> Function:
    """The one function that a user means by `name`: built in, another spelling, or their own.

    Raises UsageError for a name that is none of these.
    """
    known = {**BUILTIN, **RARE, **{own: user_function(own, text) for own, text in (user or {}).items()}}
    return known[_resolve(name, known)]


def function_of(name: str, definition: str | None = None) -> Function:
    """The function behind a step of an activation: a built-in name, or a user's name with its text."""
    if definition is not None:
        return user_function(name, definition)
    known = BUILTIN.get(name) or RARE.get(name)
    if known is None:
        raise UsageError(f"unknown function {name!r}", _hint(name, BUILTIN))
    return known


@lru_cache(maxsize=256)
def user_function(name: str, text: str) -> Function:
    """A function from an expression text in one variable, u or x, read by the safe parser.

    Raises UsageError when the text has another variable, or none.
    """
    from kancli.symbolic.library.user import compile_text

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
