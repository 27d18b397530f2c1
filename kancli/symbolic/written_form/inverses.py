"""Functions of inverse functions as the algebraic expressions that they are: sin(2·atan u) = 2·u/(1 + u²).

All follow from the sine and cosine of the inner angle, or their hyperbolic partners, which are s = u, c = u or
both u/√(1 ± u²), and from the double angle.
"""

from __future__ import annotations

from collections.abc import Iterator

from kancli.symbolic.expression.algebra import add, divide, multiply, power, sqrt, subtract
from kancli.symbolic.expression.tree import MINUS_ONE, ONE, Call, Expression, exact, integer_of, split
from kancli.symbolic.written_form.preference import is_nest

_TWO = exact(2)


def algebraic(node: Expression) -> Iterator[Expression]:
    """Algebraic expressions equal to f(g(u)) and f(2·g(u)), for g an inverse of f or of one of its family."""
    if not isinstance(node, Call):
        return
    coefficient, inner = split(node.argument)
    times = integer_of(coefficient)
    if not isinstance(inner, Call) or not is_nest(node):
        return
    if times == 1:
        sine, cosine = _sine_and_cosine(inner)
        yield {"s": sine, "c": cosine, "t": divide(sine, cosine)}[node.function[0]]
    elif times == 2:
        yield from _doubled(node.function[0], inner)


def _sine_and_cosine(inner: Call) -> tuple[Expression, Expression]:
    """Of g(u); the cosine is positive, or u itself, on all of g's range."""
    u = inner.argument
    square = power(u, _TWO)
    match inner.function:
        case "asin":
            return u, sqrt(subtract(ONE, square))
        case "acos":
            return sqrt(subtract(ONE, square)), u
        case "asinh":
            return u, sqrt(add(square, ONE))
        case "acosh":
            return sqrt(add(square, MINUS_ONE)), u
    below = add(square, ONE) if inner.function == "atan" else subtract(ONE, square)
    return divide(u, sqrt(below)), divide(ONE, sqrt(below))


def _doubled(kind: str, inner: Call) -> Iterator[Expression]:
    """The (s)ine, (c)osine or (t)angent of 2·g(u)."""
    u = inner.argument
    square = power(u, _TWO)
    if inner.function in ("atan", "atanh"):
        # The other of 1 + u² and 1 − u² stands over the fraction line.
        plus, minus = add(square, ONE), subtract(ONE, square)
        circular = inner.function == "atan"
        below, above = (plus, minus) if circular else (minus, plus)
        match kind:
            case "s":
                yield divide(multiply(_TWO, u), below)
            case "c":
                yield divide(above, below)
                yield add(divide(_TWO, below), MINUS_ONE)
            case "t":
                yield divide(multiply(_TWO, u), above)
        return
    sine, cosine = _sine_and_cosine(inner)
    product = multiply(_TWO, sine, cosine)
    # cos 2a = 2·cos² a − 1, and so for cosh; the square of whichever is a root loses the root.
    double = add(multiply(_TWO, power(cosine, _TWO)), MINUS_ONE)
    match kind:
        case "s":
            yield product
        case "c":
            yield double
        case "t":
            yield divide(product, double)
