"""What kan fit and kan run on a recipe with a fit section have in common: the search and its versions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kancli.cli.frame.session import Session, set_threads
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


def searched(
    session: Session,
    recipe: Recipe,
    began: float,
    dataset: Dataset | None = None,
    again: Sequence[int] | None = None,
) -> Iterator[Finished]:
    """Search until `recipe.fit.time_limit` seconds after `began`; save the versions that led to the formula.

    The last version is the one with the formula; interrupted, the best one so far is kept. `dataset` where the
    table has been read already.
    """
    from kancli.cli.output.progress import watching

    session.require_place(recipe)
    table = dataset or session.read_data(recipe)
    set_threads(recipe.run.threads)
    from kancli.search import Budget, Ledger, Task, find_formula

    jobs, budget = recipe.run.jobs or cores(), Budget.of_seconds(began, recipe.fit.time_limit, again)
    ledger = Ledger()
    try:
        with watching(session.streams) as report:
            find_formula(Task(table, recipe.fit, recipe.seed, jobs, budget, report, recipe.units), ledger)
    except Exception:
        raise
    except BaseException:
        nearest = ledger.best_so_far
        if nearest is not None:
            *_, last = session.keep(recipe, table, nearest.road(table), time.monotonic() - began)
            session.streams.remark(f"kept: {last.checkpoint.path}")
        raise
    for remark in ledger.remarks:
        session.streams.remark(remark)
    for refusal in ledger.refusals:
        session.streams.detail(f"refused: {refusal}")
    yield from session.keep(recipe, table, ledger.road, time.monotonic() - began)
