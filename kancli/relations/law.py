"""A law for one column among others: which of them it depends on, and the search for it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, from_memory
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.relations.value import Kind, Relation
from kancli.search import PROPOSERS, Budget, Ledger, Task
from kancli.search.choice.errors import under_errors
from kancli.search.choice.front import Selected, select
from kancli.search.schedule import batches, find_formula
from kancli.stages.progress import Report
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.description import error_bits
from kancli.symbolic.expression import Call, variables
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.noise import chance_of

Array = NDArray[np.float64]

# What needs no network: a second per target.
QUICK = ("sample", "quotients", "factors", "additive", "plain", "powers")
# A column stays among the inputs unless chance explains as much as it does more often than this.
CHANCE = 0.01
# Inputs at most that a search is given: those that are linked most closely.
MOST_INPUTS = 8
# Verdicts on which a relation is claimed.
CLAIMED: tuple[Kind, ...] = ("exact", "law_with_noise")
# What noise makes of a square below 0 raises the error by no more.
NO_WORSE = 1.2
# Rows that are compared with their nearest neighbour.
ROWS = 1000


@dataclass(frozen=True)
class How:
    """What all searches of one table share."""

    options: FitOptions
    seed: int
    jobs: int
    report: Report


@dataclass(frozen=True)
class Law:
    """A relation for the column `target` of the table, the columns that it uses, and the bits that it saves beside
    the column's mean; `squared`: it is one for the column's square."""

    target: int
    members: tuple[int, ...]
    saved: float
    relation: Relation
    squared: bool = False


def law_for(
    names: Sequence[str],
    values: Array,
    target: int,
    inputs: Sequence[int],
    how: How,
    seconds: float,
    *,
    squared: bool = False,
    networks: bool = False,
) -> Law | None:
    """The best formula for column `target` of values (n, columns) in the columns `inputs`, or for its square; None
    where there is none. `networks`: the whole search, not only what needs none."""
    y = values[:, target] ** 2 if squared else values[:, target]
    columns = {names[k]: values[:, k] for k in inputs}
    goal = names[target] if not squared else free_name(f"{names[target]}^2", names)
    table, _ = from_memory(columns, y, target=goal, seed=how.seed)
    selected = searched(table, how, seconds, networks=networks)
    if selected is None:
        return None
    formula, kind = selected.chosen.formula, selected.verdict.kind
    if squared:
        formula = without_bars(formula, table)
    used = tuple(sorted(names.index(table.inputs[i]) for i in variables(formula.expression)))
    if not used:
        return None
    left = formula_text(names[target]) + ("**2" if squared else "")
    relation = Relation(
        columns=tuple(names[k] for k in sorted({*used, target})),
        text=f"{left} = {formula.text}",
        kind=kind,
        target=names[target],
        formula=formula.text,
        r2=formula.r2,
        rmse=formula.rmse,
        complexity=formula.complexity + (3 if squared else 1),
    )
    nothing = error_bits(1.0, len(y), 1)
    return Law(target, used, nothing - selected.chosen.bits, relation, squared)


def without_bars(formula: Formula, table: Dataset) -> Formula:
    """A formula |f| for a square as f, where f is no worse: noise makes squares near 0 look like it."""
    outer = formula.expression
    if not (isinstance(outer, Call) and outer.function == "abs"):
        return formula
    plain = write(outer.argument, table.x, table.y, **columns_of(table))
    return plain if (plain.rmse or 0.0) <= NO_WORSE * (formula.rmse or 0.0) else formula


def searched(table: Dataset, how: How, seconds: float, *, networks: bool) -> Selected | None:
    """What a search for the table's target takes; None where it finds nothing in the time."""
    budget, ledger = Budget.of_seconds(time.monotonic(), seconds), Ledger()
    task = Task(table, how.options, how.seed, how.jobs, budget, how.report)
    try:
        if networks:
            find_formula(task, ledger)
        else:
            for _ in batches(task, ledger, [p for p in PROPOSERS if p.name in QUICK]):
                pass
            if not ledger.candidates:
                return None
            ledger.candidates = under_errors(ledger.candidates, table, how.options)
        return select(ledger.best, ledger.candidates, table, how.options, network=ledger.network)
    except FitError:
        return None


def free_name(name: str, names: Sequence[str]) -> str:
    """The name, or a similar one that no column has."""
    while name in names:
        name += "'"
    return name


def formula_text(name: str) -> str:
    """A column as it stands in a formula."""
    from kancli.symbolic.expression.names import safe_names

    return safe_names([name])[0]


def inputs_for(values: Array, target: int, linked: Sequence[int]) -> tuple[int, ...]:
    """Those of the linked columns, the closest first, that explain something of the target beside the others.

    Backward elimination by F tests on the target's ranks (see `symbolic.noise`).
    """
    left = list(linked[:MOST_INPUTS])
    y = values[:, target]
    ranks = y.argsort(kind="stable").argsort(kind="stable").astype(np.float64)
    while len(left) > 1:
        x = values[:, left]
        chances = [chance_of(x, ranks, {i}) for i in range(len(left))]
        weakest = max(range(len(left)), key=lambda i: (chances[i], i))
        if chances[weakest] < CHANCE:
            break
        del left[weakest]
    return tuple(left)


def unexplained(x: Array, y: Array) -> float:
    """The share of y's variance (n,), in ranks, by which it differs between nearest neighbours in x (n, inputs): near
    0 for a function without noise, near 1 for none (Evans & Jones 2002)."""
    rows = np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp)
    x, y = x[rows], y[rows]
    ranks = np.stack([c.argsort(kind="stable").argsort(kind="stable") for c in (*x.T, y)], axis=1) / len(rows)
    places, goal = ranks[:, :-1], ranks[:, -1]
    apart = ((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, math.inf)
    return float(np.mean((goal - goal[apart.argmin(axis=1)]) ** 2) / 2 / goal.var())


def dependent(columns: Sequence[str]) -> Relation:
    """The relation of columns that depend on each other by no law that was found."""
    return Relation(tuple(columns), " ~ ".join(map(formula_text, columns)), "dependent")
