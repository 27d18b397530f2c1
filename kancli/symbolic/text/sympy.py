"""Expression ⇄ sympy, with positional real symbols x0, x1, … so that no column name is ever interpreted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kancli.symbolic.elementary import FUNCTIONS, Elementary
from kancli.symbolic.expression.algebra import add, call, multiply, power
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    exact,
    variables,
)

_BY_SYMPY_NAME = {
    **{(entry.sympy_name, entry.order): entry for entry in FUNCTIONS.values()},
    # What sympy makes of digamma.
    ("polygamma", 0): FUNCTIONS["digamma"],
}
_RECIPROCAL = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh", "coth": "tanh"}


def positional_symbols(count: int) -> tuple[Any, ...]:
    """Real sympy symbols x0 … x{count-1}."""
    import sympy

    return tuple(sympy.Symbol(f"x{index}", real=True) for index in range(count))


def to_sympy(
    expression: Expression, symbols: Sequence[Any] | None = None, free: Sequence[Any] | None = None
) -> Any:
    """The sympy expression; `free` gives what stands for each free constant (default: its Float)."""
    import sympy

    used = variables(expression)
    names = positional_symbols(used[-1] + 1 if used else 0) if symbols is None else symbols
    stand_ins = iter(free) if free is not None else None

    def build(node: Expression) -> Any:
        match node:
            case Constant(value, None):
                return sympy.Float(value, 17) if stand_ins is None else next(stand_ins)
            case Constant(_, str() as text):
                return _exact_to_sympy(Exact.parse(text))
            case Variable(index):
                return names[index]
            case Sum(terms):
                return sympy.Add(*[build(term) for term in terms])
            case Product(factors):
                return sympy.Mul(*[build(factor) for factor in factors])
            case Power(base, exponent):
                built = build(base)
                return sympy.Pow(built, build(exponent))
            case Call(function, argument):
                return FUNCTIONS[function].by_sympy(sympy, build(argument))
        raise TypeError(f"not an expression: {node!r}")

    return build(expression)


def _exact_to_sympy(number: Exact) -> Any:
    import sympy

    def rational(value: Fraction) -> Any:
        return sympy.Rational(value.numerator, value.denominator)

    return (
        rational(number.rational)
        * sympy.pi ** rational(number.pi)
        * sympy.exp(rational(number.e))
        * sympy.sqrt(number.root)
    )


def _readings(node: Any) -> list[tuple[Elementary, Any]]:
    """What a call may be: the function, and which of its arguments is the one of an Expression."""
    name, arguments = type(node).__name__, node.args
    readings = [(_BY_SYMPY_NAME.get((name, None)), arguments[0])] if arguments else []
    if len(arguments) == 2 and arguments[0].is_Integer:
        readings.append((_BY_SYMPY_NAME.get((name, int(arguments[0]))), arguments[1]))
    return [(entry, argument) for entry, argument in readings if entry is not None]


def from_sympy(expression: Any, symbols: Sequence[Any] | None = None, free: Sequence[Any] = ()) -> Expression:
    """The tree of a sympy expression over `symbols` (default x0, x1, …).

    `free` symbols come back as variables numbered after the inputs, for `substitute` to fill in.

    Raises ValueError on anything that has no place in an Expression: an unknown symbol or function,
    a complex number, an infinity, a piecewise form.
    """
    import sympy

    if symbols is None:
        names = {symbol.name for symbol in expression.free_symbols}
        highest = max((int(name[1:]) for name in names if name[:1] == "x" and name[1:].isdigit()), default=-1)
        by_name = {f"x{index}": Variable(index) for index in range(highest + 1)}
        lookup = {
            symbol: by_name[symbol.name] for symbol in expression.free_symbols if symbol.name in by_name
        }
    else:
        lookup = {symbol: Variable(index) for index, symbol in enumerate([*symbols, *free])}

    def build(node: Any) -> Expression:
        if node in lookup:
            return lookup[node]
        if node.is_Rational:
            return exact(Fraction(int(node.p), int(node.q)))
        if node.is_Float:
            return Constant(float(node))
        if node == sympy.pi:
            return exact("pi")
        if node == sympy.E:
            return exact("exp(1)")
        if node.is_Add:
            return add(*map(build, node.args))
        if node.is_Mul:
            return multiply(*map(build, node.args))
        if isinstance(node, sympy.exp):
            return call("exp", build(node.args[0]))
        if node.is_Pow:
            if node.base == sympy.E:
                return call("exp", build(node.exp))
            return power(build(node.base), build(node.exp))
        name = type(node).__name__
        if name in _RECIPROCAL and len(node.args) == 1:
            return power(call(_RECIPROCAL[name], build(node.args[0])), exact(-1))
        for entry, argument in _readings(node):
            # sympy has arguments of its own beside some, as the value of a step at 0.
            if entry.by_sympy(sympy, argument) == node:
                return call(entry.name, build(argument))
        raise ValueError(f"{node} has no place in a formula")

    return build(expression)
