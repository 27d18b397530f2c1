"""What kan fit, and kan run on a recipe with a fit section, have in common: the search and what it leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kancli.cli.session import Session, cores, set_threads

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


def searched(
    session: Session, recipe: Recipe, began: float, dataset: Dataset | None = None
) -> Iterator[Finished]:
    """Search until `recipe.fit.time_limit` seconds after `began`; keep the road to the formula as versions of a run.

    The last version is the one with the formula. `dataset` where the table has been read already.
    """
    dataset = dataset or session.read_data(recipe)
    set_threads(recipe.run.threads)
    road = form_fitted if recipe.fit.like is not None else shape_found
    versions = road(session, recipe, dataset, began)
    yield from session.keep(recipe, dataset, versions, time.monotonic() - began)


def form_fitted(session: Session, recipe: Recipe, dataset: Dataset, began: float) -> list[Checkpoint]:
    """The one version that a given form leads to."""
    from kancli.cli.progress import watching
    from kancli.stages.like import like

    end = began + recipe.fit.time_limit
    with watching(session.streams) as report:
        return [
            like(
                dataset,
                recipe.fit,
                seed=recipe.seed,
                report=report,
                expired=lambda: time.monotonic() >= end,
            )
        ]


def shape_found(session: Session, recipe: Recipe, dataset: Dataset, began: float) -> list[Checkpoint]:
    """The versions that lead to the chosen formula."""
    from kancli.cli.progress import watching
    from kancli.search.fit import fit
    from kancli.search.select import select

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
    return list(taken.checkpoints.values())
