"""The loop around the optimisers: what it keeps, and when it ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import dense
from kancli.engine.network import Network
from kancli.engine.training.fitting import Fit, choose, held_out_error, run
from kancli.engine.training.levenberg_marquardt import Problem, State, levenberg_marquardt

X = torch.linspace(-1, 1, 20, dtype=torch.float64).unsqueeze(0)
NOUGHT = Problem(X, torch.zeros(20, dtype=torch.float64))


def constant(*values: float) -> Network:
    """One restart for each value, which it predicts everywhere: its error on nought is the value's size."""
    network = random_network(dense((1, 1)), restarts=len(values))
    c = torch.tensor(values, dtype=torch.float64).view(-1, 1, 1).expand_as(network.layers[0].coefficients)
    return replace(network, layers=(replace(network.layers[0], coefficients=c.clone()),))


def scripted(errors: list[tuple[float, ...]], *, training_error: float = 1.0) -> Iterator[State]:
    """States five steps apart whose networks have these held-out errors."""
    for i, values in enumerate(errors):
        sse = torch.full((len(values),), training_error**2 * 20, dtype=torch.float64)
        yield State(5 * i, constant(*values), sse, sse, sse, sse > 0)


def consume(errors: list[tuple[float, ...]], **changes: object) -> tuple[Fit, list[int]]:
    options = {"steps": 1000, "patience": 1000, "tolerance": 0.01} | changes
    looks: list[int] = []
    fit = run(
        scripted(errors), NOUGHT, NOUGHT, watch=lambda step, e: looks.append(step), **options  # type: ignore[arg-type]
    )  # fmt: skip
    return fit, looks


def test_each_restart_keeps_its_own_best_network() -> None:
    fit, _ = consume([(5.0, 4.0, 3.0), (2.0, 6.0, 3.5), (4.0, 1.0, 9.0), (3.0, 3.0, 8.0)])
    expected = torch.tensor([2.0, 1.0, 3.0], dtype=torch.float64)
    torch.testing.assert_close(fit.error, expected)
    torch.testing.assert_close(held_out_error(fit.network, NOUGHT), expected)
    best = fit.best()
    assert best.network.restarts == 1
    assert float(held_out_error(best.network, NOUGHT)) == pytest.approx(1.0)


def test_the_loop_ends_when_patience_runs_out() -> None:
    """A gain of half a per cent is none; and the best is kept although the loop went on after it."""
    falling = [(5.0,), (2.0,), (1.999,), (1.998,), (1.997,), (1.996,), (0.1,)]
    fit, looks = consume(falling, patience=15)
    assert looks[-1] == 20
    assert float(fit.error) == pytest.approx(1.997)


def test_one_restart_that_still_gains_keeps_the_loop_going() -> None:
    errors = [(3.0, 10.0 * 0.8**i) for i in range(8)]
    _, looks = consume(errors, patience=10)
    assert looks[-1] == 35


def test_the_loop_ends_after_the_steps_asked_for() -> None:
    fit, looks = consume([(10.0 - i,) for i in range(9)], steps=15)
    assert looks == [0, 5, 10, 15]
    assert float(fit.error) == pytest.approx(7.0)


def test_the_last_step_is_looked_at_even_between_looks() -> None:
    network = random_network(dense((1, 1)), restarts=1)
    looks: list[int] = []
    fit = run(
        levenberg_marquardt(network, Problem(X, torch.exp(3 * X[0]))), Problem(X, torch.exp(3 * X[0])), None,
        steps=7, patience=100, tolerance=0.0, watch=lambda step, e: looks.append(step),
    )  # fmt: skip
    assert looks == [0, 5, 7]
    assert fit.steps == 7


def test_exact_data_end_the_loop_early() -> None:
    """A cubic in [1,1]: nothing is left to fit but rounding, long before 500 steps."""
    network = random_network(dense((1, 1)), restarts=2)
    problem = Problem(X, X[0] ** 3 - X[0])
    fit = run(
        levenberg_marquardt(network, problem), problem, None,
        steps=500, patience=500, tolerance=0.01, watch=lambda step, e: None,
    )  # fmt: skip
    assert fit.steps < 100
    assert bool((fit.error < 1e-13).all())


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_restart_that_is_not_finite_is_never_the_best(bad: float) -> None:
    fit, _ = consume([(bad, 4.0), (bad, 3.0)])
    assert float(fit.error[0]) == math.inf
    assert float(fit.best().error) == pytest.approx(3.0)
    raw = Fit(constant(1.0, 2.0), torch.tensor([bad, 2.0], dtype=torch.float64), 0)
    assert float(raw.best().error) == pytest.approx(2.0)


def test_no_states_are_refused() -> None:
    with pytest.raises(ValueError, match="no states"):
        consume([])


def test_held_out_error_is_a_weighted_root_mean_square() -> None:
    network = constant(2.0)
    weight = torch.linspace(1, 3, 20, dtype=torch.float64)
    assert float(held_out_error(network, replace(NOUGHT, weight=weight))) == pytest.approx(2.0)
    y = torch.where(X[0] > 0, 2.0, 0.0).double()
    heavy = torch.where(X[0] > 0, 3.0, 1.0).double()
    assert float(held_out_error(network, Problem(X, y, heavy))) == pytest.approx(1.0)


def test_choose_takes_coefficients_and_grids_together() -> None:
    architecture = ARCHITECTURES["three layers"]
    one = random_network(architecture, restarts=3, seed=1)
    other = random_network(architecture, restarts=3, seed=2)
    x = inputs(one)
    mixed = choose(torch.tensor([True, False, True]), one, other)(x)
    torch.testing.assert_close(mixed, torch.stack([one(x)[0], other(x)[1], one(x)[2]]))
