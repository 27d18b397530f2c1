"""What kan fit, and kan run on a recipe with a fit section, have in common: the search and what it leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kancli.cli.session import Session, cores, set_threads

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe
    from kancli.search.attempt import Attempt
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
    """The versions that lead to the chosen formula, by way of dimensionless numbers where that is asked for."""
    from kancli.search.reduce import law_of, reduced, restored
    from kancli.search.sound import soundness

    options, seed = recipe.fit, recipe.seed
    sound = soundness(dataset, recipe.units, options)
    remark_on(session, sound)
    if options.units != "reduce":

        def whole(road: Road) -> Road:
            *before, (last, table) = road
            return [*before, (sound.remarked(last), table)]

        return search(session, recipe, dataset, dataset, began, sound, whole)
    numbers = reduced(dataset, sound.units)
    session.streams.remark(f"in dimensionless numbers: {law_of(numbers)}")
    inner = numbers.dataset
    if inner is None:
        return [(restored(None, numbers, dataset, options, seed), dataset)]

    def written_back(road: Road) -> Road:
        return [*road, (restored(road[-1][0].metadata, numbers, dataset, options, seed), dataset)]

    return search(session, recipe, dataset, inner, began, soundness(inner, {}, options), written_back)


def search(
    session: Session,
    recipe: Recipe,
    table: Dataset,
    dataset: Dataset,
    began: float,
    sound: Soundness,
    whole: Callable[[Road], Road],
) -> Road:
    """The road to the formula that a search in `dataset` chooses, completed by `whole`; interrupted, the best one so
    far is kept."""
    from kancli.cli.progress import watching
    from kancli.search.fit import fit
    from kancli.search.select import select

    found: list[Attempt] = []
    try:
        with watching(session.streams) as report:
            best, attempts = fit(
                dataset,
                recipe.fit,
                seed=recipe.seed,
                jobs=recipe.run.jobs or cores(),
                deadline=began + recipe.fit.time_limit,
                report=report,
                found=found.append,
            )
            taken = select(best, attempts, dataset, recipe.fit, faults=sound.faults).attempt
    except (Exception, GeneratorExit):
        raise
    except BaseException:
        if found:
            nearest = min(found, key=lambda attempt: attempt.bits)
            versions = whole(nearest.road(dataset))
            *_, last = session.keep(recipe, table, versions, time.monotonic() - began)
            session.streams.remark(f"kept: {last.checkpoint.path}")
        raise
    return whole(taken.road(dataset))


def remark_on(session: Session, sound: Soundness) -> None:
    """What is odd about the units given."""
    for remark in sound.units.remarks:
        session.streams.remark(remark)
