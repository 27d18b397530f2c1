"""Rewriting rules of the canonical form for sums, products and powers whose parts are canonical."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from kancli.symbolic.expression.algebra import add, call, multiply, negate, power, times
from kancli.symbolic.expression.tree import (
    ONE,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    exact,
    exact_of,
    integer_of,
    split,
)
from kancli.symbolic.rewrite.scales import (
    distributed,
    pulled_factor,
    pulled_scale,
    scalable,
    with_scale_in_front,
)
from kancli.symbolic.rewrite.signs import Signs


def sum_rule(node: Expression) -> Expression:
    if not isinstance(node, Sum):
        return node
    terms: list[Expression] = []
    offset = isinstance(node.terms[-1], Constant) and node.terms[-1].free
    for term in node.terms:
        coefficient, rest = split(term)
        if isinstance(rest, Sum):
            # c·(a·u + b): the scale c is one of a, b; beside a free constant so is c·b.
            inner_offset = next(
                (part for part in rest.terms if isinstance(part, Constant) and part.free), None
            )
            opened = distributed(coefficient, rest)
            if opened is not None:
                terms.append(opened)
                continue
            if offset and inner_offset is not None:
                others = [part for part in rest.terms if part is not inner_offset]
                terms += [multiply(coefficient, add(*others)), times(coefficient, inner_offset)]
                continue
        if offset and isinstance(rest, Call) and rest.function == "log":
            pulled, inner = pulled_scale(rest.argument, positive=True)
            if pulled is not None:
                terms += [
                    multiply(coefficient, call("log", inner)),
                    Constant(coefficient.value * math.log(pulled.value)),
                ]
                continue
        terms.append(term)
    return _scaled_throughout(add(*terms))


def _scaled_throughout(node: Expression) -> Expression:
    """(a·u + b)² + c·v → a²·(u + b/a)² + c·v where then every term has a free coefficient: the sum is scalable."""
    if not isinstance(node, Sum) or scalable(node):
        return node
    terms = [term if split(term)[0].free else with_scale_in_front(term) for term in node.terms]
    known = [term for term in terms if term is not None]
    return add(*known) if len(known) == len(terms) else node


def product_rule(node: Expression) -> Expression:
    if not isinstance(node, Product):
        return node
    node = _signs_and_sizes(node)
    if not isinstance(node, Product):
        return node
    coefficient, rest = split(node)
    number, last = exact_of(coefficient), node.factors[-1]
    if number is not None and number.e and isinstance(last, Call) and last.function == "exp":
        # e²·exp(u) → exp(u + 2)
        argument = add(last.argument, exact(number.e))
        return multiply(exact(replace(number, e=Fraction(0))), *node.factors[1:-1], call("exp", argument))
    if isinstance(rest, Sum):
        opened = distributed(coefficient, rest)
        if opened is not None:
            return opened
    pulls = [(factor, pulled) for factor in node.factors if (pulled := pulled_factor(factor)) is not None]
    # One scale alone, beside no free coefficient, is not redundant: it would only change its place.
    if not pulls or (len(pulls) == 1 and not coefficient.free):
        return node
    replaced = {id(factor): multiply(scale, inner) for factor, (scale, inner) in pulls}
    return multiply(*(replaced.get(id(factor), factor) for factor in node.factors))


def _signs_and_sizes(node: Product) -> Expression:
    """sign(u)·|u|^p → u^p for odd p, and sign(u)·u → |u|."""
    for factor in node.factors:
        if not (isinstance(factor, Call) and factor.function == "sign"):
            continue
        inside = factor.argument
        for other in node.factors:
            base, exponent = (other.base, other.exponent) if isinstance(other, Power) else (other, ONE)
            whole = integer_of(exponent)
            rest = [part for part in node.factors if part is not factor and part is not other]
            if base == Call("abs", inside) and whole is not None and whole % 2:
                return multiply(power(inside, exponent), *rest)
            if base == inside and whole is not None and whole % 2:
                return multiply(power(call("abs", inside), exponent), *rest)
    return node


def power_rule(node: Expression, signs: Signs) -> Expression:
    if not isinstance(node, Power):
        return node
    base, exponent = node.base, node.exponent
    if integer_of(exponent) is not None:
        return node
    match base:
        case Power(inner, inner_exponent):
            if signs.positive(inner):
                return power(inner, multiply(inner_exponent, exponent))
            even = integer_of(inner_exponent)
            if even is not None and even % 2 == 0:
                size = negate(inner) if signs.of(inner) < 0 else call("abs", inner)
                return power(size, multiply(inner_exponent, exponent))
        case Product(factors):
            # A free exponent opened over several factors would become several free exponents.
            if not isinstance(exponent, Constant) or exponent.free:
                return node
            taken = [factor for factor in factors if signs.positive(factor)]
            left = [factor for factor in factors if factor not in taken]
            if taken and (left or len(taken) > 1):
                return multiply(
                    *(power(factor, exponent) for factor in taken), power(multiply(*left), exponent)
                )
    return node
