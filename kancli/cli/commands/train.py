"""`kan train`."""

from __future__ import annotations

from typing import Annotated

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.render import influence_text, stage_document


@command(options=("train", "data", "run", "seed"), recipe=True, argument_name="DATA")
def train(
    session: Session,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="The table; - is standard input.", show_default=False)
    ] = None,
) -> None:
    """Fit a network of splines of a given width.

    Prints the path of the new checkpoint.

    \b
    kan train data.csv --width 2,5,1
    kan train data.csv --width 4,3+2p,1 --target force --inputs m1,m2,r,k
    zcat big.csv.gz | kan train - --width 3,5,1 --run runs/big
    """
    recipe = session.with_flag(("data", "path"), data).recipe()
    (finished,) = session.start(recipe, ["train"])
    influence = influence_text(finished.checkpoint.metadata)
    if influence:
        session.streams.remark(influence)
    if session.streams.json:
        session.streams.document(stage_document(finished))
    else:
        session.streams.result(str(finished.checkpoint.path))
