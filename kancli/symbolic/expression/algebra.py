"""Smart constructors: build a sum, product, power or call with its trivial structure merged.

They use only identities that hold wherever both sides are defined and real, whatever the data;
what needs the sign of a part on the data is in `expression_canonical`. A free constant absorbs
every constant beside it; exact constants fold only into exact constants.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import (
    HALF,
    MINUS_ONE,
    ONE,
    ZERO,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    exact,
    exact_of,
    integer_of,
    rational_of,
    split,
)


def add(*terms: Expression) -> Expression:
    """The sum, nested sums flattened, like terms and constants merged, zeros gone."""
    collected: dict[Expression, list[Constant]] = {}
    for term in _flat_terms(terms):
        coefficient, rest = split(term)
        group = collected.setdefault(rest, [])
        for index, other in enumerate(group):
            merged = _plus(other, coefficient)
            if merged is not None:
                group[index] = merged
                break
        else:
            group.append(coefficient)
    parts = [
        multiply(coefficient, rest)
        for rest, group in collected.items()
        for coefficient in group
        if coefficient != ZERO
    ]
    parts.sort(key=lambda part: isinstance(part, Constant))  # the constant term last
    return parts[0] if len(parts) == 1 else Sum(tuple(parts)) if parts else ZERO


def subtract(left: Expression, right: Expression) -> Expression:
    return add(left, negate(right))


def negate(expression: Expression) -> Expression:
    return multiply(MINUS_ONE, expression)


def divide(left: Expression, right: Expression) -> Expression:
    return multiply(left, power(right, MINUS_ONE))


def sqrt(expression: Expression) -> Expression:
    return power(expression, HALF)


def _flat_terms(terms: tuple[Expression, ...]) -> list[Expression]:
    flat: list[Expression] = []
    for term in terms:
        coefficient, rest = split(term)
        if isinstance(rest, Sum) and not coefficient.free:
            flat += _flat_terms(tuple(multiply(coefficient, part) for part in rest.terms))
        else:
            flat.append(term)
    return flat


def _plus(left: Constant, right: Constant) -> Constant | None:
    if ZERO in (left, right):
        return right if left == ZERO else left
    if left.free or right.free:
        return Constant(left.value + right.value)
    total = Exact.parse(left.exact or "").plus(Exact.parse(right.exact or ""))
    return None if total is None else exact(total)


def times(left: Constant, right: Constant) -> Constant:
    """The product of two constants: exact where both are, free otherwise."""
    if ZERO in (left, right):
        return ZERO
    if left == ONE or right == ONE:
        return right if left == ONE else left
    if left.free or right.free:
        return Constant(left.value * right.value)
    return exact(Exact.parse(left.exact or "") * Exact.parse(right.exact or ""))


def multiply(*factors: Expression) -> Expression:
    """The product, flattened, constants and powers of one base merged, exponentials joined."""
    coefficient = ONE
    exponents: dict[Expression, list[Expression]] = {}
    exponential: list[Expression] = []
    for factor in _flat_factors(factors):
        if isinstance(factor, Constant):
            coefficient = times(coefficient, factor)
        elif isinstance(factor, Call) and factor.function == "exp":
            exponential.append(factor.argument)
        elif isinstance(factor, Power):
            exponents.setdefault(factor.base, []).append(factor.exponent)
        else:
            exponents.setdefault(factor, []).append(ONE)
    if coefficient == ZERO:
        return ZERO
    parts: list[Expression] = []
    for base, several in exponents.items():
        raised = power(base, several[0] if len(several) == 1 else add(*several))
        # A merged exponent, or an inverse of a product, may turn out as a constant or a product again.
        if isinstance(raised, Constant | Product):
            return multiply(
                coefficient, *parts, raised, *_remaining(exponents, base), *map(_exp, exponential)
            )
        parts.append(raised)
    if exponential:
        joined = call("exp", add(*exponential))
        if len(exponential) > 1 and not (isinstance(joined, Call) and joined.function == "exp"):
            return multiply(coefficient, *parts, joined)
        parts.append(joined)
    if not parts:
        return coefficient
    if coefficient != ONE:
        parts.insert(0, coefficient)
    return parts[0] if len(parts) == 1 else Product(tuple(parts))


def _exp(argument: Expression) -> Expression:
    return Call("exp", argument)


def _remaining(exponents: dict[Expression, list[Expression]], after: Expression) -> list[Expression]:
    bases = list(exponents)
    return [power(base, add(*exponents[base])) for base in bases[bases.index(after) + 1 :]]


def _flat_factors(factors: tuple[Expression, ...]) -> list[Expression]:
    flat: list[Expression] = []
    for factor in factors:
        if isinstance(factor, Product):
            flat += _flat_factors(factor.factors)
        else:
            flat.append(factor)
    return flat


_E = exact("exp(1)")


def power(base: Expression, exponent: Expression) -> Expression:
    """The real power; exponents 0 and 1 gone, constants folded, products opened where always valid."""
    if exponent == ZERO:
        return ONE
    if exponent == ONE or base == ONE:
        return base
    if isinstance(base, Constant) and isinstance(exponent, Constant):
        folded = _constant_power(base, exponent)
        if folded is not None:
            return folded
    if base == _E:
        return call("exp", exponent)
    whole = integer_of(exponent)
    match base:
        case Call("exp", argument):
            return call("exp", multiply(exponent, argument))
        case Power(inner, inner_exponent) if whole is not None:
            return power(inner, multiply(inner_exponent, exponent))
        case Product(factors) if whole is not None:
            return multiply(*(power(factor, exponent) for factor in factors))
        case Product(factors) if isinstance(factors[0], Constant) and factors[0] not in (ZERO, MINUS_ONE):
            # 2**p with a free p would be a free constant more.
            same_count = isinstance(exponent, Constant) and (factors[0].free or not exponent.free)
            scale = power(_absolute(factors[0]), exponent) if same_count and factors[0].value else None
            if isinstance(scale, Constant):
                rest = split(base)[1]
                return multiply(scale, power(rest if factors[0].value > 0 else negate(rest), exponent))
        case Call("abs", argument) if whole is not None and whole % 2 == 0:
            return power(argument, exponent)
    return Power(base, exponent)


def _constant_power(base: Constant, exponent: Constant) -> Constant | None:
    exact_base, rational = exact_of(base), rational_of(exponent)
    if exact_base is not None and rational is not None:
        raised = exact_base.power(rational)
        return None if raised is None else exact(raised)
    if not (base.free or exponent.free):
        return None
    with np.errstate(all="ignore"):
        value = float(np.power(np.float64(base.value), exponent.value))
    return Constant(value) if math.isfinite(value) else None


_EXACT_VALUES = {
    (entry.name, exact(u)): exact(v) for entry in FUNCTIONS.values() for u, v in entry.exact_values
}


def call(function: str, argument: Expression) -> Expression:
    """f(argument), constants folded, inverse pairs cancelled, signs taken out of odd and even functions."""
    if isinstance(argument, Constant):
        folded = _constant_call(function, argument)
        if folded is not None:
            return folded
    if isinstance(argument, Call):
        if FUNCTIONS[function].undoes == argument.function:
            return argument.argument
        if function == "abs" and FUNCTIONS[argument.function].sign != "any":
            return argument
    parity = FUNCTIONS[function].parity
    coefficient, rest = split(argument)
    if function == "abs" and coefficient != ONE and rest != ONE:
        return multiply(_absolute(coefficient), call("abs", rest))
    if function == "sign" and coefficient != ONE and rest != ONE:
        return multiply(MINUS_ONE if coefficient.value < 0 else ONE, call("sign", rest))
    if function == "Heaviside" and coefficient != ONE and rest != ONE and coefficient.value:
        step = call("Heaviside", rest)
        return add(ONE, negate(step)) if coefficient.value < 0 else step
    if parity and coefficient.value < 0:
        positive = call(function, multiply(times(MINUS_ONE, coefficient), rest))
        return negate(positive) if parity < 0 else positive
    return Call(function, argument)


def _absolute(constant: Constant) -> Constant:
    return times(MINUS_ONE, constant) if constant.value < 0 else constant


def _constant_call(function: str, argument: Constant) -> Expression | None:
    if argument.free:
        with np.errstate(all="ignore"):
            value = float(FUNCTIONS[function].value(np.asarray(argument.value)))
        return Constant(value) if math.isfinite(value) else None
    if (function, argument) in _EXACT_VALUES:
        return _EXACT_VALUES[function, argument]
    if function == "abs":
        return _absolute(argument)
    if function == "sign":
        return ONE if argument.value > 0 else MINUS_ONE
    number = Exact.parse(argument.exact or "")
    if function == "exp" and number.is_rational and abs(number.rational) <= 64:
        return exact(Exact(Fraction(1), e=number.rational))
    return None
