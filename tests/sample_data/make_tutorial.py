"""The tutorial function of the KAN paper: y = exp(sin(pi*x1) + x2**2), without noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("x1", "x2", "y")


def make() -> NDArray[np.float64]:
    """1,000 rows (x1, x2, y), x1 and x2 uniform in [-1, 1] and rounded to 6 digits, y exact to float64."""
    generator = np.random.default_rng(20240430)  # the day the paper appeared
    x1, x2 = np.round(generator.uniform(-1, 1, (2, 1000)), 6)
    return np.column_stack([x1, x2, np.exp(np.sin(np.pi * x1) + x2**2)])
