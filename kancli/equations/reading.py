"""From a solution to a formula: the search of `kan fit` on its values, and the equation as the judge."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, from_memory
from kancli.equations.network import Network, jets_and_jacobian
from kancli.equations.problem import Equation, Problem
from kancli.errors import KanError
from kancli.recipe import FitOptions
from kancli.stages.progress import Report
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.formula import Formula

Array = NDArray[np.float64]

# Values of the solution that the search sees; points at which formulas are judged.
ROWS, JUDGED = 1500, 400
# What a formula leaves of the equation, in units of its terms, is rounding below this.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Read:
    """A formula, its expression, and what it leaves of the equation and the conditions in units of their terms."""

    formula: Formula
    left: float

    @property
    def exact(self) -> bool:
        """Whether it solves the problem to rounding."""
        return self.left <= ROUNDING


def values_of(network: Network, x: Array) -> Array:
    """The solution (n,) at x (n, coordinates)."""
    return np.asarray(jets_and_jacobian(network, x, [()], jacobian=False)[0][:, 0])


def inside(problem: Problem, count: int, rng: np.random.Generator) -> Array:
    """Random points (count, coordinates) of the box."""
    low, high = np.array(problem.low), np.array(problem.high)
    return np.asarray(low + (high - low) * rng.random((count, len(low))))


def table_of(problem: Problem, network: Network, seed: int) -> Dataset:
    """Values of the solution at random points, as a table."""
    x = inside(problem, ROWS, np.random.default_rng(seed))
    table, _ = from_memory(
        x, values_of(network, x), inputs=list(problem.coordinates), target=problem.unknown, seed=seed
    )
    return table


def read(
    problem: Problem, table: Dataset, options: FitOptions, *, seed: int, jobs: int, report: Report
) -> Read | None:
    """The formula of a solution: of those that the search finds, the one that solves the problem best. A network is
    accurate to some digits only, so that the error on its values decides nothing between two that both have them."""
    from kancli.search import Budget, Ledger, Task, find_formula

    ledger = Ledger()
    with suppress(KanError):
        budget = Budget.of_seconds(time.monotonic(), options.time_limit)
        find_formula(Task(table, options, seed, jobs, budget, report), ledger)
    found = [c.formula for c in sorted(ledger.candidates, key=lambda c: c.bits)]
    judged = [Read(formula, left_by(problem, formula.expression, seed)) for formula in found[:20]]
    judged = [one for one in judged if math.isfinite(one.left)]
    return min(judged, key=lambda one: (max(one.left, ROUNDING), one.formula.complexity), default=None)


def left_by(problem: Problem, formula: Expression, seed: int) -> float:
    """What a formula leaves of the equation and of the conditions, root mean square, in units of their terms."""
    jet = derivatives_of(formula, len(problem.coordinates))
    x = inside(problem, JUDGED, np.random.default_rng(seed + 1))
    worst = residual(problem.inside, x, jet)
    for condition in problem.conditions:
        side = x.copy()
        side[:, condition.coordinate] = condition.at
        worst = max(worst, residual(condition.equation, side, jet))
    return worst


def residual(equation: Equation, x: Array, jet: Callable[[Any, Array], Array]) -> float:
    """The root mean square of an equation, in units of its terms (at least 1e-300)."""
    jets = np.column_stack([jet(one, x) for one in equation.jets]) if equation.jets else np.zeros((len(x), 0))
    with np.errstate(all="ignore"):
        values = evaluate(equation.law, np.hstack([x, jets]))
    size = float(np.sqrt(np.mean(jets**2))) if jets.size else 1.0
    left = float(np.sqrt(np.mean(values**2))) / max(size, 1.0)
    return left if math.isfinite(left) else math.inf


def derivatives_of(formula: Expression, coordinates: int) -> Callable[[Any, Array], Array]:
    """The jets of a formula, differentiated by sympy: (jet, x) → values (n,)."""
    import sympy

    from kancli.symbolic.text.sympy import positional_symbols, to_sympy

    symbols = positional_symbols(coordinates)
    whole = to_sympy(formula)

    def values(jet: Any, x: Array) -> Array:
        expression = whole
        for coordinate in jet:
            expression = sympy.diff(expression, symbols[coordinate])
        call = sympy.lambdify(symbols, expression, modules=["numpy", "scipy"])
        with np.errstate(all="ignore"):
            return np.array(np.broadcast_to(np.asarray(call(*x.T), dtype=np.float64), len(x)))

    return values
