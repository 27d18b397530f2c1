"""Shorter ways to write a canonical expression: common factors and common powers gathered."""

from __future__ import annotations

from fractions import Fraction

from kancli.symbolic.expression.algebra import add, multiply, power
from kancli.symbolic.expression.tree import (
    ONE,
    Expression,
    Power,
    Product,
    Sum,
    children,
    complexity,
    exact,
    rational_of,
    rebuilt,
    split,
)


def gathered(expression: Expression) -> Expression:
    """a·b + a·c → a·(b + c) and √a·√b → √(a·b), inside out, wherever that takes fewer nodes."""
    parts = [gathered(part) for part in children(expression)]
    node = rebuilt(expression, parts) if parts else expression
    if isinstance(node, Sum):
        return _shorter(node, _common_factor(node))
    if isinstance(node, Product):
        return _shorter(node, common_power(node))
    return node


def _shorter(node: Expression, other: Expression) -> Expression:
    return other if complexity(other) < complexity(node) else node


def bases(term: Expression) -> dict[Expression, Fraction]:
    """A product as base → exponent, for rational exponents."""
    _, rest = split(term)
    powers: dict[Expression, Fraction] = {}
    for factor in rest.factors if isinstance(rest, Product) else (rest,):
        exponent = rational_of(factor.exponent) if isinstance(factor, Power) else None
        if isinstance(factor, Power) and exponent is not None:
            powers[factor.base] = powers.get(factor.base, Fraction(0)) + exponent
        elif factor != ONE:
            powers[factor] = powers.get(factor, Fraction(0)) + 1
    return powers


def _common_factor(node: Expression) -> Expression:
    """What all terms share taken out, then again and again the one factor whose gathering saves most."""
    if not isinstance(node, Sum):
        return node
    coefficients = {split(term)[0] for term in node.terms}
    if len(coefficients) == 1 and ONE not in coefficients:
        # Equal free constants become one; the rests are taken, since c/c would be a free constant again.
        rests = add(*(split(term)[1] for term in node.terms))
        return multiply(coefficients.pop(), _common_factor(rests))
    shared = _shared_by_all(node)
    if shared != ONE:
        inverse = power(shared, exact(-1))
        quotient = add(*(multiply(term, inverse) for term in node.terms))
        # A free exponent stays what it is under the division: then nothing has been taken out.
        if complexity(quotient) < complexity(node):
            return multiply(shared, _common_factor(quotient))
    counts: dict[Expression, int] = {}
    for term in node.terms:
        for base in bases(term):
            counts[base] = counts.get(base, 0) + 1
    forms = [_gathered_over(node, base) for base, count in counts.items() if count > 1]
    best = min(forms, key=complexity, default=node)
    # Strictly shorter each time, so this ends.
    return _common_factor(best) if complexity(best) < complexity(node) else node


def _shared_by_all(node: Sum) -> Expression:
    """The greatest common factor of all terms, constants aside."""
    shared: list[Expression] = []
    powers = [bases(term) for term in node.terms]
    for base in powers[0]:
        exponents = [each.get(base, Fraction(0)) for each in powers]
        if min(exponents) > 0:
            shared.append(power(base, exact(min(exponents))))
        elif max(exponents) < 0:
            shared.append(power(base, exact(max(exponents))))
    return multiply(*shared)


def _gathered_over(node: Sum, base: Expression) -> Expression:
    sharing = [term for term in node.terms if base in bases(term)]
    exponents = [bases(term)[base] for term in sharing]
    if not (min(exponents) > 0 or max(exponents) < 0):
        return node
    common = power(base, exact(min(exponents) if exponents[0] > 0 else max(exponents)))
    inverse = power(common, exact(-1))
    inner = add(*(multiply(term, inverse) for term in sharing))
    if isinstance(inner, Sum) and _shared_by_all(inner) != ONE and complexity(inner) < complexity(node):
        inner = _common_factor(inner)
    return add(multiply(common, inner), *(term for term in node.terms if term not in sharing))


def together(expression: Expression) -> Expression:
    """Every sum over its common denominator: x/(y·(1 + z/y)) → x/(y + z)."""
    parts = [together(part) for part in children(expression)]
    match expression:
        case Sum():
            return _over_one_denominator(add(*parts))
        case Product():
            return multiply(*parts)
        case Power():
            return power(parts[0], parts[1])
    return rebuilt(expression, parts) if parts else expression


def _over_one_denominator(node: Expression) -> Expression:
    if not isinstance(node, Sum):
        return node
    lowest: dict[Expression, Fraction] = {}
    for term in node.terms:
        for base, exponent in bases(term).items():
            lowest[base] = min(lowest.get(base, Fraction(0)), exponent)
    below = [power(base, exact(-exponent)) for base, exponent in lowest.items() if exponent < 0]
    if not below:
        return node
    denominator = multiply(*below)
    above = add(*(multiply(term, denominator) for term in node.terms))
    return multiply(above, power(denominator, exact(-1)))


def common_power(node: Product) -> Expression:
    """uᵖ·vᵖ → (u·v)ᵖ for equal broken exponents, (u/v)ᵖ for opposite ones."""
    groups: dict[Fraction, list[Expression]] = {}
    rest: list[Expression] = []
    for factor in node.factors:
        exponent = rational_of(factor.exponent) if isinstance(factor, Power) else None
        if not isinstance(factor, Power) or exponent is None or exponent.denominator == 1:
            rest.append(factor)
            continue
        upward = factor.base if exponent > 0 else power(factor.base, exact(-1))
        groups.setdefault(abs(exponent), []).append(upward)
    for exponent, bases in groups.items():
        together = multiply(*bases)
        if len(bases) > 1 and all(_is_under(base) for base in bases):
            rest.append(Power(multiply(*(power(base, exact(-1)) for base in bases)), exact(-exponent)))
        else:
            rest.append(
                Power(together, exact(exponent)) if len(bases) > 1 else power(bases[0], exact(exponent))
            )
    return rest[0] if len(rest) == 1 else Product(tuple(rest))


def _is_under(base: Expression) -> bool:
    exponent = rational_of(base.exponent) if isinstance(base, Power) else None
    return exponent is not None and exponent < 0
