"""L-BFGS and Adam against Levenberg-Marquardt and least squares."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import dense
from kancli.engine.network import Network
from kancli.engine.training.first_order import adam, join, lbfgs
from kancli.engine.training.levenberg_marquardt import Problem, State, levenberg_marquardt
from kancli.engine.training.normal_equations import squared_error

NAMES = ["lbfgs", "adam"]


def after(name: str, network: Network, problem: Problem, steps: int, move_grid_every: int = 0) -> State:
    states = (
        adam(network, problem, learning_rate=0.05, move_grid_every=move_grid_every)
        if name == "adam"
        else lbfgs(network, problem, move_grid_every=move_grid_every)
    )
    return next(islice(states, steps, None))


@pytest.mark.parametrize(("name", "steps", "within"), [("lbfgs", 10, 1e-6), ("adam", 300, 1e-2)])
def test_a_single_activation_comes_to_levenberg_marquardts_solution(
    name: str, steps: int, within: float
) -> None:
    network = random_network(dense((1, 1)), restarts=2)
    x = inputs(network, 100, reach=1.0)
    problem = Problem(x, torch.sin(3 * x[0]), torch.linspace(0.5, 1.5, 100, dtype=torch.float64))
    least = next(islice(levenberg_marquardt(network, problem), 20, None)).sse
    found = after(name, network, problem, steps).sse
    start = next(levenberg_marquardt(network, problem)).sse
    assert bool((found - least < within * (start - least)).all())
    assert bool((found >= least * (1 - 1e-9)).all())


@pytest.mark.parametrize("name", NAMES)
def test_a_deep_network_is_fitted_with_grids_that_move(name: str) -> None:
    network = random_network(ARCHITECTURES["products"])
    x = inputs(network, 100, reach=1.0)
    problem = Problem(x, x[0] * torch.sin(2 * x[1]))
    first = after(name, network, problem, 0)
    last = after(name, network, problem, 200 if name == "adam" else 8, 50 if name == "adam" else 2)
    assert bool((last.loss < first.loss / 50).all())


def misplaced() -> tuple[Network, Problem]:
    """A smooth network whose hidden grids will move, and the problem that it solves exactly."""
    network = random_network(ARCHITECTURES["three layers"], grid=20, restarts=1)
    c = [0.1 * layer.coefficients.cumsum(-1) for layer in network.layers]  # smooth enough for any grid
    network = network.with_parameters(torch.cat([t.flatten(1) for t in c], dim=1))
    x = inputs(network, 100, reach=1.0)
    return network, Problem(x, network(x)[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_optimiser_goes_on_with_the_coefficients_of_the_grid_that_has_moved(name: str) -> None:
    """From an exact solution there is nowhere to go, so the function must stay while the grids move."""
    network, problem = misplaced()
    states = (
        adam(network, problem, learning_rate=1e-12, move_grid_every=1)
        if name == "adam"
        else lbfgs(network, problem, move_grid_every=1)
    )
    moved, then = islice(states, 1, 3)
    assert not torch.equal(moved.network.layers[1].low, network.layers[1].low)
    assert float(moved.sse) < 0.01 * float(problem.y.var()) * 100
    assert float(then.sse) < 1.01 * float(moved.sse)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lamb", [0.0, 0.1])
def test_states_say_what_their_networks_do(name: str, lamb: float) -> None:
    """The same loss as Levenberg-Marquardt's, to which the sum of squares adds the penalty."""
    network = random_network(ARCHITECTURES["sparse"])
    x = inputs(network, 60)
    problem = Problem(x, x[0].square(), None, lamb, 2.0)
    state = after(name, network, problem, 2)
    torch.testing.assert_close(state.sse, squared_error(state.network, x, problem.y))
    torch.testing.assert_close(state.loss, next(levenberg_marquardt(state.network, problem)).loss)
    assert not state.network.parameters().requires_grad
    assert not state.loss.requires_grad


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_gives_what_its_restarts_give_alone(name: str) -> None:
    network = random_network(ARCHITECTURES["two layers"], restarts=3)
    x = inputs(network, 60)
    problem = Problem(x, x[0] * x[1])
    together = after(name, network, problem, 3, 2)
    for r in range(3):
        alone = after(name, network.select([r]), problem, 3, 2)
        torch.testing.assert_close(alone.loss[0], together.loss[r], rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_start_gives_the_same_bits(name: str) -> None:
    network = random_network(ARCHITECTURES["two layers"], restarts=2)
    x = inputs(network, 60)
    problem = Problem(x, x[0] * x[1], None, 0.01, 2.0)
    one, other = (after(name, network, problem, 4, 2) for _ in range(2))
    assert torch.equal(one.network.parameters(), other.network.parameters())


def test_join_undoes_select() -> None:
    network = random_network(ARCHITECTURES["three layers"], restarts=3)
    x = inputs(network)
    again = join([network.select([r]) for r in range(3)])
    assert torch.equal(again.parameters(), network.parameters())
    torch.testing.assert_close(again(x), network(x))
