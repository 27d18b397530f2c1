"""`kan show`."""

from __future__ import annotations

from kancli.cli.command import command
from kancli.cli.commands.arguments import Run
from kancli.cli.formula import edge_table
from kancli.cli.render import (
    FRONT_COLUMNS,
    aligned,
    formula_line,
    front_rows,
    influence_text,
    show_document,
    show_rows,
)
from kancli.cli.session import Session
from kancli.cli.tables import Table, print_table


@command()
def show(session: Session, run: Run = None) -> None:
    """Describe a version of a run.

    \b
    kan show last
    kan show runs/data-001@prune --json
    """
    from kancli.checkpoint import Version, load

    path = session.find(run)
    header = load(path)  # with its tensors, so that damage anywhere is told
    version = Version(header.number or 0, header.stage, path, header.parent, header.metadata, header.sha256)
    streams = session.streams
    if streams.json:
        streams.document(show_document(version))
        return
    if header.metadata.get("formula") is not None:
        streams.result(formula_line(header.metadata))
    streams.result(aligned(show_rows(version), indent=""))
    if influence := influence_text(header.metadata):
        streams.result(influence)
    if header.metadata.get("edges"):
        print_table(streams, edge_table(header.metadata))
    if len(front := front_rows(header.metadata)) > 1:
        print_table(streams, Table(FRONT_COLUMNS, front, FRONT_COLUMNS, front))
