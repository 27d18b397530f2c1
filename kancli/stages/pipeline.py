"""The stages of a recipe, one after another; each version is saved as soon as it exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from kancli.checkpoint import Checkpoint, Version, save
from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import Recipe, StageName
from kancli.stages.progress import Progress, Report

Stage = Callable[..., Checkpoint]
"""(checkpoint, dataset, options, *, seed, jobs, report) → checkpoint; train has no first argument."""


@dataclass(frozen=True)
class Finished:
    """A stage that is done: its saved version and the seconds that it took."""

    checkpoint: Checkpoint
    seconds: float


def stage_function(name: StageName) -> Stage:
    """The function behind a stage's name, imported when it is used: the stages need torch."""
    if name == "train":
        from kancli.stages.train import train

        return train
    if name == "prune":
        from kancli.stages.prune import prune

        return prune
    if name == "refine":
        from kancli.stages.refine import refine

        return refine
    from kancli.stages.symbolify import symbolify

    return symbolify


def run_stages(
    recipe: Recipe,
    dataset: Dataset,
    *,
    stages: Sequence[StageName],
    open_run: Callable[[], tuple[Path, Mapping[str, Any]]],
    jobs: int,
    report: Report,
    parent: Checkpoint | None = None,
    find: Callable[[StageName], Stage] = stage_function,
) -> Iterator[Finished]:
    """Run `stages` in order, starting from `parent` unless the first one is train.

    Every version is saved before it is yielded, so what was yielded outlives an interrupt. `open_run` is
    called once, when there is something to save; it returns the run directory and the facts to keep about
    the data (from `source.describe`). That and the options that led to a version are added to its metadata.
    """
    place: tuple[Path, Mapping[str, Any]] | None = None
    for name in stages:
        started = perf_counter()
        stage, options = find(name), getattr(recipe, name)
        history: list[tuple[int, float]] = []
        how: dict[str, Any] = {"seed": recipe.seed, "jobs": jobs, "report": recorded(report, history)}
        if name == "train":
            checkpoint, parent = stage(dataset, options, **how), None
        else:
            if parent is None:
                raise UsageError(f"{name} needs a checkpoint to start from", "train comes first")
            checkpoint = stage(parent, dataset, options, **how)
        place = place or open_run()
        run, data = place
        metadata = {
            **checkpoint.metadata,
            "data": dict(data),
            "seed": recipe.seed,
            "recipe": lineage(recipe, name, parent, data),
        }
        seconds = perf_counter() - started
        parent = save(replace(checkpoint, metadata=metadata), run, parent, seconds=seconds, history=history)
        yield Finished(parent, seconds)


def recorded(report: Report, history: list[tuple[int, float]]) -> Report:
    """The report, which also keeps (step, loss) of the reported steps."""

    def tell(progress: Progress) -> None:
        if progress.loss is not None and not progress.final:
            history.append((progress.step, progress.loss))
        report(progress)

    return tell


def keep(
    road: Sequence[tuple[Checkpoint, Mapping[str, Any]]],
    recipe: Recipe,
    run: Path,
    table: Mapping[str, Any],
    seconds: float,
) -> Iterator[Finished]:
    """Save the versions that a search has led to, each with what to keep about its data, each as made from
    the one before.

    Each has the recipe of its own stages, from their options in the metadata; the last one, whose formula
    the search has chosen, has the recipe of the search, and so has one whose data are not the `table` itself.
    `seconds` is what all of it took.
    """
    parent: Checkpoint | None = None
    steps: dict[str, Any] = {}
    for number, (checkpoint, data) in enumerate(road, start=1):
        last = number == len(road)
        steps[checkpoint.stage] = checkpoint.metadata.get("options", {})
        own = {**_beginning(recipe, table), **steps, "stages": list(steps)}
        metadata = {
            **checkpoint.metadata,
            "data": dict(data),
            "seed": recipe.seed,
            "recipe": of_search(recipe, table) if last or data is not table else own,
        }
        parent = save(replace(checkpoint, metadata=metadata), run, parent, seconds=seconds if last else None)
        yield Finished(parent, seconds if last else 0.0)


def of_search(recipe: Recipe, data: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe that repeats the same search."""
    resolved = recipe.model_dump(mode="json", by_alias=True)
    units = {"units": resolved["units"]} if recipe.units else {}
    return {**_beginning(recipe, data), **units, "fit": resolved["fit"], "stages": ["fit"]}


def _beginning(recipe: Recipe, data: Mapping[str, Any]) -> dict[str, Any]:
    """Version, seed and data of a recipe, with a path that is valid everywhere on this machine."""
    return {
        "version": recipe.version,
        "seed": recipe.seed,
        "data": {"path": data["path"] or data["source"], **data["options"]},
    }


def lineage(
    recipe: Recipe, stage: StageName, parent: Checkpoint | Version | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The recipe that leads to this version: that of the parent, with this stage and its options added.

    Where the run is kept and how many processes work on it is left out: neither changes the result.
    """
    before = {} if parent is None else dict(parent.metadata.get("recipe", {}))
    resolved = recipe.model_dump(mode="json", by_alias=True)
    return {
        "version": resolved["version"],
        "seed": recipe.seed if parent is None else before.get("seed", recipe.seed),
        "data": {"path": data["path"] or data["source"], **data["options"]},
        **{name: options for name, options in before.items() if name in before.get("stages", ())},
        stage: resolved[stage],
        "stages": [*before.get("stages", ()), stage],
    }
