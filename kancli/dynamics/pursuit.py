"""Sparse sums of terms in the integral form: a beam search over sets of terms, by description length.

A law that is linear in its coefficients is linear in the integral form too, so a set of terms is judged by the Gram
matrix of their integrals alone. The best sets are then fitted with the constants inside their terms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.dynamics.integral import Fit, Integral, fitted
from kancli.symbolic.constants.proposals import bits
from kancli.symbolic.description import NODE, described, error_bits, expected_bits, free_bits
from kancli.symbolic.expression import (
    Constant,
    Expression,
    Sum,
    add,
    complexity,
    constants,
    evaluate,
    exact,
    exact_constants,
    multiply,
    with_constants,
    with_leaves,
)
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import split

Array = NDArray[np.float64]

# Sets that are kept in each round, terms that each is tried with, and terms of the largest set.
BEAM, WIDTH, MOST_TERMS = 30, 16, 7
# Sets that are fitted with the constants inside their terms, and those of them that are then shortened.
REFINED, SHORTENED = 12, 4
# Sets of at most so many terms whose inside constants are fitted for the pool, and how many of them.
TUNED_SIZE, TUNED = 4, 40
# Bits by which a larger set may be worse before the search ends.
IN_VAIN = 40.0
# A term whose integral is this near to those of the set adds nothing that can be computed.
SAME = 1e-10


@dataclass(frozen=True, eq=False)
class Law:
    """A law fitted in the integral form, and its description length."""

    fit: Fit
    bits: float

    @property
    def law(self) -> Expression:
        """The expression."""
        return self.fit.law


def law_of(fit: Fit, form: Integral) -> Law:
    """A fit with its description length in the integral form."""
    law = fit.law
    free = [free_bits(c.value, float(e)) for c, e in zip(constants(law), fit.errors, strict=True)]
    written = [bits(Exact.parse(c.exact or "")) for c in exact_constants(law) if abs(c.value) != 1.0]
    nodes = complexity(law) - len(free) - len(exact_constants(law))
    mse = fit.sse / form.rows + form.floor**2
    return Law(fit, described(mse / form.spread**2, form.count, free, written, nodes))


def judged(law: Expression, form: Integral) -> Law | None:
    """A law with its constants fitted in the integral form; None where that fails."""
    fit = fitted(law, form)
    return None if fit is None else law_of(fit, form)


def sparse_laws(
    form: Integral, terms: Sequence[Expression], counted: float = 0.0
) -> tuple[list[Law], Integral]:
    """Sums of few of the terms, fitted, the shortest description first; and the integral form as residuals count
    (`counted`: as many as these)."""
    kept, columns = integrals(form, terms)
    if not kept:
        return [], form
    sets = beam(form, columns, [price(term, form.rows) for term in kept])
    prices = [price(term, form.rows) for term in kept]
    nearest = min(sets, key=lambda s: length(sets[s], s, form, prices))
    form = replace(form, counted=counted) if counted else form.counting(left_by(columns, form.y, nearest))
    prices = [price(term, form.count) for term in kept]
    tuned = tuned_terms(form, kept, columns, sorted(sets, key=lambda s: length(sets[s], s, form, prices)))
    if tuned:
        more, beside = integrals(form, tuned)
        kept, columns = [*kept, *more], np.hstack([columns, beside])
        prices = [price(term, form.count) for term in kept]
        sets = beam(form, columns, prices)
    laws: dict[Expression, Law] = {}
    for chosen in sorted(sets, key=lambda s: length(sets[s], s, form, prices)):
        law = sum_of(form, kept, columns, chosen)
        shape = with_constants(law, [1.0] * len(constants(law)))
        if shape not in laws and (one := judged(law, form)) is not None:  # the fit moves the constants inside
            laws[shape] = one
        if len(laws) == REFINED:
            break
    ranked = sorted(laws.values(), key=lambda law: law.bits)
    short = [shortened(law, form) for law in ranked[:SHORTENED]]
    return sorted([*short, *ranked[SHORTENED:]], key=lambda law: law.bits), form


def sum_of(form: Integral, terms: Sequence[Expression], columns: Array, chosen: Sequence[int]) -> Expression:
    """The sum of chosen terms with coefficients by least squares; `columns` are their integrals, of norm 1."""
    values = np.column_stack([np.broadcast_to(evaluate(terms[i], form.x), len(form.weights)) for i in chosen])
    factors, *_ = np.linalg.lstsq(columns[:, list(chosen)], form.y, rcond=None)
    size = np.linalg.norm(form.of(values), axis=0)
    return add(
        *(multiply(Constant(float(f / s)), terms[i]) for f, s, i in zip(factors, size, chosen, strict=True))
    )


def tuned_terms(
    form: Integral, terms: Sequence[Expression], columns: Array, sets: Sequence[tuple[int, ...]]
) -> list[Expression]:
    """Terms whose inside constants fit, from the best small sets: between the values of the pool they are not found
    in larger ones."""
    found: dict[Expression, None] = {}
    shapes: set[Expression] = set()
    for chosen in sets:
        if len(chosen) > TUNED_SIZE or not any(constants(terms[i]) for i in chosen):
            continue
        law = sum_of(form, terms, columns, chosen)
        shape = with_constants(law, [1.0] * len(constants(law)))
        if shape in shapes:
            continue
        shapes.add(shape)
        fit = fitted(law, form)
        if fit is not None:
            parts = fit.law.terms if isinstance(fit.law, Sum) else (fit.law,)
            for term in (split(part)[1] for part in parts):
                if constants(term):
                    found.setdefault(term)
        if len(shapes) == TUNED:
            break
    return list(found)


def integrals(form: Integral, terms: Sequence[Expression]) -> tuple[list[Expression], Array]:
    """The terms that have values, and their integrals (n, terms), each of norm 1."""
    kept, columns = [], []
    for term in terms:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(evaluate(term, form.x), len(form.weights))
        if not np.isfinite(values).all():
            continue
        column = form.of(np.array(values))
        norm = float(np.linalg.norm(column))
        if not math.isfinite(norm) or norm <= 1e-12 * float(np.abs(values).max()) * float(
            np.abs(form.weights).sum()
        ):
            continue
        kept.append(term)
        columns.append(column / norm)
    return kept, np.column_stack(columns) if columns else np.zeros((len(form.y), 0))


def price(term: Expression, rows: int) -> float:
    """What a term costs with its coefficient and the constants inside it."""
    free = len(constants(term))
    return (1 + free) * expected_bits(rows) + NODE * (complexity(term) - free + 1)


def length(rss: float, chosen: tuple[int, ...], form: Integral, prices: Sequence[float]) -> float:
    """The description length of a set of columns with that sum of squares."""
    mse = max(rss, 0.0) / form.rows + form.floor**2
    return error_bits(mse / form.spread**2, form.count, len(chosen)) + sum(prices[i] for i in chosen)


def beam(form: Integral, columns: Array, prices: Sequence[float]) -> dict[tuple[int, ...], float]:
    """Sets of columns that were tried, with the sum of squares that each leaves."""
    gram, along = columns.T @ columns, columns.T @ form.y
    cost = np.array(prices)
    states: list[tuple[tuple[int, ...], float]] = [((), float(form.y @ form.y))]
    seen: dict[tuple[int, ...], float] = {}
    shortest = math.inf
    for size in range(min(MOST_TERMS, columns.shape[1], form.rows // 2)):
        grown: dict[tuple[int, ...], float] = {}
        for chosen, rss in states:
            index = list(chosen)
            rest, own = along, np.ones_like(along)
            if index:
                shadow = gram[:, index] @ np.linalg.pinv(gram[np.ix_(index, index)], rcond=1e-13)
                rest = along - shadow @ along[index]
                own = np.maximum(1.0 - np.einsum("ij,ij->i", shadow, gram[:, index]), 0.0)
            with np.errstate(all="ignore"):
                gain = np.where(own > SAME, rest**2 / own, 0.0)
            gain[index] = 0.0
            left = np.maximum(rss - gain, 0.0) / form.rows + form.floor**2
            lengths = 0.5 * form.rows * np.log2(left) + cost
            for j in np.argsort(lengths, kind="stable")[: WIDTH if size else len(lengths)]:
                if gain[j] > 0.0:
                    grown[tuple(sorted((*chosen, int(j))))] = float(rss - gain[j])
        if not grown:
            break
        # Of one term all go on: two that nearly cancel are found only together.
        ranked = sorted(grown, key=lambda s: length(grown[s], s, form, prices))[: 3 * BEAM if size else None]
        exactly = {s: (sum_of_squares(left_by(columns, form.y, s)) if size else grown[s]) for s in ranked}
        ranked.sort(key=lambda s: length(exactly[s], s, form, prices))
        states = [(s, exactly[s]) for s in ranked[: BEAM if size else None]]
        seen |= exactly
        now = length(exactly[ranked[0]], ranked[0], form, prices)
        if now > shortest + IN_VAIN:
            break
        shortest = min(shortest, now)
    return seen


def left_by(columns: Array, y: Array, chosen: Sequence[int]) -> Array:
    """What columns leave of y (n,), by orthogonal ones, as Gram matrices lose half of the digits."""
    q, _ = np.linalg.qr(columns[:, list(chosen)])
    return np.asarray(y - q @ (q.T @ y), dtype=np.float64)


def sum_of_squares(residual: Array) -> float:
    """Of a residual (n,)."""
    return float(residual @ residual)


def shortened(law: Law, form: Integral) -> Law:
    """Without terms whose loss shortens the description, and with exact constants where they do."""
    while True:
        better = min(
            (one for less in simpler(law) if (one := judged(less, form)) is not None),
            key=lambda one: one.bits,
            default=None,
        )
        if better is None or better.bits >= law.bits:
            return law
        law = better


def simpler(law: Law) -> list[Expression]:
    """The law without one of its terms, or with one of its constants exact."""
    found: list[Expression] = []
    if isinstance(law.law, Sum):
        terms = law.law.terms
        found += [add(*(t for k, t in enumerate(terms) if k != i)) for i in range(len(terms))]
        # Two terms may cancel, so that neither can go alone.
        found += [
            add(*(t for k, t in enumerate(terms) if k not in pair))
            for pair in combinations(range(len(terms)), 2)
            if len(terms) > 2
        ]
    free = constants(law.law)
    for i, (constant, error) in enumerate(zip(free, law.fit.errors, strict=True)):
        near = [n for n in (round(constant.value), round(2 * constant.value) / 2) if n != 0]
        for number in dict.fromkeys(near):
            if abs(number - constant.value) <= 3 * float(error) + 1e-9 * abs(constant.value):
                text = f"{round(2 * number)}/2" if number != round(number) else str(round(number))
                leaves = [exact(text) if k == i else c for k, c in enumerate(free)]
                found.append(with_leaves(law.law, leaves))
    return found


__all__ = ["Law", "beam", "judged", "law_of", "price", "shortened", "simpler", "sparse_laws"]
