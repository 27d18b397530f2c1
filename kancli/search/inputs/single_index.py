"""A single product of powers on which the target depends, beside powers of the inputs as factors, by slopes.

Where y = Π xᵢ^aᵢ · F(Π xᵢ^bᵢ), xᵢ·∂ᵢy = aᵢ·y + bᵢ·H with one H for all inputs: what is left of these d vectors
when their part along y is taken away has rank one (a dimensionless number: Constantine, del Rosario & Iaccarino,
arXiv:1708.04303, for the case without factors).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.search.inputs.slopes import Combination, snapped
from kancli.search.ties import by_size

Array = NDArray[np.float64]

# Share of the vectors' squares that may be off the two directions: noise makes slopes far rougher than values, and
# what is proposed is confirmed by the rows.
MOST_OFF = 0.1
# Exponents below this are zero.
ZERO = 0.08
# How far, in steps, estimates may be from whole and half exponents.
NEAR_HALF = 0.45

Exactly = Callable[[Array, list[bool]], dict[int, float] | None]


@dataclass(frozen=True)
class OneNumber:
    """y = Π xᵢ^powers[i] · F(number), `number` a product of powers."""

    number: Combination
    powers: Mapping[int, float]


def numbers_in(slopes: Array, x: Array, y: Array) -> Iterator[OneNumber]:
    """The numbers that slopes (d, n) at raw inputs x (d, n) with values y (n,) suggest, none where there is none.

    The first has whole and half exponents, which are what noisy slopes mean if the rows do not object; the second
    those nearest to the estimates. Factors times a power of the number are no different from other factors: those
    with the fewest inputs are taken.
    """
    sides = slopes * x
    along = sides @ y / float(y @ y)
    left = sides - along[:, None] * y
    u, sizes, _ = np.linalg.svd(left, full_matrices=False)
    squares = sizes**2
    if squares[1:].sum() > MOST_OFF * squares.sum() or squares[0] <= 0:
        return
    seen: list[OneNumber] = []
    for exact in (halves, exact_powers):
        found = number_along(u[:, 0], along, x, exact)
        if found is not None and found not in seen:
            seen.append(found)
            yield found


def number_along(direction: Array, along: Array, x: Array, exact: Exactly) -> OneNumber | None:
    """The number whose exponents are as `direction` (d,), and factors such that theirs are as `along` (d,)."""
    positive = [bool((own > 0).all()) for own in x]
    there = [bool(own.all()) for own in x]
    for reference in by_size(list(direction)):
        number = exact(direction / direction[reference], positive)
        if number is None or any(p < 0 and not there[i] for i, p in number.items()):
            continue
        found = []
        for shift in (0.0, *(along[i] / direction[i] for i in number)):
            powers = exact(along - shift * direction, positive)
            if powers is not None and all(there[i] for i in powers):
                found.append(powers)
        if not found:
            continue
        powers = min(found, key=lambda p: (len(p), sum(abs(v) for v in p.values())))
        first, *others = sorted(number)
        if number[first] < 0 and all(there[i] for i in number):
            number = {i: -p for i, p in number.items()}
        members = (first, *others)
        combination = Combination("product", members, tuple(number[i] for i in members))
        return OneNumber(combination, powers) if len({*number, *powers}) > 1 else None
    return None


def halves(estimates: Array, positive: list[bool]) -> dict[int, float] | None:
    """The nearest whole exponents by input, halves of what is positive; None where one is near neither."""
    found = {}
    for i, estimate in enumerate(estimates):
        step = 2 if positive[i] else 1
        value = round(float(estimate) * step) / step
        if abs(estimate - value) > NEAR_HALF / step:
            return None
        if value:
            found[i] = value
    return found


def exact_powers(estimates: Array, positive: list[bool]) -> dict[int, float] | None:
    """Exponents near the estimates by input, without those that are zero; None where one is near none."""
    found = {}
    for i, estimate in enumerate(estimates):
        if abs(estimate) < ZERO:
            continue
        value = snapped(float(estimate), "product", positive[i])
        if value is None:
            return None
        found[i] = value
    return found
