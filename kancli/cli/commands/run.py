"""`kan run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from kancli.cli.command import command
from kancli.cli.commands.export import source_text, write_source
from kancli.cli.formula import print_formula
from kancli.cli.render import influence_text, stage_document
from kancli.cli.searching import searched
from kancli.cli.session import Session

if TYPE_CHECKING:
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


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
    for finished in run_recipe(session, resolved):
        last = finished
        if last.checkpoint.stage == "train" and (influence := influence_text(last.checkpoint.metadata)):
            streams.remark(influence)
    seconds = perf_counter() - started
    if resolved.export.output:
        write_source(resolved.export.output, source_text(last.checkpoint.metadata, resolved.export.format))
    if last.checkpoint.metadata.get("formula") is not None:
        print_formula(streams, last.checkpoint, seconds)
    elif streams.json:
        streams.document(stage_document(replace(last, seconds=seconds)))
    else:
        streams.result(str(last.checkpoint.path))


def run_recipe(session: Session, recipe: Recipe) -> Iterator[Finished]:
    """The recipe's stages, or its search and the stages after it."""
    if recipe.stages[0] != "fit":
        yield from session.start(recipe, recipe.stages)
        return
    for finished in searched(session, recipe, monotonic()):
        last = finished
        yield finished
    yield from session.go_on(recipe, last.checkpoint, recipe.stages[1:])
