"""What the engine's benchmarks share: the tutorial function as a problem, random networks for it, a clock."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import torch

from kancli.engine.architecture import dense
from kancli.engine.network import Network, initial_network
from kancli.engine.training.levenberg_marquardt import Problem


def tutorial_problem(rows: int, seed: int = 0) -> Problem:
    """exp(sin(πx₁) + x₂²) on [-1, 1]², scaled to mean 0 and variance 1 as the stages do."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(2, rows, generator=generator, dtype=torch.float64) * 2 - 1
    y = torch.exp(torch.sin(torch.pi * x[0]) + x[1] ** 2)
    return Problem(x, (y - y.mean()) / y.std(correction=0))


def dense_start(
    width: tuple[int, ...], problem: Problem, *, restarts: int, grid: int, seed: int = 0
) -> Network:
    """Random dense networks of cubic splines, as training starts from."""
    return initial_network(
        dense(width),
        problem.x.amin(1),
        problem.x.amax(1),
        restarts=restarts,
        grid=grid,
        order=3,
        base="none",
        noise=0.1,
        generator=torch.Generator().manual_seed(seed),
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start
