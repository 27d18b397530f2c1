"""`kan diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from kancli.cli.actions.compare import differences, name_of
from kancli.cli.frame.command import command
from kancli.cli.frame.completing import run_names
from kancli.cli.frame.session import Session
from kancli.cli.output.tables import Table, print_table
from kancli.errors import UsageError

First = Annotated[
    str | None,
    typer.Argument(
        metavar="A", help="A run or version, as for RUN elsewhere; by default last.", show_default=False,
        autocompletion=run_names,
    ),
]  # fmt: skip
Second = Annotated[
    str | None,
    typer.Argument(
        metavar="B", help="Another one; by default the version that A was made from.",
        show_default=False, autocompletion=run_names,
    ),
]  # fmt: skip


@command()
def diff(session: Session, a: First = None, b: Second = None) -> None:
    """Compare two versions: options, metrics, edges, formula.

    Shows only what differs.

    \b
    kan diff runs/data-001 runs/data-002
    kan diff last@train last@prune
    kan diff last
    """
    from kancli.checkpoint import read_header

    first = session.find(a)
    if b is None:
        header = read_header(first)
        if header.parent is None:
            raise UsageError(
                f"{first}: was not made from another version", "name the version to compare with as B"
            )
        first, second = first.parent / header.parent.file, first
    else:
        second = session.find(b)
    left, right = read_header(first).metadata, read_header(second).metadata
    found = differences(left, right)
    streams = session.streams
    if streams.json:
        streams.document(
            {
                "kan": 1,
                "a": str(first),
                "b": str(second),
                "same": not found,
                "differences": [vars(difference) for difference in found],
            }
        )
        return
    if not found:
        streams.remark(f"{first} and {second} are the same")
    columns = ("part", "what", name_of(first), name_of(second))
    full = [[d.part, d.what, d.text(d.a), d.text(d.b)] for d in found]
    brief = [[d.part, d.what, d.brief(d.a), d.brief(d.b)] for d in found]
    print_table(streams, Table(columns, full, columns, brief))
