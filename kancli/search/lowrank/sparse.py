"""A model without the columns that it does not need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kancli.search.lowrank.model import Fit, fitted

Array = NDArray[np.float64]

# Steps of the fit of what is left, and columns that are tried in vain before it is the last.
STEPS, VAIN = 12, 6


def reduced(fit: Fit, x: Array, y: Array, limit: float) -> Fit:
    """The model with as few columns as leave no more than the root mean square `limit`.

    Several go at once where that does: those of which least is lost, given all others.
    """
    while len(fit.model.columns) > 1:
        order = np.argsort(losses(fit, x, y), kind="stable").tolist()
        count = len(order) - 1
        smaller = None
        while smaller is None and count > 1:
            smaller = tried(fit, order[:count], x, y, limit)
            count //= 2
        for column in order[:VAIN] if smaller is None else ():
            smaller = tried(fit, [column], x, y, limit)
            if smaller is not None:
                break
        if smaller is None:
            return fit
        fit = smaller
    return fit


def tried(fit: Fit, columns: list[int], x: Array, y: Array, limit: float) -> Fit | None:
    """The model without some columns, if that leaves no more than the limit."""
    model = fit.model
    for column in sorted(columns, reverse=True):
        model = model.without(column)
    found = fitted(model, x, y)
    if found.error > limit and len(columns) == 1:
        found = fitted(model, x, y, STEPS)
    return found if found.error <= limit else None


def losses(fit: Fit, x: Array, y: Array) -> Array:
    """By how much the squared error grows without each column, all others fitted again."""
    matrix = fit.model.matrix(x)
    norms = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    norms[norms == 0] = 1.0
    _, singular, right = np.linalg.svd(np.linalg.qr(matrix / norms, mode="r"))
    singular = np.maximum(singular, 1e-15 * singular[0])
    variance = np.sum((right.T / singular) ** 2, axis=1)
    found: Array = (fit.factors * norms) ** 2 / variance
    return found
