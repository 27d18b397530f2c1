"""Many problems at once: known minima, scipy's, and that no problem hears of another."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import least_squares

from kancli.symbolic.least_squares.batched import (
    Array,
    Points,
    Rows,
    State,
    after,
    damped_steps,
    levenberg_marquardt,
    normal_equations,
    project,
)

X = np.linspace(0, 2, 40)


def points(residual: Array, jacobian: Array) -> Points:
    """From residuals y - f (A, m) and derivatives of f (A, q, m)."""
    gradient = (jacobian @ residual[:, :, None])[:, :, 0]
    return Points((residual**2).sum(axis=1), jacobian @ jacobian.transpose(0, 2, 1), gradient)


class Decays:
    """a·exp(-b·x) + c against one curve y (m,) per problem, y (K, m)."""

    def __init__(self, y: Array) -> None:
        self.y = y

    def residual(self, theta: Array, which: Rows) -> Array:
        a, b, c = theta.T[:, :, None]
        return self.y[which] - (a * np.exp(-b * X) + c)

    def at(self, theta: Array, which: Rows) -> Points:
        a, b, _ = theta.T[:, :, None]
        e = np.exp(-b * X)
        return points(self.residual(theta, which), np.stack([e, -a * X * e, np.ones_like(e)], axis=1))


def decays(count: int) -> tuple[Decays, Array]:
    rng = np.random.default_rng(0)
    truth = np.stack([rng.uniform(1, 4, count), rng.uniform(0.5, 3, count), rng.normal(size=count)], axis=1)
    model = Decays(np.zeros((count, len(X))))
    y = -model.residual(truth, np.arange(count)) + 0.1 * rng.normal(size=(count, len(X)))
    return Decays(y), truth + 0.4 * rng.normal(size=truth.shape)


def test_random_problems_end_where_scipy_ends() -> None:
    model, starts = decays(8)
    end = after(levenberg_marquardt(model.at, starts), 200)
    for k, start in enumerate(starts):
        one = least_squares(
            lambda theta, k=k: model.residual(theta[None], np.array([k]))[0], start, xtol=1e-15, ftol=1e-15
        )
        np.testing.assert_allclose(end.theta[k], one.x, rtol=1e-5, atol=1e-5)
        assert end.sse[k] == pytest.approx(2 * one.cost, rel=1e-10)


def test_rosenbrocks_valley_ends_at_its_minimum() -> None:
    def at(theta: Array, which: Rows) -> Points:
        a, b = theta.T
        rows = np.stack([np.stack([20 * a, -10 + 0 * a], 1), np.stack([1 + 0 * a, 0 * a], 1)], 1)
        return points(
            np.stack([10 * (b - a * a), 1 - a], axis=1), np.stack([rows[:, :, 0], rows[:, :, 1]], 1)
        )

    starts = np.array([[-1.2, 1.0], [2.0, -3.0], [0.0, 5.0]])
    end = after(levenberg_marquardt(at, starts), 200)
    np.testing.assert_allclose(end.theta, 1.0, rtol=1e-6)


def test_a_problem_alone_ends_where_it_ends_among_others() -> None:
    model, starts = decays(5)
    together = after(levenberg_marquardt(model.at, starts, tolerance=1e-6), 50)
    for k in range(5):
        alone = Decays(model.y[[k]])
        one = after(levenberg_marquardt(alone.at, starts[[k]], tolerance=1e-6), 50)
        np.testing.assert_allclose(one.theta[0], together.theta[k], rtol=1e-9)


def test_errors_never_rise_and_states_say_which_steps_were_taken() -> None:
    model, starts = decays(6)
    states: list[State] = []
    for state in levenberg_marquardt(model.at, starts, damping=1e-9):
        states.append(state)
        if state.step == 8:
            break
    refused = 0
    for before, after_it in itertools.pairwise(states):
        fell = after_it.sse < before.sse
        np.testing.assert_array_equal(fell, after_it.accepted)
        np.testing.assert_array_equal(after_it.sse[~fell], before.sse[~fell])
        np.testing.assert_array_equal(after_it.theta[~fell], before.theta[~fell])
        refused += int((~fell[before.active]).sum())
    assert refused > 0


def test_problems_that_rest_are_not_evaluated() -> None:
    model, starts = decays(3)
    starts[1] = after(levenberg_marquardt(model.at, starts), 200).theta[1]
    asked: list[Rows] = []

    def at(theta: Array, which: Rows) -> Points:
        asked.append(which)
        return model.at(theta, which)

    after(levenberg_marquardt(at, starts, tolerance=1e-3, patience=1), 50)
    assert list(asked[0]) == [0, 1, 2]
    assert list(asked[-1]) != [0, 1, 2]
    assert sum(1 in which for which in asked) < sum(0 in which for which in asked)


def test_a_problem_outside_its_domain_rests_at_once_and_silently() -> None:
    def at(theta: Array, which: Rows) -> Points:
        return points(1 - np.log(theta), 1 / theta[:, None])

    end = after(levenberg_marquardt(at, np.array([[-1.0], [2.0]])), 100)
    assert end.sse[0] == math.inf
    assert end.theta[0] == -1.0
    np.testing.assert_allclose(end.theta[1], math.e, rtol=1e-7)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_trial_without_a_finite_error_is_refused_silently(bad: float) -> None:
    def at(theta: Array, which: Rows) -> Points:
        inside = theta > 0
        root = np.sqrt(np.where(inside, theta, 1.0))
        return points(0.1 - np.where(inside, root, bad), 0.5 / root[:, None])

    # The first step from 4 is one of Newton's: to -3.6.
    states = levenberg_marquardt(at, np.array([[4.0]]), damping=1e-9)
    first, second = next(states), next(states)
    assert not second.accepted[0]
    assert second.theta == first.theta
    np.testing.assert_allclose(after(states, 200).theta, 0.01, rtol=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_equations_that_are_not_finite_move_nothing(bad: float, capfd: pytest.CaptureFixture[str]) -> None:
    gram = np.stack([np.eye(2), np.array([[1.0, bad], [bad, 1.0]]), np.array([[bad, 0.0], [0.0, 1.0]])])
    gradient = np.ones((3, 2))
    step, predicted = damped_steps(gram, gradient, np.full(3, 1.0))
    np.testing.assert_allclose(step[0], 0.5)
    assert predicted[0] == pytest.approx(1.5)
    assert (step[1] == 0.0).all()
    assert np.isfinite(step).all()
    assert capfd.readouterr() == ("", "")


def test_a_parameter_without_effect_stays_and_a_redundant_one_does_no_harm() -> None:
    def at(theta: Array, which: Rows) -> Points:  # only the sum of the first two counts
        columns = np.stack([X, X, np.zeros_like(X)])
        return points(5 * X - theta @ columns, np.broadcast_to(columns, (len(theta), 3, len(X))))

    end = after(levenberg_marquardt(at, np.array([[1.0, 2.0, 7.0]])), 100)
    np.testing.assert_allclose(end.theta, [[2.0, 3.0, 7.0]], rtol=1e-6)


def test_steps_are_kept_within_bounds_by_the_caller() -> None:
    def at(theta: Array, which: Rows) -> Points:
        return points(5.0 - theta, np.ones((len(theta), 1, 1)))

    def moved(theta: Array, step: Array, more: object, which: Rows) -> Array:
        return np.clip(theta + step, -2.0, 2.0)

    end = after(levenberg_marquardt(at, np.zeros((2, 1)), moved=moved), 50)
    assert (end.theta == 2.0).all()


def test_the_projection_is_the_least_squares_fit() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(4, 3, len(X)))
    w = rng.uniform(0.5, 2, len(X))
    w /= w.sum()
    y = np.exp(X) - w @ np.exp(X)
    best = project(columns, y, w)
    root = np.sqrt(w)
    for k in range(4):
        design = np.column_stack([*columns[k], np.ones(len(X))])
        solution, *_ = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)
        np.testing.assert_allclose(best.coefficients[k], solution[:3], rtol=1e-9)
        np.testing.assert_allclose(best.residual[k], y - design @ solution, atol=1e-9)
        assert best.sse[k] == pytest.approx(w @ (y - design @ solution) ** 2)


@pytest.mark.parametrize("count", [1, 2])
def test_the_projected_gradient_is_minus_half_that_of_the_error(count: int) -> None:
    w = np.full(len(X), 1 / len(X))
    y = np.sin(3 * X) - w @ np.sin(3 * X)

    def columns(theta: Array) -> Array:
        return np.exp(-theta[:, :, None] * X)

    theta = np.array([[0.5, 2.0], [1.0, 3.0]])[:, :count]
    best = project(columns(theta), y, w)
    jacobian = best.coefficients[:, :, None] * -X * columns(theta)
    _, gradient = normal_equations(best, jacobian, w, list(range(count)), count)
    for k in range(count):
        h = np.zeros(count)
        h[k] = 1e-6
        slope = (project(columns(theta + h), y, w).sse - project(columns(theta - h), y, w).sse) / 2e-6
        np.testing.assert_allclose(gradient[:, k], -slope / 2, rtol=1e-6)
