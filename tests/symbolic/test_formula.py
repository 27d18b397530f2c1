"""The formula as users see it: names, figures, LaTeX, and that the text says what was measured."""

from __future__ import annotations

import json
import keyword
import math
import re

import numpy as np
import pytest
import sympy
from expressions import NAMES, as_a_network_says_it, property_test
from hypothesis import given
from hypothesis import strategies as st

from kancli.errors import FitError
from kancli.symbolic.expression import Variable, evaluate, exact
from kancli.symbolic.expression.names import RESERVED, is_safe, safe_names
from kancli.symbolic.formula import finish, write
from kancli.symbolic.text.latex import latex, latex_name
from kancli.symbolic.text.parser import parse

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (400, 3))
HELD = np.arange(400) % 5 == 0


def test_a_symbolified_network_becomes_the_formula_in_the_users_names():
    said = as_a_network_says_it(parse("x/sqrt(1 - y**2/(z + 3)**2)", NAMES), np.random.default_rng(1))
    columns = ("m0", "v", "c")
    truth = X[:, 0] / np.sqrt(1 - X[:, 1] ** 2 / (X[:, 2] + 3) ** 2)
    formula = finish(said, X, truth, inputs=columns, target="m", validation=HELD)
    symbols = {name: sympy.Symbol(name, positive=True) for name in columns}
    difference = sympy.sympify(formula.text, locals=symbols) - sympy.sympify(
        "m0/sqrt(1 - v**2/(c + 3)**2)", locals=symbols
    )
    assert sympy.simplify(difference) == 0
    assert formula.symbols == {}
    assert formula.rmse < 1e-14
    assert formula.r2 == pytest.approx(1, abs=1e-15)
    assert "c" in formula.latex


@pytest.mark.parametrize(
    "name", ["E", "beta", "gamma", "S", "N", "Q", "O", "I", "zeta", "x_1", "θ", "print", "match"]
)
def test_names_that_sympy_would_interpret_stay_as_they_are(name):
    formula = write(parse("2*x + 1", NAMES), X[:, :1], 2 * X[:, 0] + 1, inputs=(name,), target="y")
    assert formula.text == f"2*{name} + 1"
    symbol = sympy.Symbol(name)
    assert sympy.sympify(formula.text, locals={name: symbol}) == 2 * symbol + 1


@pytest.mark.parametrize(
    "name", ["lambda", "if", "None", "pi", "sin", "Abs", "sqrt", "2theta", "Speed (m/s)", "", " ", "µ", "a-b"]
)
def test_names_that_cannot_stand_in_a_formula_get_a_safe_one_and_a_map(name):
    formula = write(parse("2*x", NAMES), X[:, :1], 2 * X[:, 0], inputs=(name,), target="y")
    (safe,) = formula.names
    assert is_safe(safe)
    assert formula.symbols == {safe: name}
    assert formula.text == f"2*{safe}"


@property_test
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6, unique=True))
def test_safe_names_are_distinct_and_safe(columns):
    names = safe_names(columns)
    assert len(set(names)) == len(columns)
    for name, column in zip(names, columns, strict=True):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name not in RESERVED
        assert name == column or not is_safe(column)


def test_safe_names_do_not_take_another_column_s_name():
    assert safe_names(("a b", "a_b", "a-b")) == ("a_b_2", "a_b", "a_b_3")


def test_figures_are_those_of_the_printed_text():
    y = 2 * X[:, 0] + RNG.normal(size=400)
    formula = write(parse("2.03*x", NAMES), X, y, inputs=NAMES, target="t", validation=HELD)
    values = evaluate(parse(formula.text, NAMES), X)
    assert formula.rmse == pytest.approx(math.sqrt(np.mean((values - y) ** 2)))
    for r2, rows in ((formula.r2, slice(None)), (formula.r2_validation, HELD)):
        total = np.sum((y[rows] - y[rows].mean()) ** 2)
        assert r2 == pytest.approx(1 - np.sum((values[rows] - y[rows]) ** 2) / total)


def test_r2_is_undefined_on_a_constant_target_and_without_held_out_rows():
    formula = write(exact(3), X, np.full(400, 3.0), inputs=NAMES, target="t")
    assert formula.r2 is None
    assert formula.r2_validation is None
    assert formula.rmse == 0
    json.dumps(formula.metadata(), allow_nan=False)


def test_a_small_amplitude_has_an_honest_r2():
    y = 1e-3 * np.sin(X[:, 0])
    formula = write(parse("sin(x)/1000", NAMES), X, y, inputs=NAMES, target="t")
    assert formula.r2 == pytest.approx(1, abs=1e-12)


def test_free_constants_come_with_standard_errors_and_snapped_ones_with_their_exact_text():
    rng = np.random.default_rng(2)
    y = np.pi * X[:, 0] + 1.2345 * X[:, 1] ** 2 + 0.05 * rng.normal(size=400)
    formula = finish(
        parse("3.1*x + 1.2*y**1.99", NAMES), X[:, :2], y, inputs=("a", "b"), target="t", validation=HELD
    )
    by_text = {report.snapped: report for report in formula.constants}
    assert by_text["pi"].value == math.pi
    assert by_text["pi"].standard_error is None
    free = by_text[None]
    design = X[:, 1] ** 2
    expected = 0.05 / math.sqrt(design @ design)
    assert free.standard_error == pytest.approx(expected, rel=0.2)
    assert abs(free.value - 1.2345) < 4 * free.standard_error
    assert formula.unsnapped != formula.text


