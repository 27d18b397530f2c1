"""Formulas that miss a point which the curve is known to go through, fitted so that they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, quality_of
from kancli.search.choice.demands import Demands
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import Constant, Expression, Sum, add
from kancli.symbolic.expression.form_of import freed
from kancli.symbolic.formula import Formula, write

Array = NDArray[np.float64]

# Formulas that are bent, and the weight of a point: that of so many tables.
MOST, HEAVY = 8, 1e10


def bent(
    candidates: Sequence[Candidate], demands: Demands, table: Dataset, options: FitOptions
) -> list[Candidate]:
    """Candidates that go through the points, made of the shortest descriptions that do not."""
    if not demands.points or options.like:
        return []
    made: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: c.bits)[:MOST]:
        if not demands.broken_by(candidate.formula):
            continue
        for expression in variants(candidate.formula.expression):
            formula = through(expression, demands, table)
            if formula is not None and not demands.broken_by(formula):
                made.append(
                    replace(candidate, formula=formula, quality=quality_of(formula, table), others=())
                )
                break
    return made


def variants(expression: Expression) -> Iterator[Expression]:
    """The formula without the constant that is added to it, and with every constant free."""
    if isinstance(expression, Sum):
        rest = [term for term in expression.terms if not isinstance(term, Constant)]
        if 0 < len(rest) < len(expression.terms):
            yield add(*rest)
            yield freed(add(*rest))
    yield expression
    yield freed(expression)


def through(expression: Expression, demands: Demands, table: Dataset) -> Formula | None:
    """The formula fitted to the rows and, far more heavily, to the points; None where it has no value there."""
    points = [(one.rows(table), one.value) for one in demands.points]
    x = np.vstack([table.x, *(rows for rows, _ in points)])
    y = np.concatenate([table.y, *(np.full(len(rows), value) for rows, value in points)])
    weight = np.concatenate(
        [
            np.ones(len(table.y)) if table.weight is None else table.weight,
            *(np.full(len(rows), HEAVY * len(table.y) / len(rows)) for rows, _ in points),
        ]
    )
    fitted = refit(expression, x, y, weight)
    if not np.isfinite(fitted.sse):
        return None
    try:
        return write(fitted.expression, table.x, table.y, **columns_of(table))
    except FitError:
        return None
