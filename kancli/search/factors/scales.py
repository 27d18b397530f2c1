"""Scales inside functions fitted for many atoms at once, each alone beside what is known already.

log|y| = base·β + w·log|g(s·u)| is linear but for s: with β and w eliminated (variable projection: Golub & Pereyra,
SIAM J. Numer. Anal. 10, 1973; Kaufman's form of it, BIT 15, 1975), each atom is a problem in one variable, log|s|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.search.factors.atoms import Atom, Kind, argument_values, inside
from kancli.search.factors.pursuit import OUTSIDE, orthonormal
from kancli.symbolic.elementary import FUNCTIONS
from kancli.work import ELEMENTWISE, spend

Array = NDArray[np.float64]

STEPS = 12
# A step in log|s| at most, and how the damping follows accepted and refused ones.
FARTHEST = 1.0
LESS, MORE = 0.2, 6.0


@dataclass(frozen=True)
class Scaled:
    """`scales` (atoms,) where the squared error `sse` (atoms,) of the best fit with each atom is least."""

    scales: Array
    sse: Array


def fit_scales(atoms: Sequence[Atom], x: Array, base: Array, target: Array) -> Scaled:
    """The best scale of each atom beside the base (n, k), for the target (n,) at x (n, inputs)."""
    q = orthonormal(base)
    residual = target - q @ (q.T @ target)
    kinds: dict[tuple[Kind, str, int], list[int]] = {}
    for k, atom in enumerate(atoms):
        kinds.setdefault((atom.kind, atom.function, atom.beside), []).append(k)
    u = argument_values([atom.argument for atom in atoms], x)
    scales = np.array([float(a.scale) for a in atoms])
    free = np.array([a.is_scaled for a in atoms])

    def at(scales: Array) -> tuple[Array, Array, Array, Array]:
        """sse, weight, what each adds to the fit, and its derivative by log|s|, both without what the base has."""
        column, slope = np.empty_like(u), np.empty_like(u)
        for (kind, function, beside), members in kinds.items():
            inner = u[:, members] * scales[members]
            own = inside(function, beside, inner)
            column[:, members] = np.log(np.abs(own)) if kind == "factor" else own
            by_inner: Array | float = 1.0
            if function:
                by_inner = FUNCTIONS[function].derivative(inner, FUNCTIONS[function].value(inner))
            slope[:, members] = (beside or 1) * by_inner * inner / own
        both = np.concatenate([column, slope], axis=1)
        squares = np.einsum("ij,ij->j", column, column)
        both = both - q @ (q.T @ both)
        column, slope = both[:, : len(scales)], both[:, len(scales) :]
        square = np.einsum("ij,ij->j", column, column)
        usable = square > OUTSIDE * squares
        weight = np.where(usable, (residual @ column) / np.where(usable, square, 1.0), 0.0)
        spend(ELEMENTWISE * 3 * u.size + 4 * u.size * q.shape[1], calls=20)
        left = residual[:, None] - weight * column
        sse = np.einsum("ij,ij->j", left, left)
        return np.where(np.isfinite(sse), sse, np.inf), weight, column, slope

    with np.errstate(all="ignore"):
        sse, weight, column, slope = at(scales)
        damping = np.full(len(atoms), 1e-3)
        for _ in range(STEPS):
            square = np.einsum("ij,ij->j", column, column)
            along = np.einsum("ij,ij->j", column, slope) / np.where(square > 0, square, 1.0)
            direction = weight * (slope - along * column)
            left = residual[:, None] - weight * column
            steep = np.einsum("ij,ij->j", direction, direction)
            step = np.einsum("ij,ij->j", direction, left) / (steep * (1 + damping))
            step = np.clip(np.where(np.isfinite(step), step, 0.0), -FARTHEST, FARTHEST)
            trial = np.where(free, scales * np.exp(step), scales)
            new = at(trial)
            better = new[0] < sse
            scales = np.where(better, trial, scales)
            sse, weight = np.where(better, new[0], sse), np.where(better, new[1], weight)
            column, slope = np.where(better, new[2], column), np.where(better, new[3], slope)
            damping = damping * np.where(better, LESS, MORE)
    return Scaled(scales, sse)
