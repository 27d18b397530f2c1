"""What kan fit and kan run on a recipe with a fit section have in common: the search and its versions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kancli.cli.session import Session, cores, set_threads

if TYPE_CHECKING:
    from kancli.dataset import Dataset
    from kancli.door.road import Road
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


def searched(
    session: Session, recipe: Recipe, began: float, dataset: Dataset | None = None
) -> Iterator[Finished]:
    """Search until `recipe.fit.time_limit` seconds after `began`; save the versions that led to the formula.

    The last version is the one with the formula; interrupted, the best one so far is kept. `dataset` where the
    table has been read already.
    """
    from kancli.cli.progress import watching

    table = dataset or session.read_data(recipe)
    set_threads(recipe.run.threads)
    from kancli.door.road import road_to_formula

    kept: list[Road] = []
    try:
        with watching(session.streams) as report:
            road = road_to_formula(
                table,
                recipe,
                jobs=recipe.run.jobs or cores(),
                deadline=began + recipe.fit.time_limit,
                report=report,
                remark=session.streams.remark,
                interrupted=kept.append,
            )
    except BaseException:
        for nearest in kept:
            *_, last = session.keep(recipe, table, nearest, time.monotonic() - began)
            session.streams.remark(f"kept: {last.checkpoint.path}")
        raise
    yield from session.keep(recipe, table, road, time.monotonic() - began)
