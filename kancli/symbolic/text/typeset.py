"""An expression set in two dimensions: what is a fraction, a root or a power, and where parentheses stand.

LaTeX and MathML differ in how each of these is spelt, never in where one is needed: a sum needs parentheses as a
factor, not alone over or under a fraction line; a base needs them unless it is one symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.exact import Exact, Part, is_decimal, written_parts
from kancli.symbolic.expression.tree import (
    HALF,
    ONE,
    Call,
    Constant,
    Expression,
    Power,
    Sum,
    Variable,
    exact,
    rational_of,
    split,
)
from kancli.symbolic.text.printer import fraction, ordered_terms, signed


class Notation(Protocol):
    """How one language spells each piece; all arguments are pieces that are spelt already."""

    pi: str
    e: str

    def number(self, value: float) -> str: ...

    def whole(self, value: Fraction) -> str: ...

    def sign(self, minus: bool, *, leading: bool = False) -> str: ...

    def product(self, factors: Sequence[str]) -> str: ...

    def quotient(self, over: str, under: str) -> str: ...

    def root(self, inside: str) -> str: ...

    def power(self, base: str, exponent: str) -> str: ...

    def call(self, function: str, argument: str) -> str: ...

    def parentheses(self, inside: str) -> str: ...


def typeset(expression: Expression, names: Sequence[str], notation: Notation) -> str:
    """The expression in a notation, with names[i] (spelt already) for input i."""
    return _Setter(names, notation).piece(expression)


def is_one_symbol(base: Expression) -> bool:
    """Whether an exponent can stand at this base without parentheses."""
    match base:
        case Variable():
            return True
        case Call(function, _):
            return FUNCTIONS[function].fences is not None
        case Constant(value, None):
            return value >= 0 and "e" not in repr(value)
        case Constant(value, text):
            # π, √2 and 2 are one symbol; 2·π, π² and 1/2 are several.
            over, under = written_parts(Exact.parse(text or "1"))
            return value >= 0 and not under and len(over) <= 1 and all(map(_is_one_symbol, over))
    return False


def _is_one_symbol(part: Part) -> bool:
    if part.kind == "number":
        return not is_decimal(part.number) or "e" not in repr(float(part.number))
    return part.kind.startswith("root") or part.number == 1


class _Setter:
    def __init__(self, names: Sequence[str], notation: Notation) -> None:
        self._names = names
        self._as = notation

    def piece(self, node: Expression) -> str:
        match node:
            case Variable(index):
                return self._names[index]
            case Constant(value, None):
                return self._as.number(value)
            case Sum():
                return self._sum(node)
            case Call("exp", argument):
                return self._as.power(self._as.e, self.piece(argument))
            case Call(function, argument):
                return self._as.call(function, self.piece(argument))
        exponent = rational_of(node.exponent) if isinstance(node, Power) else None
        if isinstance(node, Power) and (exponent is None or exponent > 0):
            return self._power(node)
        minus, size = signed(node)
        return self._leading(minus) + self._quotient(size)

    def _leading(self, minus: bool) -> str:
        return self._as.sign(True, leading=True) if minus else ""

    def _sum(self, node: Sum) -> str:
        (minus, first), *rest = ordered_terms(node)
        text = self._leading(minus) + self._factor(first)
        return text + "".join(self._as.sign(less) + self._factor(term) for less, term in rest)

    def _factor(self, node: Expression) -> str:
        text = self.piece(node)
        return self._as.parentheses(text) if isinstance(node, Sum) else text

    def _quotient(self, node: Expression) -> str:
        coefficient, rest = split(node)
        over: list[str] = []
        under: list[str] = []
        if coefficient.free:
            over.append(self._as.number(coefficient.value))
        elif coefficient != ONE or rest == ONE:
            above, below = written_parts(Exact.parse(coefficient.exact or "1"))
            over += map(self._part, above)
            under += map(self._part, below)
        if rest != ONE:
            above_rest, below_rest = fraction(rest)
            # A sum alone over or under the fraction line needs no parentheses.
            alone = not over and len(above_rest) == 1 and bool(under or below_rest)
            over += [self.piece(part) if alone else self._factor(part) for part in above_rest]
            alone = not under and len(below_rest) == 1
            under += [self.piece(part) if alone else self._factor(part) for part in below_rest]
        numerator = self._as.product(over) if over else self._as.whole(Fraction(1))
        return self._as.quotient(numerator, self._as.product(under)) if under else numerator

    def _power(self, node: Power) -> str:
        base = self.piece(node.base)
        if node.exponent == HALF:
            return self._as.root(base)
        if not is_one_symbol(node.base):
            base = self._as.parentheses(base)
        return self._as.power(base, self.piece(node.exponent))

    def _part(self, part: Part) -> str:
        number = part.number
        match part.kind:
            case "number":
                return self._as.number(float(number)) if is_decimal(number) else self._as.whole(number)
            case "pi":
                return self._as.pi if number == 1 else self._as.power(self._as.pi, self.piece(exact(number)))
            case "root":
                return self._as.root(self._as.whole(number))
            case "root over pi":
                return self._as.root(self._as.quotient(self._as.whole(number), self._as.pi))
            case "root of pi" if number < 1:
                return self._as.root(self._as.quotient(self._as.pi, self._as.whole(1 / number)))
            case "root of pi" if number == 1:
                return self._as.root(self._as.pi)
            case "root of pi":
                return self._as.root(self._as.product([self._as.whole(number), self._as.pi]))
        return self._as.e if number == 1 else self._as.power(self._as.e, self.piece(exact(number)))
