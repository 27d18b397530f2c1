"""How the damping μ of Levenberg-Marquardt follows the steps: one rule for both loops.

Nielsen (IMM-REP-1999-05): an accepted step multiplies μ by 1 - (2ρ - 1)³, clipped to [1/10, 1], where ρ is the ratio
of the actual decrease of the error to the one that the linear model predicts; refused trials multiply it by 4, 8, …,
64. So μ falls fast while the linear model is true and stays where it is half true, and a region in which nothing is
accepted is left after few trials. `engine.levenberg_marquardt` has the same rule on tensors, its growth beginning
at 2, as Nielsen's does. In a curved valley that needs two refusals before most steps: x² + exp was not reached within
the 25 steps that a start has. On NIST's certified regressions 2 to 4 are alike, and 6 is worse.

The alternative is a fixed pair of factors whatever ρ was, such as 2 up and 10 down ("delayed gratification":
Transtrum & Sethna, arXiv:1201.5885, 2012). In a valley it overshoots after every success, so that every other trial
is refused. On NIST's regressions every pair that was tried took 1.4 to 2.5 times as many evaluations and lost
Bennett5 (EXPERIMENTS: one-damping-rule).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# From far away; a start that is known to be near, or a long way off, gives another.
FIRST_DAMPING = 1e-3
LEAST_DAMPING, MOST_DAMPING = 1e-12, 1e12
# Least factor after an accepted step; first and largest factor after refused ones.
LEAST_SHRINK = 1 / 10
GROWTH, MOST_GROWTH = 4.0, 64.0


def adapted(
    damping: ArrayLike, growth: ArrayLike, accepted: ArrayLike, ratio: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The next damping and the next growth, of one problem (scalars) or of many (K,).

    `ratio` is actual over predicted decrease; it counts where `accepted` only.
    """
    shrink = np.minimum(np.maximum(1.0 - (2.0 * np.asarray(ratio) - 1.0) ** 3, LEAST_SHRINK), 1.0)
    following = np.asarray(damping) * np.where(accepted, shrink, growth)
    further = np.where(accepted, GROWTH, np.minimum(2.0 * np.asarray(growth), MOST_GROWTH))
    return np.minimum(np.maximum(following, LEAST_DAMPING), MOST_DAMPING), further
