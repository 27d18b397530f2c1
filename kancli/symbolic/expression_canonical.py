"""The canonical form: redundant free constants gone, powers and exponentials merged.

A symbolified network says 2.7·exp(1.0·log(1.3·x) + 0.2): three constants where two are meant. Left in, they
make the normal equations singular and no constant has a value that could be recognised. Every rule
keeps the function on the data (rules that need a positive part ask the data) and its family: no
reachable function is lost by removing a constant.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression_algebra import add, call, multiply, negate, power, times
from kancli.symbolic.expression_functions import FUNCTIONS
from kancli.symbolic.expression_signs import Signs
from kancli.symbolic.expression_tree import (
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    complexity,
    exact,
    exact_of,
    integer_of,
    split,
    variables,
)

_PASSES = 12
# exp(c) leaves the exponent only where it stays far from overflow and underflow.
_LARGEST_EXPONENT = 300.0


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
            return _sum(add(*parts), signs)
        case Product():
            return _product(multiply(*parts), signs)
        case Power():
            return _power(power(parts[0], parts[1]), signs)
        case Call(function, _):
            return _call(call(function, parts[0]), signs)
    return node


# -- sums ----------------------------------------------------------------------------------------


def _sum(node: Expression, signs: Signs) -> Expression:
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
            pulled, inner = _pulled(rest.argument, signs, positive=True)
            if pulled is not None:
                terms += [
                    multiply(coefficient, call("log", inner)),
                    Constant(coefficient.value * math.log(pulled.value)),
                ]
                continue
        terms.append(term)
    return add(*terms)


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


def _pulled(node: Expression, signs: Signs, *, positive: bool) -> tuple[Constant | None, Expression]:
    """(free scale, rest) with node = scale·rest where a common scale is free, else (None, node)."""
    coefficient, rest = split(node)
    if coefficient.free and rest != ONE:
        if positive and coefficient.value < 0:
            return Constant(-coefficient.value), negate(rest)
        return (coefficient, rest) if coefficient.value != 0 else (None, node)
    if scalable(node) and isinstance(node, Sum):
        pivot = _pivot(node)
        if pivot.value == 0:
            return None, node
        scale = Constant(abs(pivot.value) if positive else pivot.value)
        return scale, divided_by(node, pivot, scale)
    return None, node


def divided_by(node: Sum, pivot: Constant, scale: Constant) -> Expression:
    """node/scale for a scalable sum, the coefficient `pivot` becoming exactly ±1."""
    terms: list[Expression] = []
    for term in node.terms:
        coefficient, rest = split(term)
        if coefficient is pivot:
            terms.append(multiply(ONE if (coefficient.value > 0) == (scale.value > 0) else MINUS_ONE, rest))
        else:
            terms.append(multiply(Constant(coefficient.value / scale.value), rest))
    return add(*terms)


def _pivot(node: Sum) -> Constant:
    """The coefficient to make 1: the simplest varying term's, of equals the largest."""
    candidates = [split(term) for term in node.terms]
    varying = [
        (coefficient, rest) for coefficient, rest in candidates if rest != ONE and coefficient.value != 0
    ]
    if not varying:
        return candidates[0][0]
    return min(varying, key=lambda pair: (complexity(pair[1]), -abs(pair[0].value)))[0]


# -- products ------------------------------------------------------------------------------------


def _product(node: Expression, signs: Signs) -> Expression:
    if not isinstance(node, Product):
        return node
    node = _signs_and_sizes(node, signs)
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
    pulls: list[tuple[Expression, Constant, Expression]] = []
    for factor in node.factors:
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if not scalable(base) or not isinstance(exponent, Constant):
            continue
        scale, inner = _pulled(base, signs, positive=integer_of(exponent) is None)
        raised = power(scale, exponent) if scale is not None else None
        if isinstance(raised, Constant):
            pulls.append((factor, raised, power(inner, exponent)))
    # One scale alone, beside no free coefficient, is not redundant: it would only change its place.
    if not pulls or (len(pulls) == 1 and not coefficient.free):
        return node
    replaced = {id(factor): multiply(scale, inner) for factor, scale, inner in pulls}
    return multiply(*(replaced.get(id(factor), factor) for factor in node.factors))


def _signs_and_sizes(node: Product, signs: Signs) -> Expression:
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


# -- powers --------------------------------------------------------------------------------------


def _power(node: Expression, signs: Signs) -> Expression:
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


# -- calls ---------------------------------------------------------------------------------------


def _call(node: Expression, signs: Signs) -> Expression:
    if not isinstance(node, Call):
        return node
    function, argument = node.function, node.argument
    if function == "exp":
        return _exponential(argument, signs)
    if function == "log":
        return _logarithm(argument, signs)
    if function in ("abs", "sign"):
        return _size_or_sign(function, argument, signs)
    if function in ("sin", "cos", "tan"):
        turned = _phase(function, argument)
        if turned is not None:
            return turned
    return _leading_positive(node)


def _size_or_sign(function: str, argument: Expression, signs: Signs) -> Expression:
    """|c·u| → c·|u| and sign(c·u) → sign u for a free positive scale c; neither where u's sign is known."""
    known = signs.of(argument)
    if known:
        size = argument if known > 0 else negate(argument)
        return size if function == "abs" else ONE if known > 0 else MINUS_ONE
    scale, inner = _pulled(argument, signs, positive=True)
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
    if parity is None or not isinstance(node.argument, Sum):
        return node
    negative = [split(term)[0].value < 0 for term in node.argument.terms]
    if 2 * sum(negative) < len(negative) or (2 * sum(negative) == len(negative) and not negative[0]):
        return node
    flipped = Call(node.function, add(*(negate(term) for term in node.argument.terms)))
    return negate(flipped) if parity == "odd" else flipped


# -- order ---------------------------------------------------------------------------------------


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
