"""The law that a table without noise follows to rounding: pursuit in log|y|, then plain exponents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.search.factors.atoms import STAGES, Atom, Dictionary, dictionary
from kancli.search.factors.law import Law
from kancli.search.factors.logs import Logs, columns_of, error_of, solved, without_atoms
from kancli.search.factors.pursuit import gains_of, pursue
from kancli.search.factors.scales import fit_scales
from kancli.symbolic.constants.refit import refit

Array = NDArray[np.float64]

# Rows in which the dictionary is searched.
ROWS = 96
# Atoms of a law at most; columns that may be chosen on the way to it, as of columns that are much alike the first
# choice is often a compromise; and first choices that are tried.
MOST_ATOMS, MOST_CHOSEN, FIRST = 5, 10, 3
# Atoms at most where each has a constant of its own, which takes a fit per atom.
MOST_SCALED = 3
# Atoms whose scales are fitted in each step, in all, of each kind, and of sums of two products.
FITTED, OF_EACH, OF_SIMPLE = 80, 4, 10
# Atoms that leave next to nothing, of which the one with the plainest constants is taken.
TIED = 8
# Exact exponents are multiples of one over this; an estimate must be nearer than this, in units of them.
LATTICE = 12
NEAR = 1e-4
# Steps of a fit of all constants in log|y|.
STEPS = 30


def exact_laws(x: Array, y: Array, options: FitOptions) -> Iterator[Law]:
    """Laws that leave rounding of log|y|, those of the shortest atoms first; last those that leave a little more."""
    logs = Logs.of(x, y)
    few = logs.some(ROWS)
    if len(few.target) <= 2 * few.base.shape[1]:
        return
    near: list[Law] = []
    for found in every_law(few, options):
        law = with_plain_exponents(found, few)
        if few.is_rounding(error_of(law, few)):
            yield law
        else:
            near.append(law)
    yield from near


def every_law(logs: Logs, options: FitOptions) -> Iterator[Law]:
    """What each way of looking leads to."""
    alone = solved(without_atoms(logs.x.shape[1]), logs)
    if logs.is_near(error_of(alone, logs)):
        yield alone
    for stage in STAGES:
        atoms = dictionary(logs.x, options, stage)
        found = scaled_law(logs, atoms) if stage == "scaled" else plain_law(logs, atoms)
        if found is not None and len(found.atoms) <= MOST_ATOMS:
            yield found


def plain_law(logs: Logs, atoms: Dictionary) -> Law | None:
    """The law that pursuit comes to, without the columns that it took on the way and does not need; None where more
    than rounding is left."""
    base = logs.base
    most = min(MOST_CHOSEN, len(logs.target) // 4 - base.shape[1])
    near: Law | None = None
    for place in range(FIRST):
        for chosen in pursue(base, atoms.columns, logs.target, most, place):
            exact = logs.is_rounding(chosen.sse)
            if exact or (near is None and logs.is_near(chosen.sse)):
                whole = with_atoms(without_atoms(logs.x.shape[1]), atoms, chosen.members)
                found = shortened(solved(whole, logs), logs)
                if len(found.atoms) <= MOST_ATOMS:
                    if exact:
                        return found
                    near = found
            if exact:
                break
    return near


def scaled_law(logs: Logs, atoms: Dictionary) -> Law | None:
    """The same with scales: of the atoms that gain most on their grid, the one that gains most when its scale is
    fitted; then all constants together. Where several leave rounding, that with the fewest constants."""
    law = solved(without_atoms(logs.x.shape[1]), logs)
    near: Law | None = None
    for _ in range(MOST_SCALED):
        base = np.concatenate([logs.base, columns_of(law, logs.x)], axis=1)
        trials = [with_atom(law, atom, logs) for atom in best_scaled(logs, base, atoms)]
        exact = [t for t in trials if logs.is_rounding(error_of(t, logs))]
        if exact:
            shorter = [with_plain_exponents(shortened(t, logs), logs) for t in exact]
            return min(shorter, key=lambda t: (t.free, sum(a.nodes for a in t.atoms)))
        if not trials:
            break
        law = min(trials, key=lambda t: error_of(t, logs))
        if near is None and logs.is_near(error_of(law, logs)):
            near = shortened(law, logs)
    return near


def with_atom(law: Law, atom: Atom, logs: Logs) -> Law:
    """The law with one more atom, all its constants fitted to log|y|."""
    law = solved(replace(law, atoms=(*law.atoms, atom), weights=(*law.weights, 0.5)), logs)
    return law.with_constants(refit(law.log_model(), logs.x, logs.target, steps=STEPS).expression)


def best_scaled(logs: Logs, base: Array, atoms: Dictionary) -> list[Atom]:
    """The atom that lowers the error most, its scale fitted, or all that leave next to nothing."""
    several = [atoms.atom(k) for k in best_of_each(gains_of(base, atoms.columns, logs.target), atoms)]
    if not several:
        return []
    found = fit_scales(several, logs.x, base, logs.target)
    least = float(found.sse.min())
    near = [
        k for k in np.argsort(found.sse, kind="stable") if logs.is_near(found.sse[k]) or found.sse[k] <= least
    ]
    return [
        several[k].rescaled(float(found.scales[k])) if several[k].is_scaled else several[k]
        for k in near[:TIED]
    ]


def best_of_each(gains: Array, atoms: Dictionary) -> list[int]:
    """Of each kind of atom those with the largest gains: on a coarse grid of scales all kinds imitate each other."""
    taken: dict[tuple[str, str, int], int] = {}
    chosen: list[int] = []
    for k in np.argsort(-gains, kind="stable"):
        if gains[k] <= 0 or len(chosen) == FITTED:
            break
        block = atoms.blocks[atoms.places[k][0]]
        kind = block.kind, block.function, block.beside
        taken[kind] = taken.get(kind, 0) + 1
        if taken[kind] <= (OF_SIMPLE if not block.function else OF_EACH):
            chosen.append(int(k))
    return chosen


def with_atoms(law: Law, atoms: Dictionary, members: tuple[int, ...]) -> Law:
    """The law with more atoms of a dictionary, their weights to be fitted."""
    more = tuple(atoms.atom(k) for k in members)
    return replace(law, atoms=(*law.atoms, *more), weights=(*law.weights, *(0.5 for _ in more)))


def shortened(law: Law, logs: Logs) -> Law:
    """The law without the atoms that it does not need: a first choice may be one that later ones make up for."""
    allowed = logs.is_rounding if logs.is_rounding(error_of(law, logs)) else logs.is_near
    for k in reversed(range(len(law.atoms))):
        trial = solved(law.without(k), logs)
        if any(atom.is_scaled for atom in trial.atoms):
            model = refit(trial.log_model(), logs.x, logs.target, steps=STEPS).expression
            trial = trial.with_constants(model)
        if allowed(error_of(trial, logs)):
            law = trial
    return law


def with_plain_exponents(law: Law, logs: Logs) -> Law:
    """Exponents near a multiple of 1/12 made exact, where the law still leaves rounding."""

    def plain(value: float | Fraction) -> float | Fraction:
        near = Fraction(round(float(value) * LATTICE), LATTICE)
        return near if abs(float(value) - near) * LATTICE <= NEAR else value

    weights = [
        plain(w) if atom.kind == "factor" else w for atom, w in zip(law.atoms, law.weights, strict=True)
    ]
    trial = solved(replace(law, powers=tuple(map(plain, law.powers)), weights=tuple(weights)), logs)
    allowed = logs.is_rounding if logs.is_rounding(error_of(law, logs)) else logs.is_near
    return trial if allowed(error_of(trial, logs)) else law
