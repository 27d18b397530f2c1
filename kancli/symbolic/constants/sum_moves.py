"""Moves that concern a sum: an exact ratio of two terms, an exact factor in front of it or inside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.constants.situation import Move, Situation, constrained, offered
from kancli.symbolic.description import free_bits
from kancli.symbolic.expression.algebra import add, multiply, power
from kancli.symbolic.expression.tree import (
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
)

Path = tuple[int, ...]
_LARGEST_TIE_BITS = 7.0


def sum_moves(now: Situation) -> Iterator[Move]:
    """Ties, turns and pushes of every sum in the expression."""
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
            _, _, deviation = constrained(now, gradient, 0.0)
            worth = free_bits(ratio, deviation)
            # The tied pair is written as a product of a sum: two more nodes, a name for the ratio.
            for proposal, start, cost in offered(now, ratio, gradient, min(worth, _LARGEST_TIE_BITS)):
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


@dataclass(frozen=True)
class _Scaled:
    """C·…·Sᵖ at `path`: S is (the base of) factor `position`; `outer` is the index of C among the constants."""

    path: Path
    position: int
    base: Sum
    exponent: Constant
    outer: int

    @property
    def whole(self) -> bool:
        return integer_of(self.exponent) is not None


def _turns(now: Situation, path: Path, node: Product, first: int) -> Iterator[Move]:
    if not (isinstance(node.factors[0], Constant) and node.factors[0].free):
        return
    outer = first
    first += 1
    for position, factor in enumerate(node.factors[1:], 1):
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        if isinstance(base, Sum) and isinstance(exponent, Constant) and exponent.exact is not None:
            scaled = _Scaled(path, position, base, exponent, outer)
            for term, inner in _scales(base, first):
                yield from _turned(now, scaled, term, inner)
            if abs(exponent.value) != 1:
                yield from _pushed(now, scaled, first)
        first += len(constants(factor))


def _turned(now: Situation, scaled: _Scaled, term: int, inner: int) -> Iterator[Move]:
    """C·Sᵖ with S = … + c·v + …: write C·cᵖ·(S/c)ᵖ where C·cᵖ has an exact value."""
    scale, coefficient = float(now.theta[scaled.outer]), float(now.theta[inner])
    if scale == 0 or coefficient == 0:
        return
    size = coefficient if scaled.whole else abs(coefficient)
    value = scale * size**scaled.exponent.value
    gradient = np.zeros(len(now.theta))
    gradient[scaled.outer] = value / scale
    gradient[inner] = scaled.exponent.value * value / coefficient

    def rewrite(_: float, base: Expression) -> Expression:
        main, rest = split(children(base)[term])
        divisor = main.value if scaled.whole else abs(main.value)
        parts = [multiply(Constant(1 / divisor), part) for part in children(base)]
        parts[term] = multiply(ONE if main.value / divisor > 0 else MINUS_ONE, rest)
        return add(*parts)

    yield from _offers(now, scaled, value, gradient, lambda number: (number, rewrite))


def _pushed(now: Situation, scaled: _Scaled, first: int) -> Iterator[Move]:
    """C·Sᵖ with S = … + c·v + …: write (C^(1/p)·S)ᵖ where C^(1/p)·c has an exact value."""
    scale = float(now.theta[scaled.outer])
    if scale <= 0:
        return
    factor = scale ** (1 / scaled.exponent.value)
    for term, part in enumerate(scaled.base.terms):
        coefficient, _ = split(part)
        value = factor * coefficient.value
        gradient = np.zeros(len(now.theta))
        gradient[scaled.outer] = value / (scaled.exponent.value * scale)
        if coefficient.free:
            gradient[first] = factor

        def pushing(number: Constant, term: int = term) -> tuple[Constant, Rewrite]:
            def rewrite(scale: float, base: Expression) -> Expression:
                by = Constant(abs(scale) ** (1 / scaled.exponent.value))
                parts = [multiply(by, part) for part in children(base)]
                parts[term] = multiply(number, split(children(base)[term])[1])
                return add(*parts)

            return ONE, rewrite

        yield from _offers(now, scaled, value, gradient, pushing)
        first += len(constants(part))


Rewrite = Callable[[float, Expression], Expression]


def _offers(
    now: Situation,
    scaled: _Scaled,
    value: float,
    gradient: NDArray[np.float64],
    writing: Callable[[Constant], tuple[Constant, Rewrite]],
) -> Iterator[Move]:
    """Moves to the exact values near `value`; `writing` gives the new factor and what becomes of the sum."""
    if not math.isfinite(value):
        return
    _, _, deviation = constrained(now, gradient, 0.0)
    worth = free_bits(value, deviation)
    for proposal, start, cost in offered(now, value, gradient, worth):
        gain = worth - proposal.bits - cost
        if proposal.value != 0 and gain > 0:
            factor, rewrite = writing(exact(proposal.number))
            yield Move(gain, gain - cost, start, _rescaling(now, scaled, factor, rewrite))


def _rescaling(
    now: Situation, scaled: _Scaled, factor: Constant, rewrite: Rewrite
) -> Callable[[NDArray[np.float64]], Expression]:
    def rescale(node: Expression) -> Expression:
        factors = list(children(node))
        part = factors[scaled.position]
        base = part.base if isinstance(part, Power) else part
        scale = factors[0].value if isinstance(factors[0], Constant) else 1.0
        factors[scaled.position] = power(rewrite(scale, base), scaled.exponent)
        return multiply(factor, *factors[1:])

    def build(theta: NDArray[np.float64]) -> Expression:
        return _replaced(with_constants(now.expression, theta.tolist()), scaled.path, rescale)

    return build
