"""The Lorentz force on a charge that moves across a magnetic field: F = q*(E + v*B), without noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("q", "E", "v", "B", "F")


def make() -> NDArray[np.float64]:
    """1,000 rows (q in C, E in V/m, v in m/s, B in T, F in N), all signs, inputs rounded to 4 digits.

    All of order one, as in units chosen for the experiment. q, E, v and B change sign, so no logarithm
    can make sums of these products: it takes product nodes, or squares of sums.
    """
    generator = np.random.default_rng(1895)  # Lorentz' paper on the force
    charge, field, speed, induction = np.round(generator.uniform(-2, 2, (4, 1000)), 4)
    return np.column_stack([charge, field, speed, induction, charge * (field + speed * induction)])
