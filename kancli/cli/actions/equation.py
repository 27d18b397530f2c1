"""What kan solve does: an equation in, its solution and the formula of it out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kancli.cli.frame.session import Session
from kancli.cli.output.streams import Streams
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.equations.solve import Solution
    from kancli.recipe.equation import EquationRecipe

STAGE = "solve"


@dataclass(frozen=True)
class Solved:
    """The kept version, and what is known about the solution."""

    checkpoint: Checkpoint
    facts: Mapping[str, Any]


def solution_of(session: Session, path: str, began: float) -> Solved:
    """Solve the problem of a recipe and keep the result. Raises RecipeError for one that cannot be read."""
    from kancli.cli.output.progress import watching
    from kancli.equations.problem import problem_of
    from kancli.equations.reading import read, table_of
    from kancli.equations.solve import solved
    from kancli.recipe import FitOptions
    from kancli.recipe.equation import read_equation
    from kancli.stages.progress import Progress

    recipe = read_equation(path)
    problem = problem_of(recipe.equation, recipe.unknown, recipe.box, recipe.conditions)
    deadline = began + recipe.time_limit
    with watching(session.streams) as report:

        def tell(message: str, left: float) -> None:
            report(Progress(STAGE, 0, None, left**2, None, f"{message}: residual {left:.2g}"))

        solution = solved(
            problem,
            nodes=recipe.nodes,
            grids=recipe.grid,
            points=recipe.points,
            restarts=recipe.restarts,
            steps=recipe.steps,
            seed=recipe.seed,
            tell=tell,
            expired=lambda: time.monotonic() > began + (0.6 if recipe.read else 1.0) * recipe.time_limit,
        )
        table = table_of(problem, solution.network, recipe.seed)
        left = deadline - time.monotonic()
        found = None
        if recipe.read and left > 1.0:
            options = FitOptions(time_limit=0.9 * left)
            jobs = int(session.flags.get(("run", "jobs")) or cores())
            found = read(problem, table, options, seed=recipe.seed, jobs=jobs, report=report)
    facts = facts_of(recipe, solution)
    from kancli.equations.reading import version_of

    version = version_of(problem, table, found, solution.network, facts, recipe.seed)
    return Solved(kept(session, path, version), version.metadata)


def facts_of(recipe: EquationRecipe, solution: Solution) -> dict[str, Any]:
    """The problem and how well the network solves it; where its solution is given, the mean squared error."""
    from kancli.equations.reading import mean_squared_error

    facts: dict[str, Any] = {
        "equation": recipe.model_dump(mode="json"),
        "network": {"residual": solution.left, "coefficients": solution.network.size, "mse": None},
    }
    if recipe.exact is not None:
        facts["network"]["mse"] = mean_squared_error(
            recipe.exact, tuple(recipe.box), solution.network, recipe.seed
        )
    return facts


def kept(session: Session, path: str, version: Checkpoint) -> Checkpoint:
    """The version, saved in a run directory of its own."""
    import sys

    from kancli.checkpoint import new_run, save

    directory = session.flags.get(("run", "directory"))
    run = new_run(
        Path("runs"), path, directory=Path(directory) if directory else None, command=["kan", *sys.argv[1:]]
    )
    return save(version, run, None)


def print_solution(streams: Streams, solved: Solved, seconds: float) -> None:
    """The formula, then what it and the network leave; as one document with --json."""
    facts = solved.facts
    if streams.json:
        keys = ("target", "formula", "latex", "complexity", "verdict", "equation", "network", "left")
        streams.document(
            {
                "kan": 1,
                **{key: facts.get(key) for key in keys},
                "checkpoint": str(solved.checkpoint.path),
                "seconds": round(seconds, 3),
            }
        )
        return
    if facts.get("formula") is not None:
        streams.result(f"{facts['target']} = {facts['formula']}")
        streams.remark(f"verdict: {facts['verdict']['kind']}: {facts['verdict']['why']}")
    network = facts["network"]
    error = "" if network["mse"] is None else f", mean squared error {network['mse']:.2g}"
    streams.remark(
        f"network: {network['coefficients']} coefficients, residual {network['residual']:.2g}{error}"
    )
    if streams.terminal():
        streams.remark(f"checkpoint: {solved.checkpoint.path}")
    else:
        streams.result(f"# checkpoint: {solved.checkpoint.path}")
