"""Exact values near a number, each with the bits it costs to name it.

The prices are those of a code in which short names belong to the constants that formulas are made of:
0, 1 and 2 cost least, then small integers and fractions, then those times π, √2, √3, e, and decimals by
their digits.
A number known to k bits meets some name of b bits by chance with probability about 2^(b − k): this is what
keeps 22/7 away from a π that is known to twelve digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from kancli.symbolic.expression.exact import Exact

_MOST_DENOMINATOR = 12
_MOST_DIGITS = 10
# What integrals, averages and geometry leave; a seventh or a ninth is rare.
_USUAL_DENOMINATORS = frozenset({2, 3, 4, 6, 8, 12, 16, 24, 32})
_LARGEST_WHOLE = 10**12
_LARGEST_EXPONENT = 50.0


@dataclass(frozen=True)
class Proposal:
    number: Exact
    bits: float
    value: float


def _factors() -> tuple[tuple[Exact, float], ...]:
    """Irrational factors with the bits that naming them costs."""
    one, half = Fraction(1), Fraction(1, 2)
    return (
        (Exact(one, pi=one), 3.0),
        (Exact(one, pi=-one), 3.0),
        (Exact(one, root=2), 5.0),
        (Exact(one, pi=2 * one), 5.5),
        (Exact(one, pi=-2 * one), 6.0),
        (Exact(one, root=3), 6.0),
        (Exact(one, pi=half), 6.0),
        (Exact(one, pi=-half), 6.0),
        (Exact(one, pi=half, root=2), 7.0),
        (Exact(one, pi=-half, root=2), 6.5),
        (Exact(one, root=5), 7.5),
    )


_FACTORS = _factors()
# What turns, spheres and the normal distribution bring is one name each, not a quotient of three.
_FAVOURITES = {
    Exact(Fraction(1, 2), pi=Fraction(-1, 2), root=2): 6.0,
    Exact(Fraction(4), pi=Fraction(1)): 5.5,
    Exact(Fraction(1, 4), pi=Fraction(-1)): 6.0,
    Exact(Fraction(1, 2), pi=Fraction(-1)): 5.5,
}
_EXPONENTIAL_BITS = 7.0


@cache
def bits(number: Exact) -> float:
    """What naming `number` costs."""
    if not number.rational:
        return 1.0
    if number.is_rational:
        return _rational_bits(number.rational)
    if abs(number) in _FAVOURITES:
        return _FAVOURITES[abs(number)] + 0.5 * (number.rational < 0)
    irrational = Exact(Fraction(1), number.pi, root=number.root)
    price = next((cost for factor, cost in _FACTORS if factor == irrational), 0.0 if number.e else 8.0)
    if number.e:
        price += _EXPONENTIAL_BITS + _rational_bits(number.e)
    return price + _rational_bits(number.rational)


def _rational_bits(value: Fraction) -> float:
    ratio = 1.5 + 1.5 * math.log2(abs(value.numerator))
    if value.denominator > 1:
        ratio += 1.0 + 1.5 * math.log2(value.denominator)
        ratio += 0.0 if value.denominator in _USUAL_DENOMINATORS else 2.0
    return min(ratio, _decimal_bits(value)) + (0.5 if value < 0 else 0.0)


def _decimal_bits(value: Fraction) -> float:
    """Digits at log₂10 bits each, and the place of the decimal point."""
    text = repr(float(value))
    if Fraction(text) != value:
        return math.inf
    digits = Decimal(text).normalize().as_tuple()
    point = digits.exponent if isinstance(digits.exponent, int) else 0
    return 5.0 + 3.33 * len(digits.digits) + 0.5 * abs(point + len(digits.digits) - 1)


def proposals(value: float, deviation: float, worth: float, *, irrational: bool = True) -> list[Proposal]:
    """Exact values within a few `deviation`s of `value` that cost fewer than `worth` bits, cheapest first.

    `deviation` is the standard error of the value; at least its float64 rounding is allowed for. `irrational`
    says whether multiples of π and the like are on offer (an exponent is rational or free).
    """
    reach = max(6 * deviation, 8e-16 * abs(value))
    found: dict[Exact, Proposal] = {}
    for number in _near(value, worth, irrational):
        price = bits(number)
        if price < worth and number not in found and abs(number.value - value) <= reach:
            found[number] = Proposal(number, price, number.value)
    return sorted(found.values(), key=lambda proposal: proposal.bits)


def _near(value: float, worth: float, irrational: bool) -> Iterator[Exact]:
    for whole in (0, 1, -1):
        yield Exact(Fraction(whole))
    if not math.isfinite(value) or value == 0:
        return
    for rational in _rationals(value):
        yield Exact(rational)
    digits = int(min((worth - 5) / 3.33, _MOST_DIGITS))
    for count in range(1, digits + 1):
        yield Exact(Fraction(Decimal(f"{value:.{count - 1}e}")))
    if not irrational:
        return
    for factor, price in _FACTORS:
        if price < worth:
            for rational in _rationals(value / factor.value):
                yield Exact(rational) * factor
    exponent = math.log(abs(value))
    sign = Fraction(1 if value > 0 else -1)
    if worth > _EXPONENTIAL_BITS and abs(exponent) < _LARGEST_EXPONENT:
        for rational in _rationals(exponent):
            yield Exact(sign, e=rational)
        for count in range(1, int(min((worth - 5 - _EXPONENTIAL_BITS) / 3.33, 4)) + 1):
            yield Exact(sign, e=Fraction(Decimal(f"{exponent:.{count - 1}e}")))


def _rationals(value: float) -> Iterator[Fraction]:
    if abs(value) > _LARGEST_WHOLE:
        return
    for denominator in (*range(1, _MOST_DENOMINATOR + 1), 16, 24, 32):
        numerator = round(value * denominator)
        if numerator and math.gcd(numerator, denominator) == 1:
            yield Fraction(numerator, denominator)
