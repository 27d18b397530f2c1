"""The constants of a formula fitted under a model of the errors and a distribution of them.

The weights follow from the formula's own values, so they are fixed, the constants fitted, and the weights taken anew.
Errors of the logarithm are fitted as what they are: the logarithm of the formula to that of the target, so that the
scale of a start over many decades is found first and the formula does not collapse to 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.refit import refit
from kancli.symbolic.description import RESOLUTION, error_bits, few_rows, left_over
from kancli.symbolic.errors.loss import Loss, robust_scale
from kancli.symbolic.errors.model import Model
from kancli.symbolic.expression import Call, Expression, Power, constants, evaluate, exact

Array = NDArray[np.float64]

# Rounds of weights and fit, trials of each, and the change of the error that ends them.
ROUNDS, STEPS, SETTLED = 8, 20, 1e-6
# A model that is so many bits behind another after two rounds is not fitted to the end.
HOPELESS = 40.0
# Residuals beyond so many σ of the bulk are suspicious; so is no more than this share of the rows.
SUSPICIOUS, MOST_SUSPICIOUS = 4.5, 0.1
# A scale below this share of the target's deviation is rounding.
LEAST_SCALE = 1e-12


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of a target about a formula.

    `scale`: their σ, in the target's units, or relative. `bits` of the residuals, in units in which additive ones
    cost n/2·log₂(mse/variance), with the price of the model. `white` (n,): the residuals over what the model says,
    all of one size. `outliers`: the rows that the loss takes for such. `crossing` as of
    the model.
    """

    model: str
    loss: str
    scale: float
    bits: float
    white: Array
    outliers: tuple[int, ...]
    crossing: float = 0.0


@dataclass(frozen=True, eq=False)
class ErrorFit:
    """The fitted expression, its errors, and the weighted sum of squares that it is a minimum of: `target` (n,) and
    `weight` (n,), of mean 1."""

    expression: Expression
    errors: Errors
    target: Array
    weight: Array


def fit_errors(
    expression: Expression,
    x: Array,
    y: Array,
    weight: Array | None,
    model: Model,
    loss: Loss,
    rounding: Array | float = 0.0,
    most: float = math.inf,
) -> ErrorFit | None:
    """The fit of all free constants; None where the formula has no value on some row or the model none for it.

    x (n, d), y (n,), `weight` (n,) what is known of the rows beforehand; `rounding`, (n,) or one for
    all: the variance that the digits of the table hide. A fit that is far behind `most` bits comes to an early end.
    """
    base = np.ones_like(y) if weight is None else weight
    current, before, scale, robust = expression, math.inf, 0.0, np.ones_like(y)
    with np.errstate(all="ignore"):
        for number in range(ROUNDS):
            values = np.broadcast_to(evaluate(current, x), len(y))
            variance = model.variance(values, y) / base
            if not usable(values, y, variance, model):
                return None
            if model.logarithmic():
                current, sse = logarithms_fitted(current, values, x, y, unit(base * robust))
            else:
                fitted = refit(current, x, y, unit(robust / variance), steps=STEPS, tolerance=SETTLED)
                current, sse = fitted.expression, fitted.sse
            if not math.isfinite(sse):
                return None
            values = np.broadcast_to(evaluate(current, x), len(y))
            variance = model.variance(values, y) / base
            if not usable(values, y, variance, model):
                return None
            white = whitened(values, y, variance, base, model)
            least = LEAST_SCALE * (float(np.std(y)) / math.sqrt(float(np.mean(variance))) or 1.0)
            if number == 0:
                scale = max(robust_scale(white) if loss.name != "squares" else _rms(white), least)
            for _ in range(1 if loss.name == "squares" else 20):
                scale = max(loss.scale(white, scale), least)
            robust = loss.weight(white / scale)
            bits = bits_of_residuals(white, y, variance, base, model, loss, scale, rounding, current)
            if abs(before - bits) <= SETTLED * max(abs(bits), 1.0) or (number and bits > most + HOPELESS):
                break
            before = bits
        total = robust / variance
        errors = Errors(
            model.name,
            loss.name,
            shown_scale(white, loss, scale, len(constants(current))),
            bits + model.bits + loss.bits,
            white,
            suspicious(white) if loss.name != "squares" else (),
            model.crossing,
        )
        return ErrorFit(current, errors, model.target(values, y), unit(total))


