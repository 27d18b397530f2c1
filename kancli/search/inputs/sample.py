"""A search in some of many rows: two thousand show a law as well as a million, which then fit its constants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kancli.dataset import Dataset
from kancli.search.inputs.rewritten import Rewritten, in_rows

# Rows in which a law is searched for, and how many a table must have for that to be worth it.
ROWS, MANY = 2000, 3000

# Fewer rows than this are too few to hold any out: all fit the constants, and their number limits the formula.
FEW = 20


def with_all_rows(table: Dataset) -> Dataset:
    """The table with no rows held out where there are few; else the table itself."""
    if len(table.y) >= FEW or not table.validation.any():
        return table
    return replace(table, validation=np.zeros(len(table.y), dtype=bool))


def sampled(table: Dataset, seed: int) -> Rewritten | None:
    """ROWS of the table's rows, drawn at random, as many of them held out as in all; None where there are few."""
    rows = len(table.y)
    if rows < MANY:
        return None
    generator = np.random.default_rng(seed)
    parts = [np.flatnonzero(table.validation), np.flatnonzero(~table.validation)]
    held = round(ROWS * len(parts[0]) / rows)
    chosen = np.sort(
        np.concatenate(
            [
                generator.permutation(part)[:count]
                for part, count in zip(parts, (held, ROWS - held), strict=True)
            ]
        )
    )
    return in_rows(table, chosen)
