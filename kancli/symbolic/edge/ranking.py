"""Which candidate is best: the simplest that reaches the noise floor, else the shortest description."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kancli.symbolic.description import estimated
from kancli.symbolic.library.activation import Activation

# Two fits this close to the floor, or to each other on the floor, are equal.
EQUAL = 4.0
# The floor is an estimate: where some candidate undercuts it by far, the true noise is lower. A form with
# more parameters undercuts a true simpler one only a little.
UNDERCUT = 20.0
# A curve has no more independent points: the errors of a spline are smooth, and neighbouring rows repeat them.
MOST_ROWS = 500
# Stricter than what ranks as equal: searching once too often costs half a second, stopping early the truth.
SEARCH_ON = 1.25
# A form more complex than this reaches most floors: only an exact fit is evidence for it.
BELIEVED = 20
# Bits that a function used as another one must be shorter by.
LIMITED = 9.0
# What a fit leaves that is exact: some of its terms are larger than the values, and round more.
ROUNDED = 20.0


@dataclass(frozen=True)
class Candidate:
    """A function for an edge: `residual` is 1 - r² (weighted), `complexity` that of the activation.

    `limit`: a function is used so far from its bend that it only imitates a simpler one.
    """

    activation: Activation
    residual: float
    complexity: int
    limit: bool = False

    @property
    def name(self) -> str:
        """The activation's name."""
        return self.activation.name


def believed(candidate: Candidate, floor: float, rounding: float) -> bool:
    """Does the candidate reach the floor, in a form that is not only a limit or made for it?"""
    if candidate.limit or candidate.residual > floor:
        return False
    return candidate.complexity <= BELIEVED or candidate.residual <= rounding


def description(residual: float, rounding: float, rows: int, count: int, complexity: int) -> float:
    """Bits to describe a curve of so many rows: its errors, the free parameters, the form."""
    return estimated(max(residual, rounding, 1e-300), min(rows, MOST_ROWS), count, complexity)


def level(candidates: Iterable[Candidate], floor: float, rounding: float) -> float:
    """The 1 - r² up to which candidates count as equally good."""
    best = min((candidate.residual for candidate in candidates), default=math.inf)
    return max(min(EQUAL * floor, UNDERCUT * best), rounding)


def rank(candidates: Iterable[Candidate], *, floor: float, rounding: float, rows: int) -> list[Candidate]:
    """Best first, one candidate per name (two where a b of 0 is a matter of judgement)."""
    pool = [candidate for candidate in candidates if math.isfinite(candidate.residual)]
    true = [candidate for candidate in pool if not candidate.limit]
    reached = level(pool, floor, rounding)
    if any(candidate.residual <= reached for candidate in true):
        pool = true

    def score(candidate: Candidate) -> float:
        count = len(candidate.activation.parameters())
        length = description(candidate.residual, rounding, rows, count, candidate.complexity)
        return length + LIMITED * candidate.limit

    def key(candidate: Candidate) -> tuple[float, float, float, float]:
        # tanh and 1/(1 + exp) weigh the same and are the same: rather one function than two.
        steps = sum(len(chain) for term in candidate.activation.terms for chain in term.chains)
        if candidate.residual <= reached:
            return (0.0, candidate.complexity, steps, candidate.residual)
        return (1.0, score(candidate), steps, candidate.residual)

    kept: list[Candidate] = []
    same: dict[str, list[Candidate]] = {}
    for candidate in sorted(pool, key=key):
        others = same.setdefault(candidate.name, [])
        # Of one form only a clearly better fit with more parameters is worth a second place.
        if len(others) < 2 and all(
            max(candidate.residual, rounding) * EQUAL < other.residual for other in others
        ):
            others.append(candidate)
            kept.append(candidate)
    return kept
