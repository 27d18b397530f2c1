"""Rewriting rules of the canonical form for calls whose argument is canonical."""

from __future__ import annotations

import math

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.algebra import add, call, multiply, negate, power, times
from kancli.symbolic.expression.tree import (
    MINUS_ONE,
    ONE,
    ZERO,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    integer_of,
    split,
)
from kancli.symbolic.rewrite.scales import pulled_scale
from kancli.symbolic.rewrite.signs import Signs

# exp(c) leaves the exponent only where it stays far from overflow and underflow.
_LARGEST_EXPONENT = 300.0


def call_rule(node: Expression, signs: Signs) -> Expression:
    if not isinstance(node, Call):
        return node
    function, argument = node.function, node.argument
    if function == "exp":
        return _exponential(argument, signs)
    if function == "log":
        return _logarithm(argument, signs)
    if function in ("abs", "sign"):
        return _size_or_sign(function, argument, signs)
    if function == "Heaviside":
        known = signs.of(argument)
        # A scale says nothing where only the sign counts.
        inner = pulled_scale(argument, positive=True)[1]
        return (ONE if known > 0 else ZERO) if known else call("Heaviside", inner)
    if function == "hinge":
        known = signs.side(argument)
        return (argument if known > 0 else ZERO) if known else call("hinge", argument)
    if function in ("sin", "cos", "tan"):
        turned = _phase(function, argument)
        if turned is not None:
            return turned
    return _leading_positive(node)


def _size_or_sign(function: str, argument: Expression, signs: Signs) -> Expression:
    """|c·u| → c·|u| and sign(c·u) → sign u for a free positive scale c; neither where u's sign is known."""
    # A bend at the very end of the data is none.
    known = signs.side(argument) if function == "abs" else signs.of(argument)
    if known:
        size = argument if known > 0 else negate(argument)
        return size if function == "abs" else ONE if known > 0 else MINUS_ONE
    scale, inner = pulled_scale(argument, positive=True)
    if scale is None:
        return call(function, argument)
    return multiply(scale, call("abs", inner)) if function == "abs" else call("sign", inner)


def _exponential(argument: Expression, signs: Signs) -> Expression:
    """exp(u + c + k·log v) → C·vᵏ·exp(u)."""
    outside: list[Expression] = []
    inside: list[Expression] = []
    terms = list(argument.terms) if isinstance(argument, Sum) else [argument]
    while terms:
        term = terms.pop(0)
        coefficient, rest = split(term)
        if isinstance(rest, Sum) and isinstance(rest.terms[-1], Constant) and rest.terms[-1].free:
            terms += [multiply(coefficient, add(*rest.terms[:-1])), times(coefficient, rest.terms[-1])]
        elif isinstance(term, Constant) and term.free and abs(term.value) < _LARGEST_EXPONENT:
            outside.append(Constant(math.exp(term.value)))
        elif isinstance(rest, Call) and rest.function == "log" and signs.positive(rest.argument):
            outside.append(power(rest.argument, coefficient))
        else:
            inside.append(term)
    return multiply(*outside, call("exp", add(*inside))) if outside else call("exp", argument)


def _logarithm(argument: Expression, signs: Signs) -> Expression:
    """log uᵖ → p·log u for positive u, log(v·exp u) → log v + u."""
    if isinstance(argument, Power) and isinstance(argument.exponent, Constant):
        base = argument.base
        whole = integer_of(argument.exponent)
        if signs.positive(base):
            return multiply(argument.exponent, call("log", base))
        if whole is not None and whole % 2 == 0:
            size = negate(base) if signs.of(base) < 0 else call("abs", base)
            return multiply(argument.exponent, call("log", size))
    if isinstance(argument, Product):
        exponentials = [
            part for part in argument.factors if isinstance(part, Call) and part.function == "exp"
        ]
        if exponentials:
            rest = multiply(*(part for part in argument.factors if part not in exponentials))
            return add(call("log", rest), *(part.argument for part in exponentials))
    return call("log", argument)


def _phase(function: str, argument: Expression) -> Expression | None:
    """A free phase brought to [−π/4, π/4] by exchanging sine and cosine: clean phases are then near 0."""
    if not isinstance(argument, Sum):
        return None
    last = argument.terms[-1]
    if not (isinstance(last, Constant) and last.free):
        return None
    rest = argument.terms[:-1]
    if function == "tan":
        turns = round(last.value / math.pi)
        return call("tan", add(*rest, Constant(last.value - turns * math.pi))) if turns else None
    quarter = round(last.value / (math.pi / 2))
    if quarter == 0:
        return None
    inside = add(*rest, Constant(last.value - quarter * (math.pi / 2)))
    # sin(v + q·π/2) and cos(v + q·π/2) run through sin, cos, −sin, −cos as q does.
    place = (quarter + (1 if function == "cos" else 0)) % 4
    turned = call("sin" if place % 2 == 0 else "cos", inside)
    return negate(turned) if place >= 2 else turned


def _leading_positive(node: Call) -> Expression:
    """−u inside an odd or even function brought out where most terms of u are negative."""
    parity = FUNCTIONS[node.function].parity
    if not parity or not isinstance(node.argument, Sum):
        return node
    negative = [split(term)[0].value < 0 for term in node.argument.terms]
    if 2 * sum(negative) < len(negative) or (2 * sum(negative) == len(negative) and not negative[0]):
        return node
    flipped = Call(node.function, add(*(negate(term) for term in node.argument.terms)))
    return negate(flipped) if parity < 0 else flipped
