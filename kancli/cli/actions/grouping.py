"""kan fit --groups: one law for all groups, its versions and what is printed of it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from kancli.cli.frame.session import Session, set_threads
from kancli.errors import FitError, UsageError
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.dataset import GroupedTable
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


def read_groups(session: Session, recipe: Recipe, by: tuple[str, ...]) -> tuple[GroupedTable, Recipe]:
    """The recipe's table with the groups of its rows, and the recipe with the columns that are used named in it."""
    from kancli.dataset import read_grouped
    from kancli.stages.source import STANDARD_INPUT

    if recipe.data.path == STANDARD_INPUT and sys.stdin.isatty():
        raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
    options = recipe.data
    table = read_grouped(
        options.path,
        by,
        target=options.target,
        inputs=options.inputs,
        sep=options.sep,
        drop_missing=options.drop_missing,
        validation=options.validation,
        seed=recipe.seed,
        sigma=options.sigma,
        weights=options.weights,
        positive=options.positive,
    )
    for remark in table.dataset.remarks:
        session.streams.remark(remark)
    named = options.model_copy(
        update={
            "inputs": (*table.dataset.inputs, *table.dataset.constant),
            "target": table.dataset.target,
        }
    )
    return table, recipe.model_copy(update={"data": named})


def searched_in_groups(session: Session, recipe: Recipe, began: float) -> Finished:
    """Search for one law of all groups; its version. Interrupted, the best one so far is kept."""
    from kancli.cli.output.progress import watching

    session.require_place(recipe)
    assert recipe.fit.groups is not None
    table, recipe = read_groups(session, recipe, recipe.fit.groups)
    set_threads(recipe.run.threads)
    from kancli.search import Budget, Task
    from kancli.search.grouped import Asked, Laws, find_grouped
    from kancli.search.grouped.find import kept

    jobs, budget = recipe.run.jobs or cores(), Budget.of_seconds(began, recipe.fit.time_limit)
    laws = Laws()
    if recipe.units:
        session.streams.remark("units are not checked in a law of several groups")
    with watching(session.streams) as report:
        task = Task(table.dataset, recipe.fit, recipe.seed, jobs, budget, report)
        try:
            found = find_grouped(task, table, Asked(recipe.fit.free, recipe.fit.shared), laws)
        except Exception:
            raise
        except BaseException:
            try:
                found = kept(task, table, laws)
            except FitError:
                raise KeyboardInterrupt from None
            *_, last = session.keep(recipe, table.dataset, [(found, table.dataset)], time.monotonic() - began)
            session.streams.remark(f"kept: {last.checkpoint.path}")
            raise
    *_, last = session.keep(recipe, table.dataset, [(found, table.dataset)], time.monotonic() - began)
    return last
