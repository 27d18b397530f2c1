"""The law that a table with noise follows: pursuit in log|y|, then what its description does not need goes.

Errors in proportion to y are those of log|y|. Errors of one size for all rows are fitted by a generalised linear
model with a logarithm as its link (McCullagh & Nelder, Generalized Linear Models, 1989): rows are weighted by y², and
the target is linearised at the fit before. Both are tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.search.factors.atoms import Dictionary, dictionary
from kancli.search.factors.exact import with_atoms
from kancli.search.factors.law import Exponent, Law
from kancli.search.factors.logs import Logs, error_of, solved, without_atoms
from kancli.search.factors.pursuit import pursue
from kancli.symbolic.description import NODE, estimated
from kancli.symbolic.expression import evaluate

Array = NDArray[np.float64]

# Rows in which the dictionary is searched, and rows that a coefficient needs.
ROWS = 400
ROWS_EACH = 3
# Atoms at most: noise hides more.
MOST_ATOMS = 4
# Linearisations of the logarithm, and how far from the fit the target of one may be, in units of the fit.
LINEARISED = 4
FAR = 3.0
# Denominators of exact exponents, and what an exponent that is none of the whole numbers costs more, in nodes.
DENOMINATORS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Rows:
    """x (n, inputs), y (n,) and weight (n,) per squared error of y."""

    x: Array
    y: Array
    weight: Array

    def some(self, rows: int) -> Rows:
        """So many rows at most, evenly spaced."""
        chosen = np.linspace(0, len(self.y) - 1, min(len(self.y), rows)).astype(np.intp)
        return Rows(self.x[chosen], self.y[chosen], self.weight[chosen])


def noisy_laws(rows: Rows, options: FitOptions) -> Iterator[Law]:
    """The law with the shortest description if errors are of one size, and if they are in proportion to y."""
    good = (rows.y != 0) & (rows.x != 0).all(axis=1)
    rows = Rows(rows.x[good], rows.y[good], rows.weight[good])
    few = rows.some(ROWS)
    inputs = rows.x.shape[1]
    if len(few.y) < ROWS_EACH * (inputs + 2):
        return
    atoms = dictionary(few.x, options, "plain")
    for additive in (True, False):
        logs = linearised(few, None) if additive else Logs.of(few.x, few.y)
        law = chosen_law(logs, atoms)
        if additive:
            for _ in range(LINEARISED):
                law = solved(law, linearised(few, law))
            law = chosen_law(linearised(few, law), atoms)
        for _ in range(LINEARISED if additive else 1):
            every = linearised(rows, law) if additive else Logs.of(rows.x, rows.y)
            law = solved(law, every)
        yield plain(law, every, len(atoms.places))


def linearised(rows: Rows, law: Law | None) -> Logs:
    """The regression of log|y| whose errors are those of y, to first order at a law; None: at y itself."""
    if law is None:
        weight = rows.weight * rows.y**2
        return Logs(rows.x, np.log(np.abs(rows.y)), weight / weight.mean())
    with np.errstate(all="ignore"):
        fit = np.abs(evaluate(law.expression(rows.x, rows.y), rows.x))
        sign = np.sign(evaluate(law.expression(rows.x, rows.y), rows.x))
        away = np.clip((rows.y * sign - fit) / fit, -FAR, FAR)
        weight = rows.weight * fit**2
        target = np.log(fit) + away
    usable = np.isfinite(weight) & np.isfinite(target) & (weight > 0)
    if not usable.any():
        return linearised(rows, None)
    weight = np.where(usable, weight, 0.0)
    return Logs(rows.x[usable], target[usable], weight[usable] / weight[usable].mean())


def chosen_law(logs: Logs, atoms: Dictionary) -> Law:
    """Along the pursuit, the law with the shortest description."""
    root = np.sqrt(logs.weight)[:, None]
    inputs = logs.x.shape[1]
    if len(logs.target) != len(atoms.columns):  # rows without a value at the last fit
        return solved(without_atoms(inputs), logs)
    best, least = without_atoms(inputs), math.inf
    path = pursue(logs.base * root, atoms.columns * root, logs.target * root[:, 0], MOST_ATOMS)
    for chosen in path:
        trial = with_atoms(without_atoms(inputs), atoms, chosen.members)
        length = bits(trial, chosen.sse, len(logs.target), len(atoms.places))
        if length < least:
            best, least = trial, length
    return solved(best, logs)


def bits(law: Law, sse: float, rows: int, choices: int) -> float:
    """Description length, the choice of each atom among so many included."""
    coefficients: tuple[Exponent, ...] = (*law.powers, *law.weights)
    free = 1 + sum(isinstance(c, float) for c in coefficients)
    nodes = sum(atom.nodes for atom in law.atoms) + sum(cost(p) for p in law.powers)
    nodes += sum(cost(w) for w in law.weights)
    chosen = len(law.atoms) * math.log2(max(choices, 2))
    return estimated(max(sse, 1e-300) / rows, rows, free, 0) + NODE * nodes + chosen


def cost(exponent: Exponent) -> float:
    """Nodes of a power: the base, the operation, and an exponent that is not 1."""
    if exponent == 0:
        return 0.0
    if isinstance(exponent, float) or exponent == 1:
        return 2.0
    return 3.0 + math.log2(abs(exponent.numerator) * exponent.denominator) / NODE


def plain(law: Law, logs: Logs, choices: int) -> Law:
    """Without the atoms and inputs that the description is shorter without, its exponents exact where that is."""
    rows = len(logs.target)

    def length(trial: Law) -> float:
        return bits(trial, error_of(trial, logs), rows, choices)

    least = length(law)
    while True:
        trials = [solved(law.without(k), logs) for k in range(len(law.atoms))]
        trials += [solved(one, logs) for one in with_one_exact(law)]
        found = min(trials, key=length, default=None)
        if found is None or length(found) >= least:
            return law
        law, least = found, length(found)


def with_one_exact(law: Law) -> Iterator[Law]:
    """The law with one more exponent made exact: 0, or near."""
    for k, p in enumerate(law.powers):
        if isinstance(p, float):
            for near in {Fraction(0), *(Fraction(round(p * d), d) for d in DENOMINATORS)}:
                yield replace(law, powers=(*law.powers[:k], near, *law.powers[k + 1 :]))
    for k, (atom, w) in enumerate(zip(law.atoms, law.weights, strict=True)):
        if isinstance(w, float) and atom.kind == "factor":
            for near in {Fraction(round(w * d), d) for d in DENOMINATORS} - {Fraction(0)}:
                yield replace(law, weights=(*law.weights[:k], near, *law.weights[k + 1 :]))
