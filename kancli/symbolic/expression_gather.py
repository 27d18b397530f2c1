"""Shorter ways to write a canonical expression: common factors and common powers gathered."""

from __future__ import annotations

from fractions import Fraction

from kancli.symbolic.expression_algebra import add, multiply, power
from kancli.symbolic.expression_tree import (
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
        return _shorter(node, _common_power(node))
    return node


def _shorter(node: Expression, other: Expression) -> Expression:
    return other if complexity(other) < complexity(node) else node


def _powers(term: Expression) -> dict[Expression, Fraction]:
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


def _common_factor(node: Sum) -> Expression:
    """The factor taken out of the terms that share it, the one that saves most first."""
    best: Expression = node
    coefficients = {split(term)[0] for term in node.terms}
    if len(coefficients) == 1 and ONE not in coefficients:
        # Equal free constants become one.
        shared = coefficients.pop()
        return multiply(shared, _common_factor_of([split(term)[1] for term in node.terms]))
    candidates = {base for term in node.terms for base in _powers(term)}
    for base in sorted(candidates, key=repr):
        sharing = [term for term in node.terms if base in _powers(term)]
        if len(sharing) < 2:
            continue
        exponents = [_powers(term)[base] for term in sharing]
        if not (all(p > 0 for p in exponents) or all(p < 0 for p in exponents)):
            continue
        common = power(base, exact(min(exponents) if exponents[0] > 0 else max(exponents)))
        inner = _common_factor_of([multiply(term, power(common, exact(-1))) for term in sharing])
        others = [term for term in node.terms if term not in sharing]
        candidate = add(multiply(common, inner), *others)
        if complexity(candidate) < complexity(best):
            best = candidate
    return best


def _common_factor_of(terms: list[Expression]) -> Expression:
    total = add(*terms)
    return _common_factor(total) if isinstance(total, Sum) else total


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
        for base, exponent in _powers(term).items():
            lowest[base] = min(lowest.get(base, Fraction(0)), exponent)
    below = [power(base, exact(-exponent)) for base, exponent in lowest.items() if exponent < 0]
    if not below:
        return node
    denominator = multiply(*below)
    above = add(*(multiply(term, denominator) for term in node.terms))
    return multiply(above, power(denominator, exact(-1)))


def _common_power(node: Product) -> Expression:
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
