"""The ways in which an expression can lose one free constant.

* `snap`: a constant becomes an exact value;
* `tie`: two terms of a sum get an exact ratio, a·u + b·v → a·(u + r·v): shared and opposite constants;
* `turn`: C·(u + b)^p → r·(a·u + 1)^p, where the factor rather than the sum is exact.

Each is a linear constraint on the constants to first order, q(θ) = r, so each has an expected rise of the
error, (q − r)²/(gᵀ(JᵀJ)⁻¹g) with g = ∂q/∂θ, and a point from which the re-fit of the others starts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants_length import error_bits, free_bits
from kancli.symbolic.constants_proposals import Proposal, proposals
from kancli.symbolic.expression_algebra import add, multiply, power
from kancli.symbolic.expression_tree import (
    MINUS_ONE,
    ONE,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    children,
    constants,
    exact,
    integer_of,
    rebuilt,
    split,
    with_constants,
    with_leaves,
)

Path = tuple[int, ...]
_LARGEST_TIE_BITS = 7.0
_PLAIN = 5.0
_AMBIGUOUS = 1.0
# Exponents and vanishing offsets first: once exact, powers merge and the other constants mean something.
_FIRST = 10.0


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


def moves(now: Situation) -> list[Move]:
    """All moves that promise fewer bits, the most confident first."""
    found = [*_snaps(now), *_sum_moves(now)]
    return sorted(found, key=lambda move: -move.eagerness)


def _constrained(
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


def _offered(
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
    _, _, deviation = _constrained(now, gradient, 0.0)
    offers = []
    for proposal in proposals(value, deviation, worth, irrational=irrational):
        start, cost, _ = _constrained(now, gradient, value - proposal.value)
        if np.all(np.isfinite(start)):
            offers.append((proposal, start, cost))
    offers.sort(key=lambda offer: offer[0].bits + offer[2])
    if len(offers) > 1 and offers[0][0].bits > _PLAIN:
        first, second = (offer[0].bits + offer[2] for offer in offers[:2])
        if second - first < _AMBIGUOUS:
            return []
    return offers


def _snaps(now: Situation) -> Iterator[Move]:
    roles = _roles(now.expression)
    for index, value in enumerate(now.theta.tolist()):
        gradient = np.zeros(len(now.theta))
        gradient[index] = 1.0
        _, _, deviation = _constrained(now, gradient, 0.0)
        worth = free_bits(value, deviation)
        irrational = roles[index] != "exponent"
        for proposal, start, cost in _offered(now, value, gradient, worth + 8.0, irrational=irrational):
            vanishes = proposal.value == 0 or (proposal.value == 1 and roles[index] != "offset")
            gain = worth - proposal.bits - cost + (6.0 if vanishes else 0.0)
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


# -- moves on sums -------------------------------------------------------------------------------


def _sum_moves(now: Situation) -> Iterator[Move]:
    for path, node, first in _located(now.expression):
        if isinstance(node, Sum):
            yield from _ties(now, path, node, first)
        if isinstance(node, Product):
            yield from _turns(now, path, node, first)


def _located(expression: Expression) -> list[tuple[Path, Expression, int]]:
    """Every node with its path and the number of free constants before it in traversal order."""
    found: list[tuple[Path, Expression, int]] = []

    def visit(node: Expression, path: Path, first: int) -> int:
        found.append((path, node, first))
        if isinstance(node, Constant):
            return first + node.free
        for index, part in enumerate(children(node)):
            first = visit(part, (*path, index), first)
        return first

    visit(expression, (), 0)
    return found


def _replaced(node: Expression, path: Path, new: Callable[[Expression], Expression]) -> Expression:
    if not path:
        return new(node)
    parts = list(children(node))
    parts[path[0]] = _replaced(parts[path[0]], path[1:], new)
    return rebuilt(node, parts)


def _scales(node: Sum, first: int) -> list[tuple[int, int]]:
    """(term, index of its free coefficient) for every term that has one."""
    places = []
    for position, term in enumerate(node.terms):
        if split(term)[0].free:
            places.append((position, first))
        first += len(constants(term))
    return places


def _ties(now: Situation, path: Path, node: Sum, first: int) -> Iterator[Move]:
    places = _scales(node, first)
    for later, (kept, i) in enumerate(places):
        for tied, k in places[later + 1 :]:
            a, b = now.theta[i], now.theta[k]
            if a == 0 or b == 0:
                continue
            ratio = b / a
            gradient = np.zeros(len(now.theta))
            gradient[k], gradient[i] = 1 / a, -ratio / a
            _, _, deviation = _constrained(now, gradient, 0.0)
            worth = free_bits(ratio, deviation)
            # The tied pair is written as a product of a sum: two more nodes, a name for the ratio.
            for proposal, start, cost in _offered(now, ratio, gradient, min(worth, _LARGEST_TIE_BITS)):
                gain = worth - proposal.bits - cost - 4.0
                if proposal.value != 0 and gain > 0:
                    yield Move(
                        gain, gain - cost, start, _tying(now, path, kept, tied, exact(proposal.number))
                    )


def _tying(
    now: Situation, path: Path, kept: int, tied: int, ratio: Constant
) -> Callable[[NDArray[np.float64]], Expression]:
    def tie(node: Expression) -> Expression:
        terms = list(children(node))
        scale, rest = split(terms[kept])
        other = multiply(ratio, split(terms[tied])[1])
        terms[kept] = Product((scale, add(rest, other)))
        del terms[tied]
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def build(theta: NDArray[np.float64]) -> Expression:
        return _replaced(with_constants(now.expression, theta.tolist()), path, tie)

    return build


def _turns(now: Situation, path: Path, node: Product, first: int) -> Iterator[Move]:
    if not (isinstance(node.factors[0], Constant) and node.factors[0].free):
        return
    outer = first
    first += 1
    for position, factor in enumerate(node.factors[1:], 1):
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if isinstance(base, Sum) and isinstance(exponent, Constant) and exponent.exact is not None:
            for term, inner in _scales(base, first):
                yield from _turned(now, path, position, term, outer, inner, exponent)
        first += len(constants(factor))


def _turned(
    now: Situation, path: Path, position: int, term: int, outer: int, inner: int, exponent: Constant
) -> Iterator[Move]:
    """C·S^p with S = … + c·v + …: write C·c^p·(S/c)^p where C·c^p has an exact value."""
    scale, coefficient = now.theta[outer], now.theta[inner]
    whole = integer_of(exponent) is not None
    size = coefficient if whole else abs(coefficient)
    if size == 0:
        return
    value = float(scale * size**exponent.value)
    gradient = np.zeros(len(now.theta))
    gradient[outer] = value / scale if scale else 0.0
    gradient[inner] = exponent.value * value / coefficient
    _, _, deviation = _constrained(now, gradient, 0.0)
    worth = free_bits(value, deviation)
    for proposal, start, cost in _offered(now, value, gradient, worth):
        gain = worth - proposal.bits - cost
        if proposal.value == 0 or gain <= 0:
            continue
        number = exact(proposal.number)

        def turn(node: Expression, number: Constant = number) -> Expression:
            factors = list(children(node))
            factor = factors[position]
            base = factor.base if isinstance(factor, Power) else factor
            pivot, rest = split(children(base)[term])
            divisor = pivot.value if whole else abs(pivot.value)
            parts = [multiply(Constant(1 / divisor), part) for part in children(base)]
            parts[term] = multiply(ONE if pivot.value / divisor > 0 else MINUS_ONE, rest)
            factors[0] = number
            factors[position] = power(add(*parts), exponent)
            return multiply(*factors)

        def build(theta: NDArray[np.float64], turn: Callable[[Expression], Expression] = turn) -> Expression:
            return _replaced(with_constants(now.expression, theta.tolist()), path, turn)

        yield Move(gain, gain - cost, start, build)
