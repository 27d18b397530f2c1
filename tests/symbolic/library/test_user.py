"""A user's function: its value and derivative are those of the text, whatever its variable is called."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from expressions import NAMES, expressions, property_test
from hypothesis import assume, given, settings

from kancli.errors import UsageError
from kancli.symbolic.expression import Expression, Variable, complexity, evaluate, substitute, variables
from kancli.symbolic.library.user import LEAST_COMPLEXITY, MOST_COMPLEXITY, compile_text
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render

U = np.linspace(0.3, 2.7, 24)
TEXTS = (
    "1/tanh(u) - 1/u",
    "u**3 + u",
    "u*exp(-u**2)",
    "sin(u)/u",
    "log(1 + exp(u))",
    "u**u",
    "pi*u + sqrt(2)*sqrt(u)",
)


@pytest.mark.parametrize("text", TEXTS)
def test_value_and_derivative_are_those_that_sympy_finds(text: str) -> None:
    value, derivative, _ = compile_text("own", text)
    u = sympy.Symbol("u")
    form = sympy.sympify(text, {"u": u})  # the project's own text
    expected, slope = (sympy.lambdify(u, one, "numpy") for one in (form, sympy.diff(form, u)))
    assert np.allclose(value(U), expected(U), rtol=1e-13)
    assert np.allclose(derivative(U, value(U)), slope(U) * np.ones_like(U), rtol=1e-11)


@settings(property_test, max_examples=60)
@given(expressions)
def test_a_random_expression_of_one_variable_has_its_values_and_their_slope(expression: Expression) -> None:
    one = substitute(expression, {Variable(index): Variable(0) for index in range(len(NAMES))})
    assume(variables(one) == (0,))
    value, derivative, _ = compile_text("own", render(one, ("u",)))
    with np.errstate(all="ignore"):
        expected = evaluate(one, U[:, None])
        assume(np.isfinite(expected).all() and np.max(np.abs(expected)) < 1e6)
        assert np.allclose(value(U), expected, rtol=1e-9, atol=1e-9 * np.max(np.abs(expected)))
        step = 1e-6
        both = [(value(U + h) - value(U - h)) / (2 * h) for h in (step, 2 * step)]
        # Where two step widths agree there is a slope to speak of.
        fine = np.isfinite(both).all(axis=0) & np.isclose(
            *both, rtol=1e-5, atol=1e-7 * np.max(np.abs(expected))
        )
        found = derivative(U, value(U))
        size = np.max(np.abs(expected))
        assert np.allclose(found[fine], both[0][fine], rtol=1e-3, atol=1e-3 * size)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_arrays_of_any_shape_keep_it(shape: tuple[int, ...]) -> None:
    value, derivative, _ = compile_text("own", "u**2 + u")
    u = np.full(shape, 2.0)
    assert np.array_equal(value(u), np.full(shape, 6.0))
    assert np.array_equal(derivative(u, value(u)), np.full(shape, 5.0))


def test_the_variable_may_be_called_u_or_x_but_not_both() -> None:
    assert np.array_equal(compile_text("own", "x**2 + x")[0](U), compile_text("own", "u**2 + u")[0](U))
    with pytest.raises(UsageError, match="one variable"):
        compile_text("own", "x + u")


@pytest.mark.parametrize("text", ["2", "1 +", "v**2", "__import__('os')", "exp"])
def test_what_is_no_function_of_one_variable_is_an_error_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as problem:
        compile_text("own", text)
    assert "own" in problem.value.message
    assert "langevin" in str(problem.value.hint)


def test_outside_its_domain_a_function_has_no_value_and_there_is_no_warning() -> None:
    value, derivative, _ = compile_text("own", "log(u) + sqrt(u)")
    u = np.array([-1.0, 1.0])
    assert np.isfinite(value(u)).tolist() == [False, True]
    assert np.isfinite(derivative(u, value(u))).tolist() == [False, True]


def test_a_function_with_a_name_is_never_cheaper_or_dearer_than_some_bounds() -> None:
    weights = {
        text: compile_text("own", text)[2] for text in ("u**2", *TEXTS, "sin(u)*exp(u)*log(u)*u**3 + 1/u")
    }
    for text, weight in weights.items():
        plain = complexity(parse(text, ("u",)))
        assert weight == min(max(plain, LEAST_COMPLEXITY), MOST_COMPLEXITY)
    assert min(weights.values()) == LEAST_COMPLEXITY
    assert max(weights.values()) == MOST_COMPLEXITY
