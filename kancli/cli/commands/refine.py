"""`kan refine`."""

from __future__ import annotations

from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.render import stage_document


@command(options=("refine", "run.jobs", "run.threads", "seed"), recipe=True)
def refine(session: Session, run: Run = None, data: DataPath = None) -> None:
    """Give the splines a finer grid and fit again.

    Prints the path of the new checkpoint.

    \b
    kan refine runs/data-001 --grid 20
    kan refine last --grid 10,20,40
    kan train data.csv --width 2,5,1 | kan prune | kan refine
    """
    finished = session.resume("refine", run, data)
    if session.streams.json:
        session.streams.document(stage_document(finished))
    else:
        session.streams.result(str(finished.checkpoint.path))
