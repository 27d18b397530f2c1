"""The canonical form: redundant free constants gone, powers and exponentials merged.

A symbolified network says 2.7·exp(1.0·log(1.3·x) + 0.2): three constants where two are meant. Left in, they
make the normal equations singular and no constant has a value that could be recognised. Every rule
keeps the function on the data (rules that need a positive part ask the data) and its family: no
reachable function is lost by removing a constant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.algebra import add, call, multiply, power
from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    complexity,
    variables,
)
from kancli.symbolic.rewrite.calls import call_rule
from kancli.symbolic.rewrite.operations import power_rule, product_rule, sum_rule
from kancli.symbolic.rewrite.signs import Signs

_PASSES = 12


def canonical(expression: Expression, x: NDArray[np.float64] | None = None) -> Expression:
    """The same function (on the rows of x, where given) with no redundant free constant.

    x (n, d) tells which parts are positive; without it only rules that always hold are used.
    """
    return canonical_with(expression, Signs(x))


def canonical_with(expression: Expression, signs: Signs) -> Expression:
    """`canonical` with the answers about signs kept between calls."""
    for _ in range(_PASSES):
        rewritten = _rewritten(expression, signs)
        if rewritten == expression:
            break
        expression = rewritten
    return ordered(expression)


def _rewritten(node: Expression, signs: Signs) -> Expression:
    parts = [_rewritten(part, signs) for part in children(node)]
    match node:
        case Sum():
            return sum_rule(add(*parts))
        case Product():
            return product_rule(multiply(*parts))
        case Power():
            return power_rule(power(parts[0], parts[1]), signs)
        case Call(function, _):
            return call_rule(call(function, parts[0]), signs)
    return node


def ordered(node: Expression) -> Expression:
    """Terms and factors in a fixed order that does not hang on the values of free constants.

    Changes no value: it is what makes equal formulas print equally.
    """
    match node:
        case Sum(terms):
            return Sum(tuple(sorted(map(ordered, terms), key=lambda t: (isinstance(t, Constant), _rank(t)))))
        case Product(factors):
            return Product(
                tuple(sorted(map(ordered, factors), key=lambda f: (not isinstance(f, Constant), _rank(f))))
            )
        case Power(base, exponent):
            return Power(ordered(base), ordered(exponent))
        case Call(function, argument):
            return Call(function, ordered(argument))
    return node


def _rank(node: Expression) -> tuple[tuple[int, ...], int, str]:
    return variables(node), complexity(node), _shape(node)


def _shape(node: Expression) -> str:
    match node:
        case Constant(_, text):
            return "c" if text is None else text
        case Variable(index):
            return f"x{index}"
        case Call(function, argument):
            return f"{function}({_shape(argument)})"
    return f"{type(node).__name__}({','.join(_shape(part) for part in children(node))})"