def logarithms_fitted(
    expression: Expression, values: Array, x: Array, y: Array, weight: Array
) -> tuple[Expression, float]:
    """The logarithm of a formula fitted to that of the target, from these values (n,) on; and the sum of squares.

    Where both have one sign, steps do not leave it. Else log f² = 2·log |f| is fitted.
    """
    if (values > 0).all():
        fitted = refit(Call("log", expression), x, np.log(y), weight, steps=STEPS, tolerance=SETTLED)
        assert isinstance(fitted.expression, Call)
        return fitted.expression.argument, fitted.sse
    squared = Call("log", Power(expression, exact(2)))
    fitted = refit(squared, x, np.log(y**2), weight, steps=STEPS, tolerance=SETTLED)
    assert isinstance(fitted.expression, Call)
    assert isinstance(fitted.expression.argument, Power)
    return fitted.expression.argument.base, fitted.sse


def bits_of_residuals(
    white: Array, y: Array, variance: Array, base: Array, model: Model, loss: Loss, scale: float,
    rounding: Array | float, expression: Expression,
) -> float:  # fmt: skip
    """-log₂ of the likelihood of y itself, the Jacobian of the white residuals included."""
    rows, free = len(y), len(constants(expression))
    spread = float(np.std(y)) or 1.0
    if model.logarithmic():
        jacobian = float(np.sum(np.log2(np.abs(y)))) - 0.5 * float(np.sum(np.log2(base)))
        floor = float(np.mean((rounding + (RESOLUTION * y) ** 2) / y**2))
    else:
        jacobian = 0.5 * float(np.sum(np.log2(variance)))
        floor = float(np.mean((rounding + (RESOLUTION * spread) ** 2) / variance))
    if loss.name == "squares":
        data = error_bits(float(np.mean(white**2)) + floor, rows, free)
    else:
        data = loss.bits_of(white, math.sqrt(scale**2 + floor)) + few_rows(rows, free)
    return data + jacobian - rows * math.log2(spread)


def whitened(values: Array, y: Array, variance: Array, base: Array, model: Model) -> Array:
    """Residuals (n,) that are all of one size if the model holds."""
    if model.logarithmic():
        found: Array = np.log(y / values) * np.sqrt(base)
        return found
    return np.asarray((y - values) / np.sqrt(variance))


def usable(values: Array, y: Array, variance: Array, model: Model) -> bool:
    """Whether a model has a likelihood at these values."""
    if model.logarithmic() and not (y * np.sign(values) > 0).all():
        return False
    return bool(np.isfinite(values).all() and np.isfinite(variance).all() and (variance > 0).all())


def suspicious(white: Array) -> tuple[int, ...]:
    """The rows far outside the bulk, the farthest first; none where they are too many for that."""
    rows = np.flatnonzero(far_off(white))
    if len(rows) > max(1, MOST_SUSPICIOUS * len(white)):
        return ()
    return tuple(int(i) for i in rows[np.argsort(-np.abs(white[rows]), kind="stable")])


def far_off(white: Array) -> NDArray[np.bool_]:
    """Which rows (n,) are far outside the bulk."""
    found: NDArray[np.bool_] = np.abs(white) > SUSPICIOUS * (robust_scale(white) or 1.0)
    return found


def without_tails(white: Array) -> Array:
    """The residuals (n,) with those of suspicious rows as large as they may be without being so: a few rows far off
    hide what the inputs explain of the others."""
    if not suspicious(white):
        return white
    most = SUSPICIOUS * robust_scale(white)
    return np.clip(white, -most, most)


def clipped(errors: Errors) -> Array:
    """The white residuals (n,), those of outliers as large as the largest of the others: a few rows far off are no
    structure."""
    rest = np.setdiff1d(np.arange(len(errors.white)), errors.outliers)
    most = float(np.abs(errors.white[rest]).max())
    return np.clip(errors.white, -most, most)


def unit(weight: Array) -> Array:
    """Weights of mean 1."""
    found: Array = weight / float(np.mean(weight))
    return found


def shown_scale(white: Array, loss: Loss, scale: float, free: int) -> float:
    """σ as a reader expects it: over the degrees of freedom."""
    rows = len(white)
    return scale if loss.name != "squares" else _rms(white) * math.sqrt(rows / left_over(rows, free))


def _rms(values: Array) -> float:
    return math.sqrt(float(np.mean(values**2)))
