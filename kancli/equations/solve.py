"""Gauss–Newton on collocation points: the network whose residuals of the equation and the conditions are smallest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from kancli.equations.network import (
    Network,
    finer,
    jets_and_jacobian,
    random_network,
    with_reach,
)
from kancli.equations.problem import Equation, Problem, residual_and_slopes

Array = NDArray[np.float64]

# A condition on a side counts as much as the equation inside at the same number of points, times this.
SIDES = 10.0
# Points per side that the judging points have more than those of the fit.
BETWEEN = 7
# A finer grid is kept unless its error between the points is so many times larger: the points do not determine it.
WORSE = 2.0
# Damping: first, factors after a step that helps and one that does not, and where to give up.
FIRST, DOWN, UP, LARGEST = 1e-2, 0.3, 4.0, 1e10
# Steps that lower the error by less than this share, one after another, are the last ones.
SLOW, PATIENCE = 1e-3, 4


@dataclass(frozen=True, eq=False)
class Part:
    """Points (n, coordinates), the equation that holds there, and its weight."""

    x: Array
    equation: Equation
    weight: float


@dataclass(frozen=True, eq=False)
class Solution:
    """The network, and the root mean square of what is left of equation and conditions, weighted, at points between
    those of the fit."""

    network: Network
    left: float
    steps: int


def points_of(problem: Problem, points: int) -> list[Part]:
    """Collocation points: Chebyshev's inside, which are denser at the sides, and the same on the sides."""
    unit = -np.cos(np.pi * (np.arange(points) + 0.5) / points)
    axes = [0.5 * (a + b) + 0.5 * (b - a) * unit for a, b in zip(problem.low, problem.high, strict=True)]
    parts = [Part(np.array(list(product(*axes))), problem.inside, 1.0)]
    for one in problem.conditions:
        side = [np.array([one.at]) if i == one.coordinate else axis for i, axis in enumerate(axes)]
        x = np.array(list(product(*side)))
        parts.append(
            Part(x, one.equation, SIDES * math.sqrt(len(parts[0].x) / len(x) / len(problem.conditions)))
        )
    return parts


def solved(
    problem: Problem,
    *,
    nodes: int,
    grids: Sequence[int],
    points: int,
    restarts: int,
    steps: int,
    seed: int,
    tell: Callable[[str, float], None],
    expired: Callable[[], bool] = lambda: False,
) -> Solution:
    """The best of some random starts on the first grid, refined on the others."""
    parts, between = points_of(problem, points), points_of(problem, points + BETWEEN)
    box = np.column_stack([problem.low, problem.high])
    rng = np.random.default_rng(seed)
    best: Solution | None = None
    for number in range(restarts):
        start = random_network(box, nodes, grids[0], rng)
        found = descended(start, parts, between, steps, expired)
        tell(f"start {number + 1}", found.left)
        if best is None or found.left < best.left:
            best = found
        if expired():
            break
    assert best is not None
    for grid in grids[1:]:
        if expired():
            break
        found = descended(finer(best.network, grid), parts, between, steps, expired)
        tell(f"grid {grid}", found.left)
        if found.left < WORSE * best.left:
            best = found
    return best


def descended(
    network: Network, parts: Sequence[Part], between: Sequence[Part], steps: int, expired: Callable[[], bool]
) -> Solution:
    """Levenberg–Marquardt steps from a network, until they are slow; judged at the points `between`."""
    everywhere = np.concatenate([part.x for part in parts])
    network = with_reach(network, everywhere)
    damping, slow, taken = FIRST, 0, 0
    left, gram, slope = system_of(network, parts)
    while taken < steps and slow < PATIENCE and damping < LARGEST and not expired():
        taken += 1
        scale = np.diag(gram) + 1e-12 * float(np.diag(gram).max())
        try:
            step = -cho_solve(cho_factor(gram + damping * np.diag(scale), check_finite=False), slope)
        except (LinAlgError, ValueError):
            damping *= UP
            continue
        moved = with_reach(network.moved(step), everywhere)
        now = error_of(moved, parts)
        if not now < left:
            damping *= UP
            continue
        slow = slow + 1 if now > (1 - SLOW) * left else 0
        network, damping = moved, max(damping * DOWN, 1e-14)
        left, gram, slope = system_of(network, parts)
    count = sum(len(part.x) for part in between)
    return Solution(network, math.sqrt(error_of(network, between) / count), taken)


def system_of(network: Network, parts: Sequence[Part]) -> tuple[float, Array, Array]:
    """The sum of squares, JᵀJ and Jᵀr."""
    gram = np.zeros((network.size, network.size))
    slope, total = np.zeros(network.size), 0.0
    for part in parts:
        jets, jacobians = jets_and_jacobian(network, part.x, part.equation.jets)
        residual, factors = residual_and_slopes(part.equation, part.x, jets)
        rows = sum(
            (factor[:, None] * one for factor, one in zip(factors.T, jacobians, strict=True)),
            np.zeros((len(part.x), network.size)),
        )
        rows, residual = part.weight * rows, part.weight * residual
        gram += rows.T @ rows
        slope += rows.T @ residual
        total += float(residual @ residual)
    return total, gram, slope


def error_of(network: Network, parts: Sequence[Part]) -> float:
    """The sum of squares alone; infinite where it is not a number."""
    total = 0.0
    for part in parts:
        jets, _ = jets_and_jacobian(network, part.x, part.equation.jets, jacobian=False)
        residual, _ = residual_and_slopes(part.equation, part.x, jets)
        total += float(np.sum((part.weight * residual) ** 2))
    return total if math.isfinite(total) else math.inf
