"""`kan prune`."""

from __future__ import annotations

from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.render import stage_document


@command(options=("prune", "run.jobs", "run.threads", "seed"), recipe=True)
def prune(session: Session, run: Run = None, data: DataPath = None) -> None:
    """Remove the edges and nodes that the data do not need.

    Prints the path of the new checkpoint.

    \b
    kan prune runs/data-001
    kan train data.csv --width 2,5,1 | kan prune
    kan prune runs/data-001@1 --by score --threshold 0.03
    """
    finished = session.resume("prune", run, data)
    if session.streams.json:
        session.streams.document(stage_document(finished))
    else:
        session.streams.result(str(finished.checkpoint.path))
