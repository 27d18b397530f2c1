"""A pendulum timed on different worlds: T = 2*pi*sqrt(L/g) with 2 % noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("L", "g", "T")


def make() -> NDArray[np.float64]:
    """400 rows (L in m, g in m/s², T in s); each T times 1 + 0.02·N(0, 1), rounded to a millisecond."""
    generator = np.random.default_rng(1656)  # Huygens' pendulum clock
    length = np.round(generator.uniform(0.1, 2.0, 400), 3)
    gravity = np.round(generator.uniform(1.6, 25.0, 400), 2)
    period = 2 * np.pi * np.sqrt(length / gravity) * (1 + 0.02 * generator.standard_normal(400))
    return np.column_stack([length, gravity, np.round(period, 3)])
