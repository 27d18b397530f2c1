"""Levenberg-Marquardt on a batch of networks, each with its own damping.

Minimises Σ w (y − f(x; θ))² [+ N·lamb·penalty] by solving (JᵀWJ + μ D) δ = JᵀWr. D is the diagonal of
the gram, kept away from zero where no row reaches a basis function (Marquardt, J. SIAM 11, 1963); μ
follows the ratio of actual to predicted decrease (Nielsen, IMM-REP-1999-05). The normal equations at
the trial point give its error as well, so a step costs one assembly and one factorisation; a restart
whose trial is rejected keeps its equations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from kancli.engine.network import Network
from kancli.engine.training.grid import move_grids
from kancli.engine.training.memory import keep_freed_memory
from kancli.engine.training.normal_equations import normal_equations
from kancli.engine.training.penalty import penalty_equations
from kancli.work import spend

FIRST_DAMPING = 1e-2
LEAST_DAMPING = 1e-12
MOST_DAMPING = 1e12
# The diagonal scaling of a parameter is at least this share of the mean over parameters.
LEAST_SCALE = 1e-3


@dataclass(frozen=True)
class Problem:
    """The problem to fit: x (inputs, N), y (N,), optional row weights (N,), and the penalty."""

    x: Tensor
    y: Tensor
    weight: Tensor | None = None
    lamb: float = 0.0
    lamb_entropy: float = 0.0


@dataclass(frozen=True)
class State:
    """One iterate: `loss` (R,) the minimised sum, `sse` (R,) its error part, `accepted` (R,) bool."""

    step: int
    network: Network
    loss: Tensor
    sse: Tensor
    damping: Tensor
    accepted: Tensor


@dataclass(frozen=True)
class Equations:
    gram: Tensor
    gradient: Tensor
    loss: Tensor
    sse: Tensor

    def where(self, take: Tensor, other: Equations) -> Equations:
        """These rows where `take` (R,), the other's elsewhere."""
        return Equations(
            torch.where(take[:, None, None], self.gram, other.gram),
            torch.where(take[:, None], self.gradient, other.gradient),
            torch.where(take, self.loss, other.loss),
            torch.where(take, self.sse, other.sse),
        )


def equations(network: Network, problem: Problem) -> Equations:
    """Normal equations of the whole loss."""
    gram, gradient, sse = normal_equations(network, problem.x, problem.y, problem.weight)
    loss = sse
    if problem.lamb:
        curvature, descent, value = penalty_equations(network, problem.x, problem.lamb_entropy)
        scale = problem.lamb * problem.x.shape[-1]
        # The loss is the sum of squares itself, so JᵀJ stands for half its second derivative.
        gram = gram + scale / 2 * curvature
        gradient = gradient + scale / 2 * descent
        loss = sse + scale * value
    return Equations(gram, gradient, loss, sse)


def solve_damped(now: Equations, damping: Tensor, frozen: Tensor | None) -> tuple[Tensor, Tensor]:
    """δ (R, P) and the decrease of the loss that the linear model predicts, (R,).

    Parameters marked in `frozen` (R, P) do not move. A gram that cannot be factorised gives δ = 0.
    """
    diagonal = now.gram.diagonal(dim1=1, dim2=2)
    scale = diagonal.clamp(min=0) + LEAST_SCALE * diagonal.mean(-1, keepdim=True).clamp(min=1e-300)
    extra = damping.unsqueeze(-1) * scale
    matrix = now.gram
    gradient = now.gradient
    if frozen is not None:
        free = (~frozen).to(matrix.dtype)
        matrix = matrix * free.unsqueeze(1) * free.unsqueeze(2)
        gradient = gradient * free
        extra = torch.where(frozen, scale + 1, extra)
    matrix = matrix + torch.diag_embed(extra)
    spend(matrix.shape[0] * matrix.shape[-1] ** 3 / 3, calls=10)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    delta = torch.cholesky_solve(gradient.unsqueeze(-1), factor).squeeze(-1)
    bad = (failed != 0) | ~torch.isfinite(delta).all(-1)
    delta = torch.where(bad.unsqueeze(-1), torch.zeros_like(delta), delta)
    predicted = (delta * (gradient + extra * delta)).sum(-1)
    return delta, predicted


def levenberg_marquardt(
    network: Network,
    problem: Problem,
    *,
    frozen: Tensor | None = None,
    move_grid_every: int = 0,
    damping: float = FIRST_DAMPING,
) -> Iterator[State]:
    """States of the iteration, the start first, without end: the caller decides when to stop.

    `move_grid_every` > 0 gives hidden grids the range of their data every so many steps, which may raise
    the loss for a moment. `frozen` (R, P) marks parameters that stay.
    """
    keep_freed_memory()
    if move_grid_every:
        network, _ = move_grids(network, problem.x)
    now = equations(network, problem)
    mu = torch.full_like(now.loss, damping)
    growth = torch.full_like(mu, 2.0)
    yield State(0, network, now.loss, now.sse, mu, torch.ones_like(now.loss, dtype=torch.bool))
    step = 0
    while True:
        step += 1
        delta, predicted = solve_damped(now, mu, frozen)
        theta = network.parameters()
        trial = network.with_parameters(theta + delta)
        then = equations(trial, problem)
        decrease = now.loss - then.loss
        accepted = (decrease > 0) & torch.isfinite(then.loss)
        ratio = decrease / predicted.clamp(min=1e-300)
        shrink = (1 - (2 * ratio - 1) ** 3).clamp(min=1 / 10, max=1.0)
        mu = torch.where(accepted, mu * shrink, mu * growth).clamp(LEAST_DAMPING, MOST_DAMPING)
        growth = torch.where(accepted, torch.full_like(growth, 2.0), (growth * 2).clamp(max=64.0))
        network = network.with_parameters(torch.where(accepted.unsqueeze(-1), theta + delta, theta))
        now = then if bool(accepted.all()) else then.where(accepted, now)
        if move_grid_every and step % move_grid_every == 0:
            network, moved = move_grids(network, problem.x)
            if moved.any():
                now = equations(network, problem)
        yield State(step, network, now.loss, now.sse, mu, accepted)


def at_most(states: Iterator[State], steps: int) -> Iterator[State]:
    """The first `steps` steps after the start."""
    for state in states:
        yield state
        if state.step >= steps:
            return
