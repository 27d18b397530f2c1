"""Derivatives of a network of two layers, and equations that it solves."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.equations.network import jets_and_jacobian, random_network
from kancli.equations.problem import equation_of, problem_of, residual_and_slopes
from kancli.equations.reading import left_by, mean_squared_error
from kancli.equations.solve import solved
from kancli.errors import RecipeError
from kancli.symbolic.text.parser import parse

JETS = [(), (0,), (1,), (0, 0), (0, 1), (1, 1)]
BOX = np.array([[-1.0, 1.0], [-1.0, 1.0]])


def test_the_jacobian_of_every_derivative_equals_finite_differences() -> None:
    rng = np.random.default_rng(0)
    network, x = random_network(BOX, 3, 4, rng), rng.uniform(-0.9, 0.9, (6, 2))
    _, slopes = jets_and_jacobian(network, x, JETS)
    step = rng.normal(size=network.size)
    above, _ = jets_and_jacobian(network.moved(1e-6 * step), x, JETS, jacobian=False)
    below, _ = jets_and_jacobian(network.moved(-1e-6 * step), x, JETS, jacobian=False)
    for column, slope in zip(((above - below) / 2e-6).T, slopes, strict=True):
        assert column == pytest.approx(slope @ step, abs=1e-7)


def test_derivatives_in_space_equal_finite_differences() -> None:
    rng = np.random.default_rng(1)
    network, x, h = random_network(BOX, 2, 4, rng), rng.uniform(-0.8, 0.8, (5, 2)), 1e-4
    values, _ = jets_and_jacobian(network, x, JETS, jacobian=False)

    def at(a: float, b: float) -> np.ndarray:
        return jets_and_jacobian(network, x + np.array([a, b]), [()], jacobian=False)[0][:, 0]

    assert values[:, 1] == pytest.approx((at(h, 0) - at(-h, 0)) / (2 * h), abs=1e-6)
    assert values[:, 3] == pytest.approx((at(h, 0) - 2 * at(0, 0) + at(-h, 0)) / h**2, abs=1e-6)
    mixed = (at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4 * h**2)
    assert values[:, 4] == pytest.approx(mixed, abs=1e-6)


def test_slopes_of_an_equation_are_those_by_its_jets() -> None:
    equation = equation_of("u_t + u*u_x = 0.1*u_xx + x**2", "u", ("x", "t"))
    x, jets = np.array([[0.5, 0.2]]), np.array([[1.5, -2.0, 0.7, 3.0]])  # u, u_x, u_t, u_xx
    value, slopes = residual_and_slopes(equation, x, jets)
    assert value == pytest.approx([0.7 - 3.0 - 0.3 - 0.25])
    assert slopes[0] == pytest.approx([-2.0, 1.5, 1.0, -0.1])


def test_a_nonlinear_boundary_value_problem_is_solved() -> None:
    sides = ["t = -1: u = tanh(-1/sqrt(2))", "t = 1: u = tanh(1/sqrt(2))"]
    problem = problem_of("u_tt + u = u**3", "u", {"t": (-1, 1)}, sides)
    solution = solved(
        problem, nodes=1, grids=[6, 12], points=40, restarts=3, steps=60, seed=0, tell=lambda *_: None
    )
    assert mean_squared_error("tanh(t/sqrt(2))", ("t",), solution.network, 0) < 1e-10


def test_a_formula_is_judged_by_the_equation_and_its_conditions() -> None:
    problem = problem_of("u_t = u_xx", "u", {"x": (0, 1), "t": (0, 1)}, ["x = 0: u = 0"])
    assert left_by(problem, parse("exp(-pi**2*t)*sin(pi*x)", ("x", "t")), 0) < 1e-12
    assert left_by(problem, parse("exp(-pi**2*t)*sin(3*x)", ("x", "t")), 0) > 1e-3
    assert left_by(problem, parse("exp(-pi**2*t)*cos(pi*x)", ("x", "t")), 0) > 1e-3


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(RecipeError, match="must have the form"):
        problem_of("u_t = u_xx", "u", {"x": (0, 1), "t": (0, 1)}, ["z = 0: u = 0"])
