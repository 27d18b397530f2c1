"""`kan solve`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from kancli.cli.actions.equation import print_solution, solution_of
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session


@command(options=("run",))
def solve(
    session: Session,
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A YAML file with the equation.", show_default=False)
    ],
) -> None:
    """Solve a differential equation by a network and read its formula.

    The recipe has the equation, a box and conditions on its sides. Prints UNKNOWN = FORMULA and how well it
    solves the problem; where no formula is found, how well the network does.

    \b
    kan solve recipes/equations/poisson.yaml
    kan solve recipes/equations/heat.yaml --json
    """
    began = time.monotonic()
    print_solution(session.streams, solution_of(session, recipe, began), time.monotonic() - began)
