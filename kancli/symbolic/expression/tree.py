"""The expression tree: constants, variables, calls, sums, products and powers.

Subtraction is a product with −1, division a power with exponent −1, a square root a power with
exponent 1/2, so every rewrite has few cases to know. A constant is *free* (the re-fit may move it)
or *exact* (snapped: `exact` holds its text, such as "1/2" or "2*pi", and `value` its float64 value).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from kancli.symbolic.expression.exact import Exact


@dataclass(frozen=True, slots=True)
class Constant:
    """A number; free when `exact` is None."""

    value: float
    exact: str | None = None

    @property
    def free(self) -> bool:
        return self.exact is None


@dataclass(frozen=True, slots=True)
class Variable:
    """Column `index` of the input matrix."""

    index: int


@dataclass(frozen=True, slots=True)
class Call:
    """An elementary function of one argument; `function` is a key of `elementary.FUNCTIONS`."""

    function: str
    argument: Expression


@dataclass(frozen=True, slots=True)
class Sum:
    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Product:
    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """The real power: nan where a negative base meets a broken exponent."""

    base: Expression
    exponent: Expression


Expression: TypeAlias = Constant | Variable | Call | Sum | Product | Power


def exact(value: int | str | Fraction | Exact) -> Constant:
    """An exact constant: `exact(2)`, `exact("pi/2")`, `exact(Fraction(1, 3))`."""
    number = value if isinstance(value, Exact) else Exact.of(value)
    return Constant(number.value, number.text)


ZERO, ONE, MINUS_ONE, HALF = exact(0), exact(1), exact(-1), exact("1/2")


def exact_of(node: Expression) -> Exact | None:
    """The exact number that `node` is, or None for a free constant and for anything else."""
    if isinstance(node, Constant) and node.exact is not None:
        return Exact.parse(node.exact)
    return None


def rational_of(node: Expression) -> Fraction | None:
    """The rational number that `node` exactly is, or None."""
    number = exact_of(node)
    return number.rational if number is not None and number.is_rational else None


def integer_of(node: Expression) -> int | None:
    """The integer that `node` exactly is, or None."""
    rational = rational_of(node)
    return rational.numerator if rational is not None and rational.denominator == 1 else None


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node in traversal order (a power: base, then exponent)."""
    match node:
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Power(base, exponent):
            return (base, exponent)
        case Call(_, argument):
            return (argument,)
    return ()


def rebuilt(node: Expression, parts: Sequence[Expression]) -> Expression:
    """The same kind of node over other parts, without any simplification."""
    match node:
        case Sum():
            return Sum(tuple(parts))
        case Product():
            return Product(tuple(parts))
        case Power():
            return Power(parts[0], parts[1])
        case Call(function, _):
            return Call(function, parts[0])
    return node


def walk(node: Expression) -> Iterator[Expression]:
    """Every node, each before its parts, in traversal order."""
    yield node
    for part in children(node):
        yield from walk(part)


def constants(expression: Expression) -> tuple[Constant, ...]:
    """The free constants in traversal order: the parameters of every Jacobian and re-fit."""
    return tuple(node for node in walk(expression) if isinstance(node, Constant) and node.exact is None)


def exact_constants(expression: Expression) -> tuple[Constant, ...]:
    """The exact constants in traversal order."""
    return tuple(node for node in walk(expression) if isinstance(node, Constant) and node.exact is not None)


def with_constants(expression: Expression, values: Sequence[float]) -> Expression:
    """The same tree with its free constants, in traversal order, set to `values`."""
    return with_leaves(expression, [Constant(float(value)) for value in values])


def with_leaves(expression: Expression, leaves: Sequence[Expression]) -> Expression:
    """The same tree with each free constant, in traversal order, replaced by an expression."""
    remaining = iter(leaves)

    def place(node: Expression) -> Expression:
        if isinstance(node, Constant):
            return next(remaining) if node.exact is None else node
        parts = children(node)
        return rebuilt(node, [place(part) for part in parts]) if parts else node

    placed = place(expression)
    if next(remaining, None) is not None:
        raise ValueError("more values than free constants")
    return placed


def substitute(expression: Expression, replacements: Mapping[Expression, Expression]) -> Expression:
    """Replace every node equal to a key by its value (outermost first, not again inside a replacement)."""
    if expression in replacements:
        return replacements[expression]
    parts = children(expression)
    return rebuilt(expression, [substitute(part, replacements) for part in parts]) if parts else expression


def variables(expression: Expression) -> tuple[int, ...]:
    """The indices of the input columns that occur, ascending."""
    return tuple(sorted({node.index for node in walk(expression) if isinstance(node, Variable)}))


def complexity(expression: Expression) -> int:
    """The number of nodes, with every constant one node: what sympy's preorder traversal counts.

    x − y is Sum(x, Product(−1, y)), five nodes; x/y is Product(x, Power(y, −1)), five as well.
    """
    return sum(1 for _ in walk(expression))


def split(term: Expression) -> tuple[Constant, Expression]:
    """A term as (constant coefficient, the rest); the rest of a constant is ONE."""
    if isinstance(term, Constant):
        return term, ONE
    if isinstance(term, Product) and isinstance(term.factors[0], Constant):
        rest = term.factors[1:]
        return term.factors[0], rest[0] if len(rest) == 1 else Product(rest)
    return ONE, term
