"""The sum of products of powers that fits a table, with exact exponents where that saves bits."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.search.candidate import EXACT
from kancli.search.powers.model import DENOMINATORS, Basis, Sum
from kancli.symbolic.description import estimated, resolved
from kancli.symbolic.forms.signomial import Signomial, fit_signomials
from kancli.symbolic.noise import even, is_noise

Array = NDArray[np.float64]

# Terms that a sum has at most.
MOST_TERMS = 3
# Rows used by the search from many starts, and the fewest that a constant needs.
ROWS = 400
ROWS_EACH = 3
# How far an estimate may be from an exact exponent to be tried.
NEAR = 0.25
# Steps of a fit that goes on from another.
FEW_STEPS = 12


def sum_of(dataset: Dataset, basis: Basis, root: Fraction, terms: int, seed: int) -> Sum | None:
    """The best sum of so many terms for y^root, exponents exact where that describes the data more briefly.

    None where the rows are too few.
    """
    y = dataset.y
    rows = np.flatnonzero(~dataset.validation)
    if len(rows) < ROWS_EACH * terms * (len(dataset.inputs) + 1):
        return None
    weight = np.ones_like(y) if dataset.weight is None else dataset.weight
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.intp)]
    x, extras = dataset.x[:, list(basis.positive)], basis.values(dataset.x)
    how: dict[str, Any] = {"seed": seed, "root": float(root)}
    starts = fit_signomials(x[some], y[some], weight[some], terms, extras=extras[:, some], **how)
    spread = float(y.std()) or 1.0
    table = Rows(x[rows], y[rows], weight[rows], extras[:, rows])
    sums = [
        Sum(root, basis, start, np.zeros(start.exponents.shape, dtype=bool), math.inf) for start in starts
    ]
    return min((with_exact_exponents(one, table, spread, dataset) for one in sums), key=lambda one: one.bits)


@dataclass(frozen=True)
class Rows:
    """Inputs (n, positive), target (n,), weight (n,), extra factors (extras, n)."""

    x: Array
    y: Array
    weight: Array
    extras: Array


def explains(found: Sum, dataset: Dataset) -> bool:
    """Whether rounding or noise is all that is left of the target."""
    residual = residual_of(found, dataset)
    if not np.isfinite(residual).all():
        return False
    return is_exact(found, dataset) or is_noise(dataset.x, even(residual, dataset.weight))


def is_exact(found: Sum, dataset: Dataset) -> bool:
    """Whether only rounding is left of the target."""
    error = float(np.sqrt(np.mean(residual_of(found, dataset) ** 2)))
    return error <= EXACT * (float(dataset.y.std()) or 1.0)


def residual_of(found: Sum, dataset: Dataset) -> Array:
    """Target less sum, (n,); not finite where the sum has no root."""
    with np.errstate(all="ignore"):
        return dataset.y - found.values(dataset.x)


def with_exact_exponents(first: Sum, table: Rows, spread: float, dataset: Dataset) -> Sum:
    """Exponents near a small fraction made exact, all together or one by one, as long as that saves bits.

    They are left as they are where even the best ones do not explain the target.
    """
    none = first.exact

    def fitted(start: Signomial, exponents: Array, known: NDArray[np.bool_]) -> Sum:
        (again,) = fit_signomials(
            table.x,
            table.y,
            table.weight,
            len(exponents),
            seed=0,
            root=float(first.root),
            extras=table.extras,
            start=replace(start, exponents=exponents),
            fixed=known,
            steps=FEW_STEPS,
        )
        error = float(np.sqrt(again.sse / len(table.y))) / spread
        free = int((~known).sum()) + len(exponents)
        # Of each power the input and the operation, of each term the sum; exact exponents cost as much as a node.
        nodes = 2 * int((again.exponents != 0).sum()) + int((again.extras > 0).sum()) + len(exponents)
        bits = estimated(resolved(error), len(table.y), free, nodes)
        return replace(first, fitted=again, exact=known, bits=bits)

    best = fitted(first.fitted, first.fitted.exponents, none)
    if not explains(best, dataset):
        return best
    together = fitted(best.fitted, nearest(best.fitted.exponents), ~none)
    if together.bits < best.bits:
        return together
    tried = none.copy()
    while not tried.all():
        target = nearest(best.fitted.exponents)
        away = np.where(tried, np.inf, np.abs(best.fitted.exponents - target))
        place = np.unravel_index(int(np.argmin(away)), away.shape)
        if away[place] > NEAR:
            break
        tried[place] = True
        start, known = best.fitted.exponents.copy(), best.exact.copy()
        start[place], known[place] = target[place], True
        trial = fitted(best.fitted, start, known)
        if trial.bits < best.bits:
            best = trial
    return best


def nearest(exponents: Array) -> Array:
    """The nearest fraction with a small denominator to each exponent."""
    choices = np.stack([np.round(exponents * d) / d for d in DENOMINATORS])
    # A third must be nearer than a half, and that nearer than a whole number, to be meant.
    away = np.abs(choices - exponents) * np.array(DENOMINATORS)[:, None, None] ** 2
    taken: Array = np.take_along_axis(choices, np.argmin(away, axis=0)[None], axis=0)[0]
    return taken
