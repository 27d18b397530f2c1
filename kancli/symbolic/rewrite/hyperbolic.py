"""Hyperbolic functions of logarithms as the quotients that they are.

tanh(½·log u + ½·log v) = (u·v - 1)/(u·v + 1): a sum of artanhs inside a tanh is how a network adds velocities,
and (a + b)/(1 + a·b) is how a person does.
"""

from __future__ import annotations

import math
from fractions import Fraction

from kancli.symbolic.expression.algebra import add, divide, multiply, power
from kancli.symbolic.expression.tree import (
    HALF,
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Sum,
    children,
    exact,
    rational_of,
    rebuilt,
    split,
)

# A free constant in the argument becomes a factor; beyond this size it would be no number any more.
LARGEST = 300.0


def without_hyperbolics(expression: Expression) -> Expression:
    """The expression with sinh, cosh and tanh of rational sums of logarithms replaced by powers."""
    parts = [without_hyperbolics(part) for part in children(expression)]
    node = rebuilt(expression, parts) if parts else expression
    if not isinstance(node, Call) or node.function not in ("sinh", "cosh", "tanh"):
        return node
    if node.function == "tanh":
        square = exponential(node.argument, Fraction(2))
        return node if square is None else divide(add(square, MINUS_ONE), add(square, ONE))
    u = exponential(node.argument, Fraction(1))
    if u is None:
        return node
    inverse = power(u, MINUS_ONE)
    return multiply(HALF, add(u, inverse if node.function == "cosh" else multiply(MINUS_ONE, inverse)))


def exponential(argument: Expression, times: Fraction) -> Expression | None:
    """exp(times·argument) for a sum of rational multiples of logarithms, free constants beside them.

    None for anything else.
    """
    factors = _factors(argument, times)
    if factors is None or all(isinstance(factor, Constant) for factor in factors):
        return None
    return multiply(*factors)


def _factors(argument: Expression, times: Fraction) -> list[Expression] | None:
    if isinstance(argument, Sum):
        parts = [_factors(term, times) for term in argument.terms]
        return None if None in parts else [factor for part in parts if part for factor in part]
    if isinstance(argument, Constant) and argument.free and abs(argument.value * times) < LARGEST:
        return [Constant(math.exp(argument.value * times))]
    if isinstance(argument, Call) and argument.function == "log":
        return [power(argument.argument, exact(times))]
    coefficient, rest = split(argument)
    rational = rational_of(coefficient)
    if rational is None or rest == argument:
        return None
    return _factors(rest, times * rational)
