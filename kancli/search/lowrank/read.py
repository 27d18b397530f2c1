"""Laws that are sums of products of functions of single inputs, as expressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.search.lowrank.atoms import allowed
from kancli.search.lowrank.model import Fit, expression_of, fitted
from kancli.search.lowrank.noisy import length_on, noisy_fits, shortest
from kancli.search.lowrank.pursuit import ROUNDING, ROWS, grown
from kancli.search.lowrank.sparse import reduced
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.noise import is_noise
from kancli.work import OutOfWorkError, allowance

Array = NDArray[np.float64]

# Units of work: what is found takes at most two thirds of it. EXPERIMENTS: sums-of-products
MOST_WORK = 3.0
# Steps of the last fit.
STEPS = 40
# What a law found in some rows may leave in the others, in units of the deviation.
ELSEWHERE = 1e-10
# Terms larger than their sum by this factor cancel each other.
CANCELLING = 100.0
# Free constants of a law at most: a table follows any sum with enough of them.
MOST_FREE = 14
# In noise: rows in which laws are chosen, units of work, and laws that are proposed.
ROWS_IN_NOISE, MOST_WORK_IN_NOISE, MOST_IN_NOISE = 400, 2.0, 3


def cancels(fit: Fit, x: Array, y: Array) -> bool:
    """Whether terms are much larger than their sum y (n,): a limit of functions imitates another one so."""
    sizes = np.abs(fit.factors) * np.sqrt(np.mean(fit.model.matrix(x) ** 2, axis=0))
    return bool(sizes.max() > CANCELLING * np.sqrt(np.mean(y**2)))


def laws(x: Array, y: Array, options: FitOptions) -> Iterator[Expression]:
    """Those that leave rounding of y (n,) at x (n, inputs), the fewest constants first; or, where there is noise,
    those that leave but that, the shortest description first. All constants are free."""
    own, target = some_rows(x, y, ROWS)
    limit = ROUNDING * float(np.sqrt(np.mean(target**2)))
    found: list[Fit] = []
    noisy = False
    # Atoms that overflow on some row explain nothing and are passed over.
    with suppress(OutOfWorkError), allowance(MOST_WORK), np.errstate(all="ignore"):
        for fit in grown(own, target, allowed(options)):
            noisy |= fit.error > limit
            if not noisy:
                found.append(reduced(fit, own, target, limit))
    yield from laws_in_noise(x, y, options) if noisy else exact_laws(found, x, y)


def exact_laws(fits: Sequence[Fit], x: Array, y: Array) -> Iterator[Expression]:
    """Models that left rounding in some rows and do so in all, those with the fewest constants first."""
    own, target = some_rows(x, y, ROWS)
    for fit in sorted(fits, key=lambda f: len(f.factors) + len(f.model.theta)):
        if len(fit.factors) + len(fit.model.theta) > MOST_FREE:
            continue
        with np.errstate(all="ignore"):
            fit = fitted(fit.model, own, target, STEPS)
            if cancels(fit, own, target):
                continue
            expression = expression_of(fit, x)
            left = y - np.broadcast_to(evaluate(expression, x), len(y))
        if float(np.sqrt(np.mean(left**2))) <= ELSEWHERE * float(y.std()):
            yield expression


def laws_in_noise(x: Array, y: Array, options: FitOptions) -> Iterator[Expression]:
    """Models with the shortest descriptions that leave but noise."""
    own, target = some_rows(x, y, ROWS_IN_NOISE)
    names = allowed(options)
    found: list[Fit] = []
    with np.errstate(all="ignore"):
        with suppress(OutOfWorkError), allowance(MOST_WORK_IN_NOISE):
            for fit in noisy_fits(own, target, names):
                found.append(fit)
        count = 0
        for fit in shortest(found, length_on(own, names)):
            if not np.isfinite(fit.error) or cancels(fit, own, target):
                continue
            expression = expression_of(fit, x)
            left = y - np.broadcast_to(evaluate(expression, x), len(y))
            if np.isfinite(left).all() and is_noise(x, left):
                yield expression
                count += 1
            if count == MOST_IN_NOISE:
                return


def some_rows(x: Array, y: Array, most: int) -> tuple[Array, Array]:
    """So many rows at most, evenly spaced."""
    some = np.linspace(0, len(y) - 1, min(len(y), most)).astype(np.intp)
    return x[some], y[some]
