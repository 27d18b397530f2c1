"""`kan relations`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.completing import columns as completed
from kancli.cli.frame.session import Session, set_threads
from kancli.cli.output.figures import figure, near_one, short
from kancli.cli.output.tables import Table, print_table
from kancli.errors import UsageError
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.relations import Relations

COLUMNS = ("relation", "verdict", "r2", "columns")
TESTS = ("column", "independent", "p", "adjusted_p")

Data = Annotated[
    str,
    typer.Argument(metavar="DATA", help="A .csv or .tsv file, also compressed, or - .", show_default=False),
]
Chosen = Annotated[
    str | None,
    typer.Option(
        "--columns", metavar="A,B,…", help="Only these columns; by default all.",
        autocompletion=completed, show_default=False,
    ),
]  # fmt: skip
OPTIONS = ("data.sep", "data.drop_missing", "fit.time_limit", "fit.lib", "fit.exclude", "run.jobs", "seed")


@command(options=OPTIONS, argument_name="DATA")
def relations(session: Session, data: Data, columns: Chosen = None) -> None:
    """Find the laws among the columns of a table, none of which is the target.

    Prints each relation once: for the column that makes it shortest, or as a polynomial of several columns that
    vanishes. Then the test of each column against all others: its rows are permuted, so that in 95 of 100 tables
    of independent columns none is called dependent. Rows must be independent of each other, as those of a time series
    are not.

    \b
    kan relations data.csv
    kan relations data.csv --columns a,b,c --time-limit 5m
    kan relations data.csv --json
    """
    began = time.monotonic()
    recipe = session.with_flag(("data", "path"), data).recipe(train=False)
    if data == "-" and sys.stdin.isatty():
        raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
    from kancli.dataset import read_untargeted

    wanted = [name.strip() for name in columns.split(",")] if columns else None
    table = read_untargeted(data, wanted, sep=recipe.data.sep, drop_missing=recipe.data.drop_missing)
    for remark in table.remarks:
        session.streams.remark(remark)
    set_threads(1)
    from kancli.cli.output.progress import watching
    from kancli.relations import find_relations
    from kancli.relations.law import How

    with watching(session.streams) as report:
        how = How(recipe.fit, recipe.seed, recipe.run.jobs or cores(), report)
        found = find_relations(table.names, table.values, how, seconds=recipe.fit.time_limit, began=began)
    if session.streams.json:
        session.streams.document(document(found, data, time.monotonic() - began))
        return
    print_table(session.streams, drawn(found))
    session.streams.result("")
    print_table(session.streams, tests(found))


def drawn(found: Relations) -> Table:
    """One row per relation."""
    full = [[r.text, r.kind, figure(r.r2), " ".join(r.columns)] for r in found.relations]
    brief = [[r.text, r.kind.replace("_", " "), near_one(r.r2), " ".join(r.columns)] for r in found.relations]
    return Table(COLUMNS, full, COLUMNS, brief)


def tests(found: Relations) -> Table:
    """One row per column."""
    full, brief = (
        [[t.column, "no" if t.dependent else "yes", write(t.p), write(t.adjusted)] for t in found.tests]
        for write in (figure, short)
    )
    return Table(TESTS, full, TESTS, brief)


def document(found: Relations, data: str, seconds: float) -> dict[str, Any]:
    """`--json`."""
    return {
        "kan": 1,
        "data": data,
        "rows": found.rows,
        "columns": list(found.columns),
        "groups": [list(group) for group in found.groups],
        "independent": list(found.independent),
        "relations": [relation.metadata() for relation in found.relations],
        "tests": [vars(test) for test in found.tests],
        "size": found.size,
        "permutations": found.permutations,
        "seconds": seconds,
    }
