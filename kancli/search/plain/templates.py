"""Forms with few constants: sums of given functions with coefficients, with few constants inside them.

For one input they are the forms of textbooks of kinetics, growth, calibration and waves; for several, planes and
products of powers. A form says where to look; the data decide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

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

Array = NDArray[np.float64]
Values = tuple[float, ...]

# Constants inside that are tried as starts.
EXPONENTS = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.25, 0.5, 0.75, 1.5, 2.0, 2.5, 3.0, 4.0)
RATES = (0.3, 1.0, 3.0, 10.0, 30.0)
SHARES = (0.05, 0.2, 0.5, 0.8)
HILLS = (1.0, 2.0, 4.0)
ENERGIES = (0.3, 1.0, 3.0, 10.0)
SHIFTS = (-0.3, 0.3, 1.0)
DAMPINGS = (0.5, 2.0, 5.0)
# An origin farther away than this, in spans over the size of the input, says nothing: powers about it are lines.
NEAR = 0.02
# Starts of a frequency per half wave over the span, and how many half waves at most.
PER_HALF_WAVE, MOST_HALF_WAVES = 2, 60


@dataclass(frozen=True)
class Template:
    """`terms` at constants inside, each of which gets a coefficient; `starts`: constants to start from. `functions`:
    the names of the library's functions that it needs."""

    name: str
    terms: Callable[[Values], tuple[Expression, ...]]
    starts: tuple[Values, ...] = ((),)
    functions: tuple[str, ...] = ()


X = Variable(0)


def fixed(name: str, *terms: Expression, functions: tuple[str, ...] = ()) -> Template:
    """A form without constants inside."""
    return Template(name, lambda _: terms, functions=functions)


def of_one_input(x: Array) -> Iterator[Template]:
    """The forms of one input with values x (n,), the shortest first.

    Where its origin is far away, as that of a year or a time stamp, only those that any origin suits.
    """
    low, high = float(x.min()), float(x.max())
    span = high - low
    near = span >= NEAR * max(abs(low), abs(high))
    positive = low > 0 and near
    square = power(X, exact(2))
    yield from (fixed("proportion", X), fixed("line", ONE, X), fixed("square", square))
    yield fixed("parabola", ONE, X, square)
    rates = tuple((sign * rate / span,) for rate in RATES for sign in (-1.0, 1.0))
    if positive:
        powers = tuple((p,) for p in EXPONENTS)
        yield from with_offset("power", lambda v: power(X, Constant(v[0])), powers)
        yield fixed("log", ONE, Call("log", X), functions=("log",))
        yield fixed("inverse", power(X, MINUS_ONE))
        yield fixed("line and inverse", X, power(X, MINUS_ONE))
        energies = tuple((sign * size * high,) for size in ENERGIES for sign in (-1.0, 1.0))
        yield Template("Arrhenius", lambda v: (activated(v[0], 0.0),), energies, ("exp",))
        shifts = tuple((size, share * high) for (size,) in energies for share in SHIFTS)
        yield Template("Antoine", lambda v: (activated(*v),), shifts, ("exp",))
        yield Template(
            "power and decay", lambda v: (multiply(power(X, Constant(v[0])), decay(v[1])),),
            tuple((p, rate) for p in (-1.0, 0.5, 1.0, 2.0, 3.0) for (rate,) in rates), ("exp",),
        )  # fmt: skip
    yield from with_offset("exponential", lambda v: decay(v[0]), rates, ("exp",))
    yield Template(
        "two exponentials",
        lambda v: (decay(v[0]), decay(v[1])),
        tuple((one, other) for (one,), (other,) in combinations(rates, 2)),
        ("exp",),
    )
    if low >= 0 and near:
        halves = tuple((share * high,) for share in (*SHARES, 2.0))
        yield Template(
            "saturation", lambda v: (multiply(X, power(add(X, Constant(v[0])), MINUS_ONE)),), halves
        )
        yield from with_offset("hyperbola", lambda v: power(add(X, Constant(v[0])), MINUS_ONE), halves)
        yield Template(
            "approach",
            lambda v: (add(ONE, negate(decay(v[0]))),),
            tuple(r for r in rates if r[0] < 0),
            ("exp",),
        )
        yield Template("rise and decay", lambda v: (multiply(X, decay(v[0])),), rates, ("exp",))
    if positive:
        steps = tuple(
            (sign * hill, share * high) for hill, share, sign in product(HILLS, SHARES, (-1.0, 1.0))
        )
        yield from with_offset("dose and response", lambda v: dose_response(*v), steps)
    steps = tuple((rate, low + share * span) for (rate,), share in product(rates, SHARES))
    yield from with_offset("tanh", lambda v: steep(*v), steps, ("tanh",))
    yield from with_offset("logistic", lambda v: logistic(*v), steps, ("exp",))
    bells = tuple((low + share * span, width * span) for share in SHARES for width in (0.1, 0.3, 1.0))
    yield from with_offset("bell", lambda v: bell(*v), bells, ("exp",))
    yield from waves_of(x, span)


