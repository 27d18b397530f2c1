"""Two-deep chains c·f2(a2·f1(a1·x + b1) + b2) + d behind one edge.

A coarse grid over both functions is ranked in closed form on a few rows, the best starts of every pair are
polished as one batch, the best pairs fitted to the end on all rows; then offsets that the data do not ask
for are set to 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.candidates import fit_to_end, free_parameters, searched, to_candidates
from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, concatenate, problems
from kancli.symbolic.edge.chains.solver import solve
from kancli.symbolic.edge.chains.starts import frequencies
from kancli.symbolic.edge.kinds.composition_grid import FREQUENCIES, Shapes, best_outer, inner_shapes
from kancli.symbolic.edge.ranking import EQUAL, UNDERCUT, Candidate
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.library.functions import Array, Function

COARSE = 64
FINE = 160
STARTS_PER_PAIR = 4
# A wave over a wave has many valleys.
STARTS_PER_WAVE = 10
PAIRS_REFINED = 60
PAIRS_FINISHED = 12


def compositions_of(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """The best few chains of two, several pairs of functions, their residuals on all rows."""
    names = frozenset(function.name for function in functions)
    levels = [k for k in searched(functions, names) if functions[k].worth_nesting]
    tied = [k for k, function in enumerate(functions) if function.worth_nesting]
    if not levels:
        return []
    coarse, fine = subsample(edge.curve, COARSE), subsample(edge.curve, FINE)
    omega = np.unique(np.concatenate([frequencies(coarse, edge.curve), FREQUENCIES]))
    shapes = inner_shapes(functions, levels, tied, coarse, omega[omega < 60.0])
    if not len(shapes.values):
        return []
    batch = _best_starts(functions, levels, shapes, coarse)
    batch = _best_per_pair(solve(batch, coarse, steps=10), each=2)
    batch = _best_per_pair(solve(batch, coarse, steps=20), PAIRS_REFINED, each=2)
    batch = solve(batch, fine, steps=30)
    batch = fit_to_end(_simplest(_best_per_pair(batch), PAIRS_FINISHED, floor), edge.curve)
    best = float(batch.residual.min(initial=np.inf))
    batch = concatenate(
        [batch, *_without_offsets(batch, edge.curve, max(EQUAL * floor, edge.rounding, EQUAL * best))]
    )
    return to_candidates(batch, edge, names)


def _best_starts(
    functions: tuple[Function, ...], levels: Sequence[int], shapes: Shapes, coarse: Curve
) -> Problems:
    """The best starts of every pair, no two of one pair with the same inner shape."""
    inner_function = shapes.problems.chain[:, 0]
    parts = []
    for index in levels:
        outer = functions[index]
        best, theta = best_outer(outer, shapes, coarse)
        places = STARTS_PER_PAIR if outer.wave is None else STARTS_PER_WAVE
        for inner_index in np.unique(inner_function):
            inner = functions[inner_index]
            if inner.name in outer.trivial_over:
                continue
            mine = np.flatnonzero(inner_function == inner_index)
            order = mine[np.argsort(best[mine], kind="stable")]
            order = order[np.isfinite(best[order])]
            # The best through the origin is also fitted as such: it has fewer parameters to go wrong.
            for columns, tied in ((order[:places], False), (order[shapes.tied[order]][:1], True)):
                if len(columns):
                    parts.append(_pair(functions, index, theta[columns], shapes, columns, tied=tied))
    return concatenate(parts)


def _pair(
    functions: tuple[Function, ...],
    outer: int,
    outer_theta: Array,
    shapes: Shapes,
    columns: NDArray[np.intp],
    *,
    tied: bool,
) -> Problems:
    """Problems of depth 2 for one outer function over shapes of one inner function, `tied` with b1 held."""
    inner = shapes.problems.take(columns)
    a, b = outer_theta[:, 0], outer_theta[:, 1]
    half, middle = shapes.half[columns], shapes.middle[columns]
    scaled = np.stack([a / half, b - a * middle / half, outer_theta[:, 2]], axis=1)
    one = free_parameters(functions[inner.chain[0, 0]], tied=tied)
    free = np.tile(one + free_parameters(functions[outer], tied=False), (len(columns), 1))
    chain = np.stack([inner.chain[:, 0], np.full(len(columns), outer)], axis=1)
    return problems(functions, chain, np.concatenate([inner.theta, scaled], axis=1), free, inner.pivot)


def _best_per_pair(batch: Problems, count: int | None = None, each: int = 1) -> Problems:
    """The best `each` of every pair, then the best `count` of those."""
    rows: list[int] = []
    seen: Counter[tuple[int, ...]] = Counter()
    for row in np.argsort(batch.residual, kind="stable"):
        key = tuple(batch.chain[row])
        if seen[key] < each and np.isfinite(batch.residual[row]):
            seen[key] += 1
            rows.append(int(row))
    return batch.take(np.array(rows[:count], dtype=np.intp))


def _simplest(batch: Problems, count: int, floor: float) -> Problems:
    """Up to `count` problems: of those at the floor, or nearly the best, the simplest first."""
    weights = np.array([function.complexity for function in batch.functions])[batch.chain].sum(axis=1)
    reached = batch.residual <= max(floor, UNDERCUT * float(batch.residual.min(initial=np.inf)))
    order = np.lexsort((batch.residual, np.where(reached, weights, 0), ~reached))
    return batch.take(order[:count])


def _without_offsets(batch: Problems, curve: Curve, reached: float) -> list[Problems]:
    """The problems near the floor again, through the origin and without b2, each and both."""
    near = batch.take(np.flatnonzero(batch.residual <= reached))
    variants = []
    for inner, outer in ((True, False), (False, True), (True, True)):
        theta, free, pivot = near.theta.copy(), near.free.copy(), near.pivot.copy()
        usable = np.ones(len(theta), dtype=bool)
        if inner:
            usable &= free[:, 1]
            theta[:, 1], free[:, 1], pivot[:] = 0.0, False, curve.origin
        if outer:
            usable &= free[:, PER_STEP + 1]
            theta[:, PER_STEP + 1], free[:, PER_STEP + 1] = 0.0, False
        part = replace(near, theta=theta, free=free, pivot=pivot).take(np.flatnonzero(usable))
        variants.append(fit_to_end(part, curve))
    return variants
