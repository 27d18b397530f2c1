"""Functions of one input with up to two constants inside: what the sides of a product are read as.

They are made of the functions of the library: f(a·g), f(1 + a·g) and f(a·(x − b)) for elementary g of the input, and
powers with a free exponent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import (
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Variable,
    add,
    exact,
    multiply,
    negate,
    power,
)
from kancli.symbolic.library.functions import library

Array = NDArray[np.float64]
Inner = Literal["x", "|x|", "x^2", "x^3", "x^4", "1/x", "sqrt", "log", "log(1+x)"]
How = Literal["scaled", "beside", "shifted", "wave", "power", "odd power", "plain"]
"""f(a·g); f(1 + a·g); f(a·(g − b)); sin(a·g + b); |x|^p; sign(x)·|x|^p; f(g)."""

# Sizes of a·g at its largest from which a search starts.
STEEP = (0.3, 1.0, 3.0, 10.0, 30.0)
# The same beside 1, where g is not negative; and as shares of what makes the sum vanish, where it may.
BESIDE, SHARES = (0.1, 0.5, 2.0, 10.0, 60.0), (-0.9, -0.5, -0.2, 0.2, 0.5, 0.9)
# Places of a shifted function, as shares of the input's range, and its widths over that.
PLACES, WIDTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (0.1, 0.25, 0.7)
# Quarter periods over the range of an argument from which a wave is searched; of the input itself up to a period per
# so many rows.
QUARTERS = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
FINER, ROWS_EACH, MOST_WAVES = 0.9, 6, 200
EXPONENTS = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.2, 1 / 3, 0.5, 2 / 3, 1.5, 2.5, 3.5)
ON_BOTH_SIDES = (1.0, 2.0, 3.0)
# Powers of 1 + a·g; the inner functions of each kind.
POLES: tuple[Inner, ...] = ("x", "|x|", "x^2", "x^3", "x^4")
ROOTS: tuple[Inner, ...] = ("x", "|x|", "x^2")
DEGREES = (-1.0, -2.0, 0.5, -0.5)
GAUSSIAN = "gaussian"
# Bounds of what is fitted: exponents, shifts in units of the range, a·g.
MOST_EXPONENT, FARTHEST, LEAST_SPAN, LEAST_SIZE, MOST_SIZE = 6.0, 1.5, 0.3, 3e-3, 300.0


@dataclass(frozen=True)
class Kind:
    """A function `outer` of the table, or a power with the exponent `degree`, of an inner function."""

    how: How
    outer: str
    inner: Inner = "x"
    degree: float = 1.0

    @property
    def constants(self) -> int:
        """How many constants it has inside."""
        return 0 if self.how == "plain" else 2 if self.how in ("wave", "shifted") else 1

    def values(self, x: Array, theta: Array) -> Array:
        """Its values for each of several constants theta (m, p) at x (n,); (n, m)."""
        if self.how in ("power", "odd power"):
            raised = np.abs(x)[:, None] ** theta[:, 0]
            return raised if self.how == "power" else np.sign(x)[:, None] * raised
        g = inner_values(self.inner, x)[:, None]
        if self.how == "plain":
            return np.broadcast_to(self.of(g), (len(x), len(theta)))
        if self.how == "wave":
            return self.of(g * theta[:, 0] + theta[:, 1])
        if self.how == "beside":
            return self.of(1 + g * theta[:, 0])
        inside = theta[:, 0] * (g - theta[:, 1]) if self.how == "shifted" else theta[:, 0] * g
        found: Array = self.of(inside)
        return found

    def moved(self, theta: Array, step: Array) -> Array:
        """Constants (m, p) after a step (m, p) in their own units: scales by a factor, shifts by their widths."""
        if self.how in ("power", "odd power", "plain"):
            return theta + step
        a = theta[:, :1] * np.exp(step[:, :1])
        if self.how == "wave":
            return np.concatenate([a, theta[:, 1:] + step[:, 1:]], axis=1)
        return np.concatenate([a, theta[:, 1:] + step[:, 1:] / theta[:, :1]], axis=1)

    def within(self, x: Array, theta: Array) -> NDArray[np.bool_]:
        """Which constants (m, p) are not so small that the function is a polynomial, nor beyond what rows tell."""
        if self.how == "plain":
            return np.ones(len(theta), dtype=bool)
        if self.how in ("power", "odd power"):
            return np.abs(theta[:, 0]) <= MOST_EXPONENT
        g = inner_values(self.inner, x)
        size = np.abs(theta[:, 0]) * float(np.abs(g).max())
        if self.how in ("wave", "shifted"):
            size = np.abs(theta[:, 0]) * float(np.ptp(g))
            near = True if self.how == "wave" else np.abs(theta[:, 1] - g.mean()) <= FARTHEST * np.ptp(g)
            return (size >= LEAST_SPAN) & (size <= len(x)) & near
        return (size >= LEAST_SIZE) & (size <= MOST_SIZE)

    def of(self, u: Array) -> Array:
        """The outer function."""
        if self.outer == GAUSSIAN:
            bell: Array = np.exp(-u * u)
            return bell
        value: Array = FUNCTIONS[self.outer].value(u) if self.outer else positive(u) ** self.degree
        return value

    def expression(self, i: int, theta: Sequence[float], negative: bool) -> Expression:
        """The formula for input i, which has values below 0 or not."""
        own: Expression = Variable(i)
        size = Call("abs", own) if negative else own
        if self.how in ("power", "odd power"):
            raised = power(size, Constant(theta[0]))
            return multiply(Call("sign", own), raised) if self.how == "odd power" and negative else raised
        g = inner_expression(self.inner, own, size)
        if self.how == "plain":
            return self.written(g)
        scaled = multiply(Constant(theta[0]), g)
        if self.how == "wave":
            return self.written(add(scaled, Constant(theta[1])))
        if self.how == "beside":
            return self.written(add(ONE, scaled))
        if self.how == "shifted":
            scaled = add(scaled, Constant(-theta[0] * theta[1]))
        return self.written(scaled)

    def written(self, u: Expression) -> Expression:
        """The outer function as a formula."""
        if self.outer == GAUSSIAN:
            return Call("exp", negate(power(u, exact(2))))
        return Call(self.outer, u) if self.outer else power(u, exact(Fraction(self.degree)))


def positive(u: Array) -> Array:
    """u where it is positive, else not a number."""
    return np.where(u > 0, u, np.nan)


def inner_values(inner: Inner, x: Array) -> Array:
    """The inner function at x (n,)."""
    found: Array
    match inner:
        case "x":
            found = x
        case "|x|":
            found = np.abs(x)
        case "x^2" | "x^3" | "x^4":
            found = x ** int(inner[-1])
        case "1/x":
            found = 1 / x
        case "sqrt":
            found = np.sqrt(np.abs(x))
        case "log":
            found = np.log(np.abs(x))
        case _:
            found = np.log(1 + np.abs(x))
    return found


def inner_expression(inner: Inner, own: Expression, size: Expression) -> Expression:
    """The same as a formula; `size` is the absolute value of `own`."""
    match inner:
        case "x":
            return own
        case "|x|":
            return size
        case "x^2" | "x^3" | "x^4":
            return power(own, exact(int(inner[-1])))
        case "1/x":
            return power(own, MINUS_ONE)
        case "sqrt":
            return power(size, exact("1/2"))
        case "log":
            return Call("log", size)
    return Call("log", add(ONE, size))


@dataclass(frozen=True)
class Atoms:
    """Atoms of one kind at several constants theta (m, p)."""

    kind: Kind
    theta: Array


@lru_cache(maxsize=8)
def kinds(names: frozenset[str]) -> tuple[Kind, ...]:
    """The kinds that functions of the library with these names allow."""
    found: list[Kind] = []
    for entry in FUNCTIONS.values():
        traits = entry.traits
        if (
            traits is None
            or entry.library_name not in names
            or traits.is_broken
            or not traits.worth_multiplying
        ):
            continue
        if traits.wave is not None:
            if not traits.twin:
                found += [Kind("wave", entry.name)]
            found += [Kind("scaled", entry.name, g) for g in ("x", "x^2", "sqrt", "log", "log(1+x)", "1/x")]
        elif traits.at_zero == "branch":
            found += [Kind("plain", entry.name, "|x|")]
            found += [Kind("beside", entry.name, g) for g in ("x", "|x|", "x^2")]
        elif traits.saturates:
            found += [Kind("shifted", entry.name, "x"), Kind("scaled", entry.name, "x^2")]
        else:
            found += [Kind("scaled", entry.name, g) for g in ("x", "|x|", "x^2", "1/x", "sqrt")]
    if GAUSSIAN in names:
        found += [Kind("shifted", GAUSSIAN, "x")]
    if "power" in names:
        found += [Kind("power", ""), Kind("odd power", "")]
        for degree in DEGREES:
            found += [Kind("beside", "", g, degree) for g in (POLES if degree == -1 else ROOTS)]
    return tuple(found)


def allowed(options: FitOptions) -> frozenset[str]:
    """The names of the functions that may be used."""
    return frozenset(f.name for f in library(options.lib, options.exclude, options.functions))


def atoms_of(x: Array, names: frozenset[str]) -> Iterator[Atoms]:
    """Atoms of an input with the values x (n,), from which others are fitted; all have finite values there."""
    signed = bool(x.min() < 0)
    away = bool((x != 0).all()) and not (signed and x.max() > 0)
    for kind in kinds(names):
        if (kind.inner == "|x|" and not signed and kind.how != "plain") or (kind.inner == "1/x" and not away):
            continue
        if kind.inner in ("sqrt", "log") and signed:
            continue
        with np.errstate(all="ignore"):
            theta = starts(kind, x, signed)
            if not len(theta):
                continue
            values = kind.values(x, theta)
        good = np.isfinite(values).all(axis=0) & (np.ptp(values, axis=0) > 0)
        if good.any():
            yield Atoms(kind, theta[good])


def starts(kind: Kind, x: Array, signed: bool) -> Array:
    """Constants (m, p) of a kind for an input with the values x (n,)."""
    g = inner_values(kind.inner, x)
    largest, low, span = float(np.abs(g).max()), float(x.min()), float(np.ptp(x))
    if not np.isfinite(largest) or largest == 0 or span == 0:
        return np.empty((0, 1))
    if kind.how == "plain":
        return np.empty((1, 0))
    if kind.how in ("power", "odd power"):
        if not signed:
            several = list(EXPONENTS) if kind.how == "power" else []
        else:
            odd = kind.how == "odd power"
            several = [p for p in EXPONENTS if not odd or p != 1.0]
            several += [p for p in ON_BOTH_SIDES if (p == 2.0) == odd]
            several = [p for p in several if p > 0 or (x != 0).all()]
        return np.array(several)[:, None]
    if kind.how == "wave":
        if kind.inner == "x":
            most = min(4 * len(x) / ROWS_EACH, MOST_WAVES)
            scales = [*(np.arange(2.0, max(most, 4.0), FINER) * np.pi / 2 / span).tolist(), 1.0]
            return np.array([(a, b - a * (low + span / 2)) for a in scales for b in (0.0, np.pi / 2)])
        return np.empty((0, 2))
    if kind.how == "shifted":
        return np.array([(1 / (w * span), low + p * span) for w in WIDTHS for p in PLACES])
    if kind.how == "beside":
        if g.min() >= 0:
            more = [-s for s in (0.3, 0.8)]
            return with_one(np.array([*BESIDE, *more]) / largest)
        return np.array(SHARES)[:, None] / largest
    traits = FUNCTIONS[kind.outer].traits
    if traits is not None and traits.wave is not None:
        return with_one(np.array(QUARTERS) * np.pi / 2 / largest)
    both = np.array([*STEEP, *(-s for s in STEEP)])
    return with_one(np.append(both / largest, -1.0))


def with_one(scales: Array) -> Array:
    """The scales and 1, what it is in many laws; (m, 1)."""
    return np.append(scales, 1.0)[:, None]
