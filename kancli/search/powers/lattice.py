"""Sums of products of powers with plain exponents, for a table with noise: those that describe it most briefly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from kancli.dataset import Dataset
from kancli.search.powers.fit import MOST_TERMS, ROWS, ROWS_EACH
from kancli.search.powers.model import Basis, Sum
from kancli.symbolic.forms.signomial import SignomialTable, fit_signomials
from kancli.symbolic.forms.signomial_lattice import Found, State, evaluated, on_lattice, rounded, split

# Sums of each number of terms that go on: as starts of longer ones, and to the comparison on all rows.
SPLIT, COMPARED = 3, 12


def plain_sums(dataset: Dataset, basis: Basis, root: Fraction, seed: int) -> list[Sum]:
    """Sums for y^root of up to three terms with whole and half exponents, the shortest description first."""
    rows = np.flatnonzero(~dataset.validation)
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.intp)]
    few, every = table_of(dataset, basis, root, some), table_of(dataset, basis, root, rows)
    found: list[Found] = []
    shorter: list[State] = []
    for terms in range(1, MOST_TERMS + 1):
        if len(rows) < ROWS_EACH * terms * (len(dataset.inputs) + 1):
            break
        starts = fitted_starts(dataset, basis, root, some, terms, seed)
        near = on_lattice(few, [*starts, *(longer for state in shorter for longer in split(state))])
        shorter = [f.state for f in near[:SPLIT]]
        found += evaluated(every, [f.state for f in near[:COMPARED]])
    return [
        Sum(root, basis, f.sum, np.ones(f.sum.exponents.shape, dtype=np.bool_), f.bits)
        for f in sorted(found, key=lambda f: f.bits)
    ]


def table_of(dataset: Dataset, basis: Basis, root: Fraction, rows: np.ndarray) -> SignomialTable:
    """These rows, as sums are fitted to them."""
    x, weight = dataset.x[rows], None if dataset.weight is None else dataset.weight[rows]
    extras = basis.values(x)
    return SignomialTable.of(
        x[:, list(basis.positive)], dataset.y[rows], weight, root=float(root), extras=extras
    )


def fitted_starts(
    dataset: Dataset, basis: Basis, root: Fraction, rows: np.ndarray, terms: int, seed: int
) -> list[State]:
    """The plain exponents nearest to those that fit best, with and without extra factors."""
    x, y = dataset.x[rows], dataset.y[rows]
    weight = None if dataset.weight is None else dataset.weight[rows]
    starts: list[State] = []
    for one in [replace(basis, extras=()), basis] if basis.extras else [basis]:
        fits = fit_signomials(
            x[:, list(basis.positive)], y, weight, terms, seed=seed, root=float(root), extras=one.values(x)
        )
        starts += [state for fit in fits for state in rounded(fit.exponents, fit.extras)]
    return starts
