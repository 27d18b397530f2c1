"""Exact values near a number, each with the bits it costs to name it.

The prices are those of a code in which short names belong to the constants that formulas are made of:
0, 1 and 2 cost least, then small integers and fractions, then those times π, √2, √3, e, roots of all of these, and
decimals by their digits.
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
from kancli.work import spend

_MOST_DENOMINATOR = 12
_MOST_DIGITS = 10
# What integrals, averages and geometry leave; a seventh or a ninth is rare.
_USUAL_DENOMINATORS = frozenset({2, 3, 4, 6, 8, 12, 16, 24, 32})
# 15, 20, … 720: series and moments divide by numbers without other primes than 2, 3 and 5.
_SMOOTH_DENOMINATORS = tuple(
    sorted(
        2**twos * 3**threes * 5**fives
        for twos in range(7)
        for threes in range(5)
        for fives in range(3)
        if _MOST_DENOMINATOR < 2**twos * 3**threes * 5**fives <= 120
    )
)
_DENOMINATORS = (*range(1, _MOST_DENOMINATOR + 1), *_SMOOTH_DENOMINATORS)
# Of what they divide, a decimal has as many digits as it is long.
_OF_DECIMALS = frozenset(d for d in _DENOMINATORS if 10**6 % d == 0)
# The powers of π that may stand under a root.
_PI_UNDER_ROOTS = (0, 1, -1, 3, -3)
_LARGEST_WHOLE = 10**12
_EPS = 2.0**-52
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
        (Exact(one, pi=3 * one), 8.0),
        (Exact(one, pi=-3 * one), 8.0),
        (Exact(one, pi=4 * one), 8.5),
        (Exact(one, pi=-4 * one), 9.0),
        (Exact(one, pi=5 * one), 9.0),
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
_ONE = Exact(Fraction(1))
# √(3/(4·π)) is named by what stands under the root.
_ROOT_BITS = 5.0
# A decimal of one digit.
_LEAST_DECIMAL = 8.33


@cache
def bits(number: Exact) -> float:
    """What naming `number` costs."""
    if not number.rational:
        return 1.0
    if number.is_rational:
        return _rational_bits(number.rational)
    if abs(number) in _FAVOURITES:
        return _FAVOURITES[abs(number)] + 0.5 * (number.rational < 0)
    product = _product_bits(number)
    square = number.power(Fraction(2)) if number.root > 1 or number.pi.denominator == 2 else None
    if square is None or square.e:
        return product
    return min(product, _root_bits(square) + 0.5 * (number.rational < 0))


def _root_bits(square: Exact) -> float:
    """What a root costs: no decimal stands under it."""
    pi = Exact(Fraction(1), pi=square.pi)
    return _ROOT_BITS + _ratio_bits(square.rational) + (_product_bits(pi) - _rational_bits(pi.rational))


def _product_bits(number: Exact) -> float:
    """What a fraction costs with its irrational factors beside it."""
    irrational = Exact(Fraction(1), number.pi, root=number.root)
    price = (
        0.0 if irrational == _ONE else next((cost for factor, cost in _FACTORS if factor == irrational), None)
    )
    if price is None:
        root = _ROOT_BITS + _rational_bits(Fraction(number.root)) if number.root > 1 else 0.0
        price = root + 3.0 * math.ceil(abs(number.pi)) + (_ROOT_BITS if number.pi.denominator == 2 else 0.0)
    if number.e:
        price += _EXPONENTIAL_BITS + _rational_bits(number.e)
    return price + _rational_bits(number.rational)


def _rational_bits(value: Fraction) -> float:
    ratio = _ratio_bits(value)
    # Most fractions are shorter than the shortest decimal.
    cheapest = ratio if ratio <= _LEAST_DECIMAL else min(ratio, _decimal_bits(value))
    return cheapest + (0.5 if value < 0 else 0.0)


def _ratio_bits(value: Fraction) -> float:
    """Numerator and denominator, by their lengths."""
    return _quotient_bits(abs(value.numerator), value.denominator)


def _quotient_bits(numerator: int, denominator: int) -> float:
    ratio = 1.5 + 1.5 * math.log2(numerator)
    if denominator > 1:
        ratio += 1.0 + 1.5 * math.log2(denominator)
        ratio += 0.0 if denominator in _USUAL_DENOMINATORS else 2.0
    return ratio


def _decimal_bits(value: Fraction) -> float:
    """Digits at log₂10 bits each, and the place of the decimal point."""
    left = value.denominator
    for prime in (2, 5):
        while left % prime == 0:
            left //= prime
    if left > 1:
        return math.inf
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
    spend(0, calls=50)
    for number in _near(value, worth, reach, irrational):
        price = bits(number)
        if price < worth and number not in found and abs(number.value - value) <= reach:
            found[number] = Proposal(number, price, number.value)
    return sorted(found.values(), key=lambda proposal: proposal.bits)


def _near(value: float, worth: float, reach: float, irrational: bool) -> Iterator[Exact]:
    for whole in (0, 1, -1):
        yield Exact(Fraction(whole))
    if not math.isfinite(value) or value == 0:
        return
    for rational in _rationals(value, reach, worth):
        yield Exact(rational)
    digits = int(min((worth - 5) / 3.33, _MOST_DIGITS))
    for count in range(1, digits + 1):
        yield Exact(Fraction(Decimal(f"{value:.{count - 1}e}")))
    if not irrational:
        return
    sign = Fraction(1 if value > 0 else -1)
    yield from (Exact(sign) * favourite for favourite in _FAVOURITES)
    for factor, price in _FACTORS:
        if price < worth:
            for rational in _rationals(value / factor.value, reach / factor.value, worth - price):
                if price + _rational_bits(rational) < worth:
                    yield Exact(rational) * factor
    yield from _roots(value, worth, reach)
    exponent = math.log(abs(value))
    if worth > _EXPONENTIAL_BITS and abs(exponent) < _LARGEST_EXPONENT:
        for rational in _rationals(exponent, reach / abs(value), worth):
            yield Exact(sign, e=rational)
        for count in range(1, int(min((worth - 5 - _EXPONENTIAL_BITS) / 3.33, 4)) + 1):
            yield Exact(sign, e=Fraction(Decimal(f"{exponent:.{count - 1}e}")))


def _roots(value: float, worth: float, reach: float) -> Iterator[Exact]:
    """±√(r·πᵏ) for fractions r."""
    sign = Exact(Fraction(1 if value > 0 else -1))
    square, near = value * value, (2 * abs(value) + reach) * reach
    for power in _PI_UNDER_ROOTS:
        pi = Exact(Fraction(1), pi=Fraction(power))
        price = _root_bits(pi) - _ratio_bits(Fraction(1))
        for rational in _rationals(square / pi.value, near / pi.value, worth - price):
            if price + _ratio_bits(rational) < worth:
                root = (Exact(rational) * pi).power(Fraction(1, 2))
                if root is not None:
                    yield sign * root


def _rationals(value: float, reach: float, most: float) -> Iterator[Fraction]:
    """Fractions about as near that may cost fewer than `most` bits; the last bits are left to the caller."""
    if abs(value) > _LARGEST_WHOLE:
        return
    near = 2 * reach + 4 * _EPS * abs(value)
    for denominator in _DENOMINATORS:
        numerator = round(value * denominator)
        if not numerator or abs(numerator - value * denominator) > near * denominator:
            continue
        short = denominator in _OF_DECIMALS or _quotient_bits(abs(numerator), denominator) < most
        if short and math.gcd(numerator, denominator) == 1:
            yield Fraction(numerator, denominator)
