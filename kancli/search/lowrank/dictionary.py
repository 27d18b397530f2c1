"""All atoms of a table at their starts, and what each of them explains beside a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.search.lowrank.atoms import atoms_of
from kancli.search.lowrank.model import Atom
from kancli.work import spend

Array = NDArray[np.float64]

# The share of a column's square that lies outside a model at least: what is left of others is rounding.
OUTSIDE = 1e-10
# The length of a column outside a model, of 1, of which more than rounding is seen.
SEEN = 1e-8
# Atoms of each input that are multiplied with those of another, at most.
MOST_PAIRED = 100


@dataclass(frozen=True)
class Side:
    """The atoms of input i with their `columns` (n, M), of length 1; `simple`: those that are multiplied with atoms
    of other inputs. The first `waves` are those of long periods and short ones."""

    i: int
    columns: Array
    atoms: tuple[Atom, ...]
    simple: NDArray[np.intp]
    waves: int = 0

    @staticmethod
    def of(x: Array, i: int, names: frozenset[str]) -> Side:
        """Those of input i of x (n, inputs)."""
        columns: list[Array] = [np.empty((len(x), 0))]
        atoms: list[Atom] = []
        for own in sorted(atoms_of(x[:, i], names), key=lambda a: a.kind.how != "wave"):
            columns.append(own.kind.values(x[:, i], own.theta))
            atoms += [Atom(own.kind, i, tuple(map(float, theta))) for theta in own.theta]
        whole = np.concatenate(columns, axis=1)
        whole = whole / np.sqrt(np.einsum("ij,ij->j", whole, whole))
        few = np.flatnonzero([len(a.theta) < 2 for a in atoms])
        waves = sum(a.kind.how == "wave" for a in atoms)
        return Side(i, whole, tuple(atoms), few[:MOST_PAIRED], waves)


def gains_beside(side: Side, factors: Array, q: Array, residual: Array, waves: int) -> Array:
    """By how much each column of a side times each factor (n, k) lowers the squared error beside the basis q (n, r);
    (M, k). Waves are only tried with the first `waves` factors."""
    spend(side.columns.size * factors.shape[1] * (q.shape[1] + 3), calls=8)
    found = np.zeros((side.columns.shape[1], factors.shape[1]))
    found[: side.waves, :waves] = gains(side.columns[:, : side.waves], factors[:, :waves], q, residual)
    found[side.waves :] = gains(side.columns[:, side.waves :], factors, q, residual)
    return found


def gains_of_pairs(one: Side, other: Side, q: Array, residual: Array) -> Array:
    """The same for products of the simple atoms of two sides; (m, m')."""
    a, b = one.columns[:, one.simple], other.columns[:, other.simple]
    spend(a.size * b.shape[1] * (q.shape[1] + 2), calls=6)
    return gains(a, b, q, residual)


def gains(a: Array, b: Array, q: Array, residual: Array) -> Array:
    """The gain of each product of a column of a (n, m) and one of b (n, k); (m, k)."""
    within = (a.T @ (b[:, :, None] * q[:, None, :]).reshape(len(b), b.shape[1] * q.shape[1])).reshape(
        a.shape[1], b.shape[1], q.shape[1]
    )
    squares = (a**2).T @ b**2
    inside = squares - np.einsum("mkr,mkr->mk", within, within)
    inside = np.where(inside > OUTSIDE * squares, inside, 0.0)
    return ratio((a.T @ (b * residual[:, None])) ** 2, inside)


def ratio(above: Array, below: Array) -> Array:
    """above/below, 0 where that is 0."""
    found: Array = np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
    return found


def gains_of_two(columns: Array, q: Array, residual: Array) -> Array:
    """The gain of each two columns (n, m) together beside the basis q (n, r); (m, m), 0 for those that are alike."""
    own = columns - q @ (q.T @ columns)
    own = own - q @ (q.T @ own)
    size = np.sqrt(np.einsum("ij,ij->j", own, own))
    usable = size > SEEN
    own = own / np.where(usable, size, 1.0)
    spend(columns.size * (columns.shape[1] + 2 * q.shape[1]), calls=10)
    gram, along = own.T @ own, np.where(usable, residual @ own, 0.0)
    below = 1 - gram**2
    above = along[:, None] ** 2 - 2 * np.outer(along, along) * gram + along**2
    return np.triu(np.where(below > OUTSIDE, above / np.where(below > OUTSIDE, below, 1.0), 0.0), 1)


def sides_of(x: Array, names: frozenset[str]) -> Sequence[Side]:
    """All sides that have atoms."""
    several = [Side.of(x, i, names) for i in range(x.shape[1])]
    return [side for side in several if side.atoms]
