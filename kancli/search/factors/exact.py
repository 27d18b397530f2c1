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
# Exact exponents are multiples of one over this; an estimate must be nearer than this, in units of them.
LATTICE = 12
NEAR = 1e-4
# Steps of a fit of all constants in log|y|.
STEPS = 30


def exact_laws(x: Array, y: Array, options: FitOptions) -> Iterator[Law]:
    """Laws that leave rounding of log|y|, those of the shortest atoms first."""
    logs = Logs.of(x, y)
    few = logs.some(ROWS)
    if len(few.target) <= 2 * few.base.shape[1]:
        return
    alone = solved(without_atoms(x.shape[1]), few)
    if few.is_rounding(error_of(alone, few)):
        yield with_plain_exponents(alone, few)
    for stage in STAGES:
        atoms = dictionary(few.x, options, stage)
        grow = scaled_law if stage == "scaled" else plain_law
        found = grow(few, atoms)
        if found is not None and len(found.atoms) <= MOST_ATOMS:
            yield with_plain_exponents(found, few)


def plain_law(logs: Logs, atoms: Dictionary) -> Law | None:
    """The law that pursuit comes to, without the columns that it took on the way and does not need; None where more
    than rounding is left."""
    base = logs.base
    most = min(MOST_CHOSEN, len(logs.target) // 4 - base.shape[1])
    for place in range(FIRST):
        for chosen in pursue(base, atoms.columns, logs.target, most, place):
            if logs.is_rounding(chosen.sse):
                whole = with_atoms(without_atoms(logs.x.shape[1]), atoms, chosen.members)
                found = shortened(solved(whole, logs), logs)
                if len(found.atoms) <= MOST_ATOMS:
                    return found
                break
    return None


def scaled_law(logs: Logs, atoms: Dictionary) -> Law | None:
    """The same with scales: of the atoms that gain most on their grid, the one that gains most when its scale is
    fitted; then all constants together."""
    law = solved(without_atoms(logs.x.shape[1]), logs)
    for _ in range(MOST_SCALED):
        base = np.concatenate([logs.base, columns_of(law, logs.x)], axis=1)
        best = best_scaled(logs, base, atoms)
        if best is None:
            return None
        law = solved(replace(law, atoms=(*law.atoms, best), weights=(*law.weights, 0.5)), logs)
        fit = refit(law.log_model(), logs.x, logs.target, steps=STEPS)
        law = law.with_constants(fit.expression)
        if logs.is_rounding(fit.sse):
            return shortened(law, logs)
    return None


def best_scaled(logs: Logs, base: Array, atoms: Dictionary) -> Atom | None:
    """The atom that lowers the error most, its scale fitted."""
    several = [atoms.atom(k) for k in best_of_each(gains_of(base, atoms.columns, logs.target), atoms)]
    if not several:
        return None
    found = fit_scales(several, logs.x, base, logs.target)
    best = int(np.argmin(found.sse))
    return several[best].rescaled(float(found.scales[best])) if several[best].is_scaled else several[best]


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
    for k in reversed(range(len(law.atoms))):
        trial = solved(law.without(k), logs)
        if any(atom.is_scaled for atom in trial.atoms):
            model = refit(trial.log_model(), logs.x, logs.target, steps=STEPS).expression
            trial = trial.with_constants(model)
        if logs.is_rounding(error_of(trial, logs)):
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
    return trial if logs.is_rounding(error_of(trial, logs)) else law
