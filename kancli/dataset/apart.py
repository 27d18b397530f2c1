"""Rows set apart before anything looks at them: those of a test, and the folds of a cross-validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.split import held_out
from kancli.dataset.value import Dataset, fingerprint
from kancli.errors import DataError

# Rows apart and rows held out are two draws of one seed.
_APART = 1


def apart(table: Dataset, fraction: float, validation: float, seed: int) -> Dataset:
    """The table without round(fraction · rows) of its rows, drawn with `seed`; they are its `test`.

    A share `validation` of what is left is held out. Raises DataError where a part has fewer than two rows, or what
    is left no variation, or the table is too large to be read at once.
    """
    if table.whole is not None:
        raise DataError(
            f"{table.source}: {table.whole.rows} rows are not read at once, so that none can be set apart",
            "keep the rows of the test in a file of their own: --test FILE",
        )
    rows = len(table.y)
    order = np.random.default_rng([seed, _APART]).permutation(rows)
    count = int(fraction * rows + 0.5)
    if not 2 <= count <= rows - 2:
        raise DataError(
            f"{table.source}: a test of {fraction:g} leaves {count} of {rows} rows for it",
            "at least two are needed for the test and two for the fit",
        )
    return replace(rest_of(table, order[count:], validation, seed), test=some(table, order[:count]))


def folds(table: Dataset, number: int, validation: float, seed: int) -> Iterator[Dataset]:
    """`number` tables, each without another part of the rows, which is its `test`: every row is in one of them.

    Of a large table, folds of its sample. Raises DataError where a fold has fewer than two rows, or what is left no
    variation.
    """
    rows = len(table.y)
    if rows < 2 * number:
        raise DataError(
            f"{table.source}: {rows} rows are too few for {number} folds", "two per fold at least"
        )
    order = np.random.default_rng([seed, _APART]).permutation(rows)
    for part in np.array_split(order, number):
        left = np.setdiff1d(order, part)
        yield replace(rest_of(table, left, validation, seed), test=some(table, part))


def rest_of(table: Dataset, rows: NDArray[np.intp], validation: float, seed: int) -> Dataset:
    """The table with these rows alone, a share of them held out."""
    left = some(table, rows)
    never = [name for i, name in enumerate(left.inputs) if np.ptp(left.x[:, i]) == 0]
    if np.ptp(left.y) == 0:
        never.append(left.target)
    if never:
        raise DataError(f"{table.source}: without the rows of the test {', '.join(never)} never changes")
    return replace(left, validation=held_out(len(left.y), validation, seed))


def some(table: Dataset, rows: NDArray[np.intp]) -> Dataset:
    """Some rows of a table in their order, none of them held out."""
    rows = np.sort(rows)
    x, y = np.ascontiguousarray(table.x[rows]), table.y[rows]
    weight, noise = table.weight, table.noise
    if weight is not None:
        mean = float(weight[rows].mean())
        # `noise` is that of a row of weight 1, whatever the unit of the weights.
        weight, noise = weight[rows] / mean, None if noise is None else noise / mean**0.5
    return replace(
        table,
        x=x,
        y=y,
        weight=weight,
        noise=noise,
        validation=np.zeros(len(y), dtype=bool),
        fingerprint=fingerprint(table.inputs, table.target, x, y, weight),
        whole=None,
        test=None,
        places=None if table.places is None else table.places[rows],
    )
