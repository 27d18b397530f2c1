"""Special functions in formulas: how they are written and read, and their values and slopes where both are known."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sympy

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression import Call, Constant, Variable, call, evaluate
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.mathml import mathml
from kancli.symbolic.text.parser import ParseError, parse
from kancli.symbolic.text.printer import render
from kancli.symbolic.text.sympy import from_sympy, to_sympy

TEXTS = (
    "2*besselj(0, 3*x/2) + besselj(1, x**2)",
    "y*bessely(1, x) - besselk(0, x)/besseli(1, y)",
    "gamma(x + 1)/exp(loggamma(y))",
    "elliptic_k(sin(x/2)**2)*sqrt(y) + elliptic_e(x**2)",
    "LambertW(x*exp(y)) + airyai(-x) + sinc(pi*x)",
    "floor(x)*ceiling(y) - Heaviside(x - 1)**2",
    "digamma(y + 1/2) - erfc(x) + 1",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_formula_is_read_written_and_handed_to_sympy_as_it_is(text: str) -> None:
    expression = parse(text, ["x", "y"])
    written = render(expression, ["x", "y"])
    assert parse(written, ["x", "y"]) == expression
    symbols = sympy.symbols("x y", real=True)
    known: Any = sympy.sympify(written, locals=dict(zip("xy", symbols, strict=True)))
    assert known == to_sympy(expression, symbols)
    values = evaluate(from_sympy(known, symbols), ROWS)
    np.testing.assert_allclose(values, evaluate(expression, ROWS), rtol=1e-12)


ROWS = np.random.default_rng(0).uniform(0.2, 0.9, (12, 2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("besselj(2, x)", "of which the first is 0 or 1"),
        ("besselj(x)", "besselj takes two arguments"),
        ("besselj(x, 0)", "besselj takes two arguments"),
        ("gamma(1, x)", "gamma takes one argument"),
        ("besselq(0, x)", "did you mean bessel"),
    ],
)
def test_a_call_that_is_none_says_why(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        parse(text, ["x"])


def test_a_column_may_be_called_as_a_special_function_is() -> None:
    assert parse("gamma(gamma + 1)", ["gamma"]) == call("gamma", parse("x + 1", ["x"]))


def test_print_has_the_usual_symbols() -> None:
    expression = parse("besselj(0, x) + floor(x)**2", ["x"])
    assert latex(expression, ["x"]) == (
        r"\operatorname{J}_{0}\left(x\right) + \left\lfloor x\right\rfloor^{2}"
    )
    assert "<msub><mi>J</mi><mn>0</mn></msub>" in mathml(expression, ["x"])
    assert "<mo fence='true'>⌊</mo>" in mathml(expression, ["x"])
    assert "<mi>Γ</mi>" in mathml(parse("gamma(x)", ["x"]), ["x"])


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        ("besselj1", 0.0, 0.5),
        ("besseli1", 0.0, 0.5),
        ("sinc", 0.0, 0.0),
        ("elliptic_k", 0.0, math.pi / 8),
        ("elliptic_e", 0.0, -math.pi / 8),
        ("LambertW", 0.0, 1.0),
        ("gamma", 1.0, -0.5772156649015329),
        ("digamma", 1.0, math.pi**2 / 6),
        # By reflection: ψ′(−1/2) = π² − ψ′(3/2), and ψ′(3/2) = π²/2 − 4.
        ("digamma", -0.5, math.pi**2 / 2 + 4),
    ],
)
def test_slopes_are_known_where_their_usual_forms_divide_by_nought(
    function: str, at: float, slope: float
) -> None:
    u = np.array([at])
    entry = FUNCTIONS[function]
    np.testing.assert_allclose(entry.derivative(u, entry.value(u)), [slope], rtol=1e-14, atol=1e-15)


def test_the_slope_of_sinc_is_one_curve_where_its_series_ends() -> None:
    entry, u = FUNCTIONS["sinc"], np.linspace(0.0199, 0.0201, 21)
    found = entry.derivative(u, entry.value(u))
    np.testing.assert_allclose(found, -u / 3 + u**3 / 30 - u**5 / 840, rtol=1e-11)


@pytest.mark.parametrize("pole", [0.0, -1.0, -7.0])
def test_poles_have_no_value(pole: float) -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(FUNCTIONS["gamma"].value(np.array([pole]))).all()
        assert np.isnan(FUNCTIONS["digamma"].value(np.array([pole]))).all()


def test_a_unit_step_has_no_scale_and_turned_round_is_what_is_missing_to_one() -> None:
    x = Variable(0)
    assert call("Heaviside", parse("2.5*x", ["x"])) == Call("Heaviside", x)
    turned = call("Heaviside", parse("-3*x", ["x"]))
    np.testing.assert_array_equal(evaluate(turned, np.array([[-2.0], [0.0], [2.0]])), [1.0, 0.5, 0.0])
    assert isinstance(call("besselj0", Constant(0.3)), Constant)


def test_scipy_is_imported_when_a_special_function_is_first_called() -> None:
    code = (
        "import sys, numpy as np\n"
        "from kancli.symbolic.text.parser import parse\n"
        "from kancli.symbolic.expression import evaluate\n"
        "tree = parse('besselj(0, x)', ['x']); print('scipy' in sys.modules)\n"
        "evaluate(tree, np.ones((1, 1))); print('scipy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
