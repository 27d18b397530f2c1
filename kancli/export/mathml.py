"""The equation in MathML Core, which browsers draw without any script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from unicodedata import lookup

from kancli.export.source import Source
from kancli.symbolic.expression_exact import Exact, Part, is_decimal, written_parts
from kancli.symbolic.expression_printer import fraction, ordered_terms, signed
from kancli.symbolic.expression_tree import (
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

DESCRIPTION = "the equation in MathML, for a web page"

_NAMES = {
    **{name: f"arc{name[1:]}" for name in ("asin", "acos", "atan")},
    **{name: f"ar{name[1:]}" for name in ("asinh", "acosh", "atanh")},
    "sign": "sgn",
}
_MINUS = "<mo>−</mo>"
# Operators that are not drawn, and without which two factors or a function and its argument are not told apart.
_TIMES, _APPLY = "<mo>&#x2062;</mo>", "<mo>&#x2061;</mo>"


def write(source: Source) -> str:
    left = mathml_name(source.target)
    right = mathml(source.expression, source.columns)
    return (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
        f"<mrow>{left}<mo>=</mo>{right}</mrow></math>"
    )


def mathml_name(column: str) -> str:
    """A column name as a symbol: x1 and v_max with an index, theta as θ, anything else as text."""
    match = re.fullmatch(r"([A-Za-z]+)(?:_([A-Za-z0-9]+)|([0-9]+))?", column)
    if match is None:
        return f"<mtext>{escape(''.join(c if c.isprintable() else ' ' for c in column))}</mtext>"
    head, word, digits = match.groups()
    name = f"<mi>{_letter(head)}</mi>"
    if digits or (word or "").isdigit():
        return f"<msub>{name}<mn>{digits or word}</mn></msub>"
    return f"<msub>{name}<mi>{_letter(word)}</mi></msub>" if word else name


def _letter(word: str) -> str:
    kind = "SMALL" if word.islower() else "CAPITAL"
    if len(word) > 1 and word[1:].islower():
        try:
            return lookup(f"GREEK {kind} LETTER {'LAMDA' if word.lower() == 'lambda' else word.upper()}")
        except KeyError:
            pass
    return word


def mathml(expression: Expression, columns: Sequence[str]) -> str:
    """The right-hand side as one element, with columns[i] (as in the table) for input i."""
    return _node(expression, tuple(map(mathml_name, columns)))


def _node(node: Expression, names: Sequence[str]) -> str:
    match node:
        case Variable(index):
            return names[index]
        case Constant(value, None):
            return _row((_MINUS if value < 0 else "") + _number(abs(value)))
        case Sum():
            (minus, first), *rest = ordered_terms(node)
            text = (_MINUS if minus else "") + _factor(first, names)
            text += "".join((_MINUS if less else "<mo>+</mo>") + _factor(term, names) for less, term in rest)
            return _row(text)
        case Call("abs", argument):
            return _row(f"<mo>|</mo>{_node(argument, names)}<mo>|</mo>")
        case Call("exp", argument):
            return f"<msup><mi>e</mi>{_node(argument, names)}</msup>"
        case Call(function, argument):
            inside = _parentheses(_node(argument, names))
            return _row(f"<mi>{_NAMES.get(function, function)}</mi>{_APPLY}{inside}")
    exponent = rational_of(node.exponent) if isinstance(node, Power) else None
    if isinstance(node, Power) and (exponent is None or exponent > 0):
        return _power(node, names)
    minus, size = signed(node)
    quotient = _quotient(size, names)
    return _row(_MINUS + quotient) if minus else quotient


def _row(inside: str) -> str:
    return f"<mrow>{inside}</mrow>"


def _parentheses(inside: str) -> str:
    return _row(f"<mo>(</mo>{inside}<mo>)</mo>")


def _factor(node: Expression, names: Sequence[str]) -> str:
    text = _node(node, names)
    return _parentheses(text) if isinstance(node, Sum) else text


def _quotient(node: Expression, names: Sequence[str]) -> str:
    coefficient, rest = split(node)
    over: list[str] = []
    under: list[str] = []
    if coefficient.free:
        over.append(_number(coefficient.value))
    elif coefficient != ONE or rest == ONE:
        above, below = written_parts(Exact.parse(coefficient.exact or "1"))
        over += map(_part, above)
        under += map(_part, below)
    if rest != ONE:
        above_rest, below_rest = fraction(rest)
        # A sum alone over or under the fraction line needs no parentheses.
        lone = not over and len(above_rest) == 1 and bool(under or below_rest)
        over += [_node(part, names) if lone else _factor(part, names) for part in above_rest]
        bare = not under and len(below_rest) == 1
        under += [_node(part, names) if bare else _factor(part, names) for part in below_rest]
    numerator = _product(over) or "<mn>1</mn>"
    return f"<mfrac>{numerator}{_product(under)}</mfrac>" if under else numerator


def _product(factors: Sequence[str]) -> str:
    if len(factors) < 2:
        return "".join(factors)
    text = factors[0]
    for factor in factors[1:]:
        # Two numbers side by side would read as one.
        text += ("<mo>·</mo>" if factor.startswith(("<mn>", "<mrow><mn>")) else _TIMES) + factor
    return _row(text)


def _power(node: Power, names: Sequence[str]) -> str:
    if node.exponent == HALF:
        return f"<msqrt>{_node(node.base, names)}</msqrt>"
    base = _node(node.base, names)
    plain = isinstance(node.base, Variable) or base.startswith("<mn>")
    return f"<msup>{base if plain else _parentheses(base)}{_node(node.exponent, names)}</msup>"


def _part(part: Part) -> str:
    number = part.number
    match part.kind:
        case "number":
            return _number(float(number)) if is_decimal(number) else f"<mn>{number}</mn>"
        case "pi":
            return "<mi>π</mi>" if number == 1 else f"<msup><mi>π</mi>{_node(exact(number), ())}</msup>"
        case "root":
            return f"<msqrt><mn>{number}</mn></msqrt>"
        case "root of pi":
            inside = "<mi>π</mi>" if number == 1 else f"<mn>{number}</mn>{_TIMES}<mi>π</mi>"
            return f"<msqrt>{inside}</msqrt>"
    return "<mi>e</mi>" if number == 1 else f"<msup><mi>e</mi>{_node(exact(number), ())}</msup>"


def _number(value: float) -> str:
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return f"<mn>{mantissa}</mn>"
    power = f"<mn>{abs(int(exponent))}</mn>"
    power = power if int(exponent) >= 0 else _row(_MINUS + power)
    return _row(f"<mn>{mantissa}</mn><mo>·</mo><msup><mn>10</mn>{power}</msup>")
