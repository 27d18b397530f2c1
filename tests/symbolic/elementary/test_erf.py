"""The error function: what it computes, and that a formula with it goes through the whole program."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import Constant, call, evaluate, value_and_jacobian, with_constants
from kancli.symbolic.library.functions import ALL, BUILTIN, late_functions, library
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.mathml import mathml
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render

U = np.concatenate([np.linspace(-7.0, 7.0, 4001), np.geomspace(1e-300, 1.0, 200)])


def test_values_are_right_to_two_units_in_the_last_place() -> None:
    found = FUNCTIONS["erf"].value(U)
    np.testing.assert_allclose(found, special.erf(U), rtol=5e-16)
    np.testing.assert_allclose(found, [math.erf(u) for u in U], rtol=5e-16)


def test_ends_and_what_is_no_number() -> None:
    found = FUNCTIONS["erf"].value(np.array([[np.inf, -np.inf], [np.nan, -0.0]]))
    np.testing.assert_array_equal(found, [[1.0, -1.0], [np.nan, -0.0]])
    assert np.signbit(found[1, 1])


def test_the_derivative_is_that_of_finite_differences() -> None:
    expression = call("erf", parse("1.3*x - 0.4", ["x"]))
    x = np.linspace(-2, 2, 41)[:, None]
    _, jacobian = value_and_jacobian(expression, x)
    h = 1e-6
    for k in range(2):
        shifts = (
            [[1.3, -0.4][j] + h * (j == k) for j in range(2)],
            [[1.3, -0.4][j] - h * (j == k) for j in range(2)],
        )
        ahead, behind = (evaluate(with_constants(expression, list(theta)), x) for theta in shifts)
        np.testing.assert_allclose(jacobian[:, k], (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-9)


def test_a_formula_with_it_is_read_printed_and_set() -> None:
    text = "2*erf(3*x/2) + 1"
    expression = parse(text, ["x"])
    assert render(expression, ["x"]) == text
    assert latex(expression, ["x"]) == r"2 \operatorname{erf}\left(\frac{3 x}{2}\right) + 1"
    assert "<mi>erf</mi>" in mathml(expression, ["x"])
    assert parse("erf(-x)", ["x"]) == parse("-erf(x)", ["x"])
    assert isinstance(call("erf", Constant(0.3)), Constant)


def test_it_is_tried_only_where_it_is_named() -> None:
    assert "erf" in ALL
    assert "erf" not in BUILTIN
    assert "erf" not in {function.name for function in (*library(), *late_functions(library()))}
    assert [function.name for function in library(["erf"])] == ["x", "erf"]
