"""Between solved problems and candidates; which parameters and functions a search has to move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kancli.symbolic.edge.chains.canonical import activation_of
from kancli.symbolic.edge.chains.problems import Curve, Problems, project, values
from kancli.symbolic.edge.chains.solver import CHAINS, Model, solve
from kancli.symbolic.edge.limits import is_limit
from kancli.symbolic.edge.ranking import Candidate
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import Function

MANY_ROWS = 1000


def to_candidates(batch: Problems, edge: Scaled, names: frozenset[str]) -> list[Candidate]:
    """Solved problems as candidates in raw units, their residuals measured on what will be used."""
    column = values(batch, edge.curve.t)
    _, slopes, constants = project(column, edge.curve)
    found = []
    for row in np.flatnonzero(np.isfinite(batch.residual)):
        tied = batch.pivot[row] != 0.0 or (edge.curve.origin == 0.0 and batch.theta[row, 1] == 0.0)
        with np.errstate(all="ignore"):
            try:
                activation = activation_of(
                    batch,
                    int(row),
                    zero=edge.origin if tied else edge.middle,
                    half=edge.half,
                    c=float(slopes[row]) * edge.spread,
                    d=float(constants[row]) * edge.spread + edge.mean,
                    names=names,
                )
            except (OverflowError, ZeroDivisionError, ValueError):
                continue
        if np.isfinite(activation.parameters()).all():
            found.append(candidate_of(activation, edge))
    return found


def candidate_of(activation: Activation, edge: Scaled) -> Candidate:
    """The activation with its residual 1 - r² on the edge's rows."""
    x = edge.middle + edge.half * edge.curve.t
    error = (activation.evaluate(x) - edge.mean) / edge.spread - edge.curve.y
    with np.errstate(all="ignore"):
        residual = float((error * error) @ edge.curve.w)
    limit = is_limit(activation, x)
    return Candidate(activation, residual if np.isfinite(residual) else np.inf, activation.complexity, limit)


def fit_to_end(batch: Problems, curve: Curve, model: Model = CHAINS) -> Problems:
    """Polish on all rows, by way of some of them where they are very many."""
    if len(curve.t) > 2 * MANY_ROWS:
        batch = solve(batch, subsample(curve, MANY_ROWS), steps=40, tolerance=1e-6, model=model)
    return solve(batch, curve, steps=60, tolerance=1e-6, model=model)


def free_parameters(function: Function, *, tied: bool) -> tuple[bool, bool, bool]:
    """Which of a, b and the exponent the solver may move."""
    return function.scale == "free", function.shift == "free" and not tied, function.has_exponent


def searched(functions: Sequence[Function], names: frozenset[str]) -> list[int]:
    """The functions to fit with b free: cos and arccos are sin and arcsin again where those are there."""
    return [k for k, function in enumerate(functions) if function.twin not in names]
