"""The functions of the library that a formula writes with powers and other functions: x^2, 1/sqrt, gaussian."""

from __future__ import annotations

import numpy as np

from kancli.symbolic.elementary import TINY, Array
from kancli.symbolic.library.function import Function, plain, plain_slope, within


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


def _monomial(n: int, complexity: int, aliases: tuple[str, ...] = ()) -> Function:
    """u**n. Of those beyond 1/u² and u⁴, few are ever seen inside or beside another function."""
    high = n > 4 or n < -2
    power = f"x^{abs(n)}" if abs(n) > 1 else "x"
    name = power if n > 0 else f"1/{power}"
    return Function(
        name=name,
        template=name.replace("x", "u").replace("^", "**"),
        value=plain(lambda u: _integer_power(u, n)),
        derivative=plain_slope(lambda u, v: n * _integer_power(u, n - 1)),
        complexity=complexity,
        scale="fixed",
        at_zero="smooth" if n > 0 else "pole",
        degree=float(n),
        worth_adding=not high,
        worth_nesting=not high,
        worth_multiplying=-4 < n <= 4,
        trivial_over=("1/x",) if n == -1 else (),
        aliases=aliases,
    )


def _power_value(u: Array, p: Array | float = 1.0, /) -> Array:
    raised: Array = np.where(u >= 0.0, u, np.nan) ** p
    return raised


def _power_derivative(u: Array, v: Array, p: Array | float = 1.0, /) -> Array:
    return p * _power_value(u, p - 1.0)


POWERS = (
    Function(
        name="x",
        template="u",
        value=plain(lambda u: u),
        derivative=plain_slope(lambda u, v: np.ones_like(u)),
        complexity=1,
        scale="fixed",
        shift="fixed",
        degree=1.0,
        worth_nesting=False,
        aliases=("identity", "linear"),
    ),
    _monomial(2, 2, ("square", "x**2", "x2")),
    _monomial(3, 3, ("cube", "x**3")),
    _monomial(4, 3, ("x**4",)),
    _monomial(5, 4, ("x**5",)),
    _monomial(6, 4, ("x**6",)),
    _monomial(-1, 2, ("inv",)),
    _monomial(-2, 3, ("1/x**2",)),
    _monomial(-3, 3, ("1/x**3",)),
    _monomial(-4, 4, ("1/x**4",)),
    Function(
        name="sqrt",
        template="sqrt(u)",
        value=plain(within(np.sqrt, 0.0)),
        derivative=plain_slope(lambda u, v: 0.5 / v),
        complexity=2,
        scale="sign",
        low=0.0,
        at_zero="branch",
        degree=0.5,
        aliases=("x^0.5",),
    ),
    Function(
        name="1/sqrt",
        template="1/sqrt(u)",
        value=plain(within(lambda u: 1.0 / np.sqrt(u), TINY)),
        derivative=plain_slope(
            lambda u, v: within(lambda inside: -0.5 / (inside * np.sqrt(inside)), TINY)(u)
        ),
        complexity=3,
        scale="sign",
        low=TINY,
        at_zero="branch",
        degree=-0.5,
        aliases=("rsqrt", "1/sqrt(x)"),
    ),
    Function(
        name="power",
        template="u**p",
        value=_power_value,
        derivative=_power_derivative,
        complexity=5,
        scale="sign",
        low=TINY,
        at_zero="branch",
        has_exponent=True,
        worth_adding=False,
        worth_nesting=False,
        worth_multiplying=False,
        aliases=("x^p",),
    ),
)

GAUSSIAN = Function(
    name="gaussian",
    template="exp(-u**2)",
    value=plain(lambda u: np.exp(-u * u)),
    derivative=plain_slope(lambda u, v: -2.0 * u * v),
    complexity=3,
    parity=1,
    remote=5.0,
    dense_starts=True,
    aliases=("gauss",),
)


def _langevin_over(u: Array) -> Array:
    """L(u)/u by its continued fraction, 1/(3 + u²/(5 + u²/(7 + …))), exact to rounding for |u| < 3."""
    square = np.minimum(u * u, 9.0)
    below = np.full_like(square, 31.0)
    for odd in range(29, 1, -2):
        below = odd + square / below
    return np.asarray(1.0 / below)


def _langevin(u: Array) -> Array:
    near = np.abs(u) < 3.0
    far = np.where(near, 3.0, u)
    return np.where(near, u * _langevin_over(u), 1.0 / np.tanh(far) - 1.0 / far)


def _langevin_slope(u: Array, v: Array) -> Array:
    """1 − L² − 2·L/u, as coth = L + 1/u."""
    near = np.abs(u) < 3.0
    over = np.where(near, _langevin_over(u), v / np.where(near, 1.0, u))
    return np.asarray(1.0 - v * v - 2.0 * over)


# The magnetisation of a paramagnet; on a spline's few digits it is tanh or arctan.
LANGEVIN = Function(
    name="langevin",
    template="1/tanh(u) - 1/u",
    value=plain(_langevin),
    derivative=plain_slope(_langevin_slope),
    complexity=5,
    parity=-1,
    saturates=True,
    remote=30.0,
    dense_starts=True,
    worth_adding=False,
    worth_multiplying=False,
    worth_nesting=False,
    tried="named",
    aliases=("Langevin",),
)
