"""Levenberg-Marquardt where the answer is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise

import pytest
import torch
from networks import ARCHITECTURES, inputs, random_network

from kancli.engine.architecture import Architecture, dense
from kancli.engine.network import Network
from kancli.engine.splines import spline_basis
from kancli.engine.training.first_order import losses
from kancli.engine.training.levenberg_marquardt import (
    Problem,
    State,
    at_most,
    equations,
    levenberg_marquardt,
    solve_damped,
)
from kancli.engine.training.normal_equations import jacobian

EVERY = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())


def after(network: Network, problem: Problem, steps: int, **options: object) -> State:
    return next(islice(levenberg_marquardt(network, problem, **options), steps, None))  # type: ignore[arg-type]


def noise(rows: int, seed: int = 7) -> torch.Tensor:
    return torch.randn(rows, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("lamb", [0.0, 0.3])
@EVERY
def test_the_gradient_is_minus_half_that_of_the_loss(architecture: Architecture, lamb: float) -> None:
    """… penalty included: both sides of (gram + μD) δ = gradient leave out the factor two of a square."""
    network = random_network(architecture)
    x = inputs(network, 50)
    problem = Problem(x, noise(50), torch.linspace(0.5, 2, 50, dtype=torch.float64), lamb, 2.0)
    theta = network.parameters().requires_grad_(True)
    loss, sse = losses(network.with_parameters(theta), problem)
    (gradient,) = torch.autograd.grad(loss.sum(), theta)
    now = equations(network, problem)
    torch.testing.assert_close(now.gradient, -gradient / 2)
    torch.testing.assert_close(now.loss, loss.detach())
    torch.testing.assert_close(now.sse, sse.detach())


@pytest.mark.parametrize("weighted", [False, True])
def test_a_single_activation_is_least_squares_within_a_few_steps(weighted: bool) -> None:
    """[1,1] is linear in its coefficients, so the minimum is that of (weighted) least squares."""
    network = random_network(dense((1, 1)), restarts=3)
    x = inputs(network, 200)
    y = torch.sin(3 * x[0]) + 0.1 * noise(200)
    weight = torch.linspace(0.1, 2, 200, dtype=torch.float64) if weighted else None
    root = torch.ones(200, dtype=torch.float64) if weight is None else weight.sqrt()
    layer = network.layers[0]
    design = (spline_basis(x[0], layer.low[0, 0], layer.high[0, 0], layer.grid, 3)[0] * root).T
    target = (y * root).unsqueeze(-1)
    solution = torch.linalg.lstsq(design, target).solution
    state = after(network, Problem(x, y, weight), 8)
    least = (target - design @ solution).square().sum()
    torch.testing.assert_close(state.sse, least.expand(3), rtol=1e-10, atol=0)
    torch.testing.assert_close(state.network.parameters(), solution.T.expand(3, -1), rtol=1e-4, atol=1e-4)


@EVERY
def test_a_target_that_the_network_can_hold_is_reached(architecture: Architecture) -> None:
    """Started near the network that made the target: its error goes to rounding, not to a small number."""
    truth = random_network(architecture, restarts=1)
    x = inputs(truth, 500)
    y = truth(x)[0]
    start = truth.with_parameters(truth.parameters() + 0.01 * noise(truth.size).unsqueeze(0))
    state = after(start, Problem(x, y), 40)
    assert float(state.sse) < 1e-20 * float(y.square().sum())


@EVERY
def test_the_loss_falls_and_never_rises(architecture: Architecture) -> None:
    network = random_network(architecture, restarts=3)
    x = inputs(network, 200)
    states = list(at_most(levenberg_marquardt(network, Problem(x, torch.sin(2 * x.sum(0)))), 15))
    assert [s.step for s in states] == list(range(16))
    losses = torch.stack([s.loss for s in states])
    assert bool((losses.diff(dim=0) <= 0).all())
    assert bool((losses[-1] < losses[0] / 2).all())


def test_a_batch_gives_what_its_restarts_give_alone() -> None:
    """Each restart has its own damping and its own verdict on each step."""
    network = random_network(ARCHITECTURES["products"], restarts=4)
    x = inputs(network, 150)
    problem = Problem(x, torch.exp(x[0]) * x[1] + 0.05 * noise(150))
    together = list(at_most(levenberg_marquardt(network, problem, move_grid_every=2), 6))
    refused = 0
    for r in range(4):
        alone = list(at_most(levenberg_marquardt(network.select([r]), problem, move_grid_every=2), 6))
        for one, all_ in zip(alone, together, strict=True):
            refused += int(not bool(one.accepted))
            torch.testing.assert_close(one.loss[0], all_.loss[r], rtol=1e-6, atol=0)
            torch.testing.assert_close(one.damping[0], all_.damping[r], rtol=1e-5, atol=0)
    assert 0 < refused < 24, "the test should see steps that are accepted and steps that are refused"


def test_a_restart_that_is_not_finite_leaves_the_others_alone() -> None:
    network = random_network(ARCHITECTURES["two layers"], restarts=3)
    x = inputs(network, 100)
    problem = Problem(x, x[0] * x[1])
    theta = network.parameters()
    theta[1] = torch.nan
    theta[2] *= 1e200
    broken = after(network.with_parameters(theta), problem, 8, move_grid_every=4)
    whole = after(network, problem, 8, move_grid_every=4)
    torch.testing.assert_close(broken.loss[0], whole.loss[0], rtol=1e-6, atol=0)
    assert not bool(torch.isfinite(broken.loss[1]))


def test_frozen_parameters_stay_to_the_bit_and_the_others_move() -> None:
    network = random_network(ARCHITECTURES["sparse"], restarts=2)
    x = inputs(network, 150)
    generator = torch.Generator().manual_seed(1)
    frozen = torch.rand(2, network.size, generator=generator) < 0.4
    state = after(network, Problem(x, torch.sin(x.sum(0))), 10, frozen=frozen)
    before, now = network.parameters(), state.network.parameters()
    assert torch.equal(now[frozen], before[frozen])
    assert bool((now[~frozen] != before[~frozen]).all())


def test_freezing_everything_but_one_activation_is_least_squares_in_that_one() -> None:
    network = random_network(dense((2, 1)), restarts=1)
    x = inputs(network, 100, reach=1.0)
    y = noise(100)
    size = network.size // 2
    frozen = (torch.arange(network.size) >= size).unsqueeze(0)
    state = after(network, Problem(x, y), 10, frozen=frozen)
    design = jacobian(network, x)[0][0, :size].T
    rest = y - network(x)[0] + design @ network.parameters()[0, :size]
    solution = torch.linalg.lstsq(design, rest.unsqueeze(-1)).solution
    least = (rest - (design @ solution).squeeze(-1)).square().sum()
    torch.testing.assert_close(state.sse[0], least, rtol=1e-10, atol=0)


def test_the_step_solves_the_damped_equations_and_predicts_the_decrease_of_a_linear_problem() -> None:
    """On a linear problem the predicted decrease is the actual one, whatever the damping."""
    network = random_network(dense((3, 1)), restarts=3)
    x = inputs(network, 200)
    problem = Problem(x, noise(200))
    now = equations(network, problem)
    for damping in (1e-6, 1e-2, 10.0):
        delta, predicted = solve_damped(now, torch.full((3,), damping, dtype=torch.float64), None)
        then = equations(network.with_parameters(network.parameters() + delta), problem)
        torch.testing.assert_close(now.loss - then.loss, predicted, rtol=1e-6, atol=0)


def test_more_damping_makes_a_shorter_step() -> None:
    network = random_network(ARCHITECTURES["three layers"], restarts=1)
    x = inputs(network, 200)
    now = equations(network, Problem(x, noise(200)))
    lengths = [
        float(solve_damped(now, torch.tensor([mu], dtype=torch.float64), None)[0].norm())
        for mu in (1e-6, 1e-2, 1.0, 1e6)
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < 1e-3 * lengths[0]


def test_basis_functions_that_no_row_reaches_do_no_harm() -> None:
    """Rows in one half of the grid leave columns of zeros in the Jacobian: the gram is singular."""
    network = random_network(dense((1, 1)), restarts=1, grid=10)
    x = inputs(network, 100, reach=1.0).abs()
    state = after(network, Problem(x, torch.sin(4 * x[0])), 10)
    assert bool(torch.isfinite(state.network.parameters()).all())
    assert float(state.sse) < 1e-4


def test_the_same_start_gives_the_same_bits() -> None:
    network = random_network(ARCHITECTURES["products"], restarts=3)
    x = inputs(network, 300)
    problem = Problem(x, torch.exp(x[0]) * x[1])
    one = after(network, problem, 12, move_grid_every=4)
    other = after(network, problem, 12, move_grid_every=4)
    assert torch.equal(one.network.parameters(), other.network.parameters())
    assert torch.equal(one.loss, other.loss)


def test_the_networks_handed_in_and_out_do_not_change_afterwards() -> None:
    network = random_network(ARCHITECTURES["two layers"])
    x = inputs(network, 100)
    before = network.parameters()
    states = list(at_most(levenberg_marquardt(network, Problem(x, x[0] * x[1]), move_grid_every=2), 4))
    kept = [s.network.parameters() for s in states]
    sse = torch.stack([(x[0] * x[1] - s.network(x)).square().sum(1) for s in states])
    torch.testing.assert_close(sse, torch.stack([s.sse for s in states]))
    assert torch.equal(network.parameters(), before)
    assert all(not torch.equal(a, b) for a, b in pairwise(kept))


def test_the_penalty_is_part_of_the_loss_and_pays_for_itself() -> None:
    """With `lamb` the minimum has a smaller penalty and a larger error than without."""
    network = random_network(ARCHITECTURES["two layers"], restarts=1)
    x = inputs(network, 200)
    plain = Problem(x, torch.sin(2 * x[0]) + 0.1 * noise(200))
    sparse = replace(plain, lamb=0.01, lamb_entropy=2.0)
    without, with_ = after(network, plain, 30), after(network, sparse, 30)
    assert torch.equal(without.loss, without.sse)
    assert float(with_.loss) > float(with_.sse) > float(without.sse)
    assert float(with_.loss) < float(equations(without.network, sparse).loss)
