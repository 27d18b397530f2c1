"""LaTeX and MathML: parentheses around the same parts, and around the right ones."""

from __future__ import annotations

import re

import pytest
from expressions import NAMES, expressions, property_test
from hypothesis import given

from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.mathml import mathml
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.typeset import is_one_symbol

_LATEX = re.compile(r"\\left([(|])|\\right([)|])|(?<![A-Za-z\\])([xyz])(?![A-Za-z])")
_MATHML = re.compile(r"<mo fence='true'>([(|])</mo>|<mo fence='true'>([)|])</mo>|<mi>([xyz])</mi>")


def fences(pattern: re.Pattern[str], text: str) -> list[str]:
    """Parentheses, bars and variables in the order in which they stand."""
    return ["".join(filter(None, groups)) for groups in pattern.findall(text)]


@property_test
@given(expressions)
def test_latex_and_mathml_have_parentheses_around_the_same_parts(expression):
    assert fences(_LATEX, latex(expression, NAMES)) == fences(_MATHML, mathml(expression, NAMES))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("(x + y)*z", "(x+y)z"),
        ("(x + y)/z", "x+yz"),
        ("2*(x + y)/z", "(x+y)z"),
        ("z/(x*(y + 1))", "zx(y)"),
        ("(x*y)**z", "(xy)z"),
        ("sin(x)**2", "((x))"),
        ("Abs(x)**2", "x"),
        ("(2*pi)**x", "()x"),
        ("pi**x", "x"),
        ("(1/2)**x", "()x"),
        ("sqrt(2)**x", "x"),
        ("1.5e-7**x", "()x"),
        ("sqrt(x + y)", "xy"),
    ],
)
def test_parentheses_stand_where_they_are_needed(text, order):
    expected = [c for c in order if c in "()xyz"]
    expression = parse(text, NAMES)
    for pattern, written in ((_LATEX, latex(expression, NAMES)), (_MATHML, mathml(expression, NAMES))):
        assert [fence for fence in fences(pattern, written) if fence != "|"] == expected


def test_a_base_of_several_symbols_is_no_single_symbol():
    assert is_one_symbol(parse("pi", NAMES))
    assert is_one_symbol(parse("x", NAMES))
    for text in ("2*pi", "pi**2", "1/2", "-2", "x*y", "x + y", "exp(2)", "sin(x)"):
        assert not is_one_symbol(parse(text, NAMES)), text
