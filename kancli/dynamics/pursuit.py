"""Sparse sums of terms in the integral form: a beam search over sets of terms, by description length.

A law that is linear in its coefficients is linear in the integral form too, so a set of terms is judged by the Gram
matrix of their integrals alone. The best sets are then fitted with the constants inside their terms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.dynamics.integral import Fit, Integral, fitted
from kancli.dynamics.terms import Pool, Term
from kancli.symbolic.constants.proposals import bits
from kancli.symbolic.description import NODE, described, error_bits, expected_bits, free_bits
from kancli.symbolic.expression import (
    Call,
    Constant,
    Expression,
    Sum,
    Variable,
    add,
    complexity,
    constants,
    evaluate,
    exact,
    exact_constants,
    multiply,
    walk,
    with_constants,
    with_leaves,
)
from kancli.symbolic.expression.exact import Exact
from kancli.symbolic.expression.tree import split
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# Sets that are kept in each round, terms that each is tried with, and terms of the largest set.
BEAM, WIDTH, MOST_TERMS = 30, 16, 7
# Sets that are fitted with the constants inside their terms, and those of them that are then shortened.
REFINED, REFINED_EACH, SHORTENED = 8, 2, 2
# Sets of at most so many terms whose inside constants are fitted for the pool, and how many of each size.
TUNED_SIZE, TUNED = 4, 3
# Of at most so many terms that leave only noise, no others are looked for.
FEW_TERMS = 3
# Bits by which a larger set may be worse before the search ends.
IN_VAIN = 40.0
# A term whose integral is this near to those of the set adds nothing that can be computed.
SAME = 1e-10


@dataclass(frozen=True, eq=False)
class Law:
    """A law fitted in the integral form, and its description length; `naming`: what naming its terms costs."""

    fit: Fit
    bits: float
    naming: float = 0.0

    @property
    def law(self) -> Expression:
        """The expression."""
        return self.fit.law


def law_of(fit: Fit, form: Integral, naming: float = 0.0) -> Law:
    """A fit with its description length in the integral form."""
    law = fit.law
    free = [free_bits(c.value, float(e)) for c, e in zip(constants(law), fit.errors, strict=True)]
    written = [bits(Exact.parse(c.exact or "")) for c in exact_constants(law) if abs(c.value) != 1.0]
    nodes = complexity(law) - len(free) - len(exact_constants(law))
    mse = fit.sse / form.rows + form.floor**2
    return Law(fit, described(mse / form.spread**2, form.count, free, written, nodes) + naming, naming)


def judged(law: Expression, form: Integral, naming: float = 0.0) -> Law | None:
    """A law with its constants fitted in the integral form; None where that fails."""
    fit = fitted(law, form)
    return None if fit is None else law_of(fit, form, naming)


def sparse_laws(
    form: Integral, pool: Pool, enough: float, counted: float = 0.0
) -> tuple[list[Law], Integral]:
    """Sums of few of the terms, fitted, the shortest description first; and the integral form as residuals count
    (`counted`: as many as these).

    Monomials alone, with each other kind of terms, and with all: among all of them, those of one kind that only
    together leave little are not found. Few terms that leave no more than `enough` end it.
    """
    kept, columns = integrals(form, [term for terms in pool.values() for term in terms])
    if not kept:
        return [], form
    known = {term.expression: i for i, term in enumerate(kept)}
    kinds = {k: [known[t.expression] for t in terms if t.expression in known] for k, terms in pool.items()}
    plain = kinds.pop("monomials", [])
    groups = [plain, *(sorted({*plain, *more}) for more in kinds.values() if more), list(range(len(kept)))]
    found = []
    for group in filter(None, groups):
        found.append(beam_of(form, columns, kept, group))
        nearest = in_order(found[-1], form, kept)[0]
        left = math.sqrt(found[-1][nearest] / form.rows)
        if left <= enough and len(nearest) <= FEW_TERMS and all(is_low(kept[i].expression) for i in nearest):
            break
    nearest = min((length(rss, s, form, kept), s) for sets in found for s, rss in sets.items())[1]
    residual = left_by(columns, form.y, nearest)
    form = replace(form, counted=counted) if counted else form.counting(residual)
    for group, sets in zip(groups[:-1], list(found), strict=False):
        tuned = tuned_terms(form, kept, columns, in_order(sets, form, kept))
        if tuned:
            more, beside = integrals(form, tuned)
            new = list(range(len(kept), len(kept) + len(more)))
            kept, columns = [*kept, *more], np.hstack([columns, beside])
            found.append(beam_of(form, columns, kept, [*group, *new]))
    laws: dict[Expression, Law] = {}
    for chosen in best_of(found, form, kept):
        law = sum_of(form, kept, columns, chosen)
        shape = with_constants(law, [1.0] * len(constants(law)))
        naming = sum(kept[i].bits for i in chosen)
        if shape not in laws and (one := judged(law, form, naming)) is not None:
            laws[shape] = one  # the fit moves the constants inside
    ranked = sorted(laws.values(), key=lambda law: law.bits)
    short = [shortened(law, form) for law in ranked[:SHORTENED]]
    return sorted([*short, *ranked[SHORTENED:]], key=lambda law: law.bits), form


def is_low(term: Expression) -> bool:
    """Whether a term is a monomial of degree 2 at most: higher ones may stand for the series of another function."""
    return sum(isinstance(node, Variable) for node in walk(term)) <= 2 and not any(
        isinstance(node, Call | Sum) for node in walk(term)
    )


def in_order(
    sets: Mapping[tuple[int, ...], float], form: Integral, terms: Sequence[Term]
) -> list[tuple[int, ...]]:
    """Sets of terms by description length."""
    return sorted(sets, key=lambda s: length(sets[s], s, form, terms))


def best_of(
    found: Sequence[Mapping[tuple[int, ...], float]], form: Integral, terms: Sequence[Term]
) -> list[tuple[int, ...]]:
    """The sets of terms that are fitted: the best of all, and the best of each search."""
    everything = {s: rss for sets in found for s, rss in sets.items()}
    chosen = dict.fromkeys(in_order(everything, form, terms)[:REFINED])
    for sets in found:
        chosen |= dict.fromkeys(in_order(sets, form, terms)[:REFINED_EACH])
    return list(chosen)


def beam_of(
    form: Integral, columns: Array, terms: Sequence[Term], group: Sequence[int]
) -> dict[tuple[int, ...], float]:
    """Sets of the terms of a group, by their places among all, with what each leaves."""
    sets = beam(form, columns[:, list(group)], [terms[i] for i in group])
    return {tuple(group[i] for i in s): rss for s, rss in sets.items()}


def sum_of(form: Integral, terms: Sequence[Term], columns: Array, chosen: Sequence[int]) -> Expression:
    """The sum of chosen terms with coefficients by least squares; `columns` are their integrals, of norm 1."""
    values = np.column_stack(
        [np.broadcast_to(evaluate(terms[i].expression, form.x), len(form.weights)) for i in chosen]
    )
    factors = lstsq(columns[:, list(chosen)], form.y, rcond=None)
    size = np.linalg.norm(form.of(values), axis=0)
    return add(
        *(
            multiply(Constant(float(f / s)), terms[i].expression)
            for f, s, i in zip(factors, size, chosen, strict=True)
        )
    )


def tuned_terms(
    form: Integral, terms: Sequence[Term], columns: Array, sets: Sequence[tuple[int, ...]]
) -> list[Term]:
    """Terms whose inside constants fit, from the best small sets: between the values of the pool they are not found
    in larger ones."""
    found: dict[Expression, float] = {}
    shapes: set[Expression] = set()
    spent = [0] * (TUNED_SIZE + 1)
    for chosen in sets:
        if (
            len(chosen) > TUNED_SIZE
            or spent[len(chosen)] == TUNED
            or not any(constants(terms[i].expression) for i in chosen)
        ):
            continue
        law = sum_of(form, terms, columns, chosen)
        shape = with_constants(law, [1.0] * len(constants(law)))
        if shape in shapes:
            continue
        shapes.add(shape)
        spent[len(chosen)] += 1
        fit = fitted(law, form)
        if fit is not None:
            parts = fit.law.terms if isinstance(fit.law, Sum) else (fit.law,)
            for term in (split(part)[1] for part in parts):
                if constants(term):
                    found.setdefault(term, max(terms[i].bits for i in chosen))
    return [Term(term, bits) for term, bits in found.items()]


def integrals(form: Integral, terms: Sequence[Term]) -> tuple[list[Term], Array]:
    """The terms that have values, and their integrals (n, terms), each of norm 1."""
    kept, columns = [], []
    for term in terms:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(evaluate(term.expression, form.x), len(form.weights))
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


def price(term: Term, rows: int) -> float:
    """What a term costs: naming it, its coefficient and the constants inside it."""
    free, nodes = len(constants(term.expression)), complexity(term.expression)
    return term.bits + (1 + free) * expected_bits(rows) + NODE * (nodes - free + 1)


def length(rss: float, chosen: tuple[int, ...], form: Integral, terms: Sequence[Term]) -> float:
    """The description length of a set of terms with that sum of squares."""
    mse = max(rss, 0.0) / form.rows + form.floor**2
    named = sum(price(terms[i], form.count) for i in chosen)
    return error_bits(mse / form.spread**2, form.count, len(chosen)) + named


def beam(form: Integral, columns: Array, terms: Sequence[Term]) -> dict[tuple[int, ...], float]:
    """Sets of columns that were tried, with the sum of squares that each leaves."""
    gram, along = columns.T @ columns, columns.T @ form.y
    cost = np.array([price(term, form.count) for term in terms])
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
            lengths = 0.5 * form.count * np.log2(left) + cost
            for j in np.argsort(lengths, kind="stable")[: WIDTH if size else len(lengths)]:
                if gain[j] > 0.0:
                    grown[tuple(sorted((*chosen, int(j))))] = max(float(rss - gain[j]), 0.0)
        if not grown:
            break
        # Of one term all go on: two that nearly cancel are found only together.
        ranked = sorted(grown, key=lambda s: length(grown[s], s, form, terms))[: 3 * BEAM if size else None]
        exactly = {s: (sum_of_squares(left_by(columns, form.y, s)) if size else grown[s]) for s in ranked}
        ranked.sort(key=lambda s: length(exactly[s], s, form, terms))
        states = [(s, exactly[s]) for s in ranked[: BEAM if size else None]]
        seen |= exactly
        now = length(exactly[ranked[0]], ranked[0], form, terms)
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
        for smaller in (simpler(law), without_pairs(law)):
            tried = [judged(less, form, share_of(law, less)) for less in smaller]
            better = min((one for one in tried if one is not None), key=lambda one: one.bits, default=law)
            if better.bits < law.bits:
                break
        else:
            return law
        law = better


def share_of(law: Law, less: Expression) -> float:
    """What naming the terms of a law costs that has fewer of them, in proportion."""
    return law.naming * terms_in(less) / terms_in(law.law)


def terms_in(law: Expression) -> int:
    """How many terms a law has."""
    return len(law.terms) if isinstance(law, Sum) else 1


def simpler(law: Law) -> list[Expression]:
    """The law without one of its terms, or with one of its constants exact."""
    found: list[Expression] = []
    if isinstance(law.law, Sum):
        terms = law.law.terms
        found += [add(*(t for k, t in enumerate(terms) if k != i)) for i in range(len(terms))]
    free = constants(law.law)
    for i, (constant, error) in enumerate(zip(free, law.fit.errors, strict=True)):
        near = [n for n in (round(constant.value), round(2 * constant.value) / 2) if n != 0]
        for number in dict.fromkeys(near):
            if abs(number - constant.value) <= 3 * float(error) + 1e-9 * abs(constant.value):
                text = f"{round(2 * number)}/2" if number != round(number) else str(round(number))
                leaves = [exact(text) if k == i else c for k, c in enumerate(free)]
                found.append(with_leaves(law.law, leaves))
    return found


def without_pairs(law: Law) -> list[Expression]:
    """The law without two of its terms, which may nearly cancel, so that neither can go alone."""
    terms = law.law.terms if isinstance(law.law, Sum) else ()
    pairs = combinations(range(len(terms)), 2) if len(terms) > 2 else ()
    return [add(*(t for k, t in enumerate(terms) if k not in pair)) for pair in pairs]


__all__ = ["Law", "beam", "judged", "law_of", "price", "shortened", "simpler", "sparse_laws"]
