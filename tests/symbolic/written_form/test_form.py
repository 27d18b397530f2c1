"""The written form: examples as a person writes them, values kept, never heavier, settled, one for all orders."""

from __future__ import annotations

import numpy as np
import pytest
from expressions import KNOWN, NAMES, expressions, property_test
from hypothesis import given

from kancli.symbolic.expression import (
    Call,
    Constant,
    Power,
    Product,
    Sum,
    Variable,
    children,
    constants,
    evaluate,
    exact,
    multiply,
    with_constants,
)
from kancli.symbolic.expression.tree import rebuilt
from kancli.symbolic.rewrite.canonical import canonical
from kancli.symbolic.rewrite.signs import Signs
from kancli.symbolic.rewrite.simplify import agrees
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render
from kancli.symbolic.written_form.form import written
from kancli.symbolic.written_form.inverses import algebraic
from kancli.symbolic.written_form.openings import leading, opened, openings
from kancli.symbolic.written_form.preference import preferred, weight

ROWS = np.random.default_rng(0).uniform(1, 3, (200, 6))
LETTERS = ("a", "b", "c", "d", "e", "f")
X, Y, Z = map(Variable, range(3))


def shown(text: str, rows: np.ndarray = ROWS) -> str:
    return render(written(parse(text, LETTERS), rows), LETTERS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # One fraction line, common numbers in front.
        ("b*(1/(c*(4*pi*a - 4*pi*d)*e))*a", "a*b/(4*pi*c*e*(a - d))"),
        ("1/((a - 1)*b)*c*d", "c*d/(b*(a - 1))"),
        ("a/(2*b + 2)", "a/(2*(b + 1))"),
        ("3/(1 - a*b/3) - 2", "9/(3 - a*b) - 2"),
        ("1/(a**2/8 + b**2/8 + 1/4)", "8/(a**2 + b**2 + 2)"),
        ("a**2*(b**2*(c/(4*pi) - 1/(8*pi)) - a**2*d/(8*pi*e**2))/f", "a**2*(b**2*(2*c - 1) - a**2*d/e**2)/(8*pi*f)"),
        ("a*(2.5*b - 2.5*c)", "2.5*a*(b - c)"),
        # A quotient instead of a quotient in a quotient, where that is shorter.
        ("1/(1/a + b/a**2)", "a**2/(a + b)"),
        ("1/(1/a + (1 - cos(b))/(c*d**2))", "1/(1/a + (1 - cos(b))/(c*d**2))"),
        # Signs.
        ("-a*b/(c - a)", "a*b/(a - c)"),
        ("a*(2 - 2*cos(b*c))", "2*a*(1 - cos(b*c))"),
        ("-2*a*(cos(b*c) - 1)", "2*a*(1 - cos(b*c))"),
        ("a - b*(c - d)", "a + b*(d - c)"),
        ("-a*b*cos(c)", "-a*b*cos(c)"),
        ("a*(-exp(b) - sin(c) - 2)", "-a*(exp(b) + sin(c) + 2)"),
        # Inverse functions within their partners, where the algebra is hardly longer.
        ("sin(2*atan(a/sqrt(2)))/sqrt(2)", "2*a/(a**2 + 2)"),
        ("exp(2*log(a) + b)", "a**2*exp(b)"),
        ("sqrt((a - b)**2)", "Abs(a - b)"),
        # Roots.
        ("(a/b)**(1/4)*(c/d)**(1/4)", "(a*c/(b*d))**(1/4)"),
        ("sqrt(2)*sqrt(a*b)", "sqrt(2*a*b)"),
        ("sqrt(a*b)/sqrt(2)", "sqrt(a*b/2)"),
        # Factors in the order of reading: a call comes last.
        ("cos(a*b)*c*(cos(a*b)*d + 1)", "c*(d*cos(a*b) + 1)*cos(a*b)"),
    ],
)  # fmt: skip
def test_formulas_are_written_as_a_person_writes_them(text, expected):
    assert shown(text) == expected


def test_a_number_leaves_a_root_whose_base_is_negative_on_the_data():
    rows = ROWS * np.array([-1.0, 1, 1, 1, 1, 1])
    expression = canonical(parse("1.642*(-1.1*a/b)**(1/4)", LETTERS), rows)
    (number,) = constants(expression)
    assert number.value == pytest.approx(1.642 * 1.1**0.25, rel=1e-15)
    assert agrees(evaluate(expression, rows), 1.642 * (-1.1 * rows[:, 0] / rows[:, 1]) ** 0.25)


def test_a_number_stays_under_a_root_that_would_have_no_value_without_it():
    """√(−2·x) is √2·√(−x): the sign must stay with x."""
    rows = -ROWS
    expression = canonical(parse("sqrt(-2.5*a)", LETTERS), rows)
    assert agrees(evaluate(expression, rows), np.sqrt(-2.5 * rows[:, 0]))


