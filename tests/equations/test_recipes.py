"""Every equation that is shipped is solved, as its recipe says."""

from __future__ import annotations

import pytest
from kit import ROOT

from kancli.equations.problem import problem_of
from kancli.equations.reading import left_by, mean_squared_error
from kancli.equations.solve import solved
from kancli.recipe.equation import read_equation
from kancli.symbolic.text.parser import parse

FOLDER = ROOT / "recipes" / "equations"
SOLVED = {"oscillator": 1e-12, "burgers": 1e-8}


def test_the_solutions_that_recipes_name_solve_their_equations() -> None:
    for path in sorted(FOLDER.glob("*.yaml")):
        assert path.read_text().splitlines()[0] == f"# kan solve recipes/equations/{path.name}"
        recipe = read_equation(str(path))
        problem = problem_of(recipe.equation, recipe.unknown, recipe.box, recipe.conditions)
        assert recipe.exact is not None
        assert left_by(problem, parse(recipe.exact, problem.coordinates), 0) < 1e-12


@pytest.mark.parametrize("name", SOLVED)
def test_a_network_solves_the_equation(name: str) -> None:
    recipe = read_equation(str(FOLDER / f"{name}.yaml"))
    problem = problem_of(recipe.equation, recipe.unknown, recipe.box, recipe.conditions)
    solution = solved(
        problem, nodes=recipe.nodes, grids=recipe.grid, points=recipe.points, restarts=recipe.restarts,
        steps=recipe.steps, seed=recipe.seed, tell=lambda *_: None,
    )  # fmt: skip
    assert recipe.exact is not None
    assert mean_squared_error(recipe.exact, problem.coordinates, solution.network, 0) < SOLVED[name]
