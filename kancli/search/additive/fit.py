"""The additive model that a table asks for: blocks of splines chosen one by one, and a test whether it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kancli.recipe import FitOptions
from kancli.search.additive.terms import candidates, splines, usable
from kancli.search.factors.atoms import Argument
from kancli.search.responses import Response, responses
from kancli.symbolic.least_squares.linear import lstsq
from kancli.symbolic.least_squares.single import QR
from kancli.symbolic.noise import is_noise
from kancli.work import spend

Array = NDArray[np.float64]

# Rows in which blocks are chosen, and rows at most in which the model is fitted and tested.
ROWS, MOST_ROWS = 300, 1500
# Intervals while blocks are chosen, and those of the test.
COARSE = 6
GRIDS = (5, 10, 20)
# A right model's error falls by these factors from grid to grid (16 in theory): of 120 targets that are no sum none
# did (design trial).
FALLS = (5.0, 4.0)
# A relative error that is rounding, or splines that are as good.
TINY = 1e-9
# Functions of the target that may be a sum, those first that it most often is.
RESPONSES = ("y", "log(y)", "1/y", "y**2", "sqrt(y)")
# Blocks at most; a block must explain this share of what is left, and one may go if the error stays within a factor.
MOST_BLOCKS = 6
WORTH, HARMLESS = 0.05, 2.0
# An exchange must lower the squared error by this factor.
BETTER = 0.9
# Decides between columns that are all but in the span already, in units of their squares.
RIDGE = 1e-8
# Rows that a coefficient needs.
ROWS_EACH = 3
# Columns of a block shorter than this beside the others, in units of their own length, are rounding.
FLAT = 1e-10
# The share of the variance that a model in noise must explain, and how little its error may fall on a finer grid.
EXPLAINS, LEVEL = 0.9, 0.8


@dataclass(frozen=True)
class Additive:
    """θ(y) = Σ φₖ(zₖ) over `arguments`; z (n, blocks) and each φ (n, blocks) at the rows `rows`, on the finest grid
    and on half of it; `error`: relative to θ's deviation."""

    response: Response
    arguments: tuple[Argument, ...]
    rows: NDArray[np.intp]
    z: Array
    functions: Array
    coarser: Array
    error: float
    noise: bool


def additive_models(x: Array, y: Array, options: FitOptions) -> list[Additive]:
    """Models that hold, the fewest blocks first; x (n, inputs), y (n,)."""
    n, inputs = x.shape
    rows = np.linspace(0, n - 1, min(n, MOST_ROWS)).astype(np.intp)
    if len(rows) < ROWS_EACH * (inputs * (GRIDS[0] + 3) + 1):
        return []
    several, values = usable(candidates(inputs), x[rows])
    some = np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.intp)
    blocks = np.stack([splines(z, COARSE)[some] for z in values.T])
    found: list[Additive] = []
    singles = [k for k, a in enumerate(several) if a.degree == 1 and a.powers[0][0].second is None]
    there = responses(y[rows], options)
    for response in (there[name] for name in RESPONSES if name in there):
        target = standard(response.value(y[rows]))
        for start, exchange in ((singles, False), ([], False), ([], True)):
            chosen = pruned(grown(blocks, target[some], start, exchange=exchange), values, target)
            if not chosen:
                continue
            model = tested(response, [several[k] for k in chosen], values[:, chosen], target, x, y, rows)
            if model is not None:
                found.append(model)
                break
        if found and found[-1].error <= TINY:
            break
    if not all(model.noise for model in found):
        found = [model for model in found if not model.noise]
    return sorted(found, key=lambda m: len(m.arguments))


def standard(target: Array) -> Array:
    """Without its mean, in units of its deviation."""
    centred = target - target.mean()
    scaled: Array = centred / (float(centred.std()) or 1.0)
    return scaled


def grown(blocks: Array, target: Array, start: Sequence[int], *, exchange: bool) -> list[int]:
    """Blocks (m, n, k) chosen one by one, each for what it explains beyond those before it; `start` is given.
    With `exchange`, those before it may then be exchanged: of blocks that are much alike, the first choice is often a
    compromise between two.

    Group orthogonal matching pursuit (Lozano, Swirszcz & Abe, NIPS 2009).
    """
    chosen = list(start)
    grams = np.swapaxes(blocks, 1, 2) @ blocks
    q, residual = beside(blocks, chosen, target)
    while len(chosen) < max(MOST_BLOCKS, len(start)) and float(residual @ residual) > TINY * len(target):
        if q.shape[1] + blocks.shape[2] > len(target) // ROWS_EACH:
            break
        gains = block_gains(blocks, grams, q, residual)
        best = int(np.argmax(gains))
        if gains[best] < WORTH * float(residual @ residual) or best in chosen:
            break
        chosen.append(best)
        if exchange and len(chosen) > 1:
            chosen = exchanged(blocks, grams, target, chosen)
        q, residual = beside(blocks, chosen, target)
    return chosen


