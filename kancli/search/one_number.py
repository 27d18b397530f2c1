"""A single product of powers on which the target depends, beside powers of the inputs as factors, by slopes.

Where y = Π xᵢ^aᵢ · F(Π xᵢ^bᵢ), xᵢ·∂ᵢy = aᵢ·y + bᵢ·H with one H for all inputs: what is left of these d vectors
when their part along y is taken away has rank one (a dimensionless number: Constantine, del Rosario & Iaccarino,
arXiv:1708.04303, for the case without factors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.search.combinations import Combination, snapped

Array = NDArray[np.float64]

# Share of the vectors' squares that may be off the two directions.
MOST_OFF = 0.02
# Exponents below this are zero.
ZERO = 0.08


@dataclass(frozen=True)
class OneNumber:
    """y = Π xᵢ^powers[i] · F(number), `number` a product of powers."""

    number: Combination
    powers: Mapping[int, float]


def number_in(slopes: Array, x: Array, y: Array) -> OneNumber | None:
    """The number that slopes (d, n) at raw inputs x (d, n) with values y (n,) suggest; None where there is none.

    Factors times a power of the number are no different from other factors: those with the fewest inputs are taken.
    """
    sides = slopes * x
    along = sides @ y / float(y @ y)
    left = sides - along[:, None] * y
    u, sizes, _ = np.linalg.svd(left, full_matrices=False)
    squares = sizes**2
    if squares[1:].sum() > MOST_OFF * squares.sum() or squares[0] <= 0:
        return None
    positive = [bool((own > 0).all()) for own in x]
    there = [bool(own.all()) for own in x]
    direction = u[:, 0]
    for reference in np.argsort(-abs(direction)):
        number = exact_powers(direction / direction[reference], positive)
        if number is None or any(p < 0 and not there[i] for i, p in number.items()):
            continue
        found = []
        for shift in (0.0, *(along[i] / direction[i] for i in number)):
            powers = exact_powers(along - shift * direction, positive)
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
