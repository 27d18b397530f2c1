"""`kan run`."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Annotated

import typer

from kancli.cli.command import command
from kancli.cli.commands.export import source_text, write_source
from kancli.cli.formula import print_formula
from kancli.cli.render import influence_text, stage_document
from kancli.cli.session import Session


@command(options=("run", "seed"))
def run(
    session: Session,
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A YAML file.", show_default=False)],
) -> None:
    """Run the stages of a recipe.

    Prints what the last stage prints.

    \b
    kan run recipes/quickstart.yaml
    kan run recipes/quickstart.yaml --seed 1 --run runs/second-try
    """
    started = perf_counter()
    streams = session.streams
    resolved = replace(session, recipe_file=recipe).recipe()
    for finished in session.start(resolved, resolved.stages):
        last = finished
        if last.checkpoint.stage == "train" and (influence := influence_text(last.checkpoint.metadata)):
            streams.remark(influence)
    seconds = perf_counter() - started
    if resolved.export.output:
        write_source(resolved.export.output, source_text(last.checkpoint.metadata, resolved.export.format))
    if last.checkpoint.stage == "symbolify":
        print_formula(streams, last.checkpoint, seconds)
    elif streams.json:
        streams.document(stage_document(replace(last, seconds=seconds)))
    else:
        streams.result(str(last.checkpoint.path))
