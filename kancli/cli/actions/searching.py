"""What kan fit and kan run on a recipe with a fit section have in common: the search and its versions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kancli.cli.actions.interim import Interim
from kancli.cli.frame.session import Session, set_threads
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe
    from kancli.search.candidate import Candidate
    from kancli.stages.pipeline import Finished


def searched(
    session: Session,
    recipe: Recipe,
    began: float,
    dataset: Dataset | None = None,
    again: Sequence[int] | None = None,
) -> Iterator[Finished]:
    """Search until `recipe.fit.time_limit` seconds after `began`; save the versions that led to the formula.

    The last version is the one with the formula; interrupted, the best one so far is kept, as it is every minute.
    `dataset` where the table has been read already.
    """
    from kancli.cli.output.progress import watching

    session.require_place(recipe)
    table = dataset or session.read_data(recipe)
    set_threads(recipe.run.threads)
    from kancli.search import Budget, Ledger, Task, find_formula
    from kancli.search.folds import in_folds

    several = recipe.fit.cv or 0
    # Those in folds share the time.
    limit = recipe.fit.time_limit / (1 + several)
    jobs, budget = recipe.run.jobs or cores(), Budget.of_seconds(began, limit, again)
    ledger = Ledger()

    def keep(candidate: Candidate, run: Path | None) -> Path:
        *_, last = session.keep(
            recipe, table, candidate.road(table), time.monotonic() - began, run, quiet=True
        )
        assert last.checkpoint.path is not None
        return last.checkpoint.path.parent

    interim = Interim(ledger, keep, session.streams.remark, time.monotonic())
    try:
        with watching(session.streams) as report:
            task = Task(table, recipe.fit, recipe.seed, jobs, budget, interim.watching(report), recipe.units)
            find_formula(task, ledger)
            if several:
                *before, (version, data) = ledger.road
                found = in_folds(
                    replace(task, report=report), several, version.metadata, limit, recipe.data.validation
                )
                ledger.road = [
                    *before,
                    (replace(version, metadata={**version.metadata, "folds": found}), data),
                ]
    except Exception:
        raise
    except BaseException:
        nearest = ledger.best_so_far
        if nearest is not None:
            road = ledger.road or nearest.road(table)  # interrupted in the folds, the search is over
            *_, last = session.keep(recipe, table, road, time.monotonic() - began, interim.run)
            session.streams.remark(f"kept: {last.checkpoint.path}")
        raise
    for remark in ledger.remarks:
        session.streams.remark(remark)
    for refusal in ledger.refusals:
        session.streams.detail(f"refused: {refusal}")
    yield from session.keep(recipe, table, ledger.road, time.monotonic() - began, interim.run)
