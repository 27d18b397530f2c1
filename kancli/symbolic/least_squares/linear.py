"""Linear least squares that never reaches LAPACK with values that are not finite.

LAPACK writes its own complaint about them to standard output, from C, where a formula or a JSON document is expected.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def lstsq(columns: Array, target: Array, rcond: float | None = None) -> Array:
    """The shortest of the solutions (p,) of min ‖columns (n, p)·c − target (n,)‖; singular values below `rcond` of
    the largest count as 0, by default those below rounding. NaN where something is not finite, or overflows."""
    if np.isfinite(columns).all() and np.isfinite(target).all():
        try:
            solution = np.linalg.lstsq(columns, target, rcond=rcond)[0]  # noqa: TID251  the one place
        except np.linalg.LinAlgError:
            pass
        else:
            return np.asarray(solution, dtype=np.float64)
    return np.full(columns.shape[1], np.nan)
