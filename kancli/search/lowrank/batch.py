"""The constants of many terms fitted at once, each term alone beside what is known already.

y = Q·β + w·c(θ) is linear but for θ; with β and w eliminated (variable projection: Golub & Pereyra, SIAM J. Numer.
Anal. 10, 1973; Kaufman's form of it, BIT 15, 1975), each term is a problem in the few constants inside its atoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kancli.search.lowrank.atoms import Kind
from kancli.search.lowrank.model import Atom
from kancli.work import ELEMENTWISE, spend

Array = NDArray[np.float64]

# Steps; the largest one in a constant's own unit, and how the damping follows accepted and refused ones.
STEPS, FARTHEST, LESS, MORE = 8, 0.7, 0.2, 6.0
# A step of a numerical derivative.
SMALL = 1e-7
# The share of a column's square outside the basis at least.
OUTSIDE = 1e-12


Slot = tuple[Kind, Array, NDArray[np.intp], slice]
"""Atoms of one kind and input: its values, the terms that they belong to, and where their constants are."""


@dataclass(frozen=True)
class Term:
    """Atoms to be added, at their starts, and the values (n,) of what they are multiplied with."""

    atoms: tuple[Atom, ...]
    factor: Array


def fitted_terms(terms: Sequence[Term], q: Array, residual: Array, x: Array) -> tuple[list[Term], Array]:
    """The terms with the constants at which each leaves least of the residual (n,), and those squared errors; q
    (n, r) is the basis of what is known, to which the residual is orthogonal."""
    sizes = [[len(a.theta) for a in t.atoms] for t in terms]
    width = max((sum(s) for s in sizes), default=0)
    theta = np.zeros((len(terms), width))
    grouped: dict[tuple[int, int, int], tuple[Kind, list[int]]] = {}
    for row, (term, size) in enumerate(zip(terms, sizes, strict=True)):
        begin = 0
        for atom, own_count in zip(term.atoms, size, strict=True):
            theta[row, begin : begin + own_count] = atom.theta
            grouped.setdefault((id(atom.kind), atom.i, begin), (atom.kind, []))[1].append(row)
            begin += own_count
    slots: list[Slot] = [
        (kind, x[:, i], np.array(rows), slice(begin, begin + kind.constants))
        for (_, i, begin), (kind, rows) in grouped.items()
    ]
    factors = np.stack([t.factor for t in terms], axis=1)
    count = np.array([sum(s) for s in sizes])

    def columns(theta: Array) -> Array:
        whole = factors.copy()
        for kind, own, rows, part in slots:
            whole[:, rows] *= kind.values(own, theta[rows, part])
        return whole

    def moved(theta: Array, step: Array) -> Array:
        new = theta.copy()
        for kind, _, rows, part in slots:
            new[rows, part] = kind.moved(theta[rows, part], step[rows, part])
        return new

    def allowed(theta: Array) -> NDArray[np.bool_]:
        good = np.ones(len(terms), dtype=bool)
        for kind, own, rows, part in slots:
            good[rows] &= kind.within(own, theta[rows, part])
        return good

    def outside(some: Array) -> Array:
        return some - q @ (q.T @ some)

    def at(theta: Array) -> tuple[Array, Array, Array, Array]:
        """sse, the weight of each column, and the columns without what is known and with it."""
        raw = columns(theta)
        squares = np.einsum("ij,ij->j", raw, raw)
        own = outside(raw)
        square = np.einsum("ij,ij->j", own, own)
        usable = square > OUTSIDE * squares
        weight = np.where(usable, (residual @ own) / np.where(usable, square, 1.0), 0.0)
        left = residual[:, None] - weight * own
        sse = np.einsum("ij,ij->j", left, left)
        return np.where(np.isfinite(sse) & usable & allowed(theta), sse, np.inf), weight, own, raw

    with np.errstate(all="ignore"):
        sse, weight, own, raw = at(theta)
        damping = np.full(len(terms), 1e-3)
        for _ in range(STEPS if width else 0):
            spend(ELEMENTWISE * 3 * width * own.size + 4 * own.size * q.shape[1] * (width + 1), calls=60)
            directions = np.zeros((width, *own.shape))
            square = np.einsum("ij,ij->j", own, own)
            for k in range(width):
                step = np.zeros_like(theta)
                step[:, k] = np.where(k < count, SMALL, 0.0)
                slope = outside(columns(moved(theta, step)) - raw) / SMALL
                along = np.einsum("ij,ij->j", own, slope) / square
                directions[k] = weight * (slope - along * own)
            left = residual[:, None] - weight * own
            gram = np.einsum("kij,lij->jkl", directions, directions)
            right = np.einsum("kij,ij->jk", directions, left)
            diagonal = np.einsum("jkk->jk", gram)
            ridge = damping[:, None] * diagonal + 1e-300 + np.where(diagonal > 0, 0.0, 1.0)
            gram = gram + np.eye(width) * ridge[:, :, None]
            good = np.isfinite(gram).all(axis=(1, 2)) & np.isfinite(right).all(axis=1)
            gram = np.where(good[:, None, None], gram, np.eye(width))
            step = np.linalg.solve(gram, np.where(good[:, None], right, 0.0)[:, :, None])[:, :, 0]
            trial = moved(theta, np.clip(step, -FARTHEST, FARTHEST))
            new = at(trial)
            better = new[0] < sse
            theta = np.where(better[:, None], trial, theta)
            weight = np.where(better, new[1], weight)
            own, raw = np.where(better, new[2], own), np.where(better, new[3], raw)
            sse = np.where(better, new[0], sse)
            damping = damping * np.where(better, LESS, MORE)
    found = []
    for term, size, values in zip(terms, sizes, theta, strict=True):
        ends = np.cumsum(size)
        atoms = tuple(
            replace(a, theta=tuple(map(float, values[e - s : e])))
            for a, s, e in zip(term.atoms, size, ends, strict=True)
        )
        found.append(replace(term, atoms=atoms))
    return found, sse
