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

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.equations.network import Network, jets_and_jacobian
from kancli.equations.problem import Equation, Problem
from kancli.errors import KanError, RecipeError
from kancli.recipe import FitOptions
from kancli.search.candidate import without_network
from kancli.stages.progress import Report
from kancli.stages.reading.formulas import columns_of, facts_of_formula
from kancli.symbolic.expression import Expression, constants, evaluate, exact, negate, variables, with_leaves
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.rewrite.simplify import simplify
from kancli.symbolic.text.parser import ParseError, parse

Array = NDArray[np.float64]

# Values of the solution that the search sees; points at which formulas are judged.
ROWS, JUDGED = 1500, 400
# What a formula leaves of the equation, in units of its terms, is rounding below this.
ROUNDING = 1e-9
# Formulas of the search that are also tried with plain constants, and how near those have to be.
TRIED, NEAR_PLAIN = 20, 2e-3
PLAIN = tuple(
    exact(text)
    for text in dict.fromkeys(
        [*(str(n) for n in range(21)), *(f"{n}/{d}" for d in (2, 3, 4, 5) for n in range(1, 21) if n % d),
         "pi", "2*pi", "pi/2", "sqrt(2)", "sqrt(2)/2", "sqrt(3)", "pi**2"]
    )
)  # fmt: skip


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
    for formula in found[:TRIED]:
        with suppress(KanError):
            found.append(
                write(with_plain_constants(formula.expression), table.x, table.y, **columns_of(table))
            )
    judged = [Read(formula, left_by(problem, formula.expression, seed)) for formula in found]
    judged = [one for one in judged if math.isfinite(one.left)]
    return min(judged, key=lambda one: (max(one.left, ROUNDING), one.formula.complexity), default=None)


def with_plain_constants(law: Expression) -> Expression:
    """The law with each free constant that a plain number is near replaced by it: the network is accurate to some
    digits only, and the equation decides."""
    leaves: list[Expression] = []
    for constant in constants(law):
        near = [number for number in PLAIN if abs(number.value - abs(constant.value)) <= NEAR_PLAIN]
        best = min(near, key=lambda number: abs(number.value - abs(constant.value)), default=None)
        leaves.append(constant if best is None else negate(best) if constant.value < 0 else best)
    return simplify(with_leaves(law, leaves), np.ones((2, max(variables(law), default=0) + 1)), 0.0)


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


def mean_squared_error(exact: str, coordinates: tuple[str, ...], network: Network, seed: int) -> float:
    """Of the network against a known solution, at random points of the box. Raises RecipeError for its text."""
    try:
        known = parse(exact, coordinates)
    except ParseError as problem:
        raise RecipeError(f"exact: {problem.message}") from None
    low, high = network.box[:, 0], network.box[:, 1]
    x = low + (high - low) * np.random.default_rng(seed + 2).random((4000, len(low)))
    return float(np.mean((values_of(network, x) - evaluate(known, x)) ** 2))


def version_of(
    problem: Problem, table: Dataset, found: Read | None, network: Network, facts: dict[str, Any], seed: int
) -> Checkpoint:
    """The version to keep: the coefficients of the network, and the formula where there is one."""
    base = without_network("solve", table, seed, facts["equation"], facts)
    tensors = {"inner": network.inner, "outer": network.outer, "box": network.box, "reach": network.reach}
    metadata = {**base.metadata, "target": problem.unknown, "splines_left": 0, "edges": [], "front": []}
    if found is not None:
        kind = "exact" if found.exact else "approximation"
        why = (
            "it solves the equation and its conditions to rounding"
            if found.exact
            else f"it leaves {found.left:.2g} of the equation or its conditions, in units of their terms"
        )
        metadata |= {
            **facts_of_formula(found.formula, table),
            "left": found.left,
            "verdict": {"kind": kind, "confidence": 0.99 if found.exact else 0.3, "why": why, "rivals": []},
        }
    return Checkpoint("solve", tensors, metadata)
