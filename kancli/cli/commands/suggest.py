"""`kan suggest`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.figures import figure, near_one, short
from kancli.cli.output.tables import Table, print_table
from kancli.errors import UsageError

if TYPE_CHECKING:
    from kancli.stages.results.suggest import Suggestions

COLUMNS = ("function", "r2", "complexity", "a", "b", "c", "d", "expression")

EdgeName = Annotated[
    str | None,
    typer.Option(
        "--edge",
        metavar="EDGE",
        help="The edge as layer,from,to, counted from 0: 0,1,0 is layer 0, from node 1, to node 0. [required]",
        show_default=False,
    ),
]
Top = Annotated[
    int,
    typer.Option(
        "--top", metavar="N", min=1, help="Show at most this many. [default: 8]", show_default=False
    ),
]

# Characters of the drawing in which the points lie, and beside it for the numbers on its axis.
WIDTH, MARGIN = 60, 12


@command(options=("symbolify.lib", "symbolify.exclude", "symbolify.functions", "symbolify.compositions"))
def suggest(
    session: Session, run: Run = None, edge: EdgeName = None, top: Top = 8, data: DataPath = None
) -> None:
    """Rank the functions that could replace one edge.

    Fits c·f(a·x + b) + d to the spline of the edge for every function f, and compositions if no single
    function fits. Nothing is changed; kan symbolify --fix uses the function that you choose.

    \b
    kan suggest last@refine --edge 0,1,0
    kan suggest last@refine --edge 1,0,0 --lib x,x^2,exp,tanh --top 3
    kan suggest last@refine --edge 0,0,0 --functions "langevin=1/tanh(u) - 1/u"
    """
    from kancli.checkpoint import load
    from kancli.stages.source import reopen

    checkpoint = load(session.find(run))
    if edge is None:
        raise UsageError("--edge is missing", f"the edges are {edge_names(checkpoint.metadata)}")
    before = dict(checkpoint.metadata.get("recipe", {}))
    recipe = session.recipe(base={key: before[key] for key in ("seed", "data", "train") if key in before})
    dataset, _ = reopen(checkpoint, data)
    from kancli.stages.results.suggest import suggest as candidates_for

    found = candidates_for(checkpoint, dataset, checked(edge), recipe.symbolify, top=top)
    streams = session.streams
    if streams.json:
        streams.document(document(found, str(checkpoint.path)))
        return
    if streams.terminal():
        streams.result(drawing(found))
    print_table(streams, table(found))


def checked(edge: str) -> str:
    """Edge text in its plain form; the same rule as for --fix. Raises UsageError for any other text."""
    from pydantic import TypeAdapter, ValidationError

    from kancli.recipe.fields import Edge

    try:
        return TypeAdapter(Edge).validate_python(edge)
    except ValidationError as error:
        raise UsageError(f"--edge {edge}: not an edge", "write layer,from,to, such as 0,1,0") from error


def edge_names(metadata: dict[str, Any] | Any) -> str:
    """`0,0,0 0,1,0 …` of a version's network."""
    layers = (metadata.get("architecture") or {}).get("edges", ())
    return " ".join(f"{layer},{s},{t}" for layer, pairs in enumerate(layers) for s, t in pairs)


def table(found: Suggestions) -> Table:
    """One row per candidate, best first."""
    full = [
        [c.function, *(figure(v) for v in (c.r2, c.complexity, c.a, c.b, c.c, c.d)), c.text]
        for c in found.candidates
    ]
    brief = [
        [c.function, near_one(c.r2), str(c.complexity), *(short(v) for v in (c.a, c.b, c.c, c.d))]
        for c in found.candidates
    ]
    return Table(COLUMNS, full, COLUMNS[:-1], brief)


def drawing(found: Suggestions) -> str:
    """The values of the edge and the best fit."""
    from kancli.cli.actions.pictures import ascii_only, columns
    from kancli.cli.output.scatter import scatter

    picture = scatter(
        found.x.tolist(),
        found.y.tolist(),
        found.best.tolist(),
        width=min(WIDTH, columns() - MARGIN),
        name=found.variable,
        ascii_only=ascii_only(),
    )
    best = found.candidates[0].function if found.candidates else "nothing"
    return f"edge {','.join(map(str, found.edge))}, fitted by {best}\n{picture}\n"


def document(found: Suggestions, checkpoint: str) -> dict[str, Any]:
    """`--json`: the candidates with all digits."""
    return {
        "kan": 1,
        "edge": list(found.edge),
        "variable": found.variable,
        "known_r2": found.known,
        "candidates": [vars(candidate) for candidate in found.candidates],
        "checkpoint": checkpoint,
    }
