"""L-BFGS and Adam on the same loss, for comparison with other KAN tools and for very large networks.

Gradients come from automatic differentiation. Both yield the same states as Levenberg-Marquardt, so
the loop that consumes them is independent of the optimiser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from kancli.engine.network import Network
from kancli.engine.training.grid import move_grids
from kancli.engine.training.levenberg_marquardt import Problem, State
from kancli.engine.training.penalty import penalty


def losses(network: Network, problem: Problem) -> tuple[Tensor, Tensor]:
    """(loss, sse) of each restart, (R,) each, differentiable; the same sums as in Levenberg-Marquardt."""
    r = problem.y - network(problem.x)
    squares = r * r if problem.weight is None else r * r * problem.weight
    sse = squares.sum(-1)
    if not problem.lamb:
        return sse, sse
    rows = problem.x.shape[-1]
    return sse + rows * problem.lamb * penalty(network, problem.x, problem.lamb_entropy), sse


def state_of(step: int, network: Network, problem: Problem, before: Tensor | None) -> State:
    with torch.no_grad():
        loss, sse = losses(network, problem)
    improved = torch.ones_like(loss, dtype=torch.bool) if before is None else loss < before
    return State(step, network, loss, sse, torch.zeros_like(loss), improved)


def adam(
    network: Network, problem: Problem, *, learning_rate: float, move_grid_every: int
) -> Iterator[State]:
    """Adam (Kingma & Ba, 2015); a step is one pass over all rows. All restarts advance together."""
    theta = network.parameters().detach().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([theta], lr=learning_rate)
    state = state_of(0, network, problem, None)
    yield state
    step = 0
    while True:
        step += 1
        optimiser.zero_grad()
        loss, _ = losses(network.with_parameters(theta), problem)
        # A mean, so that the learning rate means the same for any number of rows.
        (loss.sum() / problem.x.shape[-1]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        network = network.with_parameters(theta.detach().clone())
        if move_grid_every and step % move_grid_every == 0:
            network, moved = move_grids(network, problem.x)
            if moved.any():
                with torch.no_grad():
                    theta.copy_(network.parameters())
        state = state_of(step, network, problem, state.loss)
        yield state


def lbfgs(network: Network, problem: Problem, *, move_grid_every: int) -> Iterator[State]:
    """L-BFGS with a strong Wolfe line search (Nocedal & Wright, ch. 7), each restart on its own.

    A step is up to 20 inner iterations between two updates of the grids; curvature pairs are dropped
    only when a grid has moved, since the coefficients then mean something else.
    """
    state = state_of(0, network, problem, None)
    yield state
    parts = [network.select([r]) for r in range(network.restarts)]
    optimisers: list[tuple[Tensor, torch.optim.LBFGS] | None] = [None] * len(parts)
    step = 0
    while True:
        step += 1
        for r, part in enumerate(parts):
            held = optimisers[r]
            if held is None:
                theta = part.parameters().detach().clone().requires_grad_(True)
                held = (
                    theta,
                    torch.optim.LBFGS(
                        [theta],
                        max_iter=20,
                        history_size=20,
                        line_search_fn="strong_wolfe",
                        tolerance_grad=1e-14,
                        tolerance_change=1e-16,
                    ),
                )
                optimisers[r] = held
            theta, optimiser = held

            def closure(
                part: Network = part, theta: Tensor = theta, optimiser: torch.optim.LBFGS = optimiser
            ) -> Tensor:
                optimiser.zero_grad()
                loss, _ = losses(part.with_parameters(theta), problem)
                loss = loss.sum() / problem.x.shape[-1]
                loss.backward()  # type: ignore[no-untyped-call]
                return loss

            optimiser.step(closure)  # type: ignore[no-untyped-call]
            part = part.with_parameters(theta.detach().clone())
            if move_grid_every and step % move_grid_every == 0:
                part, moved = move_grids(part, problem.x)
                if moved.any():
                    optimisers[r] = None
            parts[r] = part
        network = join(parts)
        state = state_of(step, network, problem, state.loss)
        yield state


def join(parts: list[Network]) -> Network:
    """Networks of one architecture as one batch."""
    first = parts[0]
    layers = []
    for index, layer in enumerate(first.layers):
        same = index == 0  # the inputs' grids are the data's, the same for every restart
        layers.append(
            replace(
                layer,
                coefficients=torch.cat([p.layers[index].coefficients for p in parts]),
                low=layer.low if same else torch.cat([p.layers[index].low for p in parts]),
                high=layer.high if same else torch.cat([p.layers[index].high for p in parts]),
            )
        )
    return replace(first, layers=tuple(layers))