def exchanged(blocks: Array, grams: Array, target: Array, chosen: list[int]) -> list[int]:
    """The chosen blocks, each once replaced by the best one beside the others where that helps."""
    least = error_of(blocks, chosen, target)
    for place in range(len(chosen)):
        others = chosen[:place] + chosen[place + 1 :]
        gains = block_gains(blocks, grams, *beside(blocks, others, target))
        gains[others] = 0.0
        trial = [*chosen[:place], int(np.argmax(gains)), *chosen[place + 1 :]]
        error = error_of(blocks, trial, target)
        if error < BETTER * least:
            chosen, least = trial, error
    return chosen


def beside(blocks: Array, chosen: Sequence[int], target: Array) -> tuple[Array, Array]:
    """A basis (n, r) of the chosen blocks and a constant, and what of the target (n,) is outside."""
    q = basis([np.ones((len(target), 1)), *(blocks[k] for k in chosen)])
    return q, target - q @ (q.T @ target)


def error_of(blocks: Array, chosen: Sequence[int], target: Array) -> float:
    """The squared error of a fit of the chosen blocks."""
    residual = beside(blocks, chosen, target)[1]
    return float(residual @ residual)


def block_gains(blocks: Array, grams: Array, q: Array, residual: Array) -> Array:
    """By how much each block (m, n, k) lowers the squared error beside the basis q (n, r); grams (m, k, k) are the
    blocks' own products."""
    within = q.T @ blocks
    spend(blocks.size * (q.shape[1] + 1), calls=6)
    inside = grams - np.swapaxes(within, 1, 2) @ within
    trace = np.trace(grams, axis1=1, axis2=2)
    ridge = np.eye(blocks.shape[2]) * (RIDGE * trace)[:, None, None]
    along = np.einsum("mnk,n->mk", blocks, residual)
    solved = np.linalg.solve(inside + ridge, along[:, :, None])[:, :, 0]
    gains: Array = np.einsum("mk,mk->m", along, solved)
    return gains


def pruned(chosen: list[int], values: Array, target: Array) -> list[int]:
    """The blocks without those that a fit on a finer grid does not need."""
    if not chosen:
        return chosen
    error = fitted(values[:, chosen], target, GRIDS[1])[1]
    for k in reversed(list(chosen)):
        fewer = [c for c in chosen if c != k]
        if not fewer:
            break
        without = fitted(values[:, fewer], target, GRIDS[1])[1]
        if without <= max(HARMLESS * error, TINY):
            chosen = fewer
    return chosen


def tested(
    response: Response,
    arguments: Sequence[Argument],
    z: Array,
    target: Array,
    x: Array,
    y: Array,
    rows: NDArray[np.intp],
) -> Additive | None:
    """The model, if its error falls as that of the right one does, or is noise; None where it is neither."""
    grids = [g for g in GRIDS if ROWS_EACH * z.shape[1] * (g + 3) <= len(target)]
    fits = [fitted(z, target, g) for g in grids]
    errors = [error for _, error in fits]
    if len(errors) < 2:
        return None
    falls = all(
        after <= max(before / fall, TINY)
        for before, after, fall in zip(errors, errors[1:], FALLS, strict=False)
    )
    noise = False
    if not falls:
        left = (target - fits[0][0].sum(axis=1)) / response.slope(y[rows])
        # Noise is not less on a finer grid, but for what more coefficients take of it.
        level = errors[1] >= LEVEL * errors[0] and errors[0] ** 2 <= 1 - EXPLAINS
        noise = level and is_noise(x[rows], left)
        fits = fits[:2]
    if not (falls or noise):
        return None
    return Additive(
        response, tuple(arguments), rows, z, fits[-1][0], fits[-2][0], errors[len(fits) - 1], noise
    )


def fitted(z: Array, target: Array, grid: int) -> tuple[Array, float]:
    """The functions (n, blocks), each of mean 0, of the best fit to the target (n,), and its error."""
    every = [np.ones((len(target), 1)), *(splines(own, grid) for own in z.T)]
    columns = np.concatenate(every, axis=1)
    spend(QR * columns.size * columns.shape[1], calls=4)
    solution = lstsq(columns, target, rcond=1e-12)
    ends = np.cumsum([block.shape[1] for block in every])
    functions = [columns[:, a:b] @ solution[a:b] for a, b in pairwise(ends)]
    values = np.stack(functions, axis=1)
    return values - values.mean(axis=0), float(np.sqrt(np.mean((target - columns @ solution) ** 2)))


def basis(parts: Sequence[Array]) -> Array:
    """A basis (n, r) of the span of all columns."""
    u, s, _ = np.linalg.svd(np.concatenate(parts, axis=1), full_matrices=False)
    kept: Array = u[:, s > FLAT * s[0]]
    return kept
