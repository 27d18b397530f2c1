"""`kan structure`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session, names_standard_input, set_threads
from kancli.cli.output.figures import figure, short
from kancli.cli.output.tables import Table, print_table
from kancli.errors import UsageError

if TYPE_CHECKING:
    from kancli.dataset import Dataset
    from kancli.structure import Structure

CLAIMS = ("kind", "claim", "bits", "p")
INFLUENCE = ("column", "influence", "low", "high")

Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN|DATA",
        help="A run, whose predictions for its own data are examined, or a table as for kan fit. "
        "If left out: the run from a pipe, else last.",
        show_default=False,
    ),
]


@command(options=("data", "seed"))
def structure(session: Session, subject: Subject = None) -> None:
    """Tell what a table, or a model, says about the law without a formula.

    Prints claims, each with the bits that it saves and the chance that what it leaves is noise: irrelevant inputs,
    sums and products of functions of fewer inputs, two inputs that enter only by one combination, homogeneity,
    periods, signs of slopes and curvatures. Then the share of the target's variance that changes with each input,
    with its 95 % interval. At most one in 100 tables of noise has any claim.

    \b
    kan structure data.csv
    kan structure data.csv --target T --inputs L,g --json
    kan structure last@refine
    """
    dataset, checkpoint = opened(session, subject)
    set_threads(1)
    from kancli.structure import find_structure

    found = find_structure(dataset.inputs, dataset.x, dataset.target, dataset.y, seed_of(session))
    if session.streams.json:
        session.streams.document(document(found, subject if checkpoint is None else None, checkpoint))
        return
    print_table(session.streams, claims(found))
    session.streams.result("")
    print_table(session.streams, influence(found))


def seed_of(session: Session) -> int:
    """The seed of what is drawn at random."""
    return int(session.flags.get(("seed",), 0))


def opened(session: Session, subject: str | None) -> tuple[Dataset, str | None]:
    """A table, and None; or a run's table with its predictions as the target, and its path."""
    if subject is not None and is_table(subject):
        if subject == "-" and sys.stdin.isatty():
            raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
        recipe = session.with_flag(("data", "path"), subject).recipe(train=False)
        return session.read_data(recipe), None
    from dataclasses import replace

    from kancli.checkpoint import load
    from kancli.stages.results.predict import by_formula, by_network, has_formula
    from kancli.stages.source import reopen

    checkpoint = load(session.find(subject))
    dataset, _ = reopen(checkpoint, None)
    formula = has_formula(checkpoint.metadata)
    predict = by_formula(checkpoint.metadata) if formula else by_network(checkpoint)
    return replace(dataset, y=predict(dataset.x)), str(checkpoint.path)


def is_table(subject: str) -> bool:
    """Whether the argument names a table: - is one unless a run's path comes through the pipe."""
    if subject == "-":
        return not names_standard_input(None)
    return Path(subject).is_file() and Path(subject).suffix != ".kan"


def claims(found: Structure) -> Table:
    """One row per claim."""
    full, brief = (
        [[c.kind, c.text, write(c.bits), write(c.p)] for c in found.claims] for write in (figure, short)
    )
    return Table(CLAIMS, full, CLAIMS, brief)


def influence(found: Structure) -> Table:
    """One row per input, the strongest first."""
    ordered = sorted(found.influence, key=lambda one: -one.share)
    full, brief = (
        [[one.column, write(one.share), write(one.low), write(one.high)] for one in ordered]
        for write in (figure, short)
    )
    return Table(INFLUENCE, full, INFLUENCE, brief)


def document(found: Structure, data: str | None, checkpoint: str | None) -> dict[str, Any]:
    """`--json`."""
    return {
        "kan": 1,
        "data": data,
        "checkpoint": checkpoint,
        "target": found.target,
        "rows": found.rows,
        "explained": found.explained,
        "p": found.p,
        "claims": [claim.metadata() for claim in found.claims],
        "influence": [vars(one) for one in found.influence],
    }
