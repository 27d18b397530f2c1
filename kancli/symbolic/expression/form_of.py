"""What two formulas of the same form have in common: everything but the values of their constants."""

from __future__ import annotations

from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    integer_of,
    rebuilt,
)

FormKey = tuple[object, ...]

_NUMBER: FormKey = ("number",)


def form_of(expression: Expression) -> FormKey:
    """A key that is equal for formulas that differ in constants only: 2·sin(3·x) and 2.1·sin(x).

    Whole exponents belong to the form: x² is another one than x^1.98. A factor in front of a term does not: x and
    3·x are of one form. An added constant does: x and x + 3 are of two.
    """
    match expression:
        case Constant():
            return _NUMBER
        case Variable(index):
            return ("variable", index)
        case Call(function, argument):
            return (function, form_of(argument))
        case Power(base, exponent):
            whole = integer_of(exponent)
            if whole == 1:
                return form_of(base)
            return ("power", form_of(base), form_of(exponent) if whole is None else whole)
        case Product(factors):
            parts = [form_of(factor) for factor in factors if not isinstance(factor, Constant)]
            return _joined("product", parts)
        case Sum(terms):
            return _joined("sum", [form_of(term) for term in terms])
    raise TypeError(expression)


def freed(expression: Expression) -> Expression:
    """The same form with every constant free but whole exponents, and 0, 1 and −1."""

    def free(node: Expression, exponent: bool) -> Expression:
        if isinstance(node, Constant):
            stays = node.value in (0.0, 1.0, -1.0) or (exponent and integer_of(node) is not None)
            return node if stays else Constant(node.value)
        parts = children(node)
        of_power = isinstance(node, Power)
        return (
            rebuilt(node, [free(part, of_power and i == 1) for i, part in enumerate(parts)])
            if parts
            else node
        )

    return free(expression, False)


def _joined(kind: str, parts: list[FormKey]) -> FormKey:
    if not parts:
        return _NUMBER
    return parts[0] if len(parts) == 1 else (kind, *sorted(parts, key=repr))
