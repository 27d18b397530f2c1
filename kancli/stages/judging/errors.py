"""A formula under other models of the errors than the additive one that its search assumed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.errors import FitError, UsageError
from kancli.recipe import ReadingOptions
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.formulas import columns_of
from kancli.stages.rounding import hidden_variance
from kancli.symbolic.constants.length import exact_bits, nodes_of
from kancli.symbolic.description import carried, expected_bits, written_bits
from kancli.symbolic.errors.fit import ErrorFit, clipped, far_off, fit_errors, suspicious
from kancli.symbolic.errors.loss import LOSSES, SQUARES, Loss
from kancli.symbolic.errors.model import ADDITIVE, MODELS, Model, over_decades, possible
from kancli.symbolic.expression import Expression, constants
from kancli.symbolic.expression.form_of import FormKey, form_of, freed
from kancli.symbolic.formula import Formula, finish, tidied, write
from kancli.symbolic.noise import is_noise

# Forms that are fitted under every model; the rows on which that is done; and how many of them are finished, those
# within so many bits of the best.
MOST_FORMS, ROWS, FINISHED, NEAR = 16, 2000, 3, 12.0
# Of more rows than this only the shortest description is finished.
MANY = 5_000
# Forms under all models; the others only under those that come within so many bits for one of these.
ALL_MODELS, COMPARABLE = 3, 30.0
# Outliers are where they are by chance: the nearest row of so many of them is none.
ALONE = 0.7


Array = NDArray[np.float64]


@dataclass(frozen=True)
class Described:
    """The fit of a formula, or of one with other constants free, under a model and a loss, and the length of it."""

    formula: Formula
    expression: Expression
    model: Model
    loss: Loss
    bits: float

    @property
    def plain(self) -> bool:
        """Whether this is what the search assumed."""
        return self.model is ADDITIVE and self.loss is SQUARES


def check_asked_for(table: Dataset, options: ReadingOptions) -> None:
    """Raises UsageError where the target cannot have the errors that were asked for."""
    impossible = {"log": table.y == 0, "counts": table.y < 0}.get(options.errors)
    if impossible is not None and impossible.any():
        value = float(table.y[int(np.argmax(impossible))])
        raise UsageError(
            f"--errors {options.errors}: the target {table.target!r} has the value {value:g}",
            "errors of the logarithm need values other than 0, those of counts none below 0; --errors auto chooses",
        )


def only_asked_for(options: ReadingOptions) -> bool:
    """Whether the user's choice leaves no room for additive errors and least squares."""
    return options.errors not in ("auto", "additive") or options.loss not in ("auto", "squares")


def under_models(
    formulas: Iterable[Formula], table: Dataset, options: ReadingOptions
) -> list[tuple[Formula, Formula]]:
    """Those of the formulas, each with itself under the model that describes it best, that are worth to be finished:
    the shortest, where that is not the additive model."""
    found: list[Described] = []
    rows, models = some_rows(table), models_of(table, options)
    for number, formula in enumerate(forms(formulas, table)[:MOST_FORMS]):
        if number == ALL_MODELS and found:
            least = min(one.bits for one in found)
            models = list(dict.fromkeys(one.model for one in found if one.bits <= least + COMPARABLE))
        least = min((one.bits for one in found), default=math.inf)
        found += fits(formula, formula.expression, rows, models, options, least)
        # What is exact under additive errors need not be so under others.
        if number < ALL_MODELS and (free := freed(formula.expression)) != formula.expression:
            found += fits(formula, free, rows, models, options, least)
    order = sorted(found, key=lambda one: one.bits)
    best = {id(one.formula): one for one in reversed(order)}.values()
    order = sorted(best, key=lambda one: one.bits)
    several = FINISHED if len(table.y) <= MANY else 1
    new = [one for one in order if not one.plain and one.bits <= order[0].bits + NEAR][:several]
    made = [(one.formula, finished(one, table, options)) for one in new]
    return [(formula, under) for formula, under in made if under is not None]


def forms(formulas: Iterable[Formula], table: Dataset) -> list[Formula]:
    """The shortest description of each form, the shortest first."""
    best: dict[FormKey, tuple[float, Formula]] = {}
    for formula in formulas:
        if formula.rmse is None or not carried(len(table.y), formula.free):
            continue
        key, bits = form_of(formula.expression), final_bits(formula, table)
        if key not in best or bits < best[key][0]:
            best[key] = bits, formula
    return [formula for _, formula in sorted(best.values(), key=lambda one: one[0])]