def waves_of(x: Array, span: float) -> Iterator[Template]:
    """Waves, plain and damped, of the frequencies that rows x (n,) can tell."""
    waves = tuple((omega,) for omega in frequencies(x))
    if waves:
        yield from with_offset("wave", lambda v: wave(v[0]), waves, ("sin", "cos"))
        yield Template(
            "damped wave",
            lambda v: tuple(multiply(decay(-v[0]), part) for part in wave(v[1])),
            tuple((rate / span, omega) for rate in DAMPINGS for (omega,) in waves),
            ("sin", "cos", "exp"),
        )


def of_several_inputs(inputs: int) -> Iterator[Template]:
    """The form of several inputs that is neither a polynomial nor a product of powers with its constant."""
    yield fixed("plane through the origin", *(Variable(i) for i in range(inputs)))


def with_offset(
    name: str,
    term: Callable[[Values], Expression | tuple[Expression, ...]],
    starts: tuple[Values, ...],
    functions: tuple[str, ...] = (),
) -> Iterator[Template]:
    """A form alone, and with a constant added."""

    def terms(values: Values) -> tuple[Expression, ...]:
        found = term(values)
        return found if isinstance(found, tuple) else (found,)

    yield Template(name, terms, starts, functions)
    yield Template(f"{name} and offset", lambda v: (ONE, *terms(v)), starts, functions)


def scaled(factor: float) -> Expression:
    """factor·x."""
    return multiply(Constant(factor), X)


def decay(rate: float) -> Expression:
    """exp(rate·x)."""
    return Call("exp", scaled(rate))


def activated(energy: float, shift: float) -> Expression:
    """exp(energy/(x + shift))."""
    below = add(X, Constant(shift)) if shift else X
    return Call("exp", multiply(Constant(energy), power(below, MINUS_ONE)))


def wave(omega: float) -> tuple[Expression, Expression]:
    """sin(omega·x) and cos(omega·x): their coefficients are amplitude and phase."""
    return Call("sin", scaled(omega)), Call("cos", scaled(omega))


def steep(rate: float, middle: float) -> Expression:
    """tanh(rate·(x - middle))."""
    return Call("tanh", add(scaled(rate), Constant(-rate * middle)))


def logistic(rate: float, middle: float) -> Expression:
    """1/(1 + exp(-rate·(x - middle)))."""
    inner = add(scaled(-rate), Constant(rate * middle))
    return power(add(ONE, Call("exp", inner)), MINUS_ONE)


def dose_response(hill: float, half: float) -> Expression:
    """1/(1 + (x/half)^hill)."""
    return power(add(ONE, power(scaled(1 / half), Constant(hill))), MINUS_ONE)


def bell(middle: float, width: float) -> Expression:
    """exp(-((x - middle)/width)²)."""
    inner = add(scaled(1 / width), Constant(-middle / width))
    return Call("exp", negate(power(inner, exact(2))))


def frequencies(x: Array) -> Iterable[float]:
    """Angular frequencies to start from, up to that of every other row."""
    distinct = np.unique(x)
    span = float(distinct[-1] - distinct[0])
    if len(distinct) < 6:
        return ()
    most = min(len(distinct) - 1, MOST_HALF_WAVES)
    steps = PER_HALF_WAVE * most
    return tuple(math.pi * (k + 1) / PER_HALF_WAVE / span for k in range(steps))
