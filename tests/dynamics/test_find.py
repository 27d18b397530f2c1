"""Laws of motion of systems whose law is known."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from kancli.dynamics.find import Found, find_laws
from kancli.dynamics.trajectory import System, Trajectory, system_of
from kancli.errors import DataError, UsageError
from kancli.recipe import FitOptions
from kancli.stages.progress import silent
from kancli.symbolic.expression import evaluate

Array = NDArray[np.float64]


def measured(
    law: Callable[[float, Array], list[float]], starts: list[list[float]], columns: int, noise: float = 0.0
) -> System:
    """Solutions of a law from some starts, the first `columns` states of each, with noise in units of the spread."""
    rng, t = np.random.default_rng(0), np.linspace(0, 6, 200)
    tables = []
    for number, start in enumerate(starts):
        found = solve_ivp(law, (0, 6), start, t_eval=t, rtol=1e-10, atol=1e-12).y[:columns].T
        found = found + noise * found.std(axis=0) * rng.normal(size=found.shape)
        tables.append((f"run{number}", np.column_stack([t, found])))
    return system_of("t", ["t", "x", "y"][: columns + 1], tables)


def found(system: System, order: int = 1) -> Found:
    options = FitOptions(time_limit=20.0, ode="t", ode_order=order)  # type: ignore[arg-type]
    return find_laws(
        system, options, began=time.monotonic(), seed=0, jobs=1, report=silent, search=lambda *_: []
    )


def predators(_: float, z: Array) -> list[float]:
    return [1.5 * z[0] - z[0] * z[1], 0.5 * z[0] * z[1] - z[1]]


@pytest.mark.parametrize(("noise", "near"), [(0.0, 1e-3), (0.02, 0.1)])
def test_predators_and_prey_are_found_with_and_without_noise(noise: float, near: float) -> None:
    laws = found(measured(predators, [[2.0, 1.0], [1.0, 2.0]], 2, noise)).motions
    x = np.random.default_rng(1).uniform(0.5, 3.0, (50, 2))
    truth = np.array([predators(0.0, row) for row in x])
    for motion, column in zip(laws, truth.T, strict=True):
        assert np.abs(evaluate(motion.law, x) - column).max() < near * np.abs(column).max()


def test_a_law_of_second_order_is_found_from_positions_alone() -> None:
    laws = found(
        measured(lambda _, z: [z[1], -4.0 * z[0] - 0.3 * z[1]], [[1.0, 0.0], [-0.5, 2.0]], 1), 2
    ).motions
    x = np.random.default_rng(1).uniform(-1.0, 1.0, (50, 2))
    truth = -4.0 * x[:, 0] - 0.3 * x[:, 1]
    assert np.abs(evaluate(laws[0].law, x) - truth).max() < 1e-2


def test_times_that_occur_twice_are_refused_with_what_to_do() -> None:
    rows = np.column_stack([np.repeat(np.arange(10.0), 2), np.arange(20.0)])
    with pytest.raises(DataError, match="occurs twice"):
        system_of("t", ["t", "x"], [("data", rows)])


def test_trajectories_in_one_table_are_told_apart_by_a_column() -> None:
    rows = np.column_stack([np.tile(np.arange(15.0), 2), np.repeat([1.0, 2.0], 15), np.arange(30.0) ** 2])
    system = system_of("t", ["t", "run", "x"], [("data", rows)], by="run")
    assert [len(one.t) for one in system.trajectories] == [15, 15]
    assert system.states == ("x",)
    assert isinstance(system.trajectories[0], Trajectory)


def test_a_time_that_is_no_column_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no column 's'"):
        system_of("s", ["t", "x"], [("data", np.zeros((20, 2)))])


def test_an_exponential_without_noise_is_found() -> None:
    t = np.arange(60) / 9
    system = system_of("t", ["t", "x"], [("data", np.column_stack([t, 2.0 * 0.9 ** np.arange(60)]))])
    (motion,) = found(system).motions
    rate = evaluate(motion.law, np.array([[1.0], [2.0]]))
    assert rate == pytest.approx([9 * np.log(0.9), 18 * np.log(0.9)], rel=1e-4)
