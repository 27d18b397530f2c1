"""A formula that was found in a sample, as all rows have it: constants, figures, errors, outliers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Block, Dataset, Whole
from kancli.stages.whole.fit import AllRowsFit, fit_to_all
from kancli.stages.whole.lack import chance_over
from kancli.stages.whole.sums import SUSPICIOUS, Fitted, variance_of
from kancli.symbolic.description import RESOLUTION, free_bits, left_over
from kancli.symbolic.errors.fit import LEAST_SCALE
from kancli.symbolic.errors.loss import LOSSES, SQUARES, Loss, robust_scale
from kancli.symbolic.errors.model import ADDITIVE, MODELS, Model
from kancli.symbolic.expression import constants, evaluate
from kancli.symbolic.formula import Formula
from kancli.symbolic.rewrite.simplify import agrees
from kancli.symbolic.text.latex import latex
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render

Array = NDArray[np.float64]

# No more than this share of the rows are outliers; more are the errors themselves.
MOST_OUTLIERS = 0.1
# A row so many σ of the bulk off bends least squares, and normal errors have none.
FAR = 8.0


@dataclass(frozen=True)
class OfAllRows:
    """What all rows say: the formula with its figures, the metadata about its errors, and what a verdict asks.

    `chance`: of a lack of fit; `unexplained`: 1 − r²; `mse`: the mean square of the residuals.
    """

    formula: Formula
    facts: dict[str, Any]
    rows: int
    chance: float
    unexplained: float
    mse: float
    remarks: tuple[str, ...]


def of_all_rows(
    formula: Formula, sample: Dataset, more: Callable[[], bool] = lambda: True, *, tails: bool = True
) -> OfAllRows:
    """The formula fitted to all rows of the table that `sample` is a part of.

    `more()` says whether there is time for another pass. `tails`: whether rows far off may make errors long-tailed.
    """
    whole = sample.whole
    assert whole is not None
    form = start_of(formula, sample)
    fit = fit_to_all(form, sample, whole, more)
    share = fit.sums.far_count / max(fit.used, 1)
    if tails and form.loss is SQUARES and fit.sums.farthest > FAR and share <= MOST_OUTLIERS and more():
        least = LEAST_SCALE * whole.deviation
        if form.bulk > least:
            fit = fit_to_all(replace(fit.form, loss=LOSSES["t"], scale=form.bulk), sample, whole, more)
    written = rewritten(formula, fit, sample, whole)
    chance = chance_over(sample, whole, white_of(fit.form, sample), SUSPICIOUS * fit.form.bulk)
    r2 = fit.sums.every.r2
    remarks = []
    if fit.sums.undefined:
        remarks.append(f"the formula has no value at {fit.sums.undefined} of {whole.rows} rows")
    mse = fit.sums.every.residual / (fit.sums.every.weight or 1.0)
    return OfAllRows(
        formula=written,
        facts=facts_of(written, fit, sample, whole),
        rows=fit.used,
        chance=chance,
        unexplained=1.0 if r2 is None else 1 - r2,
        mse=mse,
        remarks=tuple(remarks),
    )


def start_of(formula: Formula, sample: Dataset) -> Fitted:
    """The formula with the errors that it has in the sample."""
    model, loss = errors_of(formula)
    if formula.errors is not None:
        white = formula.errors.white
        scale = formula.errors.scale
    else:
        with np.errstate(all="ignore"):
            white = sample.y - np.broadcast_to(evaluate(formula.expression, sample.x), len(sample.y))
        white = white if sample.weight is None else white * np.sqrt(sample.weight)
        scale = float(np.sqrt(np.mean(white**2)))
    least = LEAST_SCALE * (float(np.std(sample.y)) or 1.0)
    return Fitted(formula.expression, model, loss, max(scale, least), max(robust_scale(white), least))


def errors_of(formula: Formula) -> tuple[Model, Loss]:
    """The model of a formula's errors, and their distribution."""
    if formula.errors is None:
        return ADDITIVE, SQUARES
    loss = next(one for name, one in LOSSES.items() if name == formula.errors.loss)
    models = next(several for name, several in MODELS.items() if name == formula.errors.model)
    return models[0], loss


def white_of(form: Fitted, sample: Dataset) -> Callable[[Block], tuple[NDArray[np.bool_], Array]]:
    """The residuals of a block, all of one size."""

    def of(block: Block) -> tuple[NDArray[np.bool_], Array]:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(evaluate(form.expression, block.x), len(block.y))
            root = 1.0 if block.weight is None else np.sqrt(block.weight)
            if form.model.logarithmic():
                white = np.log(block.y / values) * root
            else:
                white = (block.y - values) * root / np.sqrt(variance_of(form.model, values, sample.y))
        good = np.isfinite(white)
        return good, white[good]

    return of


def rewritten(formula: Formula, fit: AllRowsFit, sample: Dataset, whole: Whole) -> Formula:
    """The formula with the constants and the figures of all rows."""
    expression = fit.form.expression
    text = render(expression, formula.names)
    if not agrees(evaluate(parse(text, formula.names), sample.x), evaluate(expression, sample.x)):
        expression, text = formula.expression, formula.text
    every, held = fit.sums.every, fit.sums.held
    free = iter(zip(constants(expression), fit.deviations, strict=True))
    reports = []
    for report in formula.constants:
        if report.snapped is not None:
            reports.append(report)
            continue
        constant, deviation = next(free)
        finite = deviation if math.isfinite(deviation) else None
        reports.append(replace(report, value=constant.value, standard_error=finite))
    mse = every.residual / (every.weight or 1.0)
    floor = (RESOLUTION * (whole.deviation or 1.0)) ** 2
    growth = math.sqrt((mse + floor) / mse) if mse > 0 else 1.0
    bits = [
        free_bits(c.value, d * growth) for c, d in zip(constants(expression), fit.deviations, strict=True)
    ]
    return replace(
        formula,
        text=text,
        latex=latex(expression, formula.inputs),
        expression=expression,
        r2=every.r2,
        r2_validation=held.r2 if held.weight else None,
        rmse=math.sqrt(mse),
        constants=tuple(reports),
        constant_bits=tuple(bits),
    )


def facts_of(formula: Formula, fit: AllRowsFit, sample: Dataset, whole: Whole) -> dict[str, Any]:
    """What metadata hold of the formula, as `facts_of_formula` has it for tables that are in memory."""
    left = left_over(fit.used, formula.free)
    chi2 = None
    if sample.noise is not None and formula.rmse is not None:
        chi2 = (formula.rmse / sample.noise) ** 2 * fit.used / left
    scale = fit.form.scale
    if fit.form.loss is SQUARES:
        scale = math.sqrt(fit.sums.white / left)
    model = fit.form.model.name if sample.weight is None or formula.errors is not None else "given"
    named = fit.form.loss is not SQUARES and fit.sums.far_count <= max(1, MOST_OUTLIERS * fit.used)
    return {
        **formula.metadata(),
        "reduced_chi2": chi2,
        "errors": {"model": model, "loss": fit.form.loss.name, "scale": scale},
        "outliers": [
            {"row": row + 1, "line": row + 2, "residual": round(size, 3)} for row, size in fit.sums.far
        ]
        if named
        else [],
    }
