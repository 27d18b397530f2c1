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
    from kancli.search.sound import Soundness
    from kancli.stages.pipeline import Finished

    Road = list[tuple[Checkpoint, Dataset]]


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


def form_fitted(session: Session, recipe: Recipe, dataset: Dataset, began: float) -> Road:
    """The one version that a given form leads to."""
    from kancli.cli.progress import watching
    from kancli.search.sound import soundness
    from kancli.stages.like import like

    sound = soundness(dataset, recipe.units, recipe.fit)
    remark_on(session, sound)
    end = began + recipe.fit.time_limit
    with watching(session.streams) as report:
        version = like(
            dataset, recipe.fit, seed=recipe.seed, report=report, expired=lambda: time.monotonic() >= end
        )
    return [(sound.remarked(version), dataset)]


def shape_found(session: Session, recipe: Recipe, dataset: Dataset, began: float) -> Road:
    """The versions that lead to the chosen formula."""
    from kancli.search.reduce import law_of, reduced, restored
    from kancli.search.sound import soundness

    sound = soundness(dataset, recipe.units, recipe.fit)
    remark_on(session, sound)
    if recipe.fit.units != "reduce":
        versions = search(session, recipe, dataset, began, sound)
        return [(version, dataset) for version in (*versions[:-1], sound.remarked(versions[-1]))]
    numbers = reduced(dataset, sound.units)
    session.streams.remark(f"in dimensionless numbers: {law_of(numbers)}")
    if numbers.dataset is None:
        return [(restored(None, numbers, dataset, recipe.fit, recipe.seed), dataset)]
    inner = soundness(numbers.dataset, {}, recipe.fit)
    versions = search(session, recipe, numbers.dataset, began, inner)
    last = restored(versions[-1].metadata, numbers, dataset, recipe.fit, recipe.seed)
    return [*((version, numbers.dataset) for version in versions), (last, dataset)]


def search(
    session: Session, recipe: Recipe, dataset: Dataset, began: float, sound: Soundness
) -> list[Checkpoint]:
    """The versions of the chosen shape, train to symbolify."""
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
        taken = select(best, attempts, dataset, recipe.fit, faults=sound.faults).attempt
    return list(taken.checkpoints.values())


def remark_on(session: Session, sound: Soundness) -> None:
    """What is odd about the units given."""
    for remark in sound.units.remarks:
        session.streams.remark(remark)
