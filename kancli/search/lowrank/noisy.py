"""The sum of products that a table with noise follows: the one with the shortest description that leaves but noise.

Beside a whole polynomial little is left of most functions, and noise hides which it was. So polynomials of several
degrees are extended and pruned by description length, and the best of these go on: with one more term, or one
exchanged for another, and again without what they do not need.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from kancli.search.lowrank.atoms import Kind, kinds
from kancli.search.lowrank.dictionary import Side, sides_of
from kancli.search.lowrank.model import Column, Fit, Model, fitted, monomials
from kancli.search.lowrank.pursuit import DEGREE, MOST_COLUMNS, ROWS_EACH, extended
from kancli.search.lowrank.sparse import losses
from kancli.symbolic.description import NODE, estimated
from kancli.symbolic.expression import complexity, constants

Array = NDArray[np.float64]
Length = Callable[[Fit], float]

# Extensions of each polynomial, and of each model later, that are fitted; exchanges of each term; models that go on.
EXTENDED, LATER, EXCHANGED, BEAM = 4, 3, 2, 2
# Starts of terms that are fitted at once.
STARTS = 40
# Rounds at most; steps of the fit of all constants together.
ROUNDS, STEPS = 4, 10
# Columns that are tried in vain before none goes.
VAIN = 3
TINY = 1e-300


def noisy_fits(x: Array, y: Array, names: frozenset[str]) -> Iterator[Fit]:
    """Models of y (n,) at x (n, inputs), each as short as its kind allows, in the order in which they are come to."""
    inputs = x.shape[1]
    most = min(MOST_COLUMNS, len(y) // ROWS_EACH)
    sides = sides_of(x, names)
    length = length_on(x, names)
    beam: list[Fit] = []
    for degree in range(DEGREE + 1):
        several = monomials(inputs, degree)
        if len(several) > most:
            break
        base = fitted(Model((), tuple(Column(m) for m in several)), x, y)
        found = [pruned(base, x, y, length)]
        found += improved(extended(base, sides, x, y, length, most=STARTS)[:EXTENDED], x, y, length)
        yield from found
        beam += found
    beam = shortest(beam, length)[:BEAM]
    for _ in range(ROUNDS):
        found = [new for one in beam for new in neighbours(one, sides, x, y, length)]
        yield from found
        before = length(beam[0])
        beam = shortest([*beam, *found], length)[:BEAM]
        if length(beam[0]) >= before:
            return


def neighbours(fit: Fit, sides: Sequence[Side], x: Array, y: Array, length: Length) -> Iterator[Fit]:
    """The model with a term more, and with terms exchanged."""
    yield from improved(extended(fit, sides, x, y, length, most=STARTS, plain=True)[:LATER], x, y, length)
    for some in exchangeable(fit.model):
        model = fit.model
        for column in sorted(some, reverse=True):
            model = model.without(column)
        if model.columns:
            trials = extended(fitted(model, x, y), sides, x, y, length, most=STARTS, plain=True)
            yield from improved(trials[:EXCHANGED], x, y, length)


def exchangeable(model: Model) -> list[tuple[int, ...]]:
    """Columns that one term may replace: each with atoms, and all powers of an input, with the constant and without;
    for these are what a polynomial has instead of a function."""
    columns = list(enumerate(model.columns))
    several: set[tuple[int, ...]] = {(k,) for k, c in columns if c.atoms}
    constant = tuple(k for k, c in columns if not c.atoms and not any(c.monomial))
    for i in range(len(model.columns[0].monomial)):
        own = tuple(k for k, c in columns if not c.atoms and 0 < c.monomial[i] == sum(c.monomial))
        several |= {own, tuple(sorted((*own, *constant)))}
    return sorted(some for some in several if some)


def improved(trials: Sequence[Fit], x: Array, y: Array, length: Length) -> list[Fit]:
    """All constants of each fitted together, and without what it does not need."""
    return [pruned(fitted(t.model, x, y, STEPS), x, y, length) for t in trials]


def pruned(fit: Fit, x: Array, y: Array, length: Length) -> Fit:
    """The model without the columns that the description is shorter without."""
    while len(fit.model.columns) > 1 and math.isfinite(fit.error):
        for column in np.argsort(losses(fit, x, y), kind="stable")[:VAIN].tolist():
            fewer = fitted(fit.model.without(column), x, y)
            if length(fewer) >= length(fit) and len(fewer.model.theta):
                fewer = fitted(fewer.model, x, y, STEPS)
            if length(fewer) < length(fit):
                fit = fewer
                break
        else:
            return fit
    return fit


def shortest(fits: Sequence[Fit], length: Length) -> list[Fit]:
    """The best one of each form, the shortest first."""
    known: dict[tuple[str, ...], Fit] = {}
    for fit in sorted(fits, key=length):
        known.setdefault(form_of(fit.model), fit)
    return list(known.values())


def form_of(model: Model) -> tuple[str, ...]:
    """A model without its constants."""
    atoms = [f"{a.kind} {a.i}" for a in model.atoms]
    return tuple(sorted(f"{c.monomial} {sorted(atoms[a] for a in c.atoms)}" for c in model.columns))


def length_on(x: Array, names: frozenset[str]) -> Length:
    """Bits of a model fitted at x (n, inputs)."""
    negative = tuple(bool(column.min() < 0) for column in x.T)
    return partial(described, rows=len(x), negative=negative, choices=len(kinds(names)))


def described(fit: Fit, *, rows: int, negative: Sequence[bool], choices: int) -> float:
    """Bits of the description, the choice of each atom among so many kinds included; `negative`: which inputs have
    values below 0."""
    model = fit.model
    if not math.isfinite(fit.error):
        return math.inf
    own = [nodes_of(a.kind, negative[a.i]) for a in model.atoms]
    nodes = 0
    for column in model.columns:
        parts = [2 if p > 1 else 1 for p in column.monomial if p] + [own[a] for a in column.atoms]
        nodes += sum(parts) + len(parts)
    free = len(model.columns) + len(model.theta)
    length = estimated(max(fit.error**2, TINY), rows, free, 0)
    return length + NODE * nodes + len(model.atoms) * math.log2(choices)


@lru_cache(maxsize=1024)
def nodes_of(kind: Kind, negative: bool) -> int:
    """Nodes of an atom of this kind that are no constants."""
    expression = kind.expression(0, (0.7,) * kind.constants, negative)
    return complexity(expression) - len(constants(expression))
