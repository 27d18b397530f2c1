"""Models of the errors of a target: how large the error of a row is, as a function of the formula's value there.

The variance is σ² times a function of the formula's value f. It never goes to 0 with f: the likelihood would have no
bound. What a model costs in bits is what it takes to name it, beside the Jacobian of its scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ModelName = Literal["additive", "relative", "log", "counts", "mixed"]

# The least error of a relative model, as a share of the target's root mean square; of counts, of the median.
LEAST_RELATIVE, LEAST_COUNT = 0.05, 0.01
# Where the two parts of a mixed error are equal, in units of the target's root mean square.
CROSSINGS = (0.05, 0.2, 0.8)


@dataclass(frozen=True)
class Model:
    """A model by name; `crossing`: of a mixed error, the size at which its two parts are equal."""

    name: ModelName
    bits: float
    crossing: float = 0.0

    def variance(self, values: Array, y: Array) -> Array:
        """The variance (n,) of each row at the formula's values (n,), up to a factor; y (n,) sets its floor."""
        if self.name == "additive":
            return np.ones_like(y)
        if self.name == "log":
            return values**2
        if self.name == "counts":
            return np.maximum(values, LEAST_COUNT * float(np.median(np.abs(y))) or 1.0)
        size = float(np.sqrt(np.mean(y**2)))
        least = LEAST_RELATIVE if self.name == "relative" else self.crossing
        found: Array = values**2 + (least * size) ** 2
        return found

    def target(self, values: Array, y: Array) -> Array:
        """What a weighted sum of squares near these values is to be fitted to, (n,): y, or for errors of its
        logarithm what the same error of its value would make of it."""
        if self.name != "log":
            return y
        found: Array = values * (1 + np.log(y / values))
        return found

    def logarithmic(self) -> bool:
        """Whether the errors are those of log y."""
        return self.name == "log"


ADDITIVE = Model("additive", 0.0)
# What each costs beside the additive model. EXPERIMENTS: error-models
MODELS: dict[ModelName, tuple[Model, ...]] = {
    "additive": (ADDITIVE,),
    "relative": (Model("relative", 1.0),),
    "log": (Model("log", 1.0),),
    "counts": (Model("counts", 2.0),),
    "mixed": tuple(Model("mixed", 5.0, crossing) for crossing in CROSSINGS),
}

# Fewer rows cannot distinguish models whose errors vary by less than this factor over the rows.
LEAST_RANGE = 2.0
# Least squares see the largest values only where most others are smaller by this factor: of one sign, and of both,
# since normal values about 0 have one of 31.
WIDE, WIDE_OF_BOTH_SIGNS = 10.0, 100.0
# Rows that counts' errors (unless the target holds whole numbers), and mixed ones, need to be told from others.
ROWS_FOR_COUNTS, ROWS_FOR_MIXED = 100, 40


def over_decades(y: Array) -> bool:
    """Whether least squares see a target at its largest values only; what changes its sign is near 0 somewhere."""
    low, high = np.quantile(np.abs(y), (0.05, 0.95))
    least = WIDE if (y > 0).all() or (y < 0).all() else WIDE_OF_BOTH_SIGNS
    return bool(low > 0 and (y != 0).all() and high >= least * low)


def possible(y: Array) -> list[Model]:
    """The models that a target may have, the additive one first; errors of the logarithm also where a sign is that of
    an input."""
    found = [ADDITIVE]
    low, high = np.quantile(np.abs(y), (0.05, 0.95))
    positive = bool((y > 0).all())
    if high < LEAST_RANGE * low:
        return found
    found += MODELS["log"] if (y != 0).all() else []
    whole = bool((y >= 0).all() and (y == np.round(y)).all() and float(y.max()) > 1)
    if whole or (positive and len(y) >= ROWS_FOR_COUNTS):
        found += MODELS["counts"]
    if positive and len(y) >= ROWS_FOR_MIXED:
        found += MODELS["mixed"]
    return found
