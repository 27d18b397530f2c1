"""A law for all groups as it is written and kept: its text, figures, constants by group, verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, GroupedTable
from kancli.errors import UnprintableFormula
from kancli.recipe import FitOptions
from kancli.search.candidate import without_network
from kancli.search.grouped.sources import constant_names
from kancli.stages.judging.verdict import Judged, Rival, verdict_among
from kancli.stages.reading.formulas import columns_of, facts_of_formula, shown
from kancli.symbolic.description import left_over
from kancli.symbolic.expression import evaluate
from kancli.symbolic.forms.grouped.sharing import GroupedLaw, positive
from kancli.symbolic.formula import ConstantReport, Formula, cut, write
from kancli.symbolic.rewrite.canonical import canonical
from kancli.symbolic.rewrite.simplify import simplify

Array = NDArray[np.float64]

# A rival is the same law in another writing where the values differ by less than this share of the error.
SAME = 1e-3
# Laws beside the chosen one that are written.
OTHERS = 8
# Digits beyond the standard error with which shared constants are written.
EXTRA = 4


@dataclass(frozen=True, eq=False)
class Written:
    """A law as a formula whose inputs are the columns and, after them, the constants `names` of the groups' own."""

    law: GroupedLaw
    names: tuple[str, ...]
    own: Array
    formula: Formula
    dataset: Dataset
    values: Array


def written(law: GroupedLaw, table: GroupedTable, seconds: float, *, keep_names: bool) -> Written | None:
    """The law in words, for all rows of a table; None where its text has other values."""
    law = positive(law)
    names = law.own_names if keep_names else constant_names(law.form.columns, len(law.own_names))
    own = law.fit.theta[:, law.free]
    level = law.fit.sse / left_over(len(table.dataset.y), law.fit.constants)
    deviations = shared_errors(law, level)
    values = [
        cut(float(value), deviations.get(name, math.nan), EXTRA)
        for name, value in enumerate(law.fit.theta[0])
    ]
    dataset = replace(
        table.dataset,
        inputs=(*table.dataset.inputs, *names),
        x=np.column_stack([table.dataset.x, own[table.group]]) if names else table.dataset.x,
    )
    expression = canonical(law.expression(values))
    try:
        formula = write(simplify(expression, dataset.x, seconds), dataset.x, dataset.y, **columns_of(dataset))
    except UnprintableFormula:
        return None
    with np.errstate(all="ignore"):
        predicted = np.broadcast_to(evaluate(formula.expression, dataset.x), len(dataset.y))
    return Written(law, names, own, with_errors(formula, law, deviations), dataset, predicted)


def shared_errors(law: GroupedLaw, level: float) -> dict[int, float]:
    """The standard errors of the shared constants that were fitted, by position."""
    fit = law.fit
    moved = np.flatnonzero(fit.moving & ~fit.free).tolist()
    return {name: math.sqrt(max(float(fit.shared[k, k]) * level, 0.0)) for k, name in enumerate(moved)}


def with_errors(formula: Formula, law: GroupedLaw, deviations: Mapping[int, float]) -> Formula:
    """The formula with standard errors of its constants that know of the other constants, also those of groups."""
    known = [(abs(float(law.fit.theta[0, name])), deviation) for name, deviation in deviations.items()]

    def of(report: ConstantReport) -> ConstantReport:
        same = [
            d for value, d in known if math.isclose(value, abs(report.value), rel_tol=1e-6, abs_tol=1e-300)
        ]
        return replace(report, standard_error=same[0]) if same and report.snapped is None else report

    return replace(formula, constants=tuple(map(of, formula.constants)))


def groups_of(one: Written, table: GroupedTable, *, named: bool) -> dict[str, Any]:
    """The part `groups` of the metadata: constants with standard errors per group, and shared ones by name."""
    law, fit = one.law, one.law.fit
    level = fit.sse / left_over(len(table.dataset.y), fit.constants)
    errors = np.sqrt(np.maximum(np.einsum("gii->gi", fit.own), 0.0) * level)
    constants_of = {
        name: {
            label: [float(one.own[g, k]), finite(float(errors[g, k]))] for k, label in enumerate(one.names)
        }
        for g, name in enumerate(table.names)
    }
    shared: dict[str, Any] = {}
    if named:
        deviations = shared_errors(law, level)
        for position, name in enumerate(law.form.names):
            if not law.free[position]:
                shared[name] = [float(fit.theta[0, position]), finite(deviations.get(position, math.nan))]
    rows = np.bincount(table.group, minlength=len(table.labels))
    return {
        "by": list(table.by),
        "names": list(one.names),
        "labels": [list(label) for label in table.labels],
        "constants": constants_of,
        "shared": shared,
        "rows": {name: int(rows[g]) for g, name in enumerate(table.names)},
    }


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def version(
    chosen: Written,
    others: Sequence[Written],
    table: GroupedTable,
    options: FitOptions,
    seed: int,
) -> Checkpoint:
    """The version of a run that has the law."""
    named = bool(options.like)
    asked = {key: getattr(options, key) for key in ("like", "groups", "free", "shared", "snap")}
    base = without_network("grouped", table.dataset, seed, asked)
    facts = facts_of_formula(chosen.formula, chosen.dataset)
    judged = Judged(counted(chosen), chosen.law.bits)
    verdict = verdict_among(judged, rivals(chosen, others), chosen.dataset)
    return replace(
        base,
        metadata={
            **base.metadata,
            **facts,
            "inputs": list(table.dataset.inputs),
            "groups": groups_of(chosen, table, named=named),
            "edges": [],
            "splines_left": 0,
            "front": front(chosen, others),
            "remarks": [],
            "verdict": verdict.metadata(),
        },
    )


def counted(one: Written) -> Formula:
    """The formula with a constant for each name, so that it is judged by how much it can follow."""
    own = tuple(ConstantReport(float(np.median(one.own[:, k])), None, None) for k in range(len(one.names)))
    return replace(one.formula, constants=(*one.formula.constants, *own))


def rivals(chosen: Written, others: Sequence[Written]) -> list[Rival]:
    """The other laws, the shortest first, without the chosen one in other writings."""
    error = max(chosen.formula.rmse or 0.0, 1e-10 * float(chosen.dataset.y.std()))
    found: list[Rival] = []
    seen = [chosen.values]
    for one in sorted(others, key=lambda o: o.law.bits):
        if one is chosen or not math.isfinite(one.law.bits):
            continue
        if all(float(np.sqrt(np.mean((one.values - v) ** 2))) > SAME * error for v in seen):
            seen.append(one.values)
            found.append(Rival(one.formula.text, one.law.bits - chosen.law.bits))
    return found


def front(chosen: Written, others: Sequence[Written]) -> list[dict[str, Any]]:
    """The laws that fit better than every shorter one, and the chosen one."""
    entries: list[dict[str, Any]] = []
    least = math.inf
    for one in sorted({id(o): o for o in (chosen, *others)}.values(), key=order):
        error = math.inf if one.formula.rmse is None else one.formula.rmse
        if one is chosen or error < 0.99 * least:
            entries.append({**shown(one.formula), "chosen": one is chosen})
            least = min(least, error)
    return entries


def order(one: Written) -> tuple[int, float]:
    return one.formula.complexity, math.inf if one.formula.rmse is None else one.formula.rmse
