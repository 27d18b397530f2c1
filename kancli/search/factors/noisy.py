"""The law that a table with noise follows: pursuit in log|y|, then what its description does not need goes.

Errors in proportion to y are those of log|y|. Errors of one size for all rows are fitted by a generalised linear
model with a logarithm as its link (McCullagh & Nelder, Generalized Linear Models, 1989): rows are weighted by y², and
the target is linearised at the fit before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.search.factors.atoms import Dictionary, dictionary
from kancli.search.factors.exact import with_atoms
from kancli.search.factors.law import Exponent, Law
from kancli.search.factors.logs import FLAT, Logs, columns_of, solved, without_atoms
from kancli.search.factors.pursuit import pursue
from kancli.symbolic.description import NODE, estimated
from kancli.symbolic.expression import evaluate
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.least_squares.single import QR
from kancli.symbolic.noise import even, is_noise
from kancli.work import spend

Array = NDArray[np.float64]

# Rows in which the dictionary is searched, and rows that a coefficient needs.
ROWS = 240
ROWS_EACH = 3
# Atoms at most, as noise hides more; first choices, and laws of each error model that are proposed.
MOST_ATOMS, FIRST, BEST = 4, 3, 2
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
    """Laws with the shortest descriptions if errors are of one size; if no exponents are plain then,
    also if errors are in proportion to y."""
    good = (rows.y != 0) & (rows.x != 0).all(axis=1)
    rows = Rows(rows.x[good], rows.y[good], rows.weight[good])
    few = rows.some(ROWS)
    inputs = rows.x.shape[1]
    if len(few.y) < ROWS_EACH * (inputs + 2):
        return
    atoms = dictionary(few.x, options, "plain")
    for additive in (True, False):
        logs = linearised(few, None) if additive else Logs.of(few.x, few.y)
        found: list[tuple[float, Law]] = []
        for law in chosen_laws(logs, atoms):
            if additive:
                for _ in range(LINEARISED):
                    law = solved(law, linearised(few, law))
            if not leaves_noise(law, few):
                continue
            for _ in range(LINEARISED if additive else 1):
                every = linearised(rows, law) if additive else Logs.of(rows.x, rows.y)
                law = solved(law, every)
            found.append(plain(law, every, len(atoms.places)))
        found.sort(key=lambda one: one[0])
        good_ones = [law for _, law in found if is_plain(law)][:BEST]
        yield from good_ones
        if good_ones and not any(isinstance(p, float) for p in good_ones[0].powers):
            return


def is_plain(law: Law) -> bool:
    """Whether the exponents are exact wherever there is more than a product of powers: others bend a function to the
    noise."""
    factors = [w for a, w in zip(law.atoms, law.weights, strict=True) if a.kind == "factor"]
    return not law.atoms or all(isinstance(p, Fraction) for p in (*law.powers, *factors))


def leaves_noise(law: Law, rows: Rows) -> bool:
    """Whether the inputs explain nothing of what a law leaves."""
    with np.errstate(all="ignore"):
        left = rows.y - np.broadcast_to(evaluate(law.expression(rows.x, rows.y), rows.x), len(rows.y))
    return bool(np.isfinite(left).all()) and is_noise(rows.x, even(left, rows.weight))


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


def chosen_laws(logs: Logs, atoms: Dictionary) -> list[Law]:
    """From each of several first choices, the law on the way with the shortest description."""
    root = np.sqrt(logs.weight)[:, None]
    inputs = logs.x.shape[1]
    found: dict[frozenset[int], Law] = {}
    for place in range(FIRST):
        best: tuple[int, ...] = ()
        least = math.inf
        path = pursue(logs.base * root, atoms.columns * root, logs.target * root[:, 0], MOST_ATOMS, place)
        for chosen in path:
            trial = with_atoms(without_atoms(inputs), atoms, chosen.members)
            length = bits(trial, chosen.sse, len(logs.target), len(atoms.places))
            if length < least:
                best, least = chosen.members, length
        found.setdefault(frozenset(best), solved(with_atoms(without_atoms(inputs), atoms, best), logs))
    return list(found.values())


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


@dataclass(frozen=True)
class Reduced:
    """A regression of as many rows as coefficients that has the same fits (its QR factors): `matrix` (p, p), `target`
    (p,), and the squared error `rest` that no coefficients take away; `nodes` of each."""

    matrix: Array
    target: Array
    rest: float
    rows: int
    nodes: tuple[float, ...]

    @staticmethod
    def of(law: Law, logs: Logs) -> Reduced:
        root = np.sqrt(logs.weight)[:, None]
        every = np.concatenate([logs.base, columns_of(law, logs.x), logs.target[:, None]], axis=1) * root
        triangle: Array = np.asarray(np.linalg.qr(every, mode="r"))
        p = every.shape[1] - 1
        spend(QR * every.size * p)
        nodes = (0.0,) * (1 + len(law.powers)) + tuple(float(atom.nodes) for atom in law.atoms)
        return Reduced(triangle[:p, :p], triangle[:p, p], float(triangle[p, p] ** 2), len(every), nodes)


@dataclass(frozen=True)
class Choice:
    """A coefficient of each column, exact, fitted, or None where the column is left out; `bits` of the whole."""

    coefficients: tuple[Exponent | None, ...]
    bits: float


def plain(law: Law, logs: Logs, choices: int) -> tuple[float, Law]:
    """Without the atoms and inputs that the description is shorter without, its exponents exact where that is; the
    length of that."""
    reduced = Reduced.of(law, logs)
    inputs, kinds = len(law.powers), [atom.kind for atom in law.atoms]
    best = judged((law.constant, *law.powers, *law.weights), reduced, inputs, choices)
    while True:
        trials = [
            judged((*best.coefficients[:k], new, *best.coefficients[k + 1 :]), reduced, inputs, choices)
            for k, own in enumerate(best.coefficients)
            if k and isinstance(own, float)
            for new in instead(own, k > inputs, k <= inputs or kinds[k - 1 - inputs] == "factor")
        ]
        found = min(trials, key=lambda c: c.bits, default=best)
        if found.bits >= best.bits:
            break
        best = found
    constant, *rest = best.coefficients
    kept = [k for k in range(len(law.atoms)) if rest[inputs + k] is not None]
    return best.bits, Law(
        float(constant or 0.0),
        tuple(p if p is not None else Fraction(0) for p in rest[:inputs]),
        tuple(law.atoms[k] for k in kept),
        tuple(w for w in rest[inputs:] if w is not None),
    )


def instead(value: float, is_atom: bool, is_exponent: bool) -> set[Exponent | None]:
    """What may stand in place of a fitted coefficient: nothing, or, of an exponent, a fraction nearby."""
    near = {Fraction(round(value * d), d) for d in DENOMINATORS} if is_exponent else set()
    return {None if is_atom else Fraction(0), *(near - {Fraction(0)})}


def judged(coefficients: tuple[Exponent | None, ...], reduced: Reduced, inputs: int, choices: int) -> Choice:
    """The fitted ones among the coefficients fitted again, and the description length."""
    known = np.array([0.0 if c is None else float(c) for c in coefficients])
    free = np.array([isinstance(c, float) for c in coefficients])
    left = reduced.target - reduced.matrix[:, ~free] @ known[~free]
    own = reduced.matrix[:, free]
    scale = np.sqrt(np.einsum("ij,ij->j", own, own))
    scale[scale == 0] = 1.0
    values = lstsq(own / scale, left, rcond=FLAT) / scale
    residual = left - own @ values
    known[free] = values
    new = tuple(float(v) if isinstance(c, float) else c for c, v in zip(coefficients, known, strict=True))
    there = [k for k, c in enumerate(new) if c is not None]
    atoms = sum(k > inputs for k in there)
    nodes = sum(reduced.nodes[k] + cost(c) for k, c in enumerate(new) if k and c is not None)
    sse = max(float(residual @ residual) + reduced.rest, 1e-300)
    length = estimated(sse / reduced.rows, reduced.rows, int(free.sum()), 0)
    return Choice(new, length + NODE * nodes + atoms * math.log2(max(choices, 2)))
