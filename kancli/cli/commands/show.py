"""`kan show`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.actions.model import facts
from kancli.cli.commands.arguments import Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.figures import figure, short
from kancli.cli.output.formula import details_table
from kancli.cli.output.render import (
    FRONT_COLUMNS,
    INTERVAL_COLUMNS,
    aligned,
    formula_line,
    front_rows,
    influence_text,
    interval_rows,
    show_document,
    show_rows,
)
from kancli.cli.output.streams import Streams
from kancli.cli.output.tables import Table, print_table
from kancli.errors import CheckpointError, UsageError

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint


@command()
def show(
    session: Session,
    run: Run = None,
    recipe: Annotated[
        bool,
        typer.Option("--recipe", help="Print only the recipe that reproduces this version."),
    ] = False,
    intervals: Annotated[
        bool,
        typer.Option(
            "--intervals",
            help="Print only the constants, with the intervals that hold them with 95 % confidence.",
        ),
    ] = False,
) -> None:
    """Describe a version of a run.

    \b
    kan show last
    kan show last#2
    kan show runs/data-001@prune --json
    kan show last --intervals
    kan show last --recipe > again.yaml && kan run again.yaml
    """
    from kancli.checkpoint import Version, load

    path, number = session.find_member(run)
    header = load(path)  # with its tensors, so that damage anywhere is reported
    metadata = facts(header.metadata, number)
    version = Version(header.number or 0, header.stage, path, header.parent, metadata, header.sha256)
    streams = session.streams
    if recipe:
        print_recipe(streams, metadata)
        return
    if intervals:
        print_intervals(streams, header)
        return
    if streams.json:
        streams.document(show_document(version))
        return
    if metadata.get("formula") is not None:
        streams.result(formula_line(metadata))
    streams.result(aligned(show_rows(version), indent=""))
    if influence := influence_text(metadata):
        streams.result(influence)
    if any(metadata.get(key) for key in ("edges", "parameters", "groups")):
        print_table(streams, details_table(metadata))
    if len(front := front_rows(metadata)) > 1:
        print_table(streams, Table(FRONT_COLUMNS, front, FRONT_COLUMNS, front))


def print_intervals(streams: Streams, version: Checkpoint) -> None:
    """The constants with their intervals by profile likelihood; those that a version lacks are computed from its
    table."""
    entries = entries_of(version.metadata)
    if not any(entry.get("interval") for entry in entries):
        from kancli.stages.judging.uncertainty import sure
        from kancli.stages.source import reopen

        if version.metadata.get("formula") is None or version.metadata.get("splines_left"):
            raise UsageError("this version has no formula", "run kan symbolify on it first")
        entries = entries_of({**version.metadata, **sure(version.metadata, reopen(version)[0])})
    if streams.json:
        streams.document({"kan": 1, "constants": entries})
        return
    full, brief = (interval_rows(entries, one) for one in (figure, short))
    print_table(streams, Table(INTERVAL_COLUMNS, full, INTERVAL_COLUMNS, brief))


def entries_of(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The named constants of a given form, else those of the formula."""
    return list(metadata.get("parameters") or metadata.get("constants") or ())


def print_recipe(streams: Streams, metadata: Mapping[str, Any]) -> None:
    """The recipe of a version as YAML, or with --json as JSON."""
    from kancli.recipe.order import arranged
    from kancli.recipe.writer import to_yaml

    recipe = metadata.get("recipe")
    if not recipe:
        raise CheckpointError("the recipe of this version is not stored")
    if streams.json:
        streams.document({"kan": 1, "recipe": recipe})
        return
    if recipe.get("data", {}).get("path") == "-":
        streams.remark("the table came from standard input: kan run reads it from there again")
    streams.result(to_yaml(arranged(recipe)))
