"""Logit models by maximum likelihood: of splines, and of a formula's constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.classify.measures import log_loss, probabilities
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import Expression, compiled, constants, evaluate, with_constants
from kancli.symbolic.graph.basis import spline_basis
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# Steps of Newton's method, and the change of the mean log loss that ends them.
STEPS, SETTLED = 50, 1e-10
# Log-odds beyond this are certainty; weights below the second carry no rows.
CERTAIN, LEAST_WEIGHT = 30.0, 1e-6
# Intervals of the splines, their order, penalties that are compared, and folds.
GRID, CUBIC = 5, 3
PENALTIES, FOLDS = (1e-3, 1e-2, 1e-1, 1.0, 10.0), 5
# Products of two inputs are added for so many inputs at most.
MOST_PAIRED = 8


@dataclass(frozen=True, eq=False)
class Working:
    """The working response (n,) and its weights (n,): Newton's step for the likelihood is their least squares."""

    response: Array
    weight: Array


def smoothed(positive: NDArray[np.bool_]) -> Array:
    """0 and 1 as shares (n,) that leave finite log-odds where the classes are separable: half a row is the other
    class."""
    n = len(positive)
    shares: Array = (positive * (n - 1.0) + 0.5) / n
    return shares


def working(eta: Array, shares: Array) -> Working:
    """At log-odds eta (n,)."""
    eta = np.clip(eta, -CERTAIN, CERTAIN)
    p = 1 / (1 + np.exp(-eta))
    weight = np.maximum(p * (1 - p), LEAST_WEIGHT)
    return Working(eta + (shares - p) / weight, weight)


def loss_at(eta: Array, shares: Array) -> float:
    """The mean log loss, in nats."""
    return float(np.mean(np.logaddexp(0, eta) - shares * eta))


def spline_columns(x: Array) -> Array:
    """Splines of each input, and products of two: columns (n, m) of mean 0 and deviation 1."""
    parts = [
        spline_basis(column, float(column.min()), float(column.max()), GRID, CUBIC)[0].T for column in x.T
    ]
    unit = (x - x.mean(axis=0)) / x.std(axis=0)
    if x.shape[1] <= MOST_PAIRED:
        parts += [(unit[:, a] * unit[:, b])[:, None] for a, b in combinations(range(x.shape[1]), 2)]
    columns = np.concatenate([unit, *parts], axis=1)
    spread = columns.std(axis=0)
    kept = spread > 1e-9
    scaled: Array = (columns[:, kept] - columns[:, kept].mean(axis=0)) / spread[kept]
    return scaled


def spline_model(x: Array, positive: NDArray[np.bool_], seed: int) -> Array:
    """Log-odds (n,) of a model of splines, its penalty chosen by the log loss of held-out folds."""
    columns, shares = spline_columns(x), smoothed(positive)
    fold = np.random.default_rng(seed).permutation(len(x)) % FOLDS

    def held_out(penalty: float) -> float:
        total = 0.0
        for k in range(FOLDS):
            rest = fold != k
            theta = penalised(columns[rest], shares[rest], penalty)
            eta = theta[0] + columns[~rest] @ theta[1:]
            total += loss_at(eta, positive[~rest].astype(float)) * int((~rest).sum())
        return total

    best = min(PENALTIES, key=held_out)
    theta = penalised(columns, shares, best)
    eta: Array = np.clip(theta[0] + columns @ theta[1:], -CERTAIN, CERTAIN)
    return eta


def penalised(columns: Array, shares: Array, penalty: float) -> Array:
    """The constant and the coefficients (1 + m,) of a ridge-penalised logit model, by Newton's method."""
    full = np.column_stack([np.ones(len(columns)), columns])
    ridge = np.diag([0.0, *(penalty * len(columns) / columns.shape[1] for _ in range(columns.shape[1]))])
    theta, before = np.zeros(full.shape[1]), np.inf
    for _ in range(STEPS):
        now = working(full @ theta, shares)
        gram = full.T @ (now.weight[:, None] * full) + ridge
        theta = lstsq(gram, full.T @ (now.weight * now.response), rcond=None)
        loss = loss_at(full @ theta, shares)
        if abs(before - loss) < SETTLED:
            break
        before = loss
    return theta


def fitted(expression: Expression, x: Array, positive: NDArray[np.bool_]) -> Expression | None:
    """A formula for log-odds with its free constants of the greatest likelihood; None where it has no value."""
    shares = smoothed(positive)
    eta = np.broadcast_to(evaluate(expression, x), len(x))
    if not np.isfinite(eta).all():
        return None
    best, least = expression, loss_at(eta, shares)
    for _ in range(STEPS):
        now = working(eta, shares)
        trial = refit(best, x, now.response, now.weight / now.weight.mean(), steps=5).expression
        eta = np.broadcast_to(evaluate(trial, x), len(x))
        loss = loss_at(eta, shares) if np.isfinite(eta).all() else np.inf
        if not loss < least - SETTLED:
            break
        best, least = trial, loss
    return best


def together(several: Sequence[Expression], x: Array, codes: NDArray[np.intp]) -> list[Expression]:
    """The formulas of all classes beyond the first, their constants of the greatest likelihood of all rows."""
    from scipy.optimize import minimize

    programs = [compiled(expression, x) for expression in several]
    counts = [len(constants(expression)) for expression in several]
    ends = np.cumsum(counts)
    start = np.array([c.value for expression in several for c in constants(expression)])
    if not len(start):
        return list(several)
    scale = np.maximum(np.abs(start), 1e-3)
    happened = codes[:, None] == np.arange(1, len(several) + 1)

    def loss_and_slope(unit: Array) -> tuple[float, Array]:
        parts = np.split(unit * scale, ends[:-1])
        found = [program.value_and_jacobian(part) for program, part in zip(programs, parts, strict=True)]
        eta = np.column_stack([np.broadcast_to(value, len(x)) for value, _ in found])
        if not np.isfinite(eta).all():
            return 1e300, np.zeros_like(unit)
        p = probabilities(eta)
        off = (p[:, 1:] - happened) / len(x)
        slope = np.concatenate([jacobian.T @ off[:, k] for k, (_, jacobian) in enumerate(found)])
        return log_loss(p, codes), slope * scale

    end = minimize(loss_and_slope, start / scale, jac=True, method="BFGS")
    if not end.fun <= loss_and_slope(start / scale)[0]:
        return list(several)
    parts = np.split(end.x * scale, ends[:-1])
    return [with_constants(e, part.tolist()) for e, part in zip(several, parts, strict=True)]
