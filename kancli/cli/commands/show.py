"""`kan show`."""

from __future__ import annotations

from kancli.cli.command import command
from kancli.cli.commands.arguments import Run
from kancli.cli.formula import edge_table
from kancli.cli.render import (
    aligned,
    formula_line,
    influence_text,
    show_document,
    show_rows,
)
from kancli.cli.session import Session
from kancli.cli.tables import print_table


@command()
def show(session: Session, run: Run = None) -> None:
    """Describe a version of a run.

    \b
    kan show last
    kan show runs/data-001@prune --json
    """
    from kancli.checkpoint import Version, read_header

    path = session.find(run)
    header = read_header(path)
    version = Version(header.number, header.stage, path, header.parent, header.metadata, header.sha256)
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
