"""`kan example`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.completing import law_names
from kancli.cli.frame.session import Session
from kancli.cli.output.tables import Table, print_table

if TYPE_CHECKING:
    from kancli.examples import Law

COLUMNS = ("name", "law", "inputs", "about")

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A law; if left out, all are listed.",
        show_default=False,
        autocompletion=law_names,
    ),
]
Rows = Annotated[int, typer.Option("--rows", metavar="N", min=1, help="How many rows.")]
Noise = Annotated[
    float,
    typer.Option(
        "--noise", metavar="SHARE", min=0.0, help="Noise on the target, as a share of its standard deviation."
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of rows and noise.")]


@command()
def example(
    session: Session, name: Name = None, rows: Rows = 1000, noise: Noise = 0.0, seed: Seed = 0
) -> None:
    """Print a table that follows a known law.

    Prints a textbook law as CSV, with the target last; without NAME, lists the laws.

    \b
    kan example
    kan example feynman-I.6.2 | kan fit -
    kan example pendulum --rows 200 --noise 0.02 --seed 1 > pendulum.csv
    """
    from kancli.examples import law, laws, sample

    streams = session.streams
    if name is None:
        known = [described(entry) for entry in laws().values()]
        if streams.json:
            streams.document({"kan": 1, "examples": known})
            return
        lines = [
            [
                entry["name"],
                f"{entry['target']} = {entry['formula']}",
                " ".join(entry["inputs"]),
                entry["about"],
            ]
            for entry in known
        ]
        short = [[line[0], line[1], line[3]] for line in lines]
        print_table(streams, Table(COLUMNS, lines, ("name", "law", "about"), short))
        return
    chosen = law(name)
    x, y = sample(chosen, rows, noise=noise, seed=seed)
    streams.detail(f"{chosen.target} = {chosen.formula}")
    table = [[*inputs, value] for inputs, value in zip(x.tolist(), y.tolist(), strict=True)]
    columns = [*chosen.inputs, chosen.target]
    if streams.json:
        streams.document({"kan": 1, **described(chosen), "columns": columns, "rows": table})
        return
    body = "".join(",".join(map(repr, row)) + "\n" for row in table)
    streams.result(",".join(columns) + "\n" + body)


def described(law: Law) -> dict[str, Any]:
    """A law as a JSON value."""
    return {
        "name": law.name,
        "about": law.about,
        "target": law.target,
        "formula": law.formula,
        "inputs": list(law.inputs),
        "ranges": {name: list(limits) for name, limits in law.ranges.items()},
    }
