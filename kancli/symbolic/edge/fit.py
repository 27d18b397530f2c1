"""Read an elementary function off one edge: its values at the data's activations in, ranked candidates out.

All functions and all starts are one batch: ranked in closed form on some rows that stand for all, the best
few polished there, the best of each function polished on all rows. Two-deep chains, sums and products are
searched only where no single function reaches the noise floor. x and y are scaled first and the scaling undone
exactly, so that data at 1e-20 behave as data at 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from kancli.symbolic.edge.candidates import fit_to_end, free_parameters, searched, to_candidates
from kancli.symbolic.edge.chains.problems import (
    PER_STEP,
    Curve,
    Problems,
    concatenate,
    problems,
    project,
    values,
)
from kancli.symbolic.edge.chains.solver import solve
from kancli.symbolic.edge.chains.starts import frequencies, starts, step_starts, tied_starts
from kancli.symbolic.edge.kinds.compositions import compositions_of
from kancli.symbolic.edge.kinds.rich import rational, rich
from kancli.symbolic.edge.kinds.sums import polynomials, sums_of_two
from kancli.symbolic.edge.ranking import EQUAL, SEARCH_ON, Candidate, believed, level, rank
from kancli.symbolic.edge.scaling import Scaled, scaled, subsample
from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import Array, Function, late_functions

__all__ = ["Candidate", "fit_data", "fit_edge"]

SAMPLE = 128
STARTS_KEPT = 3
POLISHED = 16
WELL_BELOW = 0.1
STAND_IN = 7
# A form more complex than this may be a quotient of polynomials in disguise: cos(2·arctan x).
PLAIN = 8


def fit_edge(
    x: Array,
    y: Array,
    weight: Array | None,
    library: Sequence[Function],
    *,
    floor: float = 1e-12,
    compositions: bool | Literal["auto"] = "auto",
    sums: bool | Literal["auto"] = "auto",
    richer: bool = True,
    top: int = 8,
    origin: float = 0.0,
) -> tuple[Candidate, ...]:
    """Ranked candidates for the function y(x), best first, at most `top`.

    x, y, weight (n,): the edge's inputs, values and squared sensitivities (∂output/∂φ)² at the data rows
    (None: all equal). `floor`: the 1 - r² at which a fit is as good as the values are. `origin`: where x's
    raw zero lies. `compositions`, `sums`: "auto" tries them where nothing simpler reaches the floor; where
    both may be tried and neither reaches it, products and polynomials inside functions follow if `richer`.
    Raises FitError for values that are not finite, or fewer than two different x.
    """
    edge = scaled(x, y, weight, origin)
    if edge.spread == 0.0:
        return (Candidate(Activation((), edge.mean), 0.0, 0),)
    # Starts and steps that leave a domain or overflow are part of the search, and lose it.
    with np.errstate(all="ignore"):
        pool = _pool(edge, tuple(library), floor, compositions, sums, richer=richer)
    return tuple(rank(pool, floor=floor, rounding=edge.rounding, rows=len(edge.rows))[:top])


def fit_data(
    x: Array,
    y: Array,
    weight: Array | None,
    library: Sequence[Function],
    *,
    compositions: bool = True,
    special: Sequence[Function] = (),
    top: int = 8,
) -> tuple[Candidate, ...]:
    """Ranked candidates for measured points x, y (n,) of the given weights, best first, at most `top`.

    Nothing stands between the function and the data here: an exact law is met to rounding, and everything is
    tried until one is; otherwise the errors are white noise, and the shortest description comes first.
    `compositions`: may the functions be nested, added and multiplied. `special`: functions that are tried where
    nothing plain meets the law, and kept where they do.
    Raises FitError for values that are not finite, or fewer than two different x.
    """
    edge = scaled(x, y, weight, 0.0)
    if edge.spread == 0.0:
        return (Candidate(Activation((), edge.mean), 0.0, 0),)
    more: Literal["auto", False] = "auto" if compositions else False
    with np.errstate(all="ignore"):
        pool = _pool(edge, tuple(library), 0.0, more, more, thorough=True, special=tuple(special))
    # All that noise may leave.
    pool.append(Candidate(Activation((), edge.mean), 1.0, 0))
    return tuple(rank(pool, floor=0.0, rounding=edge.rounding, rows=len(edge.rows))[:top])


def fit_noisy(
    x: Array,
    y: Array,
    weight: Array | None,
    library: Sequence[Function],
    noise: float,
    known: Sequence[Candidate],
    *,
    top: int = 8,
) -> tuple[Candidate, ...]:
    """The same where `noise` is the share of the variance of y that no function explains, as is known beforehand.

    Beside the candidates that `fit_edge` gives for that floor, which are `known`, compositions of two functions
    compete, also where a single one leaves no more than the noise: another may have fewer constants.
    """
    edge = scaled(x, y, weight, 0.0)
    with np.errstate(all="ignore"):
        pool = _pool(edge, tuple(library), noise, compositions=True, sums=False)
    return tuple(rank([*known, *pool], floor=0.0, rounding=edge.rounding, rows=len(edge.rows))[:top])


def fit_special(
    x: Array, y: Array, weight: Array | None, special: Sequence[Function], floor: float
) -> tuple[Candidate, ...]:
    """Of the `special` functions those that reach the floor, best first; mostly none. Raises as `fit_edge` does."""
    edge = scaled(x, y, weight, 0.0)
    if edge.spread == 0.0 or not special:
        return ()
    with np.errstate(all="ignore"):
        found = _explaining(edge, tuple(special), floor)
    return tuple(rank(found, floor=floor, rounding=edge.rounding, rows=len(edge.rows)))


def _pool(
    edge: Scaled,
    functions: tuple[Function, ...],
    floor: float,
    compositions: bool | Literal["auto"],
    sums: bool | Literal["auto"],
    *,
    richer: bool = True,
    thorough: bool = False,
    special: tuple[Function, ...] = (),
) -> list[Candidate]:
    """All candidates, from simpler kinds to richer ones until one reaches the floor."""
    pool = single_functions(edge, functions, floor)
    reached = max(SEARCH_ON * floor, edge.rounding)

    def missed(choice: bool | Literal["auto"]) -> bool:
        if choice != "auto":
            return choice
        return not any(believed(candidate, reached, edge.rounding) for candidate in pool)

    if missed(sums):
        pool += polynomials(edge, functions, floor)
    if missed(sums):
        pool += sums_of_two(edge, functions, floor, with_line=True)
    if missed(compositions) or (compositions == "auto" and _only_stand_ins(pool, floor, edge.rounding)):
        pool += compositions_of(edge, functions, floor)
    if missed(sums):
        pool += sums_of_two(edge, functions, floor)
    if richer and compositions == sums == "auto":
        late = late_functions(functions)
        if thorough and late and missed("auto"):
            pool += single_functions(edge, late, floor)
        if special and missed("auto"):
            pool += _explaining(edge, special, floor)
        if missed("auto"):
            pool += rich(edge, functions, floor, thorough=thorough)
        elif min(c.complexity for c in pool if believed(c, reached, edge.rounding)) > PLAIN:
            pool += rational(edge, functions, floor)
    return pool


def _explaining(edge: Scaled, special: tuple[Function, ...], floor: float) -> list[Candidate]:
    """Those of the special functions that reach the floor: what only comes near would be mistaken for them."""
    reached = max(SEARCH_ON * floor, edge.rounding)
    found = single_functions(edge, special, floor)
    return [candidate for candidate in found if believed(candidate, reached, edge.rounding)]


def _only_stand_ins(pool: list[Candidate], floor: float, rounding: float) -> bool:
    """Is the floor reached only just, and only by real powers, which bend to much that is really a pair?"""
    reached = [candidate for candidate in pool if candidate.residual <= max(SEARCH_ON * floor, rounding)]
    exact = any(candidate.residual <= max(WELL_BELOW * floor, rounding) for candidate in reached)
    return not exact and not any(
        candidate.complexity < STAND_IN
        and all(step.exponent is None for term in candidate.activation.terms for step in term.steps)
        for candidate in reached
    )


def single_functions(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """One candidate or two (b free, b = 0) for every function of the library that could be fitted."""
    names = frozenset(function.name for function in functions)
    sample = subsample(edge.curve, SAMPLE)
    batch = _ranked_starts(edge.curve, sample, functions, names)
    batch = solve(batch, sample, steps=20)
    batch = _without_named_powers(fit_to_end(_best_per_form(batch), edge.curve))
    pool = to_candidates(batch, edge, names)
    best = level(pool, floor, edge.rounding)
    return pool + to_candidates(_snapped_exponents(batch, edge.curve, best), edge, names)


def _ranked_starts(
    full: Curve, sample: Curve, functions: tuple[Function, ...], names: frozenset[str]
) -> Problems:
    """The best few starts of every function, free and through the origin, by their closed-form residual."""
    omega = frequencies(sample, full)
    parts = []
    untwinned = set(searched(functions, names))
    for index, function in enumerate(functions):
        for tied in (False, True):
            if not tied and index not in untwinned:
                continue
            if function.at_zero == "jump":
                theta = step_starts(full, tied=tied)
            else:
                theta = tied_starts(function, sample, omega) if tied else starts(function, omega)
            if not len(theta):
                continue
            pivot = sample.origin if tied else 0.0
            free = np.tile(free_parameters(function, tied=tied), (len(theta), 1))
            part = problems(functions, np.full(len(theta), index), theta, free, pivot)
            residual, _, _ = project(values(part, sample.t), sample)
            best = np.argsort(residual, kind="stable")[: STARTS_KEPT + function.has_exponent]
            part = part.take(best)
            parts.append(
                Problems(part.functions, part.chain, part.theta, part.free, part.pivot, residual[best])
            )
    return concatenate(parts)


def _best_per_form(batch: Problems) -> Problems:
    """The best problem of every function and kind (free, tied), then the best of those overall.

    What is as good as the best on the sample stays as well: on a straight line that is half the library.
    """
    best: dict[tuple[int, bool], int] = {}
    for row in np.argsort(batch.residual, kind="stable"):
        key = (int(batch.chain[row, 0]), bool(batch.free[row, 1]))
        if key not in best and np.isfinite(batch.residual[row]):
            best[key] = int(row)
    rows = np.array(list(best.values()), dtype=np.intp)
    equal = batch.residual[rows] <= max(EQUAL * float(batch.residual.min()), 1e-20)
    return batch.take(rows[equal | (np.arange(len(rows)) < POLISHED)])


def _without_named_powers(batch: Problems) -> Problems:
    """Drop real powers that ended at an exponent that has a function of its own in the library."""
    named = np.array([0.0, *(one.degree for one in batch.functions if one.degree is not None)])
    power = np.array([function.has_exponent for function in batch.functions])[batch.chain[:, 0]]
    close = np.min(np.abs(batch.theta[:, 2:3] - named), axis=1) < 1e-3
    return batch.take(np.flatnonzero(~(power & close)))


def _snapped_exponents(batch: Problems, curve: Curve, reached: float) -> Problems:
    """The problems with a real power again, its exponent held at the nearest small fraction."""
    exponents = batch.theta[:, 2::PER_STEP]
    free = batch.free[:, 2::PER_STEP]
    rows = np.flatnonzero(free.any(axis=1) & (batch.residual < np.inf) & (np.abs(exponents) < 12).all(axis=1))
    part = batch.take(rows)
    theta, fixed = part.theta.copy(), part.free.copy()
    for row, column in zip(*np.nonzero(free[rows]), strict=True):
        position = PER_STEP * column + 2
        theta[row, position] = float(small_fraction(theta[row, position]))
        fixed[row, position] = False
    part = Problems(part.functions, part.chain, theta, fixed, part.pivot, np.full(len(rows), np.inf))
    return fit_to_end(part, curve)