def some_rows(table: Dataset) -> Dataset:
    """Rows enough to tell models apart."""
    if len(table.y) <= ROWS:
        return table
    rows = np.linspace(0, len(table.y) - 1, ROWS).astype(np.intp)
    weight = None if table.weight is None else table.weight[rows]
    return replace(table, x=table.x[rows], y=table.y[rows], validation=table.validation[rows], weight=weight)


def fits(
    formula: Formula,
    expression: Expression,
    table: Dataset,
    models: Sequence[Model],
    options: ReadingOptions,
    most: float,
) -> list[Described]:
    """The formula with the constants of `expression` under each of the models; those far behind `most` bits are not
    fitted to the end."""
    if not carried(len(table.y), len(constants(expression))):
        return []
    found: list[Described] = []
    for model in models:
        loss = SQUARES if options.loss == "auto" else LOSSES[options.loss]
        fit = fit_of(expression, table, model, loss, most)
        if fit is None:
            continue
        if only_asked_for(options) or admissible(fit, model, table):
            found.append(Described(formula, expression, model, loss, bits_of(fit, len(table.y))))
        # Long tails are asked about where there is one, and taken where single rows are what is in them.
        if options.loss == "auto" and far_off(fit.errors.white).any():
            tailed = fit_of(expression, table, model, LOSSES["t"], most)
            single = tailed is not None and alone(table.x, tailed.errors.white)
            if tailed is not None and single and admissible(tailed, model, table):
                found.append(
                    Described(formula, expression, model, LOSSES["t"], bits_of(tailed, len(table.y)))
                )
    return found


def admissible(fit: ErrorFit, model: Model, table: Dataset) -> bool:
    """Whether a model says something of the errors, and not of what a wrong formula leaves: additive errors always
    do; others where the inputs explain nothing of them, or where over decades least squares see nothing else."""
    errors = fit.errors
    if (errors.model, errors.loss) == ("additive", "squares"):
        return True
    return (model.logarithmic() and over_decades(table.y)) or is_noise(table.x, clipped(errors))


def alone(x: Array, white: Array) -> tuple[int, ...]:
    """The suspicious rows (n,), where they are far from each other: what is off in one place is a misfit."""
    rows = suspicious(white)
    if not rows:
        return ()
    spread = x.std(axis=0)
    unit = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    single = [row for row in rows if nearest(unit, row) not in rows]
    return rows if len(single) >= ALONE * len(rows) else ()


def nearest(x: Array, row: int) -> int:
    """The row nearest to another one."""
    away = np.sum((x - x[row]) ** 2, axis=1)
    away[row] = np.inf
    return int(np.argmin(away))


def models_of(table: Dataset, options: ReadingOptions) -> list[Model]:
    """The models that are asked about: given errors win unless one is asked for."""
    if options.errors != "auto":
        return list(MODELS[options.errors])
    return [ADDITIVE] if table.weight is not None else possible(table.y)


def fit_of(
    expression: Expression, table: Dataset, model: Model, loss: Loss, most: float = math.inf
) -> ErrorFit | None:
    """The free constants of an expression under a model."""
    hidden = hidden_variance(expression, table)
    return fit_errors(expression, table.x, table.y, table.weight, model, loss, hidden, most)


def bits_of(fit: ErrorFit, rows: int) -> float:
    """The length of a fit whose constants have no standard errors yet."""
    expression = fit.expression
    priced = [expected_bits(rows)] * len(constants(expression))
    return fit.errors.bits + written_bits(priced, exact_bits(expression), nodes_of(expression))


def finished(one: Described, table: Dataset, options: ReadingOptions) -> Formula | None:
    """The formula with exact constants under its model; None where it has no value on some row."""
    columns: dict[str, Any] = {k: v for k, v in columns_of(table).items() if k != "weight"}
    try:
        fit = fit_of(one.expression, table, one.model, one.loss)
        if fit is None:
            return None
        short = finish(
            fit.expression,
            table.x,
            fit.target,
            weight=fit.weight,
            snapping=options.snap,
            seconds=options.simplify_seconds,
            **columns,
        )
        again = fit_of(short.expression, table, one.model, one.loss)
        if again is None:
            return None
        nearest = tidied(again.expression, table.x, again.target, again.weight)
        how = columns_of(table)
        formula = write(nearest, table.x, table.y, **how, unsnapped=short.unsnapped, under=again)
    except FitError:
        return None
    return None if formula.rmse is None else formula
