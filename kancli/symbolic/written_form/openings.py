"""A sum as outside·inside: a common number, a common denominator, or the sign taken out.

4·π·c − 4·π·v = 4·π·(c − v), 1/E + u/m = (1 + E·u/m)/E, v − c = −(c − v). Inside a product, or a power, the
outside merges with the other factors: whether that is shorter is decided there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from kancli.symbolic.expression.algebra import add, multiply, negate, power
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import (
    MINUS_ONE,
    ONE,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    children,
    exact,
    exact_of,
    integer_of,
    split,
)
from kancli.symbolic.rewrite.canonical import ordered
from kancli.symbolic.rewrite.gather import bases
from kancli.symbolic.rewrite.signs import Signs
from kancli.symbolic.written_form.preference import Rule, has_lone_difference, merged

Opening: TypeAlias = tuple[Expression, Expression]


def opened(signs: Signs) -> Rule:
    """The rule that opens one sum: itself, as a factor of a product, or under a power."""

    def rule(node: Expression) -> Iterator[Expression]:
        factors = node.factors if isinstance(node, Product) else (node,)
        for position, factor in enumerate(factors):
            base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
            if not isinstance(base, Sum) or not isinstance(exponent, Constant) or exponent.free:
                continue
            others = (*factors[:position], *factors[position + 1 :])
            for outside, inside in openings(base):
                if integer_of(exponent) is not None or signs.positive(outside):
                    yield multiply(power(outside, exponent), power(inside, exponent), *others)

    return rule


def openings(node: Sum) -> Iterator[Opening]:
    """Pairs (outside, inside) with the sum as their product."""
    free = [split(term)[0] for term in node.terms if split(term)[0].free]
    sizes = {abs(constant.value) for constant in free}
    if len(free) == len(node.terms) and len(sizes) == 1 and sizes != {0.0}:
        # One free constant, written several times.
        rests = ((split(term)[0].value < 0, split(term)[1]) for term in node.terms)
        yield Constant(sizes.pop()), add(*(negate(rest) if minus else rest for minus, rest in rests))
    terms = tuple(map(_number_in_front, node.terms))
    for number in _numbers(terms):
        inverse = number.power(Fraction(-1))
        if inverse is not None:
            yield exact(number), add(*(multiply(exact(inverse), term) for term in terms))
    for below in _denominators(node):
        yield power(below, MINUS_ONE), add(*(multiply(below, term) for term in node.terms))
    yield MINUS_ONE, add(*map(_opposite, node.terms))


def _opposite(term: Expression) -> Expression:
    """−term, a lone difference turned around rather than a minus put before it."""
    other = negate(term)
    if not (isinstance(other, Product) and split(other)[0].value < 0 and has_lone_difference(other)):
        return other
    for position, factor in enumerate(other.factors):
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if isinstance(base, Sum) and exponent in (ONE, MINUS_ONE):
            turned = power(add(*map(negate, base.terms)), exponent)
            return negate(multiply(*other.factors[:position], turned, *other.factors[position + 1 :]))
    return other


def _number_in_front(node: Expression) -> Expression:
    """The numbers that the sums among its factors have in common, brought to the front."""
    if isinstance(node, Product):
        return multiply(*map(_number_in_front, node.factors))
    if not isinstance(node, Sum):
        return node
    terms = tuple(map(_number_in_front, node.terms))
    numbers = _numbers(terms)
    inverse = numbers[0].power(Fraction(-1)) if len(numbers) == 1 else None
    if inverse is None:
        return node
    return multiply(exact(numbers[0]), add(*(multiply(exact(inverse), term) for term in terms)))


def _numbers(terms: Sequence[Expression]) -> list[Exact]:
    """Exact numbers that divide the coefficients: their greatest common divisor, else each of them."""
    coefficients = [exact_of(split(term)[0]) for term in terms]
    known = [abs(number) for number in coefficients if number is not None]
    if len(known) < len(coefficients):
        return []
    first, found = known[0], known
    if all((one.pi, one.e, one.root) == (first.pi, first.e, first.root) for one in known):
        above = math.gcd(*(one.rational.numerator for one in known))
        below = math.lcm(*(one.rational.denominator for one in known))
        found = [Exact(Fraction(above, below), first.pi, first.e, first.root)]
    return [
        number for number in dict.fromkeys(found) if number not in (Exact(Fraction(1)), Exact(Fraction(0)))
    ]


def _denominators(node: Sum) -> list[Expression]:
    """What stands under a fraction line in some term, each alone and all of it together."""
    lowest: dict[Expression, Fraction] = {}
    for term in node.terms:
        for base, exponent in bases(term).items():
            if exponent < 0:
                lowest[base] = min(lowest.get(base, Fraction(0)), exponent)
    below = [power(base, exact(-exponent)) for base, exponent in lowest.items()]
    return [*below, multiply(*below)] if len(below) > 1 else below


def leading(expression: Expression) -> Expression:
    """Every sum that is a factor with most terms positive, of equally many the first: (c − v)², −1/(c − v)."""
    node = merged(expression, map(leading, children(expression)))
    if not isinstance(node, Product | Power):
        return node
    factors = node.factors if isinstance(node, Product) else (node,)
    return multiply(*map(_leading_factor, factors))


def _leading_factor(factor: Expression) -> Expression:
    base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
    whole = integer_of(exponent)
    if not isinstance(base, Sum) or whole is None or not _mostly_negative(base):
        return factor
    flipped = power(add(*map(negate, base.terms)), exponent)
    return negate(flipped) if whole % 2 else flipped


def _mostly_negative(node: Sum) -> bool:
    negative = [split(term)[0].value < 0 for term in children(ordered(node))]
    return 2 * sum(negative) > len(negative) or (2 * sum(negative) == len(negative) and negative[0])
