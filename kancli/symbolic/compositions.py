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

from kancli.symbolic.composition_grid import FREQUENCIES, Shapes, inner_shapes, outer_starts, residuals
from kancli.symbolic.edge_candidates import free_parameters, searched, to_candidates
from kancli.symbolic.edge_rank import EQUAL, Candidate
from kancli.symbolic.edge_scale import Scaled, subsample
from kancli.symbolic.edge_solver import PER_STEP, Curve, Problems, concatenate, problems, solve
from kancli.symbolic.edge_starts import frequencies
from kancli.symbolic.library import Array, Function

COARSE = 64
FINE = 160
STARTS_PER_PAIR = 3
PAIRS_REFINED = 60
PAIRS_FINISHED = 12

# Not worth a level of their own: a straight line, a step, and powers that are seldom nested.
NEVER = frozenset({"x", "sgn", "x^5", "x^6", "1/x^3", "1/x^4", "power"})
# Chains that are a single function again, or undo themselves.
DEGENERATE = frozenset(
    {("exp", "log"), ("1/x", "1/x"), ("abs", "abs"), ("sin", "arcsin"), ("tan", "arctan"), ("arctan", "tan")}
    | {
        ("arcsin", "sin"),
        ("abs", "exp"),
        ("abs", "cosh"),
        ("abs", "gaussian"),
        ("abs", "x^2"),
        ("abs", "x^4"),
    }
)


def compositions_of(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """The best few chains of two, several pairs of functions, their residuals on all rows."""
    names = frozenset(function.name for function in functions)
    levels = [k for k in searched(functions, names) if functions[k].name not in NEVER]
    tied = [k for k, function in enumerate(functions) if function.name not in NEVER]
    coarse, fine = subsample(edge.curve, COARSE), subsample(edge.curve, FINE)
    omega = np.unique(np.concatenate([frequencies(coarse, edge.curve), FREQUENCIES]))
    shapes = inner_shapes(functions, levels, tied, coarse, omega[omega < 60.0])
    if not len(shapes.values):
        return []
    batch = _best_starts(functions, levels, shapes, coarse)
    batch = _best_per_pair(solve(batch, coarse, steps=10), each=2)
    batch = _best_per_pair(solve(batch, coarse, steps=20), PAIRS_REFINED, each=2)
    batch = solve(batch, fine, steps=30)
    batch = solve(_best_per_pair(batch, PAIRS_FINISHED), edge.curve, steps=80, tolerance=1e-6)
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
        theta = outer_starts(outer)
        table = residuals(outer, theta, shapes, coarse)
        of_shape = np.argmin(table, axis=0)
        best = table[of_shape, np.arange(table.shape[1])]
        for inner_index in np.unique(inner_function):
            inner = functions[inner_index]
            if (outer.name, inner.name) in DEGENERATE:
                continue
            mine = np.flatnonzero(inner_function == inner_index)
            order = mine[np.argsort(best[mine], kind="stable")]
            # The best through the origin has a place of its own: it has fewer parameters to go wrong.
            columns = np.unique(np.concatenate([order[:STARTS_PER_PAIR], order[shapes.tied[order]][:1]]))
            columns = columns[np.isfinite(best[columns])]
            if len(columns):
                parts.append(_pair(functions, index, theta[of_shape[columns]], shapes, columns))
    return concatenate(parts)


def _pair(
    functions: tuple[Function, ...], outer: int, outer_theta: Array, shapes: Shapes, columns: np.ndarray
) -> Problems:
    """Problems of depth 2 for one outer function over the inner shapes `columns`."""
    inner = shapes.problems.take(columns)
    a, b = outer_theta[:, 0], outer_theta[:, 1]
    half, middle = shapes.half[columns], shapes.middle[columns]
    scaled = np.stack([a / half, b - a * middle / half, outer_theta[:, 2]], axis=1)
    free = np.array(
        [
            free_parameters(functions[k], tied=bool(tie)) + free_parameters(functions[outer], tied=False)
            for k, tie in zip(inner.chain[:, 0], shapes.tied[columns], strict=True)
        ]
    )
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
        variants.append(solve(part, curve, steps=40, tolerance=1e-6))
    return variants
