"""Exact numbers that physics formulas are made of: rational · πᵃ · eᵇ · √m.

The set is closed under products and integer powers, which is all that merging snapped constants
needs; sums and roots are given where they stay inside the set and are None where they do not.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Literal

_LARGEST_PRINTED_INTEGER = 10**15
_LARGEST_PRINTED_DENOMINATOR = 12
_LARGEST_DENOMINATOR_OVER_PI = 1000
# Of a small fraction.
SMALL_DENOMINATOR = 6
_LARGEST_RADICAND = 10**8
# 9**9**9 is a short text and a number that fills the memory.
_MOST_BITS = 1000


@dataclass(frozen=True)
class Exact:
    """rational · π**pi · e**e · sqrt(root), with `root` a square-free positive integer."""

    rational: Fraction
    pi: Fraction = Fraction(0)
    e: Fraction = Fraction(0)
    root: int = 1

    @staticmethod
    def of(value: int | str | Fraction) -> Exact:
        return Exact.parse(value) if isinstance(value, str) else Exact(Fraction(value))

    @staticmethod
    @cache
    def parse(text: str) -> Exact:
        """Read what `text` writes; ValueError on anything that is not such a number."""
        return _evaluated(ast.parse(text, mode="eval").body, text)

    @property
    def is_rational(self) -> bool:
        return not self.pi and not self.e and self.root == 1

    @property
    def value(self) -> float:
        """Its float64 value, infinite where that overflows."""
        try:
            scale = math.pow(math.pi, self.pi) * math.exp(self.e) * math.sqrt(self.root)
            return float(self.rational) * scale
        except OverflowError:
            return math.copysign(math.inf, self.rational)

    @property
    def text(self) -> str:
        """The number in sympy syntax, such as -3/2, 2*pi, sqrt(2)/3 or 1/sqrt(2*pi)."""
        return _text(self)

    def __abs__(self) -> Exact:
        return Exact(abs(self.rational), self.pi, self.e, self.root)

    def __mul__(self, other: Exact) -> Exact:
        rational, root = self.rational * other.rational, self.root * other.root
        shared = math.gcd(self.root, other.root)
        if not rational:
            return Exact(Fraction(0))
        return Exact(rational * shared, self.pi + other.pi, self.e + other.e, root // shared**2)

    def plus(self, other: Exact) -> Exact | None:
        """The sum where both have the same irrational part (or one is zero), else None."""
        if not self.rational or not other.rational:
            return other if not self.rational else self
        if (self.pi, self.e, self.root) != (other.pi, other.e, other.root):
            return None
        total = self.rational + other.rational
        return Exact(total, self.pi, self.e, self.root) if total else Exact(Fraction(0))

    def power(self, exponent: Fraction) -> Exact | None:
        """The real power where it is such a number again, else None."""
        if not self.rational:
            return Exact(Fraction(0)) if exponent > 0 else None
        if abs(exponent) > 64:
            return None
        if exponent.denominator == 1:
            n = exponent.numerator
            halves, odd = divmod(n, 2)
            if (
                abs(n) * max(self.rational.numerator.bit_length(), self.rational.denominator.bit_length())
                > _MOST_BITS
            ):
                return None
            rational = self.rational**n * Fraction(self.root) ** halves
            return Exact(rational, self.pi * n, self.e * n, self.root if odd else 1)
        if self.rational < 0 or self.root != 1:
            return None
        rooted = _root(self.rational, exponent.denominator)
        if rooted is None:
            return None
        base = Exact(rooted[0], self.pi / exponent.denominator, self.e / exponent.denominator, rooted[1])
        return base.power(Fraction(exponent.numerator))


def _root(value: Fraction, degree: int) -> tuple[Fraction, int] | None:
    """value**(1/degree) as (rational, square-free radicand), or None."""
    if degree == 2:
        radicand = value.numerator * value.denominator
        whole = math.isqrt(radicand)
        if whole * whole == radicand:
            return Fraction(whole, value.denominator), 1
        if radicand > _LARGEST_RADICAND:
            return None
        square, divisor = 1, 2
        while divisor * divisor <= radicand:
            while radicand % (divisor * divisor) == 0:
                radicand //= divisor * divisor
                square *= divisor
            divisor += 1
        return Fraction(square, value.denominator), radicand
    parts = [round(part ** (1 / degree)) for part in (value.numerator, value.denominator)]
    if any(part > 2**40 for part in parts) or Fraction(parts[0], parts[1]) ** degree != value:
        return None
    return Fraction(parts[0], parts[1]), 1


def is_decimal(value: Fraction) -> bool:
    """Whether `value` is written as a decimal: 1.2 and 1.25e-10, but 1/5 and 3/2."""
    if value.denominator == 1:
        long = abs(value.numerator) > _LARGEST_PRINTED_INTEGER
    elif abs(value.numerator) == 1:
        long = value.denominator > _LARGEST_PRINTED_DENOMINATOR
    else:
        long = value.denominator > _LARGEST_PRINTED_DENOMINATOR or value.denominator % 5 == 0
    return long and Fraction(repr(float(value))) == value


@dataclass(frozen=True)
class Part:
    """One factor of a written number: `number`, π**number, √number, √(number·π), √(number/π), exp(number).

    √(number·π) has a fraction 1/m for its number where that is √(π/m).
    """

    kind: Literal["number", "pi", "root", "root of pi", "root over pi", "exp"]
    number: Fraction = Fraction(1)


def written_parts(number: Exact) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """|number| as factors over and under the fraction line, such as ((1,), (√(2π),))."""
    size = abs(number.rational)
    over: list[Part] = []
    under: list[Part] = []
    denominator = 1
    # 3/(20·π), not 0.15/π: beside π or a root a decimal would look like a measured number.
    if is_decimal(size) and (number.is_rational or size.denominator > _LARGEST_DENOMINATOR_OVER_PI):
        over.append(Part("number", size))
    else:
        denominator = size.denominator
        if size.numerator != 1:
            over.append(Part("number", Fraction(size.numerator)))
    root_is_under = number.root > 1 and denominator % number.root == 0
    if root_is_under:
        denominator //= number.root
    if denominator != 1:
        under.append(Part("number", Fraction(denominator)))
    whole_pi = number.pi
    if whole_pi.denominator == 2:
        whole_pi -= Fraction(1, 2) if whole_pi > 0 else Fraction(-1, 2)
    if whole_pi:
        (over if whole_pi > 0 else under).append(Part("pi", abs(whole_pi)))
    has_pi, pi_is_under = number.pi.denominator == 2, number.pi < 0
    if number.root > 1 and has_pi and root_is_under != pi_is_under:
        # One root for both: √(3/π), √(π/2).
        kind: Literal["root of pi", "root over pi"] = "root over pi" if pi_is_under else "root of pi"
        over.append(Part(kind, Fraction(number.root) if pi_is_under else Fraction(1, number.root)))
    elif number.root > 1 or has_pi:
        is_under = pi_is_under if has_pi else root_is_under
        (under if is_under else over).append(Part("root of pi" if has_pi else "root", Fraction(number.root)))
    if number.e:
        over.append(Part("exp", number.e))
    return tuple(over), tuple(under)


def _text(number: Exact) -> str:
    over, under = ([_part_text(part) for part in side] for side in written_parts(number))
    sign = "-" if number.rational < 0 else ""
    if not number.rational:
        return "0"
    text = sign + ("*".join(over) or "1")
    if not under:
        return text
    return text + "/" + (under[0] if len(under) == 1 else f"({'*'.join(under)})")


def _part_text(part: Part) -> str:
    match part.kind:
        case "number":
            return repr(float(part.number)) if is_decimal(part.number) else str(part.number)
        case "pi" if part.number == 1:
            return "pi"
        case "pi":
            return f"pi**{part.number}" if part.number.denominator == 1 else f"pi**({part.number})"
        case "root":
            return f"sqrt({part.number})"
        case "root over pi":
            return f"sqrt({part.number}/pi)"
        case "root of pi" if part.number < 1:
            return f"sqrt(pi/{part.number.denominator})"
        case "root of pi":
            return "sqrt(pi)" if part.number == 1 else f"sqrt({part.number}*pi)"
    return f"exp({part.number})"


def _evaluated(node: ast.expr, text: str) -> Exact:
    """A number's syntax tree as the number."""
    match node:
        case ast.Constant(value=int() as value):
            return Exact(Fraction(value))
        case ast.Constant(value=float()):
            literal = text[node.col_offset : node.end_col_offset]
            return Exact(Fraction(Decimal(literal)))
        case ast.Name(id="pi"):
            return Exact(Fraction(1), pi=Fraction(1))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Exact(Fraction(-1)) * _evaluated(operand, text)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _evaluated(left, text) * _evaluated(right, text)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            inverse = _evaluated(right, text).power(Fraction(-1))
            if inverse is not None:
                return _evaluated(left, text) * inverse
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = _evaluated(right, text)
            raised = _evaluated(left, text).power(exponent.rational) if exponent.is_rational else None
            if raised is not None:
                return raised
        case ast.Call(func=ast.Name(id="sqrt"), args=[inside]):
            raised = _evaluated(inside, text).power(Fraction(1, 2))
            if raised is not None:
                return raised
        case ast.Call(func=ast.Name(id="exp"), args=[inside]):
            exponent = _evaluated(inside, text)
            if exponent.is_rational:
                return Exact(Fraction(1), e=exponent.rational)
    raise ValueError(f"not an exact number: {text!r}")


@lru_cache(maxsize=4096)
def small_fraction(value: float) -> Fraction:
    """The nearest fraction whose denominator is at most six: what exponents and factors of laws are."""
    return Fraction(value).limit_denominator(SMALL_DENOMINATOR)
