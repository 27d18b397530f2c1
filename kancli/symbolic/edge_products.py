"""Edges that are products of two functions of one input (x·sin x), and sums of chains two deep.

Every pair of shapes is ranked in closed form by a few matrix products, as f·g, as f + g, as s^k·f·g and as a
polynomial times f; the best pairs of functions are polished as one batch on some rows, and the simplest of
those that reach the floor, or the best, on all rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kancli.symbolic.activation import Activation, Step, Term
from kancli.symbolic.edge_forms import (
    DEPTH,
    PRODUCT,
    SUM,
    Form,
    model_of,
    part,
    polynomial_times,
    projected,
)
from kancli.symbolic.edge_problems import PER_STEP, Curve, Problems, values
from kancli.symbolic.edge_rank import UNDERCUT
from kancli.symbolic.edge_scale import Scaled, subsample
from kancli.symbolic.edge_shapes import Shapes, shapes_of
from kancli.symbolic.edge_solver import solve
from kancli.symbolic.edge_starts import frequencies
from kancli.symbolic.library import Array, Function

COARSE = 96
FINE = 256
FREQUENCIES = np.array([0.6, 1.0, 1.5, 2.0, 2.6, 3.2, 4.0, 5.0, 6.3, 8.0, 10.0, 12.5, 15.0, 18.0, 22.0])
PAIRS_POLISHED = 200
EACH = 2
REFINED = 40
FINISHED = 6
DEGREE = 3
# Two shapes closer than this (1 - correlation²) are one written twice.
DISTINCT = 1e-3


def products(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Activation]:
    """The best few activations of s and scaled y for each form, not yet polished on all rows."""
    coarse, fine = subsample(edge.curve, COARSE), subsample(edge.curve, FINE)
    omega = np.unique(np.concatenate([frequencies(coarse, edge.curve), FREQUENCIES]))
    shapes = shapes_of(functions, coarse, omega[omega < 60.0])
    kinds = shapes.names()
    found = []
    for form, batch in (
        (polynomial_times(DEGREE), _polynomial_starts(shapes, kinds, coarse)),
        (PRODUCT, _pair_starts(shapes, kinds, _products_of_two(shapes, coarse))),
        (SUM, _pair_starts(shapes, kinds, _sums_of_two(shapes, coarse))),
    ):
        model = model_of(form)
        batch = _best_of_each(solve(batch, coarse, steps=15, model=model), REFINED)
        batch = solve(batch, fine, steps=30, model=model)
        batch = _simplest(batch, FINISHED, floor)
        found += activations(batch, form, fine)
    return found


def _products_of_two(shapes: Shapes, sample: Curve, power: float = 0.0) -> Array:
    """1 - r² of d + c·f·g for all pairs (K, K), in single precision."""
    f = shapes.values.astype(np.float32)
    w, y = sample.w, sample.y
    outside = np.ones_like(w) if power == 0.0 else np.abs(sample.t - sample.origin) ** power
    mean = (f * (w * outside).astype(np.float32)) @ f.T
    along = (f * (w * outside * y).astype(np.float32)) @ f.T
    square = f * f
    variance = (square * (w * outside * outside).astype(np.float32)) @ square.T
    with np.errstate(all="ignore"):
        varies = variance - mean * mean
        residual = 1.0 - along * along / varies
        residual[~(varies > 1e-5 * variance)] = np.inf
    return np.where(np.isfinite(residual), residual, np.inf)


def _sums_of_two(shapes: Shapes, sample: Curve) -> Array:
    """1 - r² of d + c1·f + c2·g for all pairs (K, K) of which one at least is two deep."""
    z = shapes.values - (shapes.values @ sample.w)[:, None]
    z = z / np.sqrt((z * z) @ sample.w)[:, None]
    f = z.astype(np.float32)
    g = (f * sample.w.astype(np.float32)) @ f.T
    p = f @ (sample.w * sample.y).astype(np.float32)
    with np.errstate(all="ignore"):
        apart = 1.0 - g * g
        residual = 1.0 - (p[:, None] ** 2 + p[None, :] ** 2 - 2.0 * g * np.outer(p, p)) / apart
    line = next(k for k, function in enumerate(shapes.problems.functions) if function.name == "x")
    single = shapes.problems.chain[:, 0] == line
    residual[~(apart > DISTINCT)] = np.inf
    residual[np.ix_(single, single)] = np.inf
    return np.asarray(np.where(np.isfinite(residual), residual, np.inf))


def _pair_starts(shapes: Shapes, kinds: Sequence[str], residual: Array) -> Problems:
    """The best few pairs of every two kinds of shape, as problems."""
    _, kind = np.unique(np.array(kinds), return_inverse=True)
    groups = [np.flatnonzero(kind == k) for k in range(kind.max() + 1)]
    starts: list[tuple[float, int, int]] = []
    for i, rows in enumerate(groups):
        for columns in groups[i:]:
            block = residual[np.ix_(rows, columns)]
            count = min(EACH, block.size)
            for flat in np.argpartition(block, count - 1, axis=None)[:count]:
                row, column = np.unravel_index(flat, block.shape)
                if np.isfinite(block[row, column]):
                    starts.append((float(block[row, column]), int(rows[row]), int(columns[column])))
    starts.sort()
    first = shapes.problems.take(np.array([i for _, i, _ in starts[:PAIRS_POLISHED]], dtype=np.intp))
    second = shapes.problems.take(np.array([j for _, _, j in starts[:PAIRS_POLISHED]], dtype=np.intp))
    return replace(
        first,
        chain=np.concatenate([first.chain, second.chain], axis=1),
        theta=np.concatenate([first.theta, second.theta], axis=1),
        free=np.concatenate([first.free, second.free], axis=1),
    )


def _polynomial_starts(shapes: Shapes, kinds: Sequence[str], sample: Curve) -> Problems:
    """The best few shapes of every kind under a polynomial factor."""
    form = polynomial_times(DEGREE)
    with np.errstate(all="ignore"):
        residual = projected(form.columns([shapes.values], sample.t - sample.origin), sample)[2]
    seen: Counter[str] = Counter()
    rows = []
    for row in np.argsort(residual, kind="stable"):
        if np.isfinite(residual[row]) and seen[kinds[row]] < 2 * EACH and kinds[row] != "x(x)":
            seen[kinds[row]] += 1
            rows.append(int(row))
    return shapes.problems.take(np.array(rows, dtype=np.intp))


def _best_of_each(batch: Problems, count: int) -> Problems:
    """The best of every set of functions and free parameters, then the best `count` of those."""
    rows: list[int] = []
    seen: set[tuple[bytes, bytes]] = set()
    for row in np.argsort(batch.residual, kind="stable"):
        key = (batch.chain[row].tobytes(), batch.free[row].tobytes())
        if key not in seen and np.isfinite(batch.residual[row]):
            seen.add(key)
            rows.append(int(row))
    return batch.take(np.array(rows[:count], dtype=np.intp))


def _simplest(batch: Problems, count: int, floor: float) -> Problems:
    """Up to `count` problems: of those at the floor, or nearly the best, the simplest first."""
    weights = np.array([function.complexity for function in batch.functions])[batch.chain].sum(axis=1)
    weights = weights + batch.free.sum(axis=1)
    reached = batch.residual <= max(floor, UNDERCUT * float(batch.residual.min(initial=np.inf)))
    order = np.lexsort((batch.residual, np.where(reached, weights, 0), ~reached))
    return batch.take(order[:count])


def activations(batch: Problems, form: Form, curve: Curve) -> list[Activation]:
    """Solved problems as activations of s and scaled y."""
    if not len(batch.theta):
        return []
    s = curve.t - curve.origin
    with np.errstate(all="ignore"):
        parts = [values(part(batch, k), curve.t) for k in range(form.chains)]
        columns = form.columns(parts, s)
        c = projected(columns, curve)[1]
        d = -np.einsum("kl,klm->km", c, columns) @ curve.w
    found = []
    for row in range(len(batch.theta)):
        if not np.isfinite(c[row]).all():
            continue
        chains = [chain_of(part(batch, k), row) for k in range(form.chains)]
        if form.name == "f + g":
            terms = tuple(Term(float(c[row, k]), chain) for k, chain in enumerate(chains))
        elif form.name.startswith("P"):
            lead = float(c[row, -1]) or 1.0
            b, a, *higher = (float(q) / lead for q in c[row])
            terms = (Term(lead, (Step("x", a, b, higher=(*higher[:-1], 1.0)),), (chains[0],)),)
        else:
            terms = (Term(float(c[row, 0]), chains[0], tuple(chains[1:])),)
        found.append(Activation(terms, float(d[row])))
    return found


def chain_of(batch: Problems, row: int) -> tuple[Step, ...]:
    """One chain of s; a square inside is written as a polynomial, a plain line not at all."""
    (inner, outer) = (batch.functions[k] for k in batch.chain[row])
    (a1, b1, p1), (a, b, p) = (
        (float(value) for value in batch.theta[row, PER_STEP * k : PER_STEP * (k + 1)]) for k in range(DEPTH)
    )
    exponent = p if outer.name == "power" else None
    if inner.name == "x":
        return (Step(outer.name, a * a1, a * b1 + b, exponent, outer.definition),)
    if inner.name == "x^2":
        q = a * a1 * a1
        higher: tuple[float, ...] = (q,)
        return (Step(outer.name, 2 * a * a1 * b1, b + a * b1 * b1, exponent, outer.definition, higher),)
    if inner.name == "x^3" and b1 == 0.0:
        return (Step(outer.name, 0.0, b, exponent, outer.definition, (0.0, a * a1**3)),)
    first = Step(inner.name, a1, b1, p1 if inner.name == "power" else None, inner.definition)
    return (first, Step(outer.name, a, b, exponent, outer.definition))
