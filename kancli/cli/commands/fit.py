"""`kan fit`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from kancli.cli.command import command
from kancli.cli.formula import print_formula
from kancli.cli.session import Session, cores, set_threads

if TYPE_CHECKING:
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


@command(options=("data", "fit", "run", "seed"), recipe=True, argument_name="DATA")
def fit(
    session: Session,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A .csv or .tsv file, also compressed, or - .", show_default=False
        ),
    ],
    front: Annotated[
        bool,
        typer.Option(
            "--front", help="Also print the formulas that no shorter one equals.", show_default=False
        ),
    ] = False,
) -> None:
    """Find the formula behind a table: data in, formula out.

    Prints TARGET = FORMULA, then a table of the edges with the function chosen and the runner-up.

    \b
    kan fit data.csv
    kan fit data.csv --target T --time-limit 10m
    kan fit data.csv --front --select knee
    kan fit data.csv --exclude tan,abs --json
    """
    began = time.monotonic()
    session = session.with_flag(("data", "path"), data)
    # The shape is what is looked for; until it is found, any stands in its place.
    recipe = session.recipe(base={"train": {"width": "1,1"}})
    *_, last = kept_versions(session, recipe, began)
    print_formula(session.streams, last.checkpoint, time.monotonic() - began, front=front)


def kept_versions(session: Session, recipe: Recipe, began: float) -> Iterator[Finished]:
    """Search, then save the road to the chosen formula as the versions of a run."""
    from kancli.cli.progress import watching
    from kancli.recipe import STAGES, RefineOptions
    from kancli.search.attempt import symbolify_options, train_options
    from kancli.search.fit import fit as search
    from kancli.search.select import select

    dataset = session.read_data(recipe)
    set_threads(recipe.run.threads)
    with watching(session.streams) as report:
        best, attempts = search(
            dataset,
            recipe.fit,
            seed=recipe.seed,
            jobs=recipe.run.jobs or cores(),
            deadline=began + recipe.fit.time_limit,
            report=report,
        )
    best = select(best, attempts, dataset, recipe.fit).attempt
    found = recipe.model_copy(
        update={
            "train": train_options(best.width, recipe.fit),
            "refine": RefineOptions(grid=recipe.fit.refine),
            "symbolify": symbolify_options(recipe.fit),
        }
    )
    yield from session.start(
        found, STAGES, dataset=dataset, find=lambda name: lambda *_, **__: best.checkpoints[name]
    )
