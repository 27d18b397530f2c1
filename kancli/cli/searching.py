"""What kan fit, and kan run on a recipe with a fit section, have in common: the search and what it leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kancli.cli.session import Session, cores, set_threads

if TYPE_CHECKING:
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


def searched(session: Session, recipe: Recipe, began: float) -> Iterator[Finished]:
    """Search until `recipe.fit.time_limit` seconds after `began`; keep the road to the formula as versions of a run.

    The last version is the one with the formula.
    """
    from kancli.cli.progress import watching
    from kancli.search.fit import fit
    from kancli.search.select import select

    dataset = session.read_data(recipe)
    set_threads(recipe.run.threads)
    with watching(session.streams) as report:
        best, attempts = fit(
            dataset,
            recipe.fit,
            seed=recipe.seed,
            jobs=recipe.run.jobs or cores(),
            deadline=began + recipe.fit.time_limit,
            report=report,
        )
    taken = select(best, attempts, dataset, recipe.fit).attempt
    yield from session.keep(recipe, dataset, list(taken.checkpoints.values()), time.monotonic() - began)
