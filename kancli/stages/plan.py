"""Which stages of a recipe have to be run: those of which no version has the same options, data and parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kancli import __version__
from kancli.checkpoint import Version, versions
from kancli.errors import CheckpointError, UsageError
from kancli.recipe import Recipe, StageName
from kancli.stages.pipeline import lineage, of_search

Action = Literal["run", "unchanged", "leave"]


@dataclass(frozen=True)
class Step:
    """A stage and what to do with it. `version` is the existing one of a stage that is not run."""

    stage: StageName
    action: Action
    version: Version | None = None


def plan(
    recipe: Recipe,
    data: Mapping[str, Any],
    run: Path | None,
    *,
    first: str | None = None,
    until: str | None = None,
    again: bool = False,
) -> tuple[Step, ...]:
    """What to do with each stage of a recipe in a run directory (None: a new one).

    `data` describes the table, as from `source.describe`. A stage is unchanged where the run holds a version
    made by this kancli from the same options, seed, rows and parent. `first` keeps the stages before it and
    runs the others, `until` leaves out those after it, `again` treats none as unchanged.
    Raises UsageError for a stage that the recipe does not have, CheckpointError where there is nothing
    to start from.
    """
    begin = _places(recipe.stages, first, "--from")[0] if first else 0
    end = _places(recipe.stages, until, "--until")[-1] if until else len(recipe.stages) - 1
    if begin > end:
        raise UsageError(f"--from {first} comes after --until {until}", f"stages: {', '.join(recipe.stages)}")
    known = intact(run) if run is not None else []
    steps: list[Step] = []
    parent: Version | None = None
    fresh = True
    for index, stage in enumerate(recipe.stages):
        if index > end:
            steps.append(Step(stage, "leave"))
            continue
        done = _made(known, recipe, stage, parent, data) if fresh else None
        if index < begin:
            if done is None and index == begin - 1:
                done = _left(known, stage, data, run)
            steps.append(Step(stage, "leave", done))
        elif done is not None and first is None and not again:
            steps.append(Step(stage, "unchanged", done))
        else:
            fresh = False
            steps.append(Step(stage, "run"))
        parent = done
    return tuple(steps)


def _places(stages: Sequence[StageName], name: str, flag: str) -> list[int]:
    if name not in stages:
        raise UsageError(f"{flag} {name}: the recipe has no such stage", f"stages: {', '.join(stages)}")
    return [index for index, stage in enumerate(stages) if stage == name]


def intact(run: Path) -> list[Version]:
    """The versions of a run whose headers can be read."""
    return [version for version in versions(run) if version.damage is None]


def newest(known: Sequence[Version], stage: StageName) -> Version | None:
    """The newest version that a stage has left; a search leaves its formula last."""
    kept = "symbolify" if stage == "fit" else stage
    return next((version for version in reversed(known) if version.stage == kept), None)


def _made(
    known: Sequence[Version],
    recipe: Recipe,
    stage: StageName,
    parent: Version | None,
    data: Mapping[str, Any],
) -> Version | None:
    """The newest version that running the stage would only reproduce."""
    if stage == "fit":
        wanted = of_search(recipe, data)
    else:
        wanted = lineage(recipe, stage, parent, data)
    for version in reversed(known):
        made_from = version.parent.sha256 if version.parent else None
        if (
            _comparable(version.metadata.get("recipe")) == _comparable(wanted)
            and version.metadata.get("seed") == recipe.seed
            and same_rows(version.metadata, data)
            and (version.metadata.get("versions") or {}).get("kancli") == __version__
            # A search owns its intermediate versions: the last one represents all.
            and (stage == "fit" or made_from == (parent.sha256 if parent else None))
        ):
            return version
    return None


def _left(known: Sequence[Version], stage: StageName, data: Mapping[str, Any], run: Path | None) -> Version:
    """The version that --from starts from."""
    version = newest(known, stage)
    if version is None:
        where = "there is no run of this table yet" if run is None else f"{run} has no version of it"
        raise CheckpointError(
            f"nothing to start from: {stage} comes before, and {where}", "run it without --from"
        )
    if not same_rows(version.metadata, data):
        raise UsageError(
            f"{version.path}: was made from other rows than the recipe's", "run it without --from"
        )
    return version


def same_rows(metadata: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether a version was made from the very rows and columns that `data` describes."""
    kept = metadata.get("data")
    return isinstance(kept, Mapping) and kept.get("fingerprint") == data["fingerprint"]


def _comparable(recipe: Any) -> Any:
    """A recipe without the path of its table: the fingerprint shows whether the rows are the same."""
    if not isinstance(recipe, Mapping):
        return None
    data = {key: value for key, value in (recipe.get("data") or {}).items() if key != "path"}
    return {**recipe, "data": data}
