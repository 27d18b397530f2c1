"""Laws that are sums of products of functions of single inputs, as expressions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.search.lowrank.atoms import allowed
from kancli.search.lowrank.model import Fit, expression_of, fitted
from kancli.search.lowrank.pursuit import ROUNDING, ROWS, grown
from kancli.search.lowrank.sparse import reduced
from kancli.symbolic.expression import Expression, evaluate
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


def cancels(fit: Fit, x: Array, y: Array) -> bool:
    """Whether terms are much larger than their sum y (n,): a limit of functions imitates another one so."""
    sizes = np.abs(fit.factors) * np.sqrt(np.mean(fit.model.matrix(x) ** 2, axis=0))
    return bool(sizes.max() > CANCELLING * np.sqrt(np.mean(y**2)))


def exact_laws(x: Array, y: Array, options: FitOptions) -> Iterator[Expression]:
    """Those that leave rounding of y (n,) at x (n, inputs), the shortest first, all constants free."""
    some = np.linspace(0, len(y) - 1, min(len(y), ROWS)).astype(np.intp)
    own, target = x[some], y[some]
    limit = ROUNDING * float(np.sqrt(np.mean(target**2)))
    found: list[Fit] = []
    # Atoms that overflow on some row explain nothing and are passed over.
    with suppress(OutOfWorkError), allowance(MOST_WORK), np.errstate(all="ignore"):
        for fit in grown(own, target, allowed(options)):
            found.append(reduced(fit, own, target, limit))
    for fit in sorted(found, key=lambda f: len(f.factors) + len(f.model.theta)):
        if len(fit.factors) + len(fit.model.theta) > MOST_FREE:
            continue
        fit = fitted(fit.model, own, target, STEPS)
        if cancels(fit, own, target):
            continue
        expression = expression_of(fit, x)
        with np.errstate(all="ignore"):
            left = y - np.broadcast_to(evaluate(expression, x), len(y))
        if float(np.sqrt(np.mean(left**2))) <= ELSEWHERE * float(y.std()):
            yield expression
