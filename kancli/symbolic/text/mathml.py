"""An expression as presentation MathML (MathML Core, which browsers draw by themselves)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from html import escape

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

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
# Between a function's name and its argument, and between factors: these show nothing, but are read aloud.
_APPLY, _TIMES = "<mo>&#x2061;</mo>", "<mo>&#x2062;</mo>"


def mathml(expression: Expression, columns: Sequence[str], target: str | None = None) -> str:
    """A `<math>` element: the expression, or `target = expression`, with columns[i] for input i."""
    body = _text(expression, tuple(map(mathml_name, columns)))
    if target is not None:
        body = f"{mathml_name(target)}<mo>=</mo>{body}"
    return f'<math xmlns="{NAMESPACE}" display="block"><mrow>{body}</mrow></math>'


def mathml_name(column: str) -> str:
    """A column name as a symbol: x1 and v_max with an index, theta as θ, anything else as upright text."""
    match = re.fullmatch(r"([A-Za-z]+)(?:_([A-Za-z0-9]+)|([0-9]+))?", column)
    if match is None:
        return f"<mtext>{escape(column)}</mtext>"
    head, word, digits = match.groups()
    index = digits or word
    if not index:
        return _identifier(head)
    low = f"<mn>{index}</mn>" if index.isdigit() else _identifier(index)
    return f"<msub>{_identifier(head)}{low}</msub>"


def _identifier(word: str) -> str:
    return f"<mi>{_GREEK.get(word, word)}</mi>"


def _text(node: Expression, names: Sequence[str]) -> str:
    match node:
        case Variable(index):
            return names[index]
        case Constant(value, None):
            return _number(value)
        case Sum():
            (minus, first), *rest = ordered_terms(node)
            text = ("<mo>-</mo>" if minus else "") + _factor(first, names)
            return text + "".join(
                f"<mo>{'-' if less else '+'}</mo>{_factor(term, names)}" for less, term in rest
            )
        case Call("abs", argument):
            return _fenced(_text(argument, names), "|", "|")
        case Call("exp", argument):
            return f"<msup><mi>e</mi><mrow>{_text(argument, names)}</mrow></msup>"
        case Call(function, argument):
            return f"<mi>{escape(function)}</mi>{_APPLY}{_fenced(_text(argument, names))}"
    exponent = rational_of(node.exponent) if isinstance(node, Power) else None
    if isinstance(node, Power) and (exponent is None or exponent > 0):
        return _power(node, names)
    minus, size = signed(node)
    return ("<mo>-</mo>" if minus else "") + _quotient(size, names)


def _fenced(inner: str, left: str = "(", right: str = ")") -> str:
    return f"<mrow><mo fence='true'>{left}</mo>{inner}<mo fence='true'>{right}</mo></mrow>"


def _factor(node: Expression, names: Sequence[str]) -> str:
    text = _text(node, names)
    return _fenced(text) if isinstance(node, Sum) else text


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
        over += [_text(part, names) if lone else _factor(part, names) for part in above_rest]
        bare = not under and len(below_rest) == 1
        under += [_text(part, names) if bare else _factor(part, names) for part in below_rest]
    numerator = _joined(over) or "<mn>1</mn>"
    if not under:
        return numerator
    return f"<mfrac><mrow>{numerator}</mrow><mrow>{_joined(under)}</mrow></mfrac>"


def _joined(factors: Sequence[str]) -> str:
    text = ""
    for factor in factors:
        # Two numbers side by side would read as one, and a name of several words as part of what it stands beside.
        number = factor.startswith(("<mn>", "<msup><mn>", "<msup><mrow><mn>"))
        words = factor.startswith(("<mtext>", "<msup><mtext>")) or text.endswith(
            ("</mtext>", "</mtext></msup>")
        )
        sign = "<mo>·</mo>" if number or words else _TIMES
        text += sign + factor if text else factor
    return text


def _power(node: Power, names: Sequence[str]) -> str:
    base = _text(node.base, names)
    if node.exponent == HALF:
        return f"<msqrt><mrow>{base}</mrow></msqrt>"
    plain = isinstance(node.base, Variable) or (
        isinstance(node.base, Constant) and node.base.value >= 0 and base.count("<mn>") == 1
    )
    if isinstance(node.base, Call) and node.base.function == "abs":
        plain = True
    low = f"<mrow>{base}</mrow>" if plain else _fenced(base)
    return f"<msup>{low}<mrow>{_text(node.exponent, names)}</mrow></msup>"


def _part(part: Part) -> str:
    number = part.number
    match part.kind:
        case "number":
            return _number(float(number)) if is_decimal(number) else f"<mn>{number}</mn>"
        case "pi":
            return "<mi>π</mi>" if number == 1 else f"<msup><mi>π</mi>{_rational(number)}</msup>"
        case "root":
            return f"<msqrt><mn>{number}</mn></msqrt>"
        case "root of pi":
            inner = "" if number == 1 else f"<mn>{number}</mn>{_TIMES}"
            return f"<msqrt><mrow>{inner}<mi>π</mi></mrow></msqrt>"
    return "<mi>e</mi>" if number == 1 else f"<msup><mi>e</mi>{_rational(number)}</msup>"


def _rational(number: Fraction) -> str:
    return f"<mrow>{_text(exact(number), ())}</mrow>"


def _number(value: float) -> str:
    minus = "<mo>-</mo>" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    number = f"{minus}<mn>{mantissa}</mn>"
    if not exponent:
        return number
    power = int(exponent)
    sign = "<mo>-</mo>" if power < 0 else ""
    return f"{number}<mo>·</mo><msup><mn>10</mn><mrow>{sign}<mn>{abs(power)}</mn></mrow></msup>"
