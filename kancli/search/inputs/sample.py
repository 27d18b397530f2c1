"""A search in some of many rows: two thousand show a law as well as a million, which then fit its constants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kancli.dataset import Dataset
from kancli.dataset.value import fingerprint
from kancli.search.inputs.rewritten import Derived, nothing_derived

# Rows in which a law is searched for, and how many a table must have for that to be worth it.
ROWS, MANY = 2000, 3000


def sampled(table: Dataset, seed: int) -> Derived | None:
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
    x, y = np.ascontiguousarray(table.x[chosen]), table.y[chosen]
    if (np.ptp(x, axis=0) == 0).any() or np.ptp(y) == 0:
        return None
    weight, noise = table.weight, table.noise
    if weight is not None:
        weight = weight[chosen]
        # `noise` is that of a row of weight 1, whatever the unit of the weights.
        noise = None if noise is None else noise / float(np.sqrt(weight.mean()))
        weight = weight / weight.mean()
    some = replace(
        table,
        x=x,
        y=y,
        validation=table.validation[chosen],
        weight=weight,
        noise=noise,
        fingerprint=fingerprint(table.inputs, table.target, x, y, weight),
        remarks=(),
    )
    return replace(nothing_derived(table), dataset=some)
