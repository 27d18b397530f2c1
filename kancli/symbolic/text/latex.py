"""An expression as LaTeX that compiles with amsmath (KaTeX and MathJax understand it as well)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.tree import Expression
from kancli.symbolic.text.typeset import typeset
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
_FENCES = {"⌊": r"\lfloor ", "⌋": r"\rfloor", "⌈": r"\lceil ", "⌉": r"\rceil"}


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
    return typeset(expression, tuple(latex_name(column) for column in columns), _Latex())


class _Latex:
    pi = r"\pi"
    e = "e"

    def number(self, value: float) -> str:
        mantissa, _, exponent = repr(value).partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa

    def whole(self, value: Fraction) -> str:
        return str(value)

    def sign(self, minus: bool, *, leading: bool = False) -> str:
        sign = "-" if minus else "+"
        return f"{sign} " if leading else f" {sign} "

    def product(self, factors: Sequence[str]) -> str:
        text = ""
        for factor in factors:
            # Two numbers side by side would read as one.
            text += (r" \cdot " if factor[:1].isdigit() else " ") + factor if text else factor
        return text

    def quotient(self, over: str, under: str) -> str:
        return rf"\frac{{{over}}}{{{under}}}"

    def root(self, inside: str) -> str:
        return rf"\sqrt{{{inside}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def call(self, function: str, argument: str) -> str:
        entry = FUNCTIONS[function]
        if entry.fences is None:
            return entry.latex_name + self.parentheses(argument)
        left, right = (_FENCES.get(fence, fence) for fence in entry.fences)
        return rf"\left{left}{argument}\right{right}"

    def parentheses(self, inside: str) -> str:
        return rf"\left({inside}\right)"