def test_free_constants_carry_no_digits_that_the_data_do_not_determine():
    rng = np.random.default_rng(3)
    y = 1.2345678 * X[:, 0] + 0.1 * rng.normal(size=400)
    formula = finish(parse("1.2*x", NAMES), X, y, inputs=NAMES, target="t")
    (report,) = formula.constants
    assert len(repr(report.value)) <= 9
    best = (X[:, 0] @ y) / (X[:, 0] @ X[:, 0])
    assert report.value == pytest.approx(best, abs=report.standard_error / 50)


def test_clean_free_constants_keep_all_their_digits():
    value = 0.12345678901234567
    formula = finish(parse("0.1*x", NAMES), X, value * X[:, 0], inputs=NAMES, target="t")
    assert formula.constants[0].value == pytest.approx(value, rel=4e-16)


def test_snapping_can_be_left_out():
    formula = finish(parse("1.9*x", NAMES), X, 2 * X[:, 0], inputs=NAMES, target="t", snapping=False)
    assert formula.text == "2.0*x"


def test_the_free_constants_are_fitted_on_all_rows_in_the_end():
    y = 1.23456789012345 * X[:, 0] * np.where(HELD, 1.01, 1.0)
    formula = finish(parse("1.2*x", NAMES), X, y, inputs=NAMES, target="t", validation=HELD)
    best = (X[:, 0] @ y) / (X[:, 0] @ X[:, 0])
    assert formula.constants[0].value == pytest.approx(best, rel=1e-5)


def test_a_fit_that_leaves_the_domain_on_held_out_rows_is_made_on_all_rows():
    x = np.linspace(0, 1, 50)[:, None]
    held = np.arange(50) < 3
    y = np.sqrt(x[:, 0]) + np.where(held, 0.0, 0.02)
    formula = finish(parse("sqrt(x + 0.001)", NAMES), x, y, inputs=("a",), target="t", validation=held)
    assert formula.rmse is not None


def test_an_expression_that_is_not_finite_on_the_data_is_an_error():
    with pytest.raises(FitError, match="not finite"):
        finish(parse("1.5/(x - y)", NAMES), np.ones((10, 2)), np.ones(10), inputs=("a", "b"), target="t")


@pytest.mark.parametrize(
    ("column", "symbol"),
    [
        ("x", "x"),
        ("x1", "x_{1}"),
        ("theta", r"\theta"),
        ("theta_1", r"\theta_{1}"),
        ("v_max", r"v_{\mathrm{max}}"),
        ("mass", r"\mathrm{mass}"),
        ("Speed (m/s)", r"\text{Speed (m/s)}"),
        ("50%_#1 {a}", r"\text{50\%\_\#1 \{a\}}"),
        ("a\\b^~", r"\text{a\textbackslash{}b\textasciicircum{}\textasciitilde{}}"),
    ],
)
def test_latex_names_are_escaped(column, symbol):
    assert latex_name(column) == symbol


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x/sqrt(1 - y**2/z**2)", r"\frac{x}{\sqrt{1 - \frac{y^{2}}{z^{2}}}}"),
        ("exp(-x**2/2)/sqrt(2*pi)", r"\frac{e^{- \frac{x^{2}}{2}}}{\sqrt{2 \pi}}"),
        ("(x + 1)/(x - 1)", r"\frac{x + 1}{x - 1}"),
        ("(x + 1)*(y - 1)", r"\left(x + 1\right) \left(y - 1\right)"),
        ("1e-9*x", r"1 \cdot 10^{-9} x"),
        ("2*3**x", r"2 \cdot 3^{x}"),
        ("-x/2", r"- \frac{x}{2}"),
        ("Abs(x)**3*asin(y)", r"\left|x\right|^{3} \arcsin\left(y\right)"),
    ],
)
def test_latex_is_laid_out_as_in_a_book(text, expected):
    assert latex(parse(text, NAMES), NAMES) == expected


@pytest.mark.parametrize(
    "text", ["x**2*sin(y)/z", "exp(-(x - 1.2)**2/2)", "sqrt(x + y**(3/2))*Abs(z)/(4*pi)"]
)
def test_latex_braces_and_delimiters_are_balanced(text):
    written = latex(parse(text, NAMES), ("Speed {m}", "50%", "θ_0"))
    depth = 0
    for token in re.findall(r"\\.|[{}]", written):
        depth += {"{": 1, "}": -1}.get(token, 0)
        assert depth >= 0
    assert depth == 0
    assert written.count(r"\left") == written.count(r"\right")


def test_an_input_that_the_formula_does_not_use_changes_nothing():
    formula = write(Variable(2), X, X[:, 2], inputs=("lambda", "b", "c"), target="t")
    assert formula.text == "c"
    assert formula.symbols == {"lambda_": "lambda"}


def test_a_bend_at_the_very_end_of_the_data_is_none() -> None:
    x = np.random.default_rng(0).uniform(-2, 2, (200, 2))
    end = float((x[:, 0] * x[:, 1]).max())
    bent = parse(f"3 - 2*Abs(x1*x2 - {end!r})", ("x1", "x2"))
    y = 3 + 2 * (x[:, 0] * x[:, 1] - end)
    assert "Abs" not in finish(bent, x, y, inputs=("x1", "x2"), target="y").text
    inside = parse(f"3 - 2*Abs(x1*x2 - {end / 2!r})", ("x1", "x2"))
    y = 3 - 2 * abs(x[:, 0] * x[:, 1] - end / 2)
    assert "Abs" in finish(inside, x, y, inputs=("x1", "x2"), target="y").text
