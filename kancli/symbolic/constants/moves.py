"""The ways in which an expression can lose one free constant.

* `snap`: a constant becomes an exact value;
* `tie`: two terms of a sum get an exact ratio, a·u + b·v → a·(u + r·v): shared and opposite constants;
* `turn`: C·(u + b)^p → r·(a·u + 1)^p, where the factor rather than the sum is exact;
* `root`: C·uᵖ, p a fraction with denominator q > 2, → r^(1/q)·uᵖ, which is (r·…)^(1/q);
* `push`: C·(u + b·v)^p → (r·u + c·v)^p, where a coefficient inside is exact once the factor is multiplied in.

Each is a linear constraint on the constants to first order, q(θ) = r, so each has an expected rise of the
error, (q − r)²/(gᵀ(JᵀJ)⁻¹g) with g = ∂q/∂θ, and a point from which the re-fit of the others starts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.proposals import bits
from kancli.symbolic.constants.situation import Move, Situation, constrained, offered
from kancli.symbolic.constants.sum_moves import sum_moves
from kancli.symbolic.description import NODE, free_bits
from kancli.symbolic.expression.algebra import negate, power
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import (
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    children,
    exact,
    rational_of,
    walk,
    with_leaves,
)

# Exponents and vanishing offsets first: once exact, powers merge and the other constants mean something.
_FIRST = 10.0
# What disappears with a 0 or a 1: the node around it.
_NODES_GONE = 6.0
_HIGHEST_ROOT = 6


def moves(now: Situation) -> list[Move]:
    """All moves that promise fewer bits, the most confident first."""
    found = [*_snaps(now), *_roots(now), *sum_moves(now)]
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


def _roots(now: Situation) -> Iterator[Move]:
    """A number beside a cube root or a higher one may stand under it: 1.6818·(u/v)^(1/4) = (8·u/v)^(1/4)."""
    index = 0
    for node in walk(now.expression):
        if isinstance(node, Constant):
            index += node.free
        elif isinstance(node, Product) and isinstance(node.factors[0], Constant) and node.factors[0].free:
            value = float(now.theta[index])  # of the coefficient, the first constant of the product
            for degree in _degrees(node):
                yield from _rooted(now, index, value, degree)


def _degrees(node: Product) -> list[int]:
    exponents = (rational_of(factor.exponent) for factor in node.factors if isinstance(factor, Power))
    broken = {exponent.denominator for exponent in exponents if exponent is not None}
    return sorted(degree for degree in broken if 2 < degree <= _HIGHEST_ROOT)


def _rooted(now: Situation, index: int, value: float, degree: int) -> Iterator[Move]:
    radicand = abs(value) ** degree
    if radicand == 0 or not math.isfinite(radicand):
        return
    gradient = np.zeros(len(now.theta))
    gradient[index] = degree * radicand / value
    _, _, deviation = constrained(now, gradient, 0.0)
    worth = free_bits(radicand, deviation)
    root = exact(Fraction(1, degree))
    price = NODE + bits(Exact(Fraction(1, degree)))
    for proposal, start, cost in offered(now, radicand, gradient, worth - price):
        gain = worth - proposal.bits - price - cost
        if proposal.value > 0 and gain > 0:
            leaf = power(exact(proposal.number), root)
            yield Move(
                gain, gain - cost, start, _placing(now.expression, index, leaf if value > 0 else negate(leaf))
            )


def _placing(
    expression: Expression, index: int, leaf: Expression
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
