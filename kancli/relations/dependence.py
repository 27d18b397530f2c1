"""Which columns depend on each other: permutation tests of each column against all others.

The statistic compares Legendre polynomials of one column's ranks with those of each other column, and with products
of those of two others. Permuting the column's rows gives the distribution that it has where the column is independent
of all the others, whatever they depend on among themselves; the largest of all blocks, each in units of its own
deviation over the permutations, is the statistic of the column (Westfall & Young, Resampling-based multiple testing,
1993). With B permutations p = (1 + how many reach it)/(1 + B), so that P(p ≤ α) ≤ α exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kancli.work import spend

Array = NDArray[np.float64]

# Degrees of the polynomials of one column that others are compared with, of the column itself, and in products.
OWN, ASKED, PAIRED = 6, 4, 2
# Rows that are looked at: a test on more is slow, and no surer for laws.
ROWS = 1000
# Permutations at least, and how many of them must reach a p-value that is significant among all columns.
LEAST, BEYOND = 999, 2
# Permutations at a time: what a block of products takes in memory.
PIECE = 100
# A polynomial shorter than this is constant: a column of two values has only one.
FLAT = 1e-9


@dataclass(frozen=True)
class Dependence:
    """`p` (columns,) of each column against all others; `links[j]`: the columns that j is linked with, the closest
    first; `permutations` per test."""

    p: Array
    links: tuple[tuple[int, ...], ...]
    permutations: int


def dependence(values: Array, size: float, seed: int) -> Dependence:
    """Test each column of `values` (n, columns ≥ 2) against the others; `size` is that of all tests together."""
    n, columns = values.shape
    generator = np.random.default_rng(seed)
    if n > ROWS:
        values = values[np.sort(generator.choice(n, ROWS, replace=False))]
    legendre = [polynomials(column, OWN) for column in values.T]
    permutations = max(LEAST, math.ceil(BEYOND * columns / size) - 1)
    p = np.ones(columns)
    strength = [dict[int, float]() for _ in range(columns)]
    triples = list[dict[frozenset[int], float]]()
    for j in range(columns):
        others = [k for k in range(columns) if k != j]
        blocks, members = blocks_of(legendre, others)
        statistics = permuted(legendre[j][:, :ASKED], blocks, permutations, generator)
        z = (statistics - statistics.mean(axis=0)) / np.maximum(statistics.std(axis=0), 1e-300)
        largest = z.max(axis=1)
        p[j] = float(np.mean(largest >= largest[0]))
        # A link is what alone would make the column dependent.
        limit = np.sort(largest)[::-1][int(size / columns * len(largest))]
        ratio = statistics[0] / statistics.mean(axis=0)
        significant = np.flatnonzero(z[0] > limit).tolist()
        strength[j] = {members[b][0]: float(ratio[b]) for b in significant if len(members[b]) == 1}
        triples.append(
            {frozenset((j, *members[b])): float(ratio[b]) for b in significant if len(members[b]) == 2}
        )
    # Where one of two depends on a column, products with the other scatter more than those of permuted rows. The
    # other one's own test is not misled, so three columns are linked where the tests of all three say so.
    for j, found in enumerate(triples):
        for triple, ratio_of_triple in found.items():
            if all(triple in triples[k] for k in triple):
                for k in triple - {j}:
                    strength[j].setdefault(
                        k, min(ratio_of_triple, min(strength[j].values(), default=math.inf))
                    )
    links = [tuple(sorted(found, key=lambda k: -found[k])) for found in strength]
    return Dependence(p, tuple(links), permutations)


def polynomials(column: Array, degree: int) -> Array:
    """Legendre polynomials 1 … degree (n, degree) of a column's ranks, each of mean 0 and length 1; equal values have
    equal ranks."""
    _, where, counts = np.unique(column, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts + 1) / 2)[where]
    unit = 2 * (ranks + 0.5) / len(column) - 1
    values: Array = np.polynomial.legendre.legvander(unit, degree)[:, 1:].astype(np.float64)
    return standard(values)


def standard(columns: Array) -> Array:
    """Each column of mean 0 and length 1; what is constant is 0."""
    centred = columns - columns.mean(axis=0)
    lengths = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    scaled: Array = centred / np.where(lengths > FLAT, lengths, np.inf)
    return scaled


def blocks_of(legendre: Sequence[Array], others: Sequence[int]) -> tuple[list[Array], list[tuple[int, ...]]]:
    """Blocks (n, k) of what the other columns may say, and the columns of each: one column, or products of two."""
    blocks, members = [legendre[k] for k in others], list[tuple[int, ...]]((k,) for k in others)
    for a, b in combinations(others, 2):
        products = [legendre[a][:, [i]] * legendre[b][:, :PAIRED] for i in range(PAIRED)]
        blocks.append(standard(np.concatenate(products, axis=1)))
        members.append((a, b))
    return blocks, members


def permuted(own: Array, blocks: Sequence[Array], permutations: int, generator: np.random.Generator) -> Array:
    """The squared length of each block's products with `own` (n, d), (1 + permutations, blocks): first as the rows
    are, then with the rows of `own` permuted."""
    every = np.concatenate(blocks, axis=1)
    starts = np.cumsum([0, *(block.shape[1] for block in blocks[:-1])])
    orders = [np.arange(len(own)), *(generator.permutation(len(own)) for _ in range(permutations))]
    found = []
    for first in range(0, len(orders), PIECE):
        some = orders[first : first + PIECE]
        columns = np.concatenate([own[order] for order in some], axis=1)
        spend(2 * every.shape[1] * columns.size)
        squares = (every.T @ columns) ** 2
        each = squares.reshape(every.shape[1], len(some), own.shape[1]).sum(axis=2)
        found.append(np.add.reduceat(each, starts, axis=0).T)
    return np.concatenate(found)


def holm(p: Array) -> Array:
    """P-values adjusted for as many tests as there are (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(raised)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def groups_of(links: Sequence[Sequence[int]], columns: Sequence[int]) -> list[tuple[int, ...]]:
    """The columns that hang together by links among `columns`, each group in the table's order; single ones left
    out."""
    home = {k: k for k in columns}

    def root(k: int) -> int:
        while home[k] != k:
            k = home[k]
        return k

    for j in columns:
        for k in links[j]:
            if k in home:
                home[max(root(j), root(k))] = min(root(j), root(k))
    found: dict[int, list[int]] = {}
    for k in columns:
        found.setdefault(root(k), []).append(k)
    return [tuple(group) for group in found.values() if len(group) > 1]
