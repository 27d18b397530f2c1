"""The library: values, derivatives, domains, names."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from kancli.errors import UsageError
from kancli.symbolic.library.functions import BUILTIN, Function, function_of, library, user_function

INSIDE = {"arcsin": (-0.95, 0.95), "arccos": (-0.95, 0.95), "tan": (-1.4, 1.4)}


def points(function: Function) -> np.ndarray:
    low, high = INSIDE.get(function.name, (0.2 if function.low >= 0 else -2.3, 2.7))
    return np.linspace(low, high, 24)


@pytest.mark.parametrize("name", BUILTIN)
def test_the_template_is_the_value(name: str) -> None:
    function = BUILTIN[name]
    u = points(function)
    symbol, exponent = sympy.symbols("u p")
    # The templates are the project's own text, so sympify is safe here.
    template = sympy.sympify(function.template, {"u": symbol, "p": exponent}).subs(exponent, 1.7)
    expected = sympy.lambdify(symbol, template, "numpy")(u)
    np.testing.assert_allclose(function.value(u, 1.7), expected * np.ones_like(u), rtol=1e-13)


@pytest.mark.parametrize("name", BUILTIN)
def test_the_derivative_is_that_of_the_value(name: str) -> None:
    function = BUILTIN[name]
    u = points(function)
    u = u[np.abs(u) > 1e-3]
    h = 1e-6
    expected = (function.value(u + h, 1.7) - function.value(u - h, 1.7)) / (2 * h)
    np.testing.assert_allclose(
        function.derivative(u, function.value(u, 1.7), 1.7), expected, rtol=1e-7, atol=1e-8
    )


@pytest.mark.parametrize("name", [name for name, f in BUILTIN.items() if np.isfinite(f.low)])
def test_outside_the_domain_the_value_is_nan(name: str) -> None:
    function = BUILTIN[name]
    u = np.array([function.low - 0.5])
    assert not function.inside(u).any()
    with np.errstate(invalid="ignore"):
        assert np.isnan(function.value(u, 0.5)).all()


@pytest.mark.parametrize("name", BUILTIN)
def test_parity_says_what_the_values_do(name: str) -> None:
    function = BUILTIN[name]
    if function.parity:
        u = np.linspace(0.1, 0.9, 5)
        np.testing.assert_allclose(function.value(-u), function.parity * function.value(u), rtol=1e-14)


def test_the_simplest_functions_come_first_and_x_is_always_there() -> None:
    weights = [function.complexity for function in library()]
    assert weights == sorted(weights)
    assert [function.name for function in library(["sin"])] == ["x", "sin"]
    assert "x" in [function.name for function in library(exclude=["x", "sin"])]
    assert "sin" not in [function.name for function in library(exclude=["sin"])]


def test_other_spellings_are_understood() -> None:
    assert {function.name for function in library(["atan", "square", "ln"])} == {"x", "arctan", "x^2", "log"}


def test_a_misspelt_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        library(["gausian"])
    assert caught.value.hint == "did you mean 'gaussian'?"


def test_a_users_function_has_its_text_and_its_derivative() -> None:
    langevin = user_function("langevin", "1/tanh(x) - 1/x")
    u = np.linspace(0.3, 4, 9)
    h = 1e-5
    np.testing.assert_allclose(langevin.value(u), 1 / np.tanh(u) - 1 / u, rtol=1e-13)
    expected = (langevin.value(u + h) - langevin.value(u - h)) / (2 * h)
    np.testing.assert_allclose(langevin.derivative(u, langevin.value(u)), expected, rtol=1e-8)
    assert langevin.parity == -1
    assert function_of("langevin", "1/tanh(x) - 1/x") is langevin


def test_a_users_function_keeps_the_shape_of_its_argument() -> None:
    double = user_function("double", "2.5*u**2 + u")
    assert double.value(np.ones((3, 4))).shape == (3, 4)
    np.testing.assert_allclose(double.derivative(np.full((3, 4), 2.0), np.zeros((3, 4))), 11.0)


@pytest.mark.parametrize("text", ["u + x", "3", "y", "u +", "__import__('os').system('true')"])
def test_a_text_that_is_no_function_of_one_variable_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="bad"):
        user_function("bad", text)
