"""The free constants of a formula fitted to all rows: Gauss-Newton steps from where the sample left them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset, Whole
from kancli.stages.whole.reduce import over
from kancli.stages.whole.sums import Fitted, PassSums, next_scale, pass_over
from kancli.symbolic.expression import constants, with_constants
from kancli.symbolic.formula import cut
from kancli.symbolic.least_squares.tall import Solved, solved

Array = NDArray[np.float64]

# Passes at most; the sample's constants are a few standard errors of the sample away from those of all rows.
PASSES = 6
# A step of so few standard errors, in variance, is none.
NO_STEP = 1e-6
# What cutting digits may add to the sum of squares.
UNNOTICED = 1e-6


@dataclass(frozen=True)
class AllRowsFit:
    """A formula with constants fitted to all rows, their standard errors, and the sums there."""

    form: Fitted
    deviations: tuple[float, ...]
    sums: PassSums
    solved: Solved

    @property
    def used(self) -> int:
        """Rows at which it has a value."""
        return self.sums.rows - self.sums.undefined


def fit_to_all(
    form: Fitted, sample: Dataset, whole: Whole, more: Callable[[], bool] = lambda: True
) -> AllRowsFit:
    """The fit; `more()` says before each further pass whether there is time for it."""
    sums = summed(form, sample, whole)
    best, here = form, solved(sums.triangle)
    known, fraction = sums, 1.0
    for _ in range(PASSES - 1):
        free = len(constants(best.expression))
        left = max(known.rows - known.undefined - free, 1)
        settled = here.gain <= NO_STEP * here.sse / left
        if not free or here.sse == 0 or (settled and best.loss.name == "squares") or not more():
            break
        theta = np.array([c.value for c in constants(best.expression)])
        trial = replace(
            next_scale(best, known),
            expression=with_constants(best.expression, (theta + fraction * here.step).tolist()),
        )
        sums = summed(trial, sample, whole)
        there = solved(sums.triangle)
        if sums.undefined > known.undefined or (
            best.loss.name == "squares"
            and best.model.name == "additive"
            and there.sse > here.sse * (1 + NO_STEP / left)
        ):
            fraction /= 4
            continue
        change = abs(there.sse - here.sse)
        best, known, here, fraction = trial, sums, there, 1.0
        if settled and change <= NO_STEP * here.sse:
            break
    return written_short(AllRowsFit(best, deviations_of(here, known, best), known, here), sample, whole)


def deviations_of(here: Solved, sums: PassSums, form: Fitted) -> tuple[float, ...]:
    """The standard errors of the constants (p,)."""
    left = max(sums.rows - sums.undefined - len(constants(form.expression)), 1)
    with np.errstate(all="ignore"):
        found = np.sqrt(here.sse / left * np.diag(here.inverse))
    return tuple(float(one) for one in found)


def written_short(fit: AllRowsFit, sample: Dataset, whole: Whole) -> AllRowsFit:
    """Without digits that the rows do not determine, measured once more as it is written."""
    free = constants(fit.form.expression)
    theta = np.array([c.value for c in free])
    size = fit.sums.triangle.shape[1] - 1
    for extra in (2, 4, 6):
        short = np.array([cut(v, d, extra) for v, d in zip(theta, fit.deviations, strict=True)])
        moved = fit.sums.triangle[:, :size] @ (short - theta)
        added = float(moved @ moved) + 2 * abs(float(moved @ fit.sums.triangle[:, size]))
        if added <= UNNOTICED * fit.solved.sse:
            break
    else:
        short = theta
    if (short == theta).all():
        return fit
    form = replace(fit.form, expression=with_constants(fit.form.expression, short.tolist()))
    return replace(fit, form=form, sums=summed(form, sample, whole))


def summed(form: Fitted, sample: Dataset, whole: Whole) -> PassSums:
    """One pass."""
    found = over(whole.blocks(), lambda block: pass_over(block, form, sample))
    return found if math.isfinite(found.white) else replace(found, white=math.inf)
