"""Which of two equal expressions is preferred in print, whatever the values of the free constants.

Fewer free constants, then less weight, fewer characters, fewer nodes; the text itself decides the rest, so that
one form is best of any set. Weight is the number of nodes, with two exceptions.

* A minus sign between two terms weighs nothing; one in front, or before a lone difference, weighs one. As nodes,
  a minus is free before a number and costs one or two elsewhere: 2·(1 − u) would be written −2·(u − 1).
* An inverse function inside its partner, as in sin(2·atan u), weighs four more: it hides an algebraic expression
  that the reader would have to work out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import compress
from typing import TypeAlias

from kancli.symbolic.expression.algebra import add, call, multiply, power
from kancli.symbolic.expression.tree import (
    ONE,
    Call,
    Expression,
    Power,
    Product,
    Sum,
    children,
    complexity,
    constants,
    integer_of,
    split,
    variables,
    with_constants,
)
from kancli.symbolic.text.printer import render

Rule: TypeAlias = Callable[[Expression], Iterable[Expression]]

INVERSES = {
    **dict.fromkeys(("asin", "acos", "atan"), ("sin", "cos", "tan")),
    **dict.fromkeys(("asinh", "acosh", "atanh"), ("sinh", "cosh", "tanh")),
}
NEST = 4
# A free constant is written as this number: the sign shows, the digits do not count.
_STAND_IN = 1.5
# Each step is an improvement; no node has needed more than three.
_STEPS = 8


def preferred(*forms: Expression) -> Expression:
    """The best of some equal expressions; the first of those that are printed alike."""
    if len(forms) == 1:
        return forms[0]
    sizes = [(len(constants(form)), weight(form)) for form in forms]
    least = [form for form, size in zip(forms, sizes, strict=True) if size == min(sizes)]
    return least[0] if len(set(least)) == 1 else min(least, key=_in_print)


def _in_print(expression: Expression) -> tuple[int, int, str]:
    used = variables(expression)
    names = [f"x{index}" for index in range(used[-1] + 1 if used else 0)]
    free = constants(expression)
    text = render(with_constants(expression, [math.copysign(_STAND_IN, one.value) for one in free]), names)
    return len(text), complexity(expression), text


def weight(expression: Expression) -> int:
    """Nodes without minus signs; one more for a minus in front, four for an inverse function in its partner."""
    match expression:
        case Sum(terms):
            minus = [split(term)[0].value < 0 for term in terms]
            # With no positive term to begin with, a minus stands in front of a sum that is all negative.
            awkward = 2 * all(minus) + sum(map(has_lone_difference, compress(terms, minus)))
            return 1 + sum(map(_size, terms)) + awkward
        case Product():
            return _size(expression) + (split(expression)[0].value < 0)
    return 1 + sum(map(weight, children(expression))) + (NEST if is_nest(expression) else 0)


def has_lone_difference(term: Expression) -> bool:
    """Whether turning u − v around would take the minus from before the term: a − b·(u − v)."""
    if not isinstance(term, Product):
        return False
    bases = [
        factor.base if isinstance(factor, Power) and integer_of(factor.exponent) in (1, -1) else factor
        for factor in term.factors
    ]
    sums = [base for base in bases if isinstance(base, Sum)]
    return len(sums) == 1 and any(split(part)[0].value < 0 for part in sums[0].terms)


def _size(term: Expression) -> int:
    """Weight without the sign."""
    coefficient, rest = split(term)
    if rest == ONE:
        return 1
    factors = rest.factors if isinstance(rest, Product) else (rest,)
    number = coefficient.free or abs(coefficient.value) != 1
    return number + (number or len(factors) > 1) + sum(map(weight, factors))


def is_nest(node: Expression) -> bool:
    """Whether the node is a function of (a number times) an inverse of its family."""
    if not isinstance(node, Call):
        return False
    _, inner = split(node.argument)
    return isinstance(inner, Call) and node.function in INVERSES.get(inner.function, ())


def merged(node: Expression, parts: Iterable[Expression]) -> Expression:
    """The same kind of node over other parts, with trivial structure merged."""
    match node:
        case Sum():
            return add(*parts)
        case Product():
            return multiply(*parts)
        case Power():
            return power(*parts)
        case Call(function, _):
            return call(function, *parts)
    return node


def everywhere(rule: Rule, expression: Expression) -> Expression:
    """Inside out, each node replaced by the preferred one of itself and what the rule proposes, while it does."""
    node = merged(expression, [everywhere(rule, part) for part in children(expression)])
    for _ in range(_STEPS):
        better = preferred(node, *rule(node))
        if better == node:
            break
        node = better
    return node
