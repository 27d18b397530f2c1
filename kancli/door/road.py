"""The road from a dataset to its formula: what kan fit and the Python door have in common."""

from __future__ import annotations

import time
from collections.abc import Callable

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.recipe import Recipe
from kancli.search.attempt import Attempt
from kancli.search.choice.front import select
from kancli.search.choice.units import Soundness, soundness
from kancli.search.inputs.dimensionless import law_of, reduced, restored
from kancli.search.schedule import fit
from kancli.stages.like import like
from kancli.stages.progress import Report

Road = list[tuple[Checkpoint, Dataset]]
"""The versions in their order, each with the data that it was made from; the last one has the formula."""
Remark = Callable[[str], None]


def road_to_formula(
    dataset: Dataset,
    recipe: Recipe,
    *,
    jobs: int,
    deadline: float,
    report: Report,
    remark: Remark,
    interrupted: Callable[[Road], None] = lambda _: None,
) -> Road:
    """As `recipe.fit` and `recipe.units` say, until `deadline` (monotonic seconds).

    Where the search is interrupted, `interrupted` gets the road to the best formula so far before the interrupt
    goes on its way. Raises FitError where there is none, UsageError for units or a form that cannot be read.
    """
    options, seed = recipe.fit, recipe.seed
    sound = soundness(dataset, recipe.units, options)
    for line in sound.units.remarks:
        remark(line)
    if options.like is not None:
        version = like(
            dataset, options, seed=seed, report=report, expired=lambda: time.monotonic() >= deadline
        )
        return [(sound.remarked(version), dataset)]

    def search(table: Dataset, sound: Soundness, whole: Callable[[Road], Road]) -> Road:
        found: list[Attempt] = []
        try:
            best, attempts = fit(
                table, options, seed=seed, jobs=jobs, deadline=deadline, report=report, found=found.append
            )
            taken = select(best, attempts, table, options, faults=sound.faults).attempt
        except (Exception, GeneratorExit):
            raise
        except BaseException:
            if found:
                nearest = min(found, key=lambda attempt: attempt.bits)
                interrupted(whole(nearest.road(table)))
            raise
        return whole(taken.road(table))

    def remarked(road: Road) -> Road:
        *before, (last, table) = road
        return [*before, (sound.remarked(last), table)]

    if options.units != "reduce":
        return search(dataset, sound, remarked)
    numbers = reduced(dataset, sound.units)
    remark(f"in dimensionless numbers: {law_of(numbers)}")
    inner = numbers.dataset
    if inner is None:
        return [(restored(None, numbers, dataset, options, seed), dataset)]

    def written_back(road: Road) -> Road:
        return [*road, (restored(road[-1][0].metadata, numbers, dataset, options, seed), dataset)]

    return search(inner, soundness(inner, {}, options), written_back)
