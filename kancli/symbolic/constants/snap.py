"""Snapping: exact values for the constants of a fitted expression, by description length.

The move that the data are surest of first; the other constants re-fitted after each; kept where the
whole description gets shorter. What fits nothing exact stays free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.length import length, rounding_floor
from kancli.symbolic.constants.moves import moves
from kancli.symbolic.constants.refit import Refit, refit
from kancli.symbolic.constants.situation import Situation
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.expression.tree import Expression, constants, with_constants
from kancli.symbolic.rewrite.canonical import canonical_with
from kancli.symbolic.rewrite.signs import Signs

# Rows that decide about constants; more would cost time and change no decision about a simple value.
_MOST_ROWS = 10_000
# Bits a move must save: the family of names on offer is not a perfect code.
_MARGIN = 2.0
# Moves tried in a row that were not kept, before the search ends.
_PATIENCE = 40
_TRIAL_STEPS = 20
_FINAL_STEPS = 100


@dataclass(frozen=True)
class _Data:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64] | None
    held_x: NDArray[np.float64]
    held_y: NDArray[np.float64]
    held_weight: NDArray[np.float64] | None
    signs: Signs
    floor: float

    def held_out_error(self, expression: Expression) -> float:
        """Mean squared error on the held-out rows, floor included; 0 where there are none."""
        if not len(self.held_y):
            return 0.0
        with np.errstate(all="ignore"):  # rows on which it overflows make the error infinite
            difference = evaluate(expression, self.held_x) - self.held_y
            error = float(np.average(difference * difference, weights=self.held_weight))
        return error + self.floor**2 if math.isfinite(error) else math.inf

    def spoils(self, before: float, after: float) -> bool:
        """Whether the held-out error rises by more than its own uncertainty."""
        allowed = 1 + 4 / math.sqrt(max(len(self.held_y), 1))
        return after > before * allowed


def snap(
    expression: Expression,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    validation: NDArray[np.bool_] | None = None,
    weight: NDArray[np.float64] | None = None,
) -> Expression:
    """The expression with exact values for the constants that have one, the free ones re-fitted.

    x (n, d), y (n,); rows where `validation` (n,) is true take no part in the decisions but must not
    fit worse afterwards. `weight` (n,) multiplies squared residuals. The result is canonical; where the
    expression is not finite on the data it comes back canonical and otherwise as it was.
    """
    held = np.zeros(len(y), dtype=bool) if validation is None else np.asarray(validation, dtype=bool)
    if held.all():
        held = ~held
    signs = Signs(x)
    expression = canonical_with(expression, signs)
    rows = np.flatnonzero(~held)
    if len(rows) > _MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_ROWS).astype(int)]
    kept, judged = (None, None) if weight is None else (weight[rows], weight[held])
    fitted = refit(expression, x[rows], y[rows], kept, steps=_FINAL_STEPS)
    if not math.isfinite(fitted.sse):
        return expression
    floor = rounding_floor(fitted.expression, x[rows], y[rows])
    data = _Data(x[rows], y[rows], kept, x[held], y[held], judged, signs, floor)
    return _snapped(fitted, data).expression


def _snapped(fitted: Refit, data: _Data) -> Refit:
    rows = len(data.y)
    current = length(fitted, rows, data.floor)
    held_out = data.held_out_error(fitted.expression)
    refused: set[Expression] = set()
    patience = _PATIENCE
    while patience > 0 and constants(fitted.expression):
        theta = np.array([constant.value for constant in constants(fitted.expression)])
        situation = Situation(fitted.expression, theta, fitted.inverse_gram, current.mse, rows)
        for move in moves(situation):
            trial = canonical_with(move.build(move.start), data.signs)
            shape = _skeleton(trial)
            if shape in refused:
                continue
            candidate = refit(trial, data.x, data.y, data.weight, steps=_TRIAL_STEPS)
            described = length(candidate, rows, data.floor)
            held_out_after = data.held_out_error(candidate.expression)
            if described.bits < current.bits - _MARGIN and not data.spoils(held_out, held_out_after):
                fitted, current = candidate, described
                held_out = min(held_out, held_out_after) if held_out else held_out_after
                break
            refused.add(shape)
            patience -= 1
            if patience <= 0:
                break
        else:
            break
    return fitted


def _skeleton(expression: Expression) -> Expression:
    """The expression with its free constants made equal: by which two trials are distinguished."""
    return with_constants(expression, [1.0] * len(constants(expression)))
