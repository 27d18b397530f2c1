"""Which candidate is best: the simplest that reaches the noise floor, else the shortest description."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kancli.symbolic.activation import Activation

# Two fits this close to the floor, or to each other on the floor, are equal.
EQUAL = 4.0
# The floor is an estimate: where some candidate undercuts it by far, the true noise is lower. A form with
# more parameters undercuts a true simpler one only a little.
UNDERCUT = 20.0
MOST_ROWS = 500


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
        residual = max(candidate.residual, rounding, 1e-300)
        count = len(candidate.activation.parameters())
        return (
            0.5 * min(rows, MOST_ROWS) * math.log(residual)
            + 0.5 * count * math.log(rows)
            + candidate.complexity
        )

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
