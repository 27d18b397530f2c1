"""Searches in which rows count otherwise: where the errors are relative, and where some rows are far off.

Networks and sums of powers are fitted by least squares: over decades the largest values decide, and a few rows far
off bend every spline. Such a table is searched once more, with weights or without those rows; what is found there
comes back with its constants fitted to all rows, under the model of the errors that describes them best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.dataset.digits import steps
from kancli.dataset.value import fingerprint
from kancli.search.candidate import Candidate, quality_of
from kancli.search.choice.errors import with_formula
from kancli.search.inputs.rewritten import in_rows
from kancli.search.ledger import Ledger
from kancli.search.proposer import Proposal, Refused, Rewriting
from kancli.search.task import Task
from kancli.stages.judging.errors import alone, fit_of, fits, forms, some_rows, under_models
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.errors.loss import LOSSES, robust_scale
from kancli.symbolic.errors.model import ADDITIVE, MODELS, over_decades, possible
from kancli.symbolic.formula import write

Array = NDArray[np.float64]

# Bits by which relative errors must describe the best formula more briefly.
CLEARLY = 10.0
# Residuals of so many σ of the bulk are outliers that bend splines.
FAR = 8.0


class RelativeErrors:
    """A target over decades, each row with the weight of its relative error, from the second round on."""

    name: ClassVar[str] = "relative"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        yield ()
        if task.options.errors not in ("auto", "relative", "log") or not spans_decades(task.dataset):
            return
        if ledger.candidates and (steps(task.dataset.y).any() or relative(ledger, task)):
            task.tell("with weights for relative errors")
            inner = replace(task.dataset, weight=relative_weights(task.dataset.y))
            inner = replace(inner, fingerprint=fingerprint_of(inner))
            yield Rewriting(replace(task, dataset=inner), back_under_errors(task), keep=3)


class WithoutOutliers:
    """A table without the few rows that are far off, from the second round on."""

    name: ClassVar[str] = "outliers"
    provisional: ClassVar[bool] = False

    def propose(self, task: Task, ledger: Ledger) -> Iterator[Proposal]:
        yield ()
        if task.options.loss == "squares" or not ledger.candidates or ledger.best.exact:
            return
        rows = outliers(ledger, task)
        kept = np.setdiff1d(np.arange(len(task.dataset.y)), rows)
        some = in_rows(task.dataset, kept) if len(rows) else None
        if some is not None:
            task.tell(f"without {len(rows)} rows that are far off")
            options = task.options.model_copy(update={"loss": "squares"})
            inner = replace(task, dataset=some.dataset, options=options)
            yield Rewriting(inner, back_under_errors(task), keep=3)


def spans_decades(table: Dataset) -> bool:
    """Whether the errors of a target may be relative, and that matters to least squares."""
    return table.weight is None and over_decades(table.y)


def relative_weights(y: Array) -> Array:
    """Weights (n,) of mean 1 in proportion to 1/y²."""
    unit = (float(np.abs(y).min()) / y) ** 2
    found: Array = unit / unit.mean()
    return found


def relative(ledger: Ledger, task: Task) -> bool:
    """Whether relative errors describe the best formulas so far clearly more briefly than additive ones."""
    table = some_rows(task.dataset)
    lengths = {"additive": np.inf, "log": np.inf}
    for formula in forms((c.formula for c in ledger.candidates), table)[:3]:
        for one in fits(formula, formula.expression, table, [ADDITIVE, *MODELS["log"]], task.options, np.inf):
            lengths[one.model.name] = min(lengths[one.model.name], one.bits)
    return bool(lengths["log"] < lengths["additive"] - CLEARLY)


def outliers(ledger: Ledger, task: Task) -> NDArray[np.intp]:
    """Rows far off the best formula, under long tails, whose nearest neighbours are mostly not."""
    table, best = task.dataset, ledger.best.formula
    fitted = [fit_of(best.expression, table, model, LOSSES["t"]) for model in possible(table.y)[:2]]
    known = [fit.errors for fit in fitted if fit is not None]
    if not known:
        return np.empty(0, dtype=np.intp)
    white = min(known, key=lambda one: one.bits).white
    rows = np.array(alone(table.x, white), dtype=np.intp)
    size = np.abs(white) / (robust_scale(white) or 1.0)
    return rows[size[rows] > FAR]


def back_under_errors(task: Task) -> Callable[[Candidate], Candidate | Refused]:
    """From a table with other rows or weights: the formula with its constants fitted to all rows, under the model of
    the errors that describes them best."""
    table = task.dataset

    def back(candidate: Candidate) -> Candidate | Refused:
        here = write(candidate.formula.expression, table.x, table.y, **columns_of(table))
        if here.rmse is None:
            return Refused(f"{candidate.formula.text}: it has no value on some row")
        plain = replace(candidate, formula=here, quality=quality_of(here, table), others=())
        under = [with_formula(plain, after, table) for _, after in under_models([here], table, task.options)]
        return min([plain, *under], key=lambda one: one.bits)

    return back


def fingerprint_of(table: Dataset) -> str:
    """The fingerprint of a table with other weights."""
    return fingerprint(table.inputs, table.target, table.x, table.y, table.weight)
