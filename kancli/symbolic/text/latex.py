"""An expression as LaTeX that compiles with amsmath (KaTeX and MathJax understand it as well)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

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
from kancli.visible import visible

_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|"
    "psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_ESCAPES = {
    **{character: f"\\{character}" for character in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


def latex_name(column: str) -> str:
    r"""A column name as a symbol: x1 → x_{1}, v_max → v_{\mathrm{max}}, theta → \theta, else upright text."""
    match = re.fullmatch(r"([A-Za-z]+)(?:_([A-Za-z0-9]+)|([0-9]+))?", column)
    if match is None:
        return rf"\text{{{''.join(_ESCAPES.get(character, character) for character in visible(column))}}}"
    head, word, digits = match.groups()
    index = digits or word
    return _letters(head) + (f"_{{{index if index.isdigit() else _letters(index)}}}" if index else "")


def _letters(word: str) -> str:
    if _GREEK.fullmatch(word):
        return f"\\{word}"
    return word if len(word) == 1 else rf"\mathrm{{{word}}}"


def latex(expression: Expression, columns: Sequence[str]) -> str:
    """The right-hand side, with columns[i] (as in the table, identifier or not) for input i."""
    return _text(expression, tuple(latex_name(column) for column in columns))


def _text(node: Expression, names: Sequence[str]) -> str:
    match node:
        case Variable(index):
            return names[index]
        case Constant(value, None):
            return _number(value)
        case Sum():
            (minus, first), *rest = ordered_terms(node)
            text = ("- " if minus else "") + _factor(first, names)
            return text + "".join((" - " if less else " + ") + _factor(term, names) for less, term in rest)
        case Call("abs", argument):
            return rf"\left|{_text(argument, names)}\right|"
        case Call("exp", argument):
            return f"e^{{{_text(argument, names)}}}"
        case Call(function, argument):
            return f"{FUNCTIONS[function].latex_name}{_parentheses(_text(argument, names))}"
    exponent = rational_of(node.exponent) if isinstance(node, Power) else None
    if isinstance(node, Power) and (exponent is None or exponent > 0):
        return _power(node, names)
    minus, size = signed(node)
    return ("- " if minus else "") + _quotient(size, names)


def _parentheses(text: str) -> str:
    return rf"\left({text}\right)"


def _factor(node: Expression, names: Sequence[str]) -> str:
    text = _text(node, names)
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
    lone = False
    if rest != ONE:
        above_rest, below_rest = fraction(rest)
        # A sum alone over or under the fraction line needs no parentheses.
        lone = not over and len(above_rest) == 1 and bool(under or below_rest)
        over += [_text(part, names) if lone else _factor(part, names) for part in above_rest]
        bare = not under and len(below_rest) == 1
        under += [_text(part, names) if bare else _factor(part, names) for part in below_rest]
    numerator = _joined(over) or "1"
    return rf"\frac{{{numerator}}}{{{_joined(under)}}}" if under else numerator


def _joined(factors: Sequence[str]) -> str:
    text = ""
    for factor in factors:
        # Two numbers side by side would read as one.
        text += (r" \cdot " if factor[:1].isdigit() else " ") + factor if text else factor
    return text


def _power(node: Power, names: Sequence[str]) -> str:
    if node.exponent == HALF:
        return rf"\sqrt{{{_text(node.base, names)}}}"
    base = _text(node.base, names)
    plain = isinstance(node.base, Variable) or (isinstance(node.base, Constant) and node.base.value >= 0)
    if isinstance(node.base, Call) and node.base.function == "abs":
        plain = True
    if plain and isinstance(node.base, Constant) and r"\cdot" in base:
        plain = False
    return f"{base if plain else _parentheses(base)}^{{{_text(node.exponent, names)}}}"


def _part(part: Part) -> str:
    number = part.number
    match part.kind:
        case "number":
            return _number(float(number)) if is_decimal(number) else str(number)
        case "pi":
            return r"\pi" if number == 1 else rf"\pi^{{{_rational(number)}}}"
        case "root":
            return rf"\sqrt{{{number}}}"
        case "root of pi":
            return r"\sqrt{\pi}" if number == 1 else rf"\sqrt{{{number} \pi}}"
    return "e" if number == 1 else f"e^{{{_rational(number)}}}"


def _rational(number: Fraction) -> str:
    return _text(exact(number), ())


def _number(value: float) -> str:
    mantissa, _, exponent = repr(value).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
