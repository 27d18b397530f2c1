"""Common scales: a sum all of whose coefficients are free hides one free constant in front of it."""

from __future__ import annotations

from kancli.symbolic.expression.algebra import add, multiply, negate, power
from kancli.symbolic.expression.tree import (
    MINUS_ONE,
    ONE,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    complexity,
    integer_of,
    split,
)


def distributed(coefficient: Constant, node: Sum) -> Expression | None:
    """coefficient·node opened into its terms where that leaves no more free constants, else None."""
    free = sum(split(term)[0].free for term in node.terms)
    if coefficient.free and len(node.terms) > free + 1:
        return None
    if not coefficient.free and free < len(node.terms):
        return None
    return add(*(multiply(coefficient, term) for term in node.terms))


def scalable(node: Expression) -> bool:
    """Whether every term of a sum carries a free coefficient, so that a common scale is a free constant."""
    return isinstance(node, Sum) and all(split(term)[0].free for term in node.terms)


def pulled_scale(node: Expression, *, positive: bool) -> tuple[Constant | None, Expression]:
    """(free scale, rest) with node = scale·rest where a common scale is free, else (None, node)."""
    coefficient, rest = split(node)
    if coefficient.free and rest != ONE:
        if positive and coefficient.value < 0:
            return Constant(-coefficient.value), negate(rest)
        return (coefficient, rest) if coefficient.value != 0 else (None, node)
    if scalable(node) and isinstance(node, Sum):
        main = pivot(node)
        if main.value == 0:
            return None, node
        scale = Constant(abs(main.value) if positive else main.value)
        return scale, divided_by(node, main, scale)
    return None, node


def divided_by(node: Sum, main: Constant, scale: Constant) -> Expression:
    """node/scale for a scalable sum, the coefficient `main` becoming exactly ±1."""
    terms: list[Expression] = []
    for term in node.terms:
        coefficient, rest = split(term)
        if coefficient is main:
            terms.append(multiply(ONE if (coefficient.value > 0) == (scale.value > 0) else MINUS_ONE, rest))
        else:
            terms.append(multiply(Constant(coefficient.value / scale.value), rest))
    return add(*terms)


def pivot(node: Sum) -> Constant:
    """The coefficient to make 1: the simplest varying term's, of equals the largest."""
    candidates = [split(term) for term in node.terms]
    varying = [
        (coefficient, rest) for coefficient, rest in candidates if rest != ONE and coefficient.value != 0
    ]
    if not varying:
        return candidates[0][0]
    return min(varying, key=lambda pair: (complexity(pair[1]), -abs(pair[0].value)))[0]


def pulled_factor(factor: Expression) -> tuple[Constant, Expression] | None:
    """(free scale, rest) with factor = scale·rest for a scalable sum or a constant power of one, else None."""
    base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
    if not scalable(base) or not isinstance(exponent, Constant):
        return None
    scale, inner = pulled_scale(base, positive=integer_of(exponent) is None)
    raised = power(scale, exponent) if scale is not None else None
    return (raised, power(inner, exponent)) if isinstance(raised, Constant) else None


def with_scale_in_front(term: Expression) -> Expression | None:
    """The term with a free coefficient, taken out of one of its factors; None where none has one to give."""
    factors = term.factors if isinstance(term, Product) else (term,)
    for position, factor in enumerate(factors):
        pulled = pulled_factor(factor)
        if pulled is not None:
            return multiply(pulled[0], *factors[:position], pulled[1], *factors[position + 1 :])
    return None
