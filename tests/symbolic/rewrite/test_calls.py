"""Rules for calls: the values stay on the rows that the signs are from, and the known forms come out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from expressions import NAMES, property_test
from hypothesis import given
from hypothesis import strategies as st
from rewriting import MIXED, POSITIVE, keeps, parts, powers, products, short, sums

from kancli.symbolic.expression import FUNCTIONS, Call, Constant, Expression, Sum, Variable, constants
from kancli.symbolic.rewrite.calls import call_rule
from kancli.symbolic.rewrite.signs import Signs
from kancli.symbolic.text.parser import parse

arguments = st.one_of(parts, sums, products, powers)


@property_test
@given(st.sampled_from(sorted(FUNCTIONS)), arguments)
def test_a_call_keeps_its_values_on_the_rows_that_its_signs_are_from(
    function: str, argument: Expression
) -> None:
    node = Call(function, argument)
    keeps(node, call_rule(node, Signs(POSITIVE)), POSITIVE)
    keeps(node, call_rule(node, Signs(MIXED)), MIXED)
    keeps(node, call_rule(node, Signs()), MIXED)


@property_test
@given(st.sampled_from(["sin", "cos", "tan"]), st.floats(-30, 30))
def test_a_free_phase_is_brought_near_to_nought(function: str, phase: float) -> None:
    inside = Sum((Variable(0), Constant(phase)))
    node = Call(function, inside)
    found = call_rule(node, Signs())
    keeps(node, found, MIXED)
    most = math.pi / 2 if function == "tan" else math.pi / 4
    phases = [abs(c.value) for c in constants(found)]
    assert phases == [] or max(phases) <= most + 1e-9


@pytest.mark.parametrize(
    ("text", "rows", "written"),
    [
        ("exp(x + 2.0)", MIXED, "7.38906*exp(x)"),
        ("exp(x + 3.0*log(y))", POSITIVE, "y**3*exp(x)"),
        ("exp(x + 3.0*log(y))", None, "exp(x + 3*log(y))"),
        ("exp(x + 400.0)", MIXED, "exp(x + 400)"),
        ("exp(2*(x + 0.5))", MIXED, "2.71828*exp(2*x)"),
        ("log(x**3.0)", POSITIVE, "3*log(x)"),
        ("log(x**2)", MIXED, "2*log(Abs(x))"),
        ("log(x**2)", -POSITIVE, "2*log(-x)"),
        ("log(x**3)", MIXED, "log(x**3)"),
        ("log(x*exp(y))", MIXED, "log(x) + y"),
        ("Abs(x)", POSITIVE, "x"),
        ("Abs(x)", -POSITIVE, "-x"),
        ("Abs(2.0*x)", MIXED, "2*Abs(x)"),
        ("Abs(-2.0*x)", MIXED, "2*Abs(x)"),
        ("sign(x)", POSITIVE, "1"),
        ("sign(x)", -POSITIVE, "-1"),
        ("sign(2.0*x + 1.0)", MIXED, "sign(x + 0.5)"),
        ("sin(x + 1.8707963267948966)", MIXED, "cos(x + 0.3)"),
        ("cos(x + 3.441592653589793)", MIXED, "-cos(x + 0.3)"),
        ("sin(-x - y)", MIXED, "-sin(x + y)"),
        ("cos(-x - y)", MIXED, "cos(x + y)"),
        ("tanh(y - x - z)", MIXED, "-tanh(x + z - y)"),
    ],
)
def test_known_forms(text: str, rows: np.ndarray | None, written: str) -> None:
    node = parse(text, NAMES)
    found = call_rule(node, Signs(rows))
    assert short(found) == short(parse(written, NAMES))
    keeps(node, found, MIXED if rows is None else rows)


def test_a_bend_at_the_very_end_of_the_data_is_none() -> None:
    rows = np.linspace(0, 1, 11)[:, None]
    assert call_rule(Call("abs", Variable(0)), Signs(rows)) == Variable(0)
    # The sign is another value there.
    assert call_rule(Call("sign", Variable(0)), Signs(rows)) == Call("sign", Variable(0))


def test_what_is_no_call_is_left_alone() -> None:
    node = parse("x + y", NAMES)
    assert call_rule(node, Signs()) is node
