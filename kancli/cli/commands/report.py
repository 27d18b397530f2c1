"""`kan report`."""

from __future__ import annotations

from typing import Annotated

import typer

from kancli.cli.actions.pictures import subject
from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.files import write_text

Output = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE",
        help="Write the page to this file. [default: report.html in the run directory; in a pipe, standard output]",
        show_default=False,
    ),
]  # fmt: skip


@command()
def report(session: Session, run: Run = None, output: Output = None, data: DataPath = None) -> None:
    """Write a self-contained HTML report of a version.

    Formula, quality, network, edges, predictions, loss, front, constants with standard errors, recipe and
    provenance in a single file without scripts, external fonts or links.

    \b
    kan report last
    kan report last -o law.html
    kan report runs/data-001@refine > network.html
    """
    about = subject(session, run, data)
    if about.missing is not None:
        session.streams.remark(
            f"the data cannot be read again ({about.missing.message}): no data points, predictions "
            "or residuals are shown; name the table with --data"
        )
    from kancli.cli.actions.reporting import page
    from kancli.report.page import html

    text = html(page(about, data))
    streams = session.streams
    path = about.checkpoint.path
    assert path is not None
    if output is None and streams.terminal() and not streams.json:
        output = str(path.parent / "report.html")
    if output is not None:
        write_text(output, text)
    if streams.json:
        shown = None if output is not None else text
        streams.document({"kan": 1, "output": output, "html": shown, "checkpoint": str(path)})
    else:
        streams.result(text if output is None else output)
