"""From a table in memory to a formula."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.door.fitted import Fitted
from kancli.door.saving import Origin
from kancli.recipe import (
    STAGES,
    ReadingOptions,
    Recipe,
    RefineOptions,
    SymbolifyOptions,
    TrainOptions,
    resolve,
)
from kancli.recipe.reader import Loc
from kancli.search import Budget, Task, find_formula
from kancli.stages.pipeline import stage_function
from kancli.stages.progress import Report, silent
from kancli.threads import one_thread


def fit(
    table: Any,
    y: Any = None,
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    sigma: Any = None,
    weights: Any = None,
    validation: float = 0.2,
    drop_missing: bool = False,
    unit: Mapping[str, str] | None = None,
    seed: int = 0,
    jobs: int | None = None,
    hidden: Sequence[int] | None = None,
    report: Report = silent,
    **options: Any,
) -> Fitted:
    """Find the formula behind a table.

    `table` is a data frame or a mapping of columns, whose last column is the target if neither `target` nor `y`
    is given; or an array (rows, inputs) with `y` (rows,). `sigma` (standard errors of the target) and
    `weights` are names of columns or arrays (rows,); `drop_missing` leaves rows without a value in one of them out.
    `validation` is the share of rows held out, `unit` maps columns
    to their units, `jobs` is the number of processes (by default one per core; the result is the same). `hidden` fits
    one network with these hidden layers in place of the search: (5,), or () for a sum of functions of one input
    each. `report` is called with the progress of the search. `options` are those of `kan fit` under the same names:
    `time_limit` (seconds), `lib`, `exclude`, `select`, `like` and so on.

    Same table, options and seed give the same formula unless the time limit is reached. Raises DataError,
    UsageError or FitError, all of them KanError, in the cases in which the command would fail.
    """
    began = time.monotonic()
    dataset, columns = from_memory(
        table,
        y,
        target=target,
        inputs=inputs,
        sigma=sigma,
        weights=weights,
        validation=validation,
        seed=seed,
        drop_missing=drop_missing,
    )
    data = {"path": dataset.source, "target": dataset.target, "inputs": columns, "val": validation}
    flags: dict[Loc, Any] = {("fit", name): value for name, value in options.items() if value is not None}
    names: dict[Loc, str] = {("fit", name): name for name in options}
    base = {"seed": seed, "data": data, "units": dict(unit or {}), "stages": ["fit"]}
    recipe = resolve(None, flags, base=base, names=names)
    remarks = list(dataset.remarks)
    with one_thread():
        if hidden is None:
            budget = Budget.of_seconds(began, recipe.fit.time_limit)
            workers = jobs or os.cpu_count() or 1
            task = Task(dataset, recipe.fit, recipe.seed, workers, budget, report, recipe.units)
            ledger = find_formula(task)
            road = ledger.road
            remarks += ledger.remarks
        else:
            recipe = of_one_network(recipe, dataset, hidden)
            road = stages_of(recipe, dataset, report)
    origin = Origin(tuple(road), recipe, dataset, time.monotonic() - began)
    last, _ = road[-1]
    remarks += last.metadata.get("remarks", ())
    return Fitted(last, columns, tuple(dict.fromkeys(remarks)), origin)


def of_one_network(recipe: Recipe, dataset: Dataset, hidden: Sequence[int]) -> Recipe:
    """The recipe of the stages of a network whose hidden layers are given, with the options of a search."""
    options = recipe.fit
    reading = {name: getattr(options, name) for name in ReadingOptions.model_fields}
    width = ",".join(map(str, (len(dataset.inputs), *hidden, 1)))
    return recipe.model_copy(
        update={
            "train": TrainOptions(width=width, grid=options.grid, restarts=options.restarts),
            "refine": RefineOptions(grid=options.refine),
            "symbolify": SymbolifyOptions(**reading),
            "stages": STAGES,
        }
    )


def stages_of(recipe: Recipe, dataset: Dataset, report: Report) -> list[tuple[Checkpoint, Dataset]]:
    """The versions that the stages of a recipe make, nothing kept."""
    versions: list[Checkpoint] = []
    how: dict[str, Any] = {"seed": recipe.seed, "jobs": 1, "report": report}
    for name in STAGES:
        stage, options = stage_function(name), getattr(recipe, name)
        versions.append(stage(*versions[-1:], dataset, options, **how))
    return [(version, dataset) for version in versions]
