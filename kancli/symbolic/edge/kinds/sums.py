"""Edges that are a sum: polynomials, and two functions side by side (x + sin x)."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.edge.candidates import candidate_of, fit_to_end, free_parameters, searched
from kancli.symbolic.edge.chains.canonical import canonical_term
from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, Problems, problems, values
from kancli.symbolic.edge.chains.solver import Anchors, Model, advance, equations, move_step, solve
from kancli.symbolic.edge.chains.starts import frequencies
from kancli.symbolic.edge.kinds.composition_grid import FREQUENCIES, Shapes, inner_shapes
from kancli.symbolic.edge.ranking import EQUAL, Candidate
from kancli.symbolic.edge.scaling import Scaled, subsample
from kancli.symbolic.least_squares.batched import project
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.library.activation import Activation, Step, Term
from kancli.symbolic.library.functions import NAMED_POWERS, Array, Function

COARSE = 96
PAIRS_POLISHED = 260
PAIRS_FINISHED = 10
# Two columns closer than this (1 - correlation²) are one function written twice.
DISTINCT = 1e-4


def polynomials(edge: Scaled, functions: tuple[Function, ...], floor: float) -> list[Candidate]:
    """The best sum of powers about the raw origin for every number of terms from two.

    Powers x … x^6, and where the origin lies outside the data up to three terms with 1/x … 1/x^4 among
    them. More terms are tried only until the floor is reached.
    """
    whole = sorted(int(one.degree) for one in functions if one.degree is not None and one.degree.is_integer())
    curve = edge.curve
    shifted = curve.t - curve.origin
    outside = bool((shifted > 1e-9).all() or (shifted < -1e-9).all())
    degrees = [degree for degree in whole if degree > 0 or outside]
    reach = float(np.max(np.abs(shifted)))
    columns = np.stack([(shifted / reach) ** degree for degree in degrees])
    z = columns - (columns @ curve.w)[:, None]
    scale = np.sqrt((z * z) @ curve.w)
    # Products of all columns once: the subsets are then screened by small systems only.
    gram = ((z * curve.w) @ z.T) / np.outer(scale, scale)
    along = (z @ (curve.w * curve.y)) / scale
    found: list[Candidate] = []
    for count in range(2, 7):
        subsets = [
            subset
            for subset in itertools.combinations(range(len(degrees)), count)
            if count <= 3 or degrees[subset[0]] > 0
        ]
        if not subsets:
            break
        index = np.array(subsets)
        systems = gram[index[:, :, None], index[:, None, :]] + 1e-15 * np.eye(count)
        explained = np.einsum(
            "sk,sk->s", along[index], np.linalg.solve(systems, along[index][:, :, None])[:, :, 0]
        )
        for s in np.argsort(-explained, kind="stable")[:2]:
            subset = index[s]
            solution, error = _least_squares(z[subset], curve)
            if not np.isfinite(solution).all():
                continue
            polynomial = _polynomial(edge, [degrees[k] for k in subset], solution, reach, columns[subset])
            found.append(candidate_of(polynomial, edge))
            if float((error * error) @ curve.w) <= max(floor, edge.rounding):
                return found
    return found


def _least_squares(z: Array, curve: Curve) -> tuple[Array, Array]:
    """Weighted least squares of the curve on columns z (k, m): coefficients and errors."""
    root = np.sqrt(curve.w)
    solution = lstsq((z * root).T, curve.y * root, rcond=1e-14)
    return solution, curve.y - solution @ z


def _polynomial(
    edge: Scaled, degrees: list[int], solution: Array, reach: float, columns: Array
) -> Activation:
    """Raw coefficients about the raw origin; elsewhere than at 0, every power keeps its offset."""
    unit = edge.half * reach
    offset = -edge.origin if edge.origin else 0.0
    terms = [
        Term(
            float(c) * edge.spread / unit**degree,
            (Step(NAMED_POWERS[degree], 1.0, 0.0 if degree == 1 else offset),),
        )
        for degree, c in sorted(
            zip(degrees, solution, strict=True), key=lambda pair: (pair[0] < 0, abs(pair[0]))
        )
    ]
    # The straight part has no offset of its own.
    line = sum(term.c * edge.origin for term in terms if term.steps[0].is_line)
    mean = float(solution @ (columns @ edge.curve.w)) * edge.spread
    return Activation(tuple(terms), edge.mean - mean - line)


def sums_of_two(
    edge: Scaled, functions: tuple[Function, ...], floor: float, *, with_line: bool = False
) -> list[Candidate]:
    """The best few sums c1·f1(a1·x + b1) + c2·f2(a2·x + b2) + d; `with_line`: only where f1 is x."""
    names = frozenset(function.name for function in functions)
    indices = [k for k in searched(functions, names) if functions[k].worth_adding]
    tied = [k for k, function in enumerate(functions) if function.worth_adding and not function.is_line]
    if not indices:
        return []
    sample = subsample(edge.curve, COARSE)
    peaks = frequencies(sample, edge.curve)
    shapes = inner_shapes(functions, indices, tied, sample, np.unique(np.concatenate([peaks, FREQUENCIES])))
    batch = _best_pairs(functions, shapes, sample, with_line=with_line)
    batch = solve(batch, sample, steps=25, model=SUMS)
    batch = _best_of_each(batch, PAIRS_FINISHED)
    batch = fit_to_end(batch, edge.curve, SUMS)
    best = max(EQUAL * floor, edge.rounding, EQUAL * float(batch.residual.min(initial=np.inf)))
    found = _candidates(batch, edge, names)
    for variant in _without_offsets(batch.take(np.flatnonzero(batch.residual <= best)), edge.curve):
        found += _candidates(variant, edge, names)
    return found


def _best_pairs(
    functions: tuple[Function, ...], shapes: Shapes, sample: Curve, *, with_line: bool
) -> Problems:
    """The pairs of shapes that explain most, two per pair of functions, from one matrix of products."""
    z = shapes.values - (shapes.values @ sample.w)[:, None]
    z = z / np.sqrt((z * z) @ sample.w)[:, None]
    g = (z * sample.w) @ z.T
    p = z @ (sample.w * sample.y)
    apart = 1.0 - g * g
    square = p * p
    with np.errstate(all="ignore"):
        explained = (square[:, None] + square[None, :] - 2.0 * g * np.outer(p, p)) / apart
    explained = np.where(apart > DISTINCT, explained, -np.inf)
    function_of = shapes.problems.chain[:, 0]
    starts = []
    kinds = np.unique(function_of)
    for one, other in itertools.combinations_with_replacement(kinds, 2):
        if with_line and not (functions[one].is_line or functions[other].is_line):
            continue
        rows, columns = np.flatnonzero(function_of == one), np.flatnonzero(function_of == other)
        block = explained[np.ix_(rows, columns)]
        for flat in np.argsort(block, axis=None)[::-1][:2]:
            i, j = np.unravel_index(flat, block.shape)
            if np.isfinite(block[i, j]):
                starts.append((float(block[i, j]), int(rows[i]), int(columns[j])))
    starts.sort(reverse=True)
    first = np.array([i for _, i, _ in starts[:PAIRS_POLISHED]], dtype=np.intp)
    second = np.array([j for _, _, j in starts[:PAIRS_POLISHED]], dtype=np.intp)
    chain = np.stack([function_of[first], function_of[second]], axis=1)
    theta = np.concatenate([shapes.problems.theta[first], shapes.problems.theta[second]], axis=1)
    # The pivots of the two differ: a shape through the origin is written with its b instead.
    theta[:, 1] -= theta[:, 0] * shapes.problems.pivot[first]
    theta[:, 4] -= theta[:, 3] * shapes.problems.pivot[second]
    free = np.array(
        [
            free_parameters(functions[i], tied=False) + free_parameters(functions[j], tied=False)
            for i, j in chain
        ]
    ).reshape(-1, 2 * PER_STEP)
    return problems(functions, chain, theta, free, 0.0)


def _best_of_each(batch: Problems, count: int) -> Problems:
    rows: list[int] = []
    seen: Counter[tuple[int, ...]] = Counter()
    for row in np.argsort(batch.residual, kind="stable"):
        key = tuple(batch.chain[row])
        if not seen[key] and np.isfinite(batch.residual[row]):
            seen[key] += 1
            rows.append(int(row))
    return batch.take(np.array(rows[:count], dtype=np.intp))


def _without_offsets(batch: Problems, curve: Curve) -> list[Problems]:
    """The sums again with the first, the second, and both functions through the raw origin."""
    variants = []
    for held in ((0,), (1,), (0, 1)):
        theta, free = batch.theta.copy(), batch.free.copy()
        usable = np.ones(len(theta), dtype=bool)
        for k in held:
            usable &= free[:, PER_STEP * k + 1]
            theta[:, PER_STEP * k + 1] = 0.0
            free[:, PER_STEP * k + 1] = False
        # Measured from the origin, the other function's b moves along.
        for k in {0, 1} - set(held):
            theta[:, PER_STEP * k + 1] += theta[:, PER_STEP * k] * curve.origin
        pivot = np.full(len(theta), curve.origin)
        part = replace(batch, theta=theta, free=free, pivot=pivot).take(np.flatnonzero(usable))
        variants.append(fit_to_end(part, curve, SUMS))
    return variants


def _candidates(batch: Problems, edge: Scaled, names: frozenset[str]) -> list[Candidate]:
    found = []
    with np.errstate(all="ignore"):
        for row in np.flatnonzero(np.isfinite(batch.residual)):
            activation = _activation(batch.take(np.array([row])), edge, names)
            if activation is not None:
                found.append(candidate_of(activation, edge))
    return found


def _activation(one: Problems, edge: Scaled, names: frozenset[str]) -> Activation | None:
    """A single solved sum in raw units, canonical; None where a constant leaves the range of floats."""
    columns = np.concatenate([values(_half(one, k), edge.curve.t) for k in range(2)])
    means = columns @ edge.curve.w
    solution, _ = _least_squares(columns - means[:, None], edge.curve)
    d = [edge.mean - float(solution @ means) * edge.spread]
    zero = edge.origin if one.pivot[0] != 0.0 or edge.curve.origin == 0.0 else edge.middle
    terms = []
    try:
        for k, c in enumerate(solution):
            a, b, p = (float(value) for value in one.theta[0, PER_STEP * k : PER_STEP * (k + 1)])
            step = (one.functions[one.chain[0, k]], a / edge.half, b - a / edge.half * zero, p)
            terms.append(canonical_term(float(c) * edge.spread, [step], names, d))
    except (OverflowError, ZeroDivisionError, ValueError):
        return None
    terms.sort(key=lambda term: term.steps[0].of.complexity)
    return Activation(tuple(terms), d[0])


def _half(batch: Problems, k: int) -> Problems:
    """The batch with only its k-th function, as chains of depth 1."""
    columns = slice(PER_STEP * k, PER_STEP * (k + 1))
    return replace(
        batch, chain=batch.chain[:, k : k + 1], theta=batch.theta[:, columns], free=batch.free[:, columns]
    )


def _linearise_sum(batch: Problems, theta: Array, curve: Curve) -> tuple[Array, Array, Array, Anchors]:
    """As `linearise_chain`, for two functions side by side; c1, c2 and d are projected out."""
    inner = curve.t[None, :] - batch.pivot[:, None]
    columns: list[list[Array]] = []
    used: list[int] = []
    values, anchors = [], []
    for k in range(2):
        part = _half(batch, k)
        value, moved, rows, mine = advance(part, theta[:, PER_STEP * k : PER_STEP * (k + 1)], 0, inner, [])
        columns.append(moved)
        anchors.append(rows)
        used += [PER_STEP * k + column for column in mine]
        values.append(value)
    best = project(np.stack(values, axis=1), curve.y, curve.w)
    slopes = [best.coefficients[:, k, None] * column for k in range(2) for column in columns[k]]
    gram, gradient = equations(best, slopes, used, batch.free, curve)
    return best.sse, gram, gradient, np.stack(anchors, axis=1)


def _retract_sum(
    batch: Problems, theta: Array, step: Array, anchors: NDArray[np.intp], curve: Curve
) -> Array:
    moved = theta.copy()
    for k in range(2):
        part = _half(batch, k)
        columns = slice(PER_STEP * k, PER_STEP * (k + 1))
        inner = curve.t[anchors[:, k]] - batch.pivot[:, None]
        move_step(part, theta[:, columns], step[:, columns], moved[:, columns], 0, inner, inner)
    return moved


SUMS = Model(_linearise_sum, _retract_sum)
