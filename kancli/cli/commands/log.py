"""`kan log`."""

from __future__ import annotations

from kancli.cli.commands.arguments import Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.render import LOG_COLUMNS, log_rows, short_log_rows
from kancli.cli.output.tables import Table, print_table


@command()
def log(session: Session, run: Run = None) -> None:
    """List the versions of a run.

    \b
    kan log last
    kan log runs/data-001 --json
    """
    from kancli.checkpoint import metrics_log, versions

    directory = session.find(run).parent
    found = versions(directory)
    seconds = {line["number"]: line.get("seconds") for line in metrics_log(directory)}
    for version in found:
        if version.damage is not None:
            session.streams.remark(version.damage)
    if session.streams.json:
        listed = [
            {
                "number": version.number,
                "stage": version.stage,
                "parent": version.parent.number if version.parent else None,
                "checkpoint": str(version.path),
                "metrics": version.metadata.get("metrics"),
                "seconds": seconds.get(version.number),
                "damage": version.damage,
            }
            for version in found
        ]
        session.streams.document({"kan": 1, "run": str(directory), "versions": listed})
    else:
        full, short = log_rows(found, seconds), short_log_rows(found, seconds)
        print_table(session.streams, Table(LOG_COLUMNS, full, LOG_COLUMNS, short))
