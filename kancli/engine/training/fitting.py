"""One loop that fits a batch of networks, monitors the held-out rows, and keeps each restart's best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from kancli.engine.network import Network
from kancli.engine.training.levenberg_marquardt import Problem, State
from kancli.engine.training.normal_equations import squared_error

# Below this relative error only rounding remains.
EXACT = 1e-14


@dataclass(frozen=True)
class Fit:
    """The best of every restart: `error` (R,) is the root mean square error on the held-out rows, or on
    the training rows where nothing is held out; in units of the (scaled) target."""

    network: Network
    error: Tensor
    steps: int

    def best(self) -> Fit:
        """The restart with the smallest error, as a batch of one."""
        index = int(torch.nan_to_num(self.error, nan=math.inf).argmin())
        return Fit(self.network.select([index]), self.error[index : index + 1], self.steps)


def held_out_error(network: Network, problem: Problem) -> Tensor:
    """Root mean square error of each restart, (R,), weighted where the problem has weights."""
    rows = float(problem.x.shape[-1] if problem.weight is None else problem.weight.sum())
    return (squared_error(network, problem.x, problem.y, problem.weight) / rows).sqrt()


def run(
    states: Iterable[State],
    problem: Problem,
    held_out: Problem | None,
    *,
    steps: int,
    patience: int,
    tolerance: float,
    watch: Callable[[int, Tensor], None],
) -> Fit:
    """Consume `states` for at most `steps` steps and return the best network of each restart.

    The held-out error is computed every fifth step. The loop ends early when for `patience` steps no
    restart's held-out error fell by more than the share `tolerance`, or when all are exact.
    `watch(step, error (R,))` is called each time.
    """
    best: Fit | None = None
    last_gain = 0
    exact = EXACT * float(problem.y.square().mean().sqrt() + 1e-300)
    for state in states:
        done = state.step >= steps
        if state.step % 5 and not done:
            continue
        error = (
            (state.sse / problem.x.shape[-1]).sqrt()
            if held_out is None
            else held_out_error(state.network, held_out)
        )
        error = torch.nan_to_num(error, nan=math.inf)
        if best is None:
            best = Fit(state.network, error, state.step)
        else:
            better = error < best.error
            if bool((error < best.error * (1 - tolerance)).any()):
                last_gain = state.step
            best = Fit(
                choose(better, state.network, best.network), torch.minimum(error, best.error), state.step
            )
        watch(state.step, best.error)
        if done or state.step - last_gain >= patience or bool((error <= exact).all()):
            break
    if best is None:
        raise ValueError("no states")
    return best


def choose(take: Tensor, one: Network, other: Network) -> Network:
    """Restart by restart `one` where `take` (R,), else `other`: coefficients and grids together."""
    if bool(take.all()):
        return one

    def pick(a: Tensor, b: Tensor) -> Tensor:
        if len(a) == 1 and len(take) > 1:  # grids shared by all restarts never differ between states
            return a
        return torch.where(take.view(-1, *[1] * (a.dim() - 1)), a, b)

    return replace(
        one,
        layers=tuple(
            replace(
                a,
                coefficients=pick(a.coefficients, b.coefficients),
                low=pick(a.low, b.low),
                high=pick(a.high, b.high),
            )
            for a, b in zip(one.layers, other.layers, strict=True)
        ),
    )
