"""Atoms chosen one by one for what they explain beside a polynomial and those before them, and exchanged again: of
atoms that are much alike the first choice is often a compromise between several that are still to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.search.lowrank.atoms import Kind
from kancli.search.lowrank.batch import Term, fitted_terms
from kancli.search.lowrank.dictionary import Side, gains_beside, gains_of_pairs, gains_of_two, sides_of
from kancli.search.lowrank.model import (
    Atom,
    Column,
    Fit,
    Model,
    fitted,
    monomials,
    orthogonal,
    product_of,
)
from kancli.symbolic.noise import is_noise

Array = NDArray[np.float64]

# Rows in which atoms are chosen, and rows per column of a model.
ROWS, ROWS_EACH = 300, 4
# The degree of the polynomial that is always there, the highest that leaves rows enough, and columns at most.
DEGREE, MOST_COLUMNS = 4, 60
# The degree of the monomials that multiply atoms, and of those that are added alone.
BESIDE, PLAIN = 2, 3
# Terms at most; starts that are fitted in each step, of each kind and input, and of pairs; models that go on.
MOST_TERMS, STARTS, EACH, PAIRS, BEAM = 5, 90, 3, 20, 2
# Trials with all constants fitted: of an exchange, and of a new term.
TRIALS, JOINT = 3, 6
# Steps in which two atoms of one input are also added at once; starts of these that are fitted, and looked at.
TWO_UNTIL, TWOS, MOST_LOOKED = 1, 10, 400
# Steps of the fit of all constants together.
ALL_STEPS = 20
# Inputs at most with which products of two atoms are tried at once.
MOST_PAIRED = 3
# Added to a length that may be 0.
TINY = 1e-300
# A relative error that is rounding: with several terms, imitations come down to 1e-13 (EXPERIMENTS:
# sums-of-products). Below the other one a fit is carried on until it is one or the other.
ROUNDING, NEARLY, MORE_STEPS = 2e-14, 1e-8, 40
# A further constant in an atom lowers the error of an approximation by about this factor.
PER_CONSTANT = 1.7
# Each step must lower the error by this factor, on average, the first apart, by this one, and the last by that.
WORTH, FURTHER, JUMP = 1.1, 8.0, 1e4


@dataclass(frozen=True)
class Start:
    """A term to be added: new atoms, times atoms of the model and a monomial; with the gain that it has before its
    constants are fitted."""

    gain: float
    atoms: tuple[Atom, ...]
    known: tuple[int, ...]
    monomial: tuple[int, ...]


def grown(x: Array, y: Array, names: frozenset[str]) -> Iterator[Fit]:
    """Models that leave rounding, with more of the polynomial than they need; x (n, inputs), y (n,).

    Where one leaves more, and that is noise, it is the only one: there is no rounding to be reached."""
    inputs = x.shape[1]
    size = float(np.sqrt(np.mean(y**2)))
    most = min(MOST_COLUMNS, len(y) // ROWS_EACH)
    degree = max((d for d in range(1, DEGREE + 1) if len(monomials(inputs, d)) <= most), default=0)
    if not degree or not size:
        return
    fit = fitted(Model((), tuple(Column(m) for m in monomials(inputs, degree))), x, y)
    if fit.error <= ROUNDING * size or leaves_noise(fit, x, y):
        yield fit
        return
    sides = sides_of(x, names)
    beam, limit = [fit], ROUNDING * size
    for terms in range(MOST_TERMS):
        before = beam[0].error
        beam = next_beam(beam, sides, x, y, limit, two=terms <= TWO_UNTIL)
        if beam and beam[0].error <= limit:
            # An imitation comes nearer step by step, the law falls.
            yield from (t for t in beam if t.error <= limit and t.error * JUMP <= before)
            return
        if beam and leaves_noise(beam[0], x, y):
            yield beam[0]
            return
        if not beam or beam[0].error * WORTH > before or beam[0].error * FURTHER**terms > fit.error:
            return


def leaves_noise(fit: Fit, x: Array, y: Array) -> bool:
    """Whether what a model leaves is more than imitations do, and noise."""
    if not NEARLY * float(np.sqrt(np.mean(y**2))) < fit.error < np.inf:
        return False
    return is_noise(x, y - fit.model.matrix(x) @ fit.factors)


def next_beam(
    beam: Sequence[Fit], sides: Sequence[Side], x: Array, y: Array, limit: float, *, two: bool
) -> list[Fit]:
    """Models with one more term, the best first; all that leave no more than the limit once there is one."""
    trials: list[Fit] = []
    for one in beam:
        trials += extended(one, sides, x, y)[:JOINT]
    trials = distinct(trials)[:JOINT]
    if not trials or trials[0].error * WORTH > beam[0].error:
        return []
    trials = joint(trials, x, y, limit)
    if trials[:1] and trials[0].error <= limit:
        return [t for t in trials if t.error <= limit]
    if two:
        more = joint(with_two(beam[0], sides, x, y), x, y, limit)
        if more[:1] and more[0].error <= limit:
            return [t for t in more if t.error <= limit]
        trials += more
    better: list[Fit] = []
    for trial in distinct(trials)[:BEAM]:
        better.append(improved(trial, sides, x, y, limit))
        if better[-1].error <= limit:
            return [better[-1]]
    return distinct(better)


def joint(trials: Sequence[Fit], x: Array, y: Array, limit: float) -> list[Fit]:
    """All constants of each fitted together, up to the first that leaves no more than the limit; the best first."""
    found: list[Fit] = []
    for trial in trials:
        made = fitted(trial.model, x, y, ALL_STEPS)
        if limit < made.error <= limit * NEARLY / ROUNDING:
            made = fitted(made.model, x, y, MORE_STEPS)
        found.append(made)
        if found[-1].error <= limit:
            break
    return distinct(found)


def with_two(fit: Fit, sides: Sequence[Side], x: Array, y: Array) -> list[Fit]:
    """The model with two more atoms of one input, which may look like one together."""
    q, along, _ = orthogonal(fit.model.matrix(x), y)
    residual = y - q @ along
    residual = residual - q @ (q.T @ residual)
    found: list[tuple[float, Model]] = []
    inputs = x.shape[1]
    for side in sides:
        beside = monomials(inputs, 1)
        atoms = [side.atoms[k] for k in side.simple]
        factors = [product_of(Column(m), (), x) for m in beside]
        columns = np.concatenate([side.columns[:, side.simple] * f[:, None] for f in factors], axis=1)
        columns = columns / (np.sqrt(np.einsum("ij,ij->j", columns, columns)) + TINY)
        gains = gains_of_two(columns, q, residual)
        known: dict[tuple[int, int], int] = {}
        taken = 0
        for place in np.argsort(-gains, axis=None)[:MOST_LOOKED]:
            one, other = divmod(int(place), columns.shape[1])
            kinds = id(atoms[one % len(atoms)].kind), id(atoms[other % len(atoms)].kind)
            if gains[one, other] <= 0 or known.get(kinds, 0) >= EACH:
                continue
            known[kinds] = known.get(kinds, 0) + 1
            taken += 1
            model = fit.model
            for k in (one, other):
                model = model.with_term((atoms[k % len(atoms)],), (), beside[k // len(atoms)])
            found.append((float(gains[one, other]), model))
            if taken >= TWOS:
                break
    found.sort(key=lambda f: -f[0])
    return [Fit(model, fit.factors, fit.error) for _, model in found[:TWOS]]


def price(fit: Fit) -> float:
    """The error, as it would be without constants inside; an atom without any has been chosen as well."""
    return fit.error * PER_CONSTANT ** sum(max(len(a.theta), 1) for a in fit.model.atoms)


def improved(fit: Fit, sides: Sequence[Side], x: Array, y: Array, limit: float) -> Fit:
    """Each term once exchanged where that helps."""
    for column in reversed(fit.model.terms):
        if fit.error <= limit or len(fit.model.terms) < 2:
            break
        if column not in fit.model.terms:
            continue
        for trial in extended(fitted(fit.model.without(column), x, y), sides, x, y)[:TRIALS]:
            better = fitted(trial.model, x, y, ALL_STEPS)
            fit = better if price(better) < price(fit) else fit
    return fit


def distinct(trials: Sequence[Fit]) -> list[Fit]:
    """The best one of each set of kinds, the best first."""
    known: dict[tuple[str, ...], Fit] = {}
    for trial in sorted(trials, key=price):
        known.setdefault(tuple(sorted(f"{a.kind} {a.i}" for a in trial.model.atoms)), trial)
    return list(known.values())


def extended(
    fit: Fit,
    sides: Sequence[Side],
    x: Array,
    y: Array,
    key: Callable[[Fit], float] = price,
    *,
    most: int = STARTS,
    plain: bool = False,
) -> list[Fit]:
    """The model with one more term, the most promising first, which is that of the least `key`; `most` starts are
    fitted, and `plain`: the term may be a monomial alone. Coefficients are those from before."""
    q, along, _ = orthogonal(fit.model.matrix(x), y)
    residual = y - q @ along
    residual = residual - q @ (q.T @ residual)
    starts = starts_of(fit.model, sides, q, residual, x, most)
    if plain:
        starts += [Start(0.0, (), (), m) for m in monomials(x.shape[1], PLAIN)]
    if not starts:
        return []
    values = [atom.values(x) for atom in fit.model.atoms]
    terms = [Term(s.atoms, product_of(Column(s.monomial, s.known), values, x)) for s in starts]
    terms, sse = fitted_terms(terms, q, residual, x)
    made = [
        Fit(fit.model.with_term(t.atoms, s.known, s.monomial), fit.factors, float(np.sqrt(e / len(y))))
        for s, t, e in zip(starts, terms, sse, strict=True)
        if np.isfinite(e)
    ]
    return sorted(made, key=key)


def starts_of(
    model: Model, sides: Sequence[Side], q: Array, residual: Array, x: Array, most: int
) -> list[Start]:
    """The terms with the largest gains, a few of each kind and input."""
    inputs = x.shape[1]
    several = monomials(inputs, BESIDE)
    nothing = (0,) * inputs
    values = [atom.values(x) for atom in model.atoms]
    found: list[Start] = []
    for side in sides:
        beside = [Column(m) for m in several]
        beside += [Column(nothing, (k,)) for k, other in enumerate(model.atoms) if other.i != side.i]
        factors = np.stack([product_of(c, values, x) for c in beside], axis=1)
        gains = gains_beside(side, factors, q, residual, waves=inputs + 1)
        first = 0
        while first < len(side.atoms):
            kind, last = side.atoms[first].kind, first
            while last < len(side.atoms) and side.atoms[last].kind == kind:
                last += 1
            own = gains[first:last]
            for column in np.argsort(-own.max(axis=0), kind="stable")[:EACH]:
                row = int(np.argmax(own[:, column]))
                c = beside[column]
                # An atom of the model that multiplies is fitted anew.
                atoms = (*(model.atoms[k] for k in c.atoms), side.atoms[first + row])
                found.append(Start(float(own[row, column]), atoms, (), c.monomial))
            first = last
    # Atoms that there are, with other factors.
    for k, atom in enumerate(model.atoms):
        factor = values[k] / np.sqrt(values[k] @ values[k])
        monomial = np.stack([product_of(Column(m), [], x) for m in several], axis=1)
        own = gains_beside(Side(atom.i, factor[:, None], (), np.arange(0)), monomial, q, residual, waves=0)[0]
        found += [Start(float(g), (), (k,), m) for g, m in zip(own, several, strict=True)]
    found = sorted((s for s in found if s.gain > 0), key=lambda s: -s.gain)[:most]
    return [*found, *(pairs_of(sides, q, residual, nothing) if inputs <= MOST_PAIRED else [])]


def pairs_of(sides: Sequence[Side], q: Array, residual: Array, nothing: tuple[int, ...]) -> list[Start]:
    """The products of two atoms with the largest gains, one of each two kinds."""
    found: list[Start] = []
    for a, one in enumerate(sides):
        for other in sides[a + 1 :]:
            gains = gains_of_pairs(one, other, q, residual)
            both: dict[tuple[Kind, Kind], Start] = {}
            order = np.argsort(-gains, axis=None)[: 4 * PAIRS]
            for row, column in zip(*np.unravel_index(order, gains.shape), strict=True):
                own, its = one.atoms[one.simple[row]], other.atoms[other.simple[column]]
                start = Start(float(gains[row, column]), (own, its), (), nothing)
                both.setdefault((own.kind, its.kind), start)
            found += both.values()
    return sorted((s for s in found if s.gain > 0), key=lambda s: -s.gain)[:PAIRS]