def test_substituted_products_are_still_one_fraction():
    """A product put in the place of a variable under a fraction line, as a change of variables leaves it."""
    nested = Product((X, Power(Product((Y, Sum((Z, exact(1))))), exact(-1)), Z))
    assert render(nested, NAMES) == "x*z/(y*(z + 1))"
    deeper = Product((X, Power(Product((Y, Power(Product((Z, X)), exact(-1)))), exact(-1))))
    assert render(deeper, NAMES) == "x*z*x/y"
    assert render(written(deeper, ROWS), NAMES) == "x**2*z/y"


@pytest.mark.parametrize("text", KNOWN)
def test_a_known_formula_is_never_written_longer(text):
    expression = parse(text, NAMES)
    found = written(expression, ROWS)
    assert len(render(found, NAMES)) <= len(render(expression, NAMES))
    assert weight(found) <= weight(expression)


@property_test
@given(expressions)
def test_the_written_form_has_the_same_values_and_is_never_heavier(expression):
    found = written(expression, ROWS)
    assert agrees(evaluate(found, ROWS), evaluate(expression, ROWS))
    assert weight(found) <= weight(expression)
    assert len(constants(found)) <= len(constants(expression))


@property_test
@given(expressions)
def test_the_written_form_is_written_as_it_stands(expression):
    found = written(expression, ROWS)
    assert render(written(found, ROWS), NAMES) == render(found, NAMES)


@property_test
@given(expressions)
def test_reading_the_printed_text_gives_the_values_of_the_expression(expression):
    found = written(expression, ROWS)
    assert agrees(evaluate(parse(render(found, NAMES), NAMES), ROWS), evaluate(found, ROWS))


def turned_around(node):
    """Terms and factors in the opposite order."""
    parts = [turned_around(part) for part in children(node)]
    return rebuilt(node, parts[::-1] if isinstance(node, Sum | Product) else parts) if parts else node


@property_test
@given(expressions)
def test_the_order_of_terms_and_factors_does_not_show(expression):
    one, other = written(expression, ROWS), written(turned_around(expression), ROWS)
    assert weight(one) == weight(other)


@pytest.mark.parametrize("text", KNOWN)
def test_the_last_bits_of_the_constants_do_not_show(text):
    expression = parse(text, NAMES)
    free = [constant.value for constant in constants(expression)]
    moved = with_constants(expression, [float(np.nextafter(value, np.inf)) for value in free])
    blind = [
        render(with_constants(found, [1.5] * len(constants(found))), NAMES)
        for found in (written(expression, ROWS), written(moved, ROWS))
    ]
    assert blind[0] == blind[1]


@property_test
@given(expressions)
def test_an_opening_is_the_sum(expression):
    for node in (expression, *children(expression)):
        if isinstance(node, Sum):
            for outside, inside in openings(node):
                product = evaluate(multiply(outside, inside), ROWS)
                assert agrees(product, evaluate(node, ROWS))


@property_test
@given(expressions)
def test_turning_differences_around_keeps_the_values(expression):
    assert agrees(evaluate(leading(expression), ROWS), evaluate(expression, ROWS))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("inverse", "partners", "low", "high"),
    [
        ("asin", ("sin", "cos", "tan"), -0.9, 0.9),
        ("acos", ("sin", "cos", "tan"), -0.9, 0.9),
        ("atan", ("sin", "cos", "tan"), -5.0, 5.0),
        ("asinh", ("sinh", "cosh", "tanh"), -5.0, 5.0),
        ("acosh", ("sinh", "cosh", "tanh"), 1.1, 5.0),
        ("atanh", ("sinh", "cosh", "tanh"), -0.9, 0.9),
    ],
)
def test_a_function_of_its_inverse_is_algebraic(times, inverse, partners, low, high):
    rows = np.random.default_rng(1).uniform(low, high, (300, 1))
    for partner in partners:
        inner = Call(inverse, X)
        node = Call(partner, inner if times == 1 else Product((exact(2), inner)))
        forms = list(algebraic(node))
        assert forms, partner
        for form in forms:
            np.testing.assert_allclose(evaluate(form, rows), evaluate(node, rows), rtol=1e-9)
            assert not any(isinstance(part, Call) for part in (form, *children(form)))


def test_a_root_is_opened_only_for_what_is_positive():
    node = parse("sqrt(1/a + b/a**2)", LETTERS)
    forms = list(opened(Signs(ROWS))(node))
    assert any(agrees(evaluate(form, ROWS), evaluate(node, ROWS)) for form in forms)
    negative = ROWS * np.array([-1.0, 1, 1, 1, 1, 1])
    reference = evaluate(node, negative)
    assert np.isfinite(reference).any()
    for form in opened(Signs(negative))(node):
        assert agrees(evaluate(form, negative), reference)


def test_the_digits_of_a_free_constant_do_not_decide_between_forms():
    short, long = Product((Constant(0.5), X)), Product((Constant(0.123456789), X))
    assert preferred(short, long) is short
    assert preferred(long, short) is long
