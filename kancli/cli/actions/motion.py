"""What kan fit --ode does: trajectories in, a law of motion per state out."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kancli.cli.frame.session import Session, set_threads
from kancli.cli.output.render import formula_document, formula_line
from kancli.cli.output.streams import Streams
from kancli.errors import DataError, FitError, UsageError
from kancli.threads import cores

if TYPE_CHECKING:
    from kancli.dynamics.trajectory import System
    from kancli.recipe import Recipe
    from kancli.stages.pipeline import Finished


@dataclass(frozen=True)
class Laws:
    """The kept versions, one per law, and why a state has none."""

    kept: Sequence[Finished]
    failed: Sequence[tuple[str, str]]


def laws_of_motion(session: Session, recipe: Recipe, began: float) -> Laws:
    """Find and keep the law of motion of each state. Raises FitError where there is none at all."""
    from kancli.cli.output.progress import watching

    session.require_place(recipe)
    asked = [name for name, value in refused(recipe) if value]
    if asked:
        raise UsageError(f"--ode: laws of motion have no {', '.join(asked)}", "leave them out")
    system = read_system(session, recipe)
    set_threads(recipe.run.threads)
    from kancli.dynamics.find import find_laws, target_of
    from kancli.dynamics.versions import versions_of

    with watching(session.streams) as report:
        jobs = recipe.run.jobs or cores()
        found = find_laws(system, recipe.fit, began=began, seed=recipe.seed, jobs=jobs, report=report)
    order = int(recipe.fit.ode_order)
    failed = [(target_of(system.states[i], system.time, order), why) for i, why in found.failed.items()]
    if not found.motions:
        raise FitError("; ".join(f"{target}: {why}" for target, why in failed), "more points may help")
    road = versions_of(found, recipe.fit, recipe.seed)
    first = replace(road[0][1])  # the tables are derived ones: they are kept beside the versions
    return Laws(list(session.keep(recipe, first, road, time.monotonic() - began)), failed)


def refused(recipe: Recipe) -> list[tuple[str, object]]:
    """Options that need a target."""
    data, fit = recipe.data, recipe.fit
    return [
        ("--target", data.target), ("--sigma", data.sigma), ("--weights", data.weights), ("--like", fit.like),
        ("--unit", recipe.units),
    ]  # fmt: skip


def read_system(session: Session, recipe: Recipe) -> System:
    """The trajectories that a recipe names; remarks on their tables go to standard error."""
    from kancli.dataset import read_every
    from kancli.dynamics.trajectory import system_of

    options = recipe.data
    if options.path == "-" and sys.stdin.isatty():
        raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
    tables, names = [], None
    for path in (options.path, *options.more):
        columns, values, remarks = read_every(path, sep=options.sep, drop_missing=options.drop_missing)
        for remark in remarks:
            session.streams.remark(remark)
        names = names or columns
        missing = [name for name in names if name not in columns]
        if missing:
            raise DataError(f"{path}: no column {missing[0]!r}", f"{options.path} has {', '.join(names)}")
        tables.append((path, values[:, [columns.index(name) for name in names]]))
    assert names is not None
    assert recipe.fit.ode is not None
    if options.inputs is not None:
        wanted = [recipe.fit.ode, recipe.fit.trajectory, *options.inputs]
        kept = [i for i, name in enumerate(names) if name in wanted]
        tables = [(path, values[:, kept]) for path, values in tables]
        names = tuple(names[i] for i in kept)
    return system_of(recipe.fit.ode, names, tables, by=recipe.fit.trajectory)


def print_laws(streams: Streams, laws: Laws, seconds: float) -> None:
    """One line per law; off a terminal the last line is `# checkpoint: PATH`, that of the last law."""
    if streams.json:
        results = [{"group": None, **formula_document(f.checkpoint, seconds)} for f in laws.kept]
        failed = [{"group": None, "target": target, "why": why} for target, why in laws.failed]
        streams.document({"kan": 1, "results": results, "failed": failed})
        return
    from kancli.stages.judging.told import lines

    for finished in laws.kept:
        metadata = finished.checkpoint.metadata
        streams.result(formula_line(metadata))
        for name, line in lines(metadata):
            streams.remark(f"{metadata['target']}: {name}: {line}")
    for target, why in laws.failed:
        streams.remark(f"{target}: {why}")
    last = laws.kept[-1].checkpoint.path
    if streams.terminal():
        streams.remark(f"checkpoint: {last}")
    else:
        streams.result(f"# checkpoint: {last}")
