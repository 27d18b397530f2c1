"""The state of snapping at one point of its search, and what a constraint on the constants would cost there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.proposals import Proposal, proposals
from kancli.symbolic.description import error_bits
from kancli.symbolic.expression.tree import Expression

# Names that cost this little need not be told apart from others that fit.
_PLAIN = 5.0
_AMBIGUOUS = 1.0


@dataclass(frozen=True)
class Move:
    """`start` are the constants after the constraint, `build(start)` the expression with one fewer free."""

    gain: float
    eagerness: float
    start: NDArray[np.float64]
    build: Callable[[NDArray[np.float64]], Expression]


@dataclass(frozen=True)
class Situation:
    """The fitted constants with (JᵀJ)⁻¹ and the error level that their standard errors are taken from."""

    expression: Expression
    theta: NDArray[np.float64]
    inverse_gram: NDArray[np.float64]
    mse: float
    rows: int


def constrained(
    now: Situation, gradient: NDArray[np.float64], gap: float
) -> tuple[NDArray[np.float64], float, float]:
    """(constants nearest in error with q lowered by `gap`, bits that costs, standard error of q)."""
    lever = now.inverse_gram @ gradient
    variance = float(gradient @ lever)
    if not variance > 0 or not math.isfinite(variance):
        return now.theta, math.inf, 0.0
    rise = gap * gap / variance
    cost = error_bits(now.mse + rise / now.rows, now.rows) - error_bits(now.mse, now.rows)
    return now.theta - lever * (gap / variance), cost, math.sqrt(variance * now.mse)


def offered(
    now: Situation,
    value: float,
    gradient: NDArray[np.float64],
    worth: float,
    *,
    irrational: bool = True,
) -> list[tuple[Proposal, NDArray[np.float64], float]]:
    """Exact values for q, with the constants that go with them and the bits that the error costs, best first.

    Empty where two names that are not plain fit about equally: the data do not tell which it is.
    """
    _, _, deviation = constrained(now, gradient, 0.0)
    offers = []
    for proposal in proposals(value, deviation, worth, irrational=irrational):
        start, cost, _ = constrained(now, gradient, value - proposal.value)
        if np.all(np.isfinite(start)):
            offers.append((proposal, start, cost))
    offers.sort(key=lambda offer: offer[0].bits + offer[2])
    if len(offers) > 1 and offers[0][0].bits > _PLAIN:
        first, second = (offer[0].bits + offer[2] for offer in offers[:2])
        if second - first < _AMBIGUOUS:
            return []
    return offers
