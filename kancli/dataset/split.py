"""Which rows are held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kancli.errors import UsageError


def held_out(rows: int, fraction: float, seed: int) -> NDArray[np.bool_]:
    """A mask (rows,) with round(fraction · rows) rows held out at random; one training row remains."""
    if not 0 <= fraction < 1:
        raise UsageError(
            f"validation fraction {fraction:g}: must be at least 0 and below 1",
            hint="0.2 holds out every fifth row, 0 none",
        )
    mask = np.zeros(rows, dtype=bool)
    count = min(int(fraction * rows + 0.5), rows - 1)
    mask[np.random.default_rng(seed).permutation(rows)[:count]] = True
    return mask
