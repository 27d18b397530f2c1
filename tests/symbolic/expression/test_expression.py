"""Trees: values against sympy, Jacobians against finite differences, identities of the canonical form."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
import sympy
from expressions import KNOWN, NAMES, expressions, property_test
from hypothesis import given
from hypothesis import strategies as st

from kancli.symbolic.expression import (
    FUNCTIONS,
    Call,
    Constant,
    Power,
    Product,
    Sum,
    Variable,
    add,
    call,
    complexity,
    constants,
    evaluate,
    exact,
    multiply,
    power,
    substitute,
    value_and_jacobian,
    variables,
    with_constants,
)
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.rewrite.canonical import canonical
from kancli.symbolic.rewrite.gather import gathered, together
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.sympy import from_sympy, to_sympy

X, Y, Z = Variable(0), Variable(1), Variable(2)
ROWS = np.random.default_rng(5).uniform(0.4, 1.9, (50, 3))


def same_values(left, right, x=ROWS, tolerance=1e-7):
    """Equal wherever the left side is finite, of moderate size, and not shaken by one rounding of x."""
    a, b, shaken = evaluate(left, x), evaluate(right, x), evaluate(left, x * (1 + 1e-15))
    fine = np.isfinite(a) & np.isfinite(shaken) & (np.abs(a) < 1e8)
    a, b, shaken = a[fine], b[fine], shaken[fine]
    return bool(np.all(np.abs(a - b) <= tolerance * (1 + np.abs(a)) + 1e4 * np.abs(shaken - a)))


@pytest.mark.parametrize("text", KNOWN)
def test_values_equal_those_of_sympy(text):
    symbols = sympy.symbols(NAMES)
    truth = sympy.lambdify(symbols, sympy.sympify(text), "numpy")
    x = np.random.default_rng(0).uniform(1, 3, (30, 3))
    with np.errstate(invalid="ignore"):
        expected = truth(*x.T)
    np.testing.assert_allclose(evaluate(parse(text, NAMES), x), expected, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_has_its_derivative(function):
    low, high = (1.1, 2.0) if function == "acosh" else (0.1, 0.8)
    u = np.linspace(low, high, 40)[:, None]
    expression = Call(function, Product((Constant(1.05), X)))
    _, jacobian = value_and_jacobian(expression, u)
    step = 1e-6
    ahead = evaluate(with_constants(expression, [1.05 + step]), u)
    behind = evaluate(with_constants(expression, [1.05 - step]), u)
    np.testing.assert_allclose(jacobian[:, 0], (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "text",
    [
        "2.5*exp(1.1*sin(3.1*x + 0.2) + 0.9*(y - 0.1)**2)",
        "1.5*x**0.7*y**(-1.2) + 0.3",
        "0.7*sqrt(1.2*x**2 + 0.8*y**2)/(z + 0.5)**3",
        "(0.2*x + 1.1)**(1.3*y)",
        "x*log(2.5*y)*tanh(0.3*z) - 2.2",
    ],
)
def test_jacobian_equals_sympy_s_derivatives(text):
    expression = parse(text, NAMES)
    free = sympy.symbols(f"c0:{len(constants(expression))}")
    symbols = sympy.symbols("x0:3")
    tree = to_sympy(expression, symbols, free)
    _, jacobian = value_and_jacobian(expression, ROWS)
    theta = [constant.value for constant in constants(expression)]
    for index, parameter in enumerate(free):
        derivative = sympy.lambdify([*symbols, *free], sympy.diff(tree, parameter), "numpy")
        expected = np.broadcast_to(derivative(*ROWS.T, *theta), len(ROWS))
        np.testing.assert_allclose(jacobian[:, index], expected, rtol=1e-9, atol=1e-12)


def test_jacobian_of_a_product_is_right_where_a_factor_is_zero():
    expression = Product((Constant(2.0), Sum((X, Constant(-1.0))), Y))
    values, jacobian = value_and_jacobian(expression, np.array([[1.0, 3.0]]))
    np.testing.assert_array_equal(values, [0.0])
    np.testing.assert_array_equal(jacobian, [[0.0, 6.0]])


def test_a_power_with_a_free_exponent_has_a_finite_derivative_at_zero():
    values, jacobian = value_and_jacobian(Power(X, Constant(1.7)), np.array([[0.0], [2.0]]))
    assert values[0] == 0.0
    assert jacobian[0, 0] == 0.0
    np.testing.assert_allclose(jacobian[1, 0], 2**1.7 * np.log(2))


def test_outside_the_domain_values_are_nan_without_a_warning():
    x = np.array([[-1.0, 0.0, 2.0]])
    assert np.isnan(evaluate(call("log", X), x))[0]
    assert np.isnan(evaluate(parse("sqrt(x)", NAMES), x))[0]
    assert np.isinf(evaluate(parse("1/y", NAMES), x))[0]
    assert np.isnan(evaluate(call("asin", Z), x))[0]


def test_a_jacobian_of_twenty_nodes_takes_well_under_a_millisecond():
    from kancli.symbolic.expression import compiled

    expression = parse("2.7*exp(1.01*(0.99*sin(3.14*x + 0.01) + 1.02*(y - 0.03)**2 - 1.0))", NAMES)
    program = compiled(expression, np.random.default_rng(0).uniform(0, 1, (1000, 3)))
    theta = [constant.value for constant in constants(expression)]
    times = []
    for _ in range(30):
        start = time.perf_counter()
        program.value_and_jacobian(theta)
        times.append(time.perf_counter() - start)
    assert complexity(expression) >= 20
    assert min(times) < 1e-3


def test_complexity_counts_what_sympy_s_traversal_counts():
    for text in KNOWN:
        expression = canonical(parse(text, NAMES))
        tree = to_sympy(expression)
        if not (tree.has(sympy.E) or tree.has(sympy.pi)):
            # sympy counts an exact constant such as sqrt(2)/2 by its own parts.
            assert complexity(expression) == sum(1 for _ in sympy.preorder_traversal(tree)), text


def test_free_constants_come_in_traversal_order_and_go_back_in_it():
    expression = Sum((Product((Constant(1.0), X)), Power(Y, Constant(2.0)), exact(7), Constant(3.0)))
    assert [constant.value for constant in constants(expression)] == [1.0, 2.0, 3.0]
    assert [c.value for c in constants(with_constants(expression, [4.0, 5.0, 6.0]))] == [4.0, 5.0, 6.0]
    with pytest.raises(ValueError, match="more values"):
        with_constants(expression, [1.0, 2.0, 3.0, 4.0])


def test_substitution_replaces_equal_parts_everywhere():
    expression = parse("sin(x)**2 + y*sin(x)", NAMES)
    assert substitute(expression, {Call("sin", X): Z}) == parse("z**2 + y*z", NAMES)
    assert variables(substitute(expression, {X: Z})) == (1, 2)


@property_test
@given(expressions)
def test_the_canonical_form_has_the_same_values(expression):
    assert same_values(expression, canonical(expression, ROWS))
    assert same_values(expression, canonical(expression), np.random.default_rng(6).uniform(-2, 2, (50, 3)))


@property_test
@given(expressions)
def test_the_canonical_form_never_has_more_free_constants(expression):
    assert len(constants(canonical(expression, ROWS))) <= len(constants(expression))


@property_test
@given(expressions)
def test_gathering_keeps_the_values(expression):
    form = canonical(expression, ROWS)
    assert same_values(form, gathered(form))
    assert same_values(form, together(form))


@pytest.mark.parametrize(
    ("said", "meant", "free"),
    [
        ("exp(x + 0.5)", "1.6487212707001282*exp(x)", 1),
        ("log(2.5*x) + 1.0", "log(x) + 1.9162907318741551", 1),
        ("2.0*(3.0*x)**0.5", "3.4641016151377544*x**0.5", 2),
        ("2.0*(3.0*x + 4.0*y)**2", "32.0*(0.75*x + y)**2", 2),
        ("2.0*(3.0*x + 4.0) + 5.0", "6.0*x + 13.0", 2),
        ("exp(2.0*log(x) + 3.0*log(y))", "x**2.0*y**3.0", 2),
        ("exp(2.5*(0.4*x + 0.8))", "7.38905609893065*exp(1.0*x)", 2),
        ("2.0*exp(x)*3.0*exp(y)", "6.0*exp(x + y)", 1),
        ("log(x**2.0)", "2.0*log(x)", 1),
        ("2.0*x + 3.0*x", "5.0*x", 1),
        ("x**2.0*x**(-3.5)", "x**(-1.5)", 1),
        ("log(exp(2.5*x)*y)", "2.5*x + log(y)", 1),
        ("2.0*Abs(3.0*x - 3.0*y)", "6.0*Abs(x - 1.0*y)", 2),
        ("sqrt((x + y)**2)", "x + y", 0),
        ("sign(x)*x", "x", 0),
        ("Abs(x)**2", "x**2", 0),
    ],
)
def test_redundant_free_constants_are_removed(said, meant, free):
    left, right = canonical(parse(said, NAMES), ROWS), canonical(parse(meant, NAMES), ROWS)
    assert len(constants(left)) == free
    assert with_constants(left, [1.0] * free) == with_constants(right, [1.0] * free)
    np.testing.assert_allclose(
        [constant.value for constant in constants(left)], [constant.value for constant in constants(right)]
    )


@pytest.mark.parametrize("turn", range(-3, 5))
@pytest.mark.parametrize("function", ["sin", "cos"])
def test_a_phase_near_a_quarter_turn_becomes_a_phase_near_zero(function, turn):
    said = Call(function, Sum((X, Constant(turn * np.pi / 2 + 0.01))))
    form = canonical(said)
    assert abs(constants(form)[0].value) == pytest.approx(0.01, abs=1e-12)
    assert same_values(said, form)


def test_a_square_root_of_a_square_keeps_its_sign_where_the_data_have_both():
    x = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert canonical(parse("sqrt((x - y)**2)", NAMES), x) == canonical(parse("Abs(x - y)", NAMES), x)
    negative = canonical(parse("sqrt((x - y)**2)", NAMES), x[:1])
    np.testing.assert_array_equal(evaluate(negative, x), [1.0, -1.0])


def test_a_free_exponent_stays_one():
    assert len(constants(canonical(parse("(x*y)**1.3", NAMES), ROWS))) == 1


def test_smart_constructors_absorb_zero_and_one():
    assert add(X, exact(0)) == X
    assert multiply(exact(1), X) == X
    assert multiply(exact(0), X, Constant(2.0)) == exact(0)
    assert power(X, exact(1)) == X
    assert power(exact(1), Constant(2.0)) == exact(1)
    assert add(X, multiply(exact(-1), X)) == exact(0)


def test_exact_constants_fold_exactly_and_free_ones_absorb():
    assert multiply(exact("1/3"), exact("3/2"), exact("pi")) == exact("pi/2")
    assert add(exact("1/3"), exact("1/6")) == exact("1/2")
    assert power(exact("2*pi"), exact("-1/2")) == exact("1/sqrt(2*pi)")
    assert multiply(exact(2), Constant(3.0)) == Constant(6.0)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-3",
        "1/2",
        "-3/2",
        "pi",
        "2*pi",
        "pi/4",
        "1/(4*pi)",
        "sqrt(2)",
        "1/sqrt(2*pi)",
        "pi**2/6",
        "exp(1)",
        "exp(-1/2)",
        "1.35",
        "6.674e-11",
        "299792458",
        "sqrt(3)/2",
        "1/sqrt(pi)",
    ],
)
def test_exact_numbers_read_and_write_themselves(text):
    number = Exact.parse(text)
    assert Exact.parse(number.text) == number
    assert number.value == pytest.approx(float(sympy.sympify(text)), rel=4e-16)


@given(st.fractions(max_denominator=400), st.integers(-2, 2), st.sampled_from([1, 2, 3, 5, 6]))
def test_every_exact_number_reads_back(rational, pi, root):
    number = Exact(rational, pi=Fraction(pi), root=root) if rational else Exact(rational)
    assert Exact.parse(number.text) == number


@property_test
@given(expressions)
def test_sympy_and_back_keeps_the_values(expression):
    tree = to_sympy(expression, sympy.symbols("x0:3", positive=True))
    if tree.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I) or (not tree.is_finite and tree.is_number):
        return
    try:
        back = from_sympy(tree, sympy.symbols("x0:3", positive=True))
    except ValueError:
        return  # sympy itself made it complex or piecewise
    assert same_values(expression, back)


def test_what_has_no_place_in_a_formula_is_refused_from_sympy():
    x = sympy.Symbol("x0", real=True)
    for tree in (sympy.I * x, sympy.zeta(x), sympy.Symbol("k"), sympy.oo):
        with pytest.raises(ValueError, match="no place"):
            from_sympy(tree)
