"""Saving the versions in memory as a run directory, or as one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kancli.checkpoint import Checkpoint, new_run, save, write
from kancli.dataset import Dataset
from kancli.recipe import SEARCH, Recipe
from kancli.stages.pipeline import keep, lineage, of_search
from kancli.stages.source import describe, describe_derived, facts_of


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a formula in memory came from: the versions that led to it with their data, and the options."""

    road: tuple[tuple[Checkpoint, Dataset], ...]
    recipe: Recipe
    dataset: Dataset
    seconds: float


def save_run(origin: Origin, folder: Path) -> Checkpoint:
    """Save all versions and a copy of the data in a run directory, where stages can continue; the last version."""
    recipe = origin.recipe
    run = new_run(folder.parent, origin.dataset.source, directory=folder, command=["kancli.fit"])
    table = describe(origin.dataset, recipe.data, recipe.seed, run)
    if recipe.stages == SEARCH:
        road = [
            (version, table if data is origin.dataset else describe_derived(data, table, run))
            for version, data in origin.road
        ]
        *_, last = keep(road, recipe, run, table, origin.seconds)
        return last.checkpoint
    parent: Checkpoint | None = None
    for version in described(origin, table):
        parent = save(version, run, parent)
    assert parent is not None
    return parent


def save_file(checkpoint: Checkpoint, origin: Origin | None, path: Path) -> Checkpoint:
    """The version alone, without its data: enough to predict, export and show."""
    if origin is not None:
        recipe = origin.recipe
        data = {**facts_of(origin.dataset, recipe.data, recipe.seed), "copy": None}
        if recipe.stages == SEARCH:
            more = {"data": data, "seed": recipe.seed, "recipe": of_search(recipe, data)}
            checkpoint = replace(checkpoint, metadata={**checkpoint.metadata, **more})
        else:
            checkpoint = described(origin, data)[-1]
    return write(checkpoint, path)


def described(origin: Origin, data: Mapping[str, Any]) -> list[Checkpoint]:
    """The versions of stages, each with the recipe that leads to it."""
    recipe, versions = origin.recipe, list[Checkpoint]()
    for name, (version, _) in zip(recipe.stages, origin.road, strict=True):
        made_by = lineage(recipe, name, versions[-1] if versions else None, data)
        more = {"data": dict(data), "seed": recipe.seed, "recipe": made_by}
        versions.append(replace(version, metadata={**version.metadata, **more}))
    return versions
