"""An expression as presentation MathML (MathML Core, which browsers draw by themselves)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from html import escape

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.tree import Expression
from kancli.symbolic.text.typeset import typeset

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
# Between a function's name and its argument, and between factors: these show nothing, but are read aloud.
_APPLY, _TIMES = "<mo>&#x2061;</mo>", "<mo>&#x2062;</mo>"
_WORDS_END = ("</mtext>", "</mtext></mrow></msup>")


def mathml(expression: Expression, columns: Sequence[str], target: str | None = None) -> str:
    """A `<math>` element: the expression, or `target = expression`, with columns[i] for input i."""
    body = typeset(expression, tuple(map(mathml_name, columns)), _MathML())
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


class _MathML:
    pi = "<mi>π</mi>"
    e = "<mi>e</mi>"

    def number(self, value: float) -> str:
        minus = "<mo>-</mo>" if value < 0 else ""
        mantissa, _, exponent = repr(abs(value)).partition("e")
        number = f"{minus}<mn>{mantissa}</mn>"
        if not exponent:
            return number
        power = int(exponent)
        sign = "<mo>-</mo>" if power < 0 else ""
        return f"{number}<mo>·</mo><msup><mn>10</mn><mrow>{sign}<mn>{abs(power)}</mn></mrow></msup>"

    def whole(self, value: Fraction) -> str:
        return f"<mn>{value}</mn>"

    def sign(self, minus: bool, *, leading: bool = False) -> str:
        return "<mo>-</mo>" if minus else "<mo>+</mo>"

    def product(self, factors: Sequence[str]) -> str:
        text = ""
        for factor in factors:
            # Two numbers side by side would read as one, a name of several words as part of what it stands beside.
            number = factor.startswith(("<mn>", "<msup><mrow><mn>"))
            words = factor.startswith(("<mtext>", "<msup><mrow><mtext>")) or text.endswith(_WORDS_END)
            sign = "<mo>·</mo>" if number or words else _TIMES
            text += sign + factor if text else factor
        return text

    def quotient(self, over: str, under: str) -> str:
        return f"<mfrac><mrow>{over}</mrow><mrow>{under}</mrow></mfrac>"

    def root(self, inside: str) -> str:
        return f"<msqrt><mrow>{inside}</mrow></msqrt>"

    def power(self, base: str, exponent: str) -> str:
        return f"<msup><mrow>{base}</mrow><mrow>{exponent}</mrow></msup>"

    def call(self, function: str, argument: str) -> str:
        entry = FUNCTIONS[function]
        if entry.fences is not None:
            return _fenced(argument, *entry.fences)
        name = f"<mi>{escape(function)}</mi>"
        if entry.symbol is not None:
            letter, index = entry.symbol
            name = f"<msub><mi>{letter}</mi><mn>{index}</mn></msub>" if index else f"<mi>{letter}</mi>"
        return f"{name}{_APPLY}{_fenced(argument)}"

    def parentheses(self, inside: str) -> str:
        return _fenced(inside)


def _fenced(inner: str, left: str = "(", right: str = ")") -> str:
    return f"<mrow><mo fence='true'>{left}</mo>{inner}<mo fence='true'>{right}</mo></mrow>"
