"""`kan symbolify`."""

from __future__ import annotations

from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.formula import print_formula


@command(options=("symbolify", "run.jobs", "run.threads", "seed"), recipe=True)
def symbolify(session: Session, run: Run = None, data: DataPath = None) -> None:
    """Turn the splines into functions and print the formula.

    Prints TARGET = FORMULA, then a table of the edges with the function chosen and the runner-up.

    \b
    kan symbolify runs/data-001
    kan symbolify last --fix 0,1,0=sin --min-r2 0.999
    kan symbolify last --lib x,x^2,sin,exp --json
    """
    finished = session.resume("symbolify", run, data)
    print_formula(session.streams, finished.checkpoint, finished.seconds)
