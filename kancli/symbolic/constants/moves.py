"""The ways in which an expression can lose one free constant.

* `snap`: a constant becomes an exact value;
* `tie`: two terms of a sum get an exact ratio, a·u + b·v → a·(u + r·v): shared and opposite constants;
* `turn`: C·(u + b)^p → r·(a·u + 1)^p, where the factor rather than the sum is exact;
* `push`: C·(u + b·v)^p → (r·u + c·v)^p, where a coefficient inside is exact once the factor is multiplied in.

Each is a linear constraint on the constants to first order, q(θ) = r, so each has an expected rise of the
error, (q − r)²/(gᵀ(JᵀJ)⁻¹g) with g = ∂q/∂θ, and a point from which the re-fit of the others starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.length import free_bits
from kancli.symbolic.constants.situation import Move, Situation, constrained, offered
from kancli.symbolic.constants.sum_moves import sum_moves
from kancli.symbolic.expression.tree import (
    Constant,
    Expression,
    Power,
    Sum,
    children,
    exact,
    with_leaves,
)

# Exponents and vanishing offsets first: once exact, powers merge and the other constants mean something.
_FIRST = 10.0
# What disappears with a 0 or a 1: the node around it.
_NODES_GONE = 6.0


def moves(now: Situation) -> list[Move]:
    """All moves that promise fewer bits, the most confident first."""
    found = [*_snaps(now), *sum_moves(now)]
    return sorted(found, key=lambda move: -move.eagerness)


def _snaps(now: Situation) -> Iterator[Move]:
    roles = _roles(now.expression)
    for index, value in enumerate(now.theta.tolist()):
        gradient = np.zeros(len(now.theta))
        gradient[index] = 1.0
        _, _, deviation = constrained(now, gradient, 0.0)
        worth = free_bits(value, deviation)
        irrational = roles[index] != "exponent"
        for proposal, start, cost in offered(
            now, value, gradient, worth + _NODES_GONE, irrational=irrational
        ):
            vanishes = proposal.value == 0 or (proposal.value == 1 and roles[index] != "offset")
            gain = worth - proposal.bits - cost + (_NODES_GONE if vanishes else 0.0)
            if gain <= 0:
                continue
            early = _FIRST if roles[index] == "exponent" or proposal.value == 0 else 0.0
            leaf = exact(proposal.number)
            yield Move(gain, gain - cost + early, start, _placing(now.expression, index, leaf))


def _placing(
    expression: Expression, index: int, leaf: Constant
) -> Callable[[NDArray[np.float64]], Expression]:
    def build(theta: NDArray[np.float64]) -> Expression:
        leaves: list[Expression] = [Constant(value) for value in theta.tolist()]
        leaves[index] = leaf
        return with_leaves(expression, leaves)

    return build


def _roles(expression: Expression) -> list[str]:
    """What each free constant is, in traversal order: exponent, offset of a sum, or a factor."""
    roles: list[str] = []

    def visit(node: Expression, role: str) -> None:
        if isinstance(node, Constant):
            if node.free:
                roles.append(role)
            return
        for index, part in enumerate(children(node)):
            is_exponent = isinstance(node, Power) and index == 1
            visit(part, "exponent" if is_exponent else "offset" if isinstance(node, Sum) else "factor")

    visit(expression, "factor")
    return roles
