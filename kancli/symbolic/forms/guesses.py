"""Where the constants of a form may lie, from the scales of the data: first guesses for the fit from many starts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.tree import Product, Sum, Variable, walk
from kancli.symbolic.forms.form import Form

Array = NDArray[np.float64]

# Guesses lie this many decades around the scales of the data, mostly; so many of them are negative.
DECADES, NEGATIVE = 2.0, 0.3
# Shares of guesses that are a place among the values of an input, for constants added to an input and for others,
# and that are a number of the size of an exponent.
PLACES_BESIDE, PLACES, EXPONENTS = 0.7, 0.1, 0.15
LARGEST_EXPONENT = 4.0
# Places lie this far outside the values as well, as a share of their span.
OUTSIDE = 0.25
# A share of the guesses has all constants near 0: where a denominator is 1, or a term is not there yet.
SMALL, SMALLEST = 0.15, 6.0


def guessed(count: int, form: Form, x: Array, y: Array, generator: np.random.Generator) -> Array:
    """Random values (count, q) of the constants of a form that are not linear; x (n, inputs), y (n,)."""
    bent = np.flatnonzero(~form.linear)
    found = np.empty((count, len(bent)))
    logs = scales(x, y)
    beside = beside_inputs(form)
    for position, k in enumerate(bent):
        exponent = generator.choice(logs, size=count) + generator.uniform(-DECADES, DECADES, size=count)
        sign = np.where(generator.uniform(size=count) < NEGATIVE, -1.0, 1.0)
        sized = sign * 10.0**exponent
        kind = generator.uniform(size=count)
        places = PLACES_BESIDE if beside[k] else PLACES
        powers = generator.uniform(-LARGEST_EXPONENT, LARGEST_EXPONENT, size=count)
        placed = _places(count, x, beside[k], generator)
        found[:, position] = np.where(
            kind < places, placed, np.where(kind < places + EXPONENTS, powers, sized)
        )
    small = generator.uniform(size=(count, 1)) < SMALL
    shrunk = 10.0 ** -generator.uniform(0.0, SMALLEST, size=(count, 1))
    return np.where(small, shrunk * found, found)


def _places(count: int, x: Array, beside: dict[int, float], generator: np.random.Generator) -> Array:
    """Values (count,) among those of the inputs, of the sign that makes input plus constant 0 somewhere."""
    inputs = sorted(beside) or list(range(x.shape[1]))
    low, high = x.min(axis=0), x.max(axis=0)
    span = high - low
    which = generator.choice(inputs, size=count)
    place = generator.uniform(-OUTSIDE, 1 + OUTSIDE, size=count) * span[which] + low[which]
    sign = np.array([beside.get(j, 1.0) for j in range(x.shape[1])])
    return np.asarray(place * sign[which])


def scales(x: Array, y: Array) -> Array:
    """Logarithms of sizes that a constant may have: of the columns and of the target, and one over them."""
    sizes = [float(np.median(np.abs(column))) for column in (*x.T, y)]
    sizes += [float(np.ptp(column)) for column in x.T]
    logs = [math.log10(size) for size in sizes if size > 0 and math.isfinite(size)]
    return np.array([0.0, *logs, *(-each for each in logs)])


def beside_inputs(form: Form) -> list[dict[int, float]]:
    """Of each constant, (names,), the inputs that it is added to (-1: input plus constant is 0 among their values)
    or subtracted from (1)."""
    inputs = len(form.columns)
    found: list[dict[int, float]] = [{} for _ in form.names]
    for node in walk(form.expression):
        if not isinstance(node, Sum):
            continue
        signed = [_signed(term) for term in node.terms]
        bare = [(sign, leaf) for sign, leaf in signed if leaf is not None]
        for sign, leaf in bare:
            for other_sign, other in bare:
                if leaf >= inputs > other:
                    found[leaf - inputs][other] = -1.0 if sign == other_sign else 1.0
    return found


def _signed(term: object) -> tuple[float, int | None]:
    """The sign and the variable of a term ±variable; None where it is none."""
    match term:
        case Variable(index):
            return 1.0, index
        case Product((factor, Variable(index))) if getattr(factor, "value", None) == -1:
            return -1.0, index
    return 1.0, None
