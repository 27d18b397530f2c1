"""kan fit --each, and kan fit with several targets: one search after another, kept in one folder."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kancli.cli.frame.session import Session, set_threads
from kancli.errors import DataError, KanError, UsageError
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.dataset import Dataset, GroupedTable
    from kancli.many.unit import Unit
    from kancli.recipe import Recipe


@dataclass(frozen=True)
class Found:
    """The laws as JSON documents with their `group`, why others failed, and the folder that holds them."""

    folder: Path
    results: Sequence[dict[str, Any]]
    failed: Sequence[dict[str, Any]]


@dataclass
class Tables:
    """The recipe's table for one target after another: read when it is needed, one at a time."""

    recipe: Recipe
    targets: tuple[str, ...]
    everything: bool
    target: str | None = None
    table: GroupedTable | Dataset | None = field(default=None, repr=False)

    def of(self, target: str | None) -> GroupedTable | Dataset:
        """The table with this target, and with groups where the recipe has them."""
        if self.table is None or target != self.target:
            self.target, self.table = target, self._read(target)
        return self.table

    def part(self, unit: Unit) -> tuple[Dataset, Dataset]:
        """The rows of a unit, and the whole table. Raises DataError where there are none to fit."""
        table = self.of(unit.target if self.targets else None)
        if not unit.by:
            return table, table  # type: ignore[return-value]
        labels = table.labels  # type: ignore[union-attr]
        if unit.label not in labels:
            raise DataError("no row is complete")
        number = labels.index(unit.label)
        part = table.part(number, self.recipe.data.validation, self.recipe.seed)  # type: ignore[union-attr]
        return part, table.dataset  # type: ignore[union-attr]

    def _read(self, target: str | None) -> GroupedTable | Dataset:
        from kancli.dataset import read_grouped, read_names
        from kancli.stages.source import read

        data, by = self.recipe.data, self.recipe.fit.each
        if target is not None:
            aside = {data.sigma, data.weights, *(by or ())}
            aside |= {target} if self.everything else set(self.targets)
            names = data.inputs or read_names(data.path, sep=data.sep)
            inputs = tuple(name for name in names if name not in aside)
            data = data.model_copy(update={"target": target, "inputs": inputs})
        if by is None:
            return read(data, self.recipe.seed)
        return read_grouped(
            data.path,
            by,
            target=data.target,
            inputs=data.inputs,
            sep=data.sep,
            drop_missing=data.drop_missing,
            validation=data.validation,
            seed=self.recipe.seed,
            sigma=data.sigma,
            weights=data.weights,
            positive=data.positive,
        )


def several(recipe: Recipe) -> bool:
    """Whether a law is wanted for each of several groups or targets."""
    return recipe.fit.each is not None or bool(targets_of(recipe))


def targets_of(recipe: Recipe) -> tuple[str, ...]:
    """The targets where there are several, `a,b` or `all`, and none where there is one."""
    from kancli.dataset import read_names

    data = recipe.data
    if data.target is None or ("," not in data.target and data.target != "all") or data.path == "-":
        return ()
    names = read_names(data.path, sep=data.sep)
    if data.target in names:
        return ()
    if data.target == "all":
        aside = {data.sigma, data.weights, *(recipe.fit.each or ()), *(data.inputs or ())}
        return tuple(name for name in names if name not in aside)
    return tuple(dict.fromkeys(part.strip() for part in data.target.split(",") if part.strip()))


def laws_of_each(session: Session, recipe: Recipe, shard: str | None) -> Found:
    """Find and keep the laws of this shard, those that are there already excepted."""
    from kancli.many.search import SECONDS
    from kancli.many.unit import hashed, share_of, units_of

    asked = {"--groups": recipe.fit.groups, "--ode": recipe.fit.ode, "several tables": recipe.data.more}
    if any(asked.values()):
        names = ", ".join(name for name, given in asked.items() if given)
        raise UsageError(f"a law of each: not with {names}", "leave one of them out")
    if recipe.data.path == "-" and sys.stdin.isatty():
        raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
    if "time_limit" not in recipe.fit.model_fields_set:
        fit = recipe.fit.model_copy(update={"time_limit": SECONDS})
        recipe = recipe.model_copy(update={"fit": fit})
    targets = targets_of(recipe)
    tables = Tables(recipe, targets, recipe.data.target == "all")
    first = tables.of(targets[0] if targets else None)
    if recipe.fit.each is None:
        whole, labels = first, [()]
    else:
        whole, labels = first.dataset, first.labels  # type: ignore[union-attr, assignment]
    for remark in whole.remarks:  # type: ignore[union-attr]
        session.streams.remark(remark)
    units = units_of(recipe.fit.each or (), labels, targets or (whole.target,))  # type: ignore[union-attr]
    mine = share_of(units, shard)
    options = recipe.model_dump(mode="json", by_alias=True, exclude={"run": True, "data": {"path"}})
    key = hashed(options)
    stem = Path(recipe.data.path).name.partition(".")[0].replace("-", "", recipe.data.path == "-") or "data"
    folder = Path(recipe.run.directory or Path("runs") / f"{stem}-each-{key}")
    recipe = placed(recipe, folder)
    session.require_place(recipe)
    folder.mkdir(parents=True, exist_ok=True)
    return Found(folder, *_all(session, recipe, tables, mine, key, folder))


def placed(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe with a folder for what is found."""
    return recipe.model_copy(update={"run": recipe.run.model_copy(update={"directory": str(folder)})})


def _all(
    session: Session, recipe: Recipe, tables: Tables, units: Sequence[Unit], key: str, folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from kancli.many.pool import each_in_processes

    set_threads(recipe.run.threads)
    found: dict[int, dict[str, Any]] = {}
    told = time.monotonic()

    def one(unit: Unit) -> dict[str, Any]:
        return fitted(session, recipe, tables, unit, key, folder)

    for index, entry in each_in_processes(one, units, recipe.run.jobs or cores(), failure):
        found[index] = entry
        if "why" in entry:
            session.streams.remark(f"{units[index].name}: {entry['why']}")
        if time.monotonic() - told > 10.0:
            told = time.monotonic()
            session.streams.remark(f"{len(found)} of {len(units)} laws")
    ordered = [found[index] for index in range(len(units))]
    return [e for e in ordered if "why" not in e], [e for e in ordered if "why" in e]


def failure(unit: Unit, why: str) -> dict[str, Any]:
    """An entry of what failed."""
    return {"group": unit.group, "target": unit.target, "why": why}


def fitted(
    session: Session, recipe: Recipe, tables: Tables, unit: Unit, key: str, folder: Path
) -> dict[str, Any]:
    """The law of a unit, found now or kept earlier, or why there is none."""
    from kancli import __version__
    from kancli.cli.output.render import formula_document
    from kancli.many.kept import keep_result, kept_result
    from kancli.many.search import find_law

    began, place = time.monotonic(), folder / unit.place
    try:
        with warnings.catch_warnings():
            part, whole = tables.part(unit)
            mark = f"{__version__} {key} {part.fingerprint}"
            if (known := kept_result(place, mark)) is not None:
                return known
            ledger = find_law(part, recipe.fit, recipe.seed, recipe.units)
        seconds = time.monotonic() - began
        *_, last = session.keep(placed(recipe, place), whole, ledger.road, seconds, quiet=True)
        document = {**formula_document(last.checkpoint, seconds), "group": unit.group}
        keep_result(place, mark, document)
    except KanError as problem:
        return failure(unit, problem.message)
    except Exception as problem:  # one group that fails must not end the others
        return failure(unit, f"{type(problem).__name__}: {problem}")
    return document
