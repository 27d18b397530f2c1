"""Forms whose constants have names: reading them, and finding the constants from many starts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kancli.symbolic.expression import evaluate, exact
from kancli.symbolic.forms.form import Bound, read_form
from kancli.symbolic.forms.multistart import fit_form
from kancli.symbolic.forms.snap import formula_of_form
from kancli.symbolic.text.parser import ParseError

X = np.random.default_rng(0).uniform(0.2, 5, (150, 1))


def test_names_that_are_no_columns_are_constants_in_the_order_of_writing() -> None:
    form = read_form("a*exp(-b*x)*sin(2*pi*x/T) + e*y**c", ["x", "y"])
    assert form.names == ("a", "b", "T", "e", "c")
    assert not form.shared


@pytest.mark.parametrize(
    ("text", "euler"),
    [
        ("a*e**(-k*x)", True),
        ("a*e**-x + b", True),
        ("c+(d-c)/(1+(x/e)**b)", False),
        ("a*x**4 + b*x**3 + c*x**2 + d*x + e", False),
        ("a*exp(-k*x) + e", False),
        ("e**2*x", False),
    ],
)
def test_e_is_the_user_s_constant_unless_it_is_the_base_of_an_exponential(text: str, euler: bool) -> None:
    assert ("e" in read_form(text, ["x"]).names) is not euler


def test_a_constant_keeps_its_name_where_it_occurs_again() -> None:
    form = read_form("a*x + a*b*y", ["x", "y"])
    assert form.names == ("a", "b")
    assert form.shared
    x = np.array([[2.0, 3.0]])
    assert evaluate(form.free([5.0, 7.0]), x)[0] == 5 * 2 + 5 * 7 * 3


def test_numbers_stay_what_they_are() -> None:
    form = read_form("2.5*x + b", ["x"])
    assert form.names == ("b",)
    assert evaluate(form.with_values([exact(1)]), np.array([[2.0]]))[0] == 6.0


def test_what_cancels_is_no_constant() -> None:
    assert read_form("a*x + b - b", ["x"]).names == ("a",)


@pytest.mark.parametrize(
    ("text", "linear"),
    [
        ("a*exp(-b*x) + c", [True, False, True]),
        ("a*b*x", [True, False]),
        ("a*x/(b + x)", [True, False]),
        ("(a + b*x)*c", [True, True, False]),
        ("sqrt(a*x)", [False]),
        ("a*x + a*b", [True, False]),
        ("x + (a - x)/2 + b*log(x)", [True, True]),
    ],
)
def test_the_constants_that_are_solved_for_are_linear_together(text: str, linear: list[bool]) -> None:
    form = read_form(text, ["x"])
    assert form.linear.tolist() == linear
    # Truth behind it: with the others held, the values of a form are a plane in those constants.
    bound, rng = Bound.of(form, X), np.random.default_rng(1)
    theta = rng.uniform(1, 2, len(linear))
    step = np.where(linear, rng.normal(size=len(linear)), 0.0)
    one, two, three = (bound.value(theta + k * step) for k in range(3))
    np.testing.assert_allclose(two - one, three - two, atol=1e-12)


def test_the_jacobian_of_shared_constants_is_that_of_differences() -> None:
    bound = Bound.of(read_form("a*exp(-b*x)*cos(b*x) + a", ["x"]), X)
    theta = np.array([1.3, 0.7])
    _, jacobian = bound.value_and_jacobian(theta)
    for k in range(2):
        step = 1e-6 * np.eye(2)[k]
        difference = (bound.value(theta + step) - bound.value(theta - step)) / 2e-6
        np.testing.assert_allclose(jacobian[:, k], difference, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("text", ["a*", "foo(x)", "a*x^2", "x.real", "__import__('os')"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        read_form(text, ["x"])


Law = Callable[[np.ndarray], np.ndarray]


@pytest.mark.parametrize(
    ("text", "law", "constants"),
    [
        ("a*exp(-b*x) + c", lambda x: 2.37 * np.exp(-0.83 * x) + 0.61, [2.37, 0.83, 0.61]),
        ("a*sin(b*x) + c*sin(d*x)", lambda x: 3 * np.sin(3 * x) + np.sin(11.3 * x), None),
        ("L/(1 + exp(-k*(x - m)))", lambda x: 3 / (1 + np.exp(-4 * (x - 2.2))), [3, 4, 2.2]),
        ("A*exp(-E*x)", lambda x: 1e13 * np.exp(-0.07 * x), [1e13, 0.07]),
        ("a*x + b", lambda x: -3 * x + 2, [-3, 2]),
        ("a*x**p", lambda x: 3e-20 * x**-1.5, [3e-20, -1.5]),
    ],
)
def test_constants_come_back_without_a_first_guess(
    text: str, law: Law, constants: list[float] | None
) -> None:
    form = read_form(text, ["x"])
    y = law(X[:, 0])
    found = fit_form(form, X, y, seed=0)
    assert np.sqrt(found.sse / len(y)) < 1e-7 * y.std()
    if constants is not None:
        np.testing.assert_allclose(found.theta, constants, rtol=1e-6)


@pytest.mark.parametrize("unit", [1e-20, 1e20])
def test_the_unit_of_a_column_does_not_matter(unit: float) -> None:
    form = read_form("a*exp(-b*x) + c", ["x"])
    found = fit_form(form, X * unit, 7e9 * np.exp(-0.83 * X[:, 0]) + 1e9, seed=0)
    np.testing.assert_allclose(found.theta, [7e9, 0.83 / unit, 1e9], rtol=1e-6)


def test_the_same_seed_gives_the_same_bits() -> None:
    form = read_form("a*sin(b*x + c)", ["x"])
    y = np.sin(2.1 * X[:, 0]) + np.random.default_rng(2).normal(0, 0.1, len(X))
    assert fit_form(form, X, y, seed=4).theta.tobytes() == fit_form(form, X, y, seed=4).theta.tobytes()


def test_a_constant_that_is_exact_is_exact_wherever_it_occurs() -> None:
    form = read_form("a*exp(-b*x)*cos(w*x) + b", ["x"])
    y = 2.37 * np.exp(-0.5 * X[:, 0]) * np.cos(2 * np.pi * X[:, 0]) + 0.5
    y = y + np.random.default_rng(1).normal(0, 1e-3, len(y))
    formula, parameters = formula_of_form(form, fit_form(form, X, y, seed=0), X, y, inputs=["x"], target="y")
    assert [p.exact for p in parameters] == [None, "1/2", "2*pi"]
    (free,) = [c for c in formula.constants if c.snapped is None]
    assert free.standard_error == parameters[0].standard_error
    assert abs(free.value - 2.37) < 4 * (free.standard_error or 0)


def test_standard_errors_of_a_shared_constant_are_the_scatter_of_repeated_draws() -> None:
    form = read_form("a*exp(-b*x)*cos(b*x) + c", ["x"])
    law = 2.37 * np.exp(-0.43 * X[:, 0]) * np.cos(0.43 * X[:, 0]) + 0.61
    start = fit_form(form, X, law, seed=0)
    truth = (2.37, 0.43, 0.61)
    pulls = []
    for seed in range(60):
        y = law + np.random.default_rng(seed).normal(0, 0.05, len(law))
        how = {"inputs": ["x"], "target": "y", "snapping": False, "seconds": 0.1}
        _, found = formula_of_form(form, start, X, y, **how)  # type: ignore[arg-type]
        pulls.append(
            [(p.value - t) / (p.standard_error or np.nan) for p, t in zip(found, truth, strict=True)]
        )
    # The mean of 60 χ²₁ has a standard deviation of √(2/60) = 0.18.
    np.testing.assert_allclose(np.mean(np.square(pulls), axis=0), 1.0, atol=0.6)
