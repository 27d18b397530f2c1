"""One problem: known minima, scipy's, NIST's; deficient Jacobians; what must never reach LAPACK."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import least_squares

from kancli.symbolic.least_squares.single import Array, inverse_gram, levenberg_marquardt, linearised, until


@dataclass(frozen=True)
class Model:
    """Residuals and their derivatives at θ."""

    residual: Array
    derivatives: Array

    def jacobian(self) -> Array:
        return self.derivatives


def rosenbrock(theta: Array) -> Model:
    a, b = theta
    return Model(np.array([10 * (b - a * a), 1 - a]), np.array([[-20 * a, 10.0], [-1.0, 0.0]]))


def fitted(at: Callable[[Array], Model], start: list[float] | Array, steps: int = 200):  # type: ignore[no-untyped-def]
    return until(
        levenberg_marquardt(at, np.array(start, dtype=float)), steps=steps, tolerance=1e-16, patience=3
    )


def test_rosenbrocks_valley_ends_at_its_minimum() -> None:
    end = fitted(rosenbrock, [-1.2, 1.0])
    np.testing.assert_allclose(end.theta, [1.0, 1.0], rtol=1e-12)


def exponential(x: Array, y: Array) -> Callable[[Array], Model]:
    """a·(1 - exp(-b·x))"""

    def at(theta: Array) -> Model:
        a, b = theta
        e = np.exp(-b * x)
        return Model(a * (1 - e) - y, np.stack([1 - e, a * x * e], axis=1))

    return at


def quotient(x: Array, y: Array) -> Callable[[Array], Model]:
    """a·(x² + b·x)/(x² + c·x + d)"""

    def at(theta: Array) -> Model:
        a, b, c, d = theta
        over, under = x * x + b * x, x * x + c * x + d
        columns = [over / under, a * x / under, -a * over * x / under**2, -a * over / under**2]
        return Model(a * over / under - y, np.stack(columns, axis=1))

    return at


def arrhenius(x: Array, y: Array) -> Callable[[Array], Model]:
    """a·exp(b/(x + c))"""

    def at(theta: Array) -> Model:
        a, b, c = theta
        e = np.exp(b / (x + c))
        return Model(a * e - y, np.stack([e, a * e / (x + c), -a * b * e / (x + c) ** 2], axis=1))

    return at


ARRHENIUS = [34780.0, 28610, 23650, 19630, 16370, 13720, 11540, 9744]
ARRHENIUS += [8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
# NIST's Statistical Reference Datasets: data, first and second start, certified constants and sum of squares.
NIST = {
    "BoxBOD": (
        exponential(np.array([1.0, 2, 3, 5, 7, 10]), np.array([109.0, 149, 149, 191, 213, 224])),
        [[100.0, 0.75]],
        [2.1380940889e2, 5.4723748542e-1],
        1.1680088766e3,
    ),
    "MGH09": (
        quotient(
            np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]),
            np.array([0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]),
        ),
        [[25.0, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39]],
        [1.9280693458e-1, 1.9128232873e-1, 1.2305650693e-1, 1.3606233068e-1],
        3.0750560385e-4,
    ),
    "MGH10": (
        arrhenius(
            np.arange(50.0, 130, 5),
            np.array(ARRHENIUS),
        ),
        [[0.02, 4000.0, 250.0]],
        [5.6096364710e-3, 6.1813463463e3, 3.4522363462e2],
        8.7945855171e1,
    ),
}


@pytest.mark.parametrize(
    ("name", "start"), [(name, start) for name in NIST for start in range(len(NIST[name][1]))]
)
def test_certified_constants_are_found_from_certified_starts(name: str, start: int) -> None:
    at, starts, constants, error = NIST[name]
    end = fitted(at, starts[start], steps=500)
    np.testing.assert_allclose(end.theta, constants, rtol=1e-6)
    assert end.sse == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_random_problems_end_where_scipy_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 2, 40)
    y = 3 * np.exp(-1.5 * x) + 0.5 + 0.1 * rng.normal(size=len(x))

    def at(theta: Array) -> Model:
        a, b, c = theta
        e = np.exp(-b * x)
        return Model(a * e + c - y, np.stack([e, -a * x * e, np.ones_like(x)], axis=1))

    start = [1.0, 1.0, 1.0] + 0.3 * rng.normal(size=3)
    end = fitted(at, start)
    ours = least_squares(lambda t: at(t).residual, start, lambda t: at(t).derivatives, xtol=1e-15, ftol=1e-15)
    np.testing.assert_allclose(end.theta, ours.x, rtol=1e-6)
    assert end.sse <= 2 * ours.cost * (1 + 1e-12)


def test_the_states_say_what_happened_and_the_error_never_rises() -> None:
    states = []
    for state in levenberg_marquardt(rosenbrock, np.array([-1.2, 1.0])):
        states.append(state)
        if state.sse < 1e-12:
            break
    assert [state.step for state in states] == list(range(len(states)))
    assert {state.accepted for state in states} == {True, False}
    for before, after in itertools.pairwise(states):
        assert after.sse < before.sse if after.accepted else after.sse == before.sse
        assert after.damping <= before.damping if after.accepted else after.damping > before.damping


def test_the_number_of_trials_is_what_is_counted() -> None:
    trials = []

    def at(theta: Array) -> Model:
        trials.append(theta)
        return rosenbrock(theta)

    until(levenberg_marquardt(at, np.array([-1.2, 1.0])), steps=7, tolerance=0.0)
    assert len(trials) == 8  # the start and seven trials


def test_a_redundant_parameter_stays_near_its_start() -> None:
    x = np.linspace(0.0, 1.0, 20)

    def at(theta: Array) -> Model:  # only the sum of the first two counts, the third not at all
        columns = np.stack([x, x, np.zeros_like(x)], axis=1)
        return Model(columns @ theta - 5 * x, columns)

    end = fitted(at, [1.0, 2.0, 7.0])
    np.testing.assert_allclose(end.theta, [2.0, 3.0, 7.0], rtol=1e-9)
    assert end.linear is not None
    assert np.all(np.diag(inverse_gram(end.linear)) > 1e20)


def test_more_parameters_than_rows_are_fitted_exactly() -> None:
    a = np.random.default_rng(0).normal(size=(3, 5))
    end = fitted(lambda theta: Model(a @ theta - 1, a), np.zeros(5))
    assert end.sse < 1e-24


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200])
def test_a_trial_without_a_finite_error_is_refused_silently(bad: float) -> None:
    def at(theta: Array) -> Model:
        value = np.sqrt(theta) - 0.1 if theta[0] > 0 else np.full(1, bad)
        return Model(value, 0.5 / np.sqrt(np.abs(theta))[:, None])

    # The first step from 4 is one of Newton's: to -3.6.
    states = levenberg_marquardt(at, np.array([4.0]), damping=1e-9)
    first, second = next(states), next(states)
    assert not second.accepted
    assert second.theta == first.theta
    np.testing.assert_allclose(until(states, steps=200, tolerance=1e-16).theta, [0.01], rtol=1e-9)


def test_a_start_outside_the_domain_is_the_only_state() -> None:
    states = list(levenberg_marquardt(lambda theta: Model(np.log(theta), 1 / theta[:, None]), -np.ones(1)))
    assert len(states) == 1
    assert states[0].sse == math.inf
    assert states[0].linear is None


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_lapack_never_sees_what_is_not_finite(bad: float, capfd: pytest.CaptureFixture[str]) -> None:
    def at(theta: Array) -> Model:
        return Model(theta - 1, np.array([[bad if theta[0] < 0.5 else 1.0]]))

    end = fitted(at, [0.0])
    assert end.step == 0
    assert end.linear is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1.0, 1e20, 1e200])
def test_the_unit_of_a_parameter_does_not_matter(scale: float) -> None:
    def at(theta: Array) -> Model:
        inner = rosenbrock(theta / np.array([scale, 1.0]))
        return Model(inner.residual, inner.derivatives / np.array([scale, 1.0]))

    np.testing.assert_allclose(fitted(at, [-1.2 * scale, 1.0]).theta, [scale, 1.0], rtol=1e-9)


def test_the_inverse_gram_is_that_of_the_jacobian() -> None:
    a = np.random.default_rng(0).normal(size=(9, 3)) * [1e-3, 1.0, 1e5]
    linear = linearised(Model(np.ones(9), a))
    assert linear is not None
    np.testing.assert_allclose(inverse_gram(linear), np.linalg.inv(a.T @ a), rtol=1e-9)
