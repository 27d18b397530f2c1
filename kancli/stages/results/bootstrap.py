"""Intervals of predictions by the bootstrap: the constants fitted anew to tables with other errors.

The errors are drawn from what the formula leaves, in units in which they are all of one size under their model, and
larger by √(n/(n − p)), as p constants were fitted to them. (Efron & Tibshirani, Introduction to the Bootstrap, 1993.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.stages.judging.uncertainty import Even, curve_of, even_of, sizes_of, spread

Array = NDArray[np.float64]

# Errors of a new row that are drawn with each set of constants, and numbers that are sorted at once.
NEW, BLOCK = 20, 2_000_000


@dataclass(frozen=True)
class Bootstrap:
    """Sets of constants (draws, p), and errors of a new row with each of them (draws, NEW), of one size."""

    metadata: Mapping[str, Any]
    thetas: Array
    errors: Array
    target: Mapping[str, float]

    @staticmethod
    def of(metadata: Mapping[str, Any], table: Dataset, draws: int, seed: int) -> Bootstrap:
        """Fit the constants to `draws` tables. Raises UsageError where the errors are not known, or rows too few."""
        even = even_of(metadata, table)
        if even is None or len(table.y) <= len(even.theta):
            raise UsageError(
                "--bootstrap: this version does not know its errors", "fit it again with kan fit"
            )
        generator = np.random.default_rng(seed)
        plain = plain_weight(even, metadata, table)
        values = even.curve.value(even.theta)
        left = (even.target - values) * np.sqrt(plain)
        left = (left - left.mean()) * np.sqrt(len(left) / (len(left) - len(even.theta)))
        thetas = []
        for _ in range(draws):
            drawn = generator.choice(left, len(left))
            thetas.append(even.fitted(values + drawn / np.sqrt(plain))[0])
        return Bootstrap(metadata, np.array(thetas), generator.choice(left, (draws, NEW)), sizes_of(table.y))

    def band(self, x: Array, level: float) -> tuple[Array, Array]:
        """Lower and upper ends (n,) between which a share `level` of new observations lies at x (n, inputs)."""
        parts = np.array_split(x, max(1, -(-len(x) * self.errors.size // BLOCK)))
        ends = [self._ends(part, level) for part in parts if len(part)]
        if not ends:
            return np.empty(0), np.empty(0)
        return np.concatenate([low for low, _ in ends]), np.concatenate([high for _, high in ends])

    def _ends(self, x: Array, level: float) -> tuple[Array, Array]:
        curve = curve_of(self.metadata, x)
        errors = self.metadata["errors"]
        with np.errstate(all="ignore"):
            values = np.array([curve.value(theta) for theta in self.thetas])  # (draws, n)
            if errors["model"] == "log":
                seen = values[:, :, None] * np.exp(self.errors[:, None, :])
            else:
                root = np.sqrt(spread(errors, values, self.target))
                seen = values[:, :, None] + root[:, :, None] * self.errors[:, None, :]
            flat = np.moveaxis(seen, 1, 0).reshape(len(x), -1)
            low, high = np.quantile(flat, [(1 - level) / 2, (1 + level) / 2], axis=1)
        return low, high


def plain_weight(even: Even, metadata: Mapping[str, Any], table: Dataset) -> Array:
    """The weights (n,) of the model alone, without those of long tails."""
    loss = {**metadata["errors"], "loss": "squares"}
    found = even_of({**metadata, "errors": loss}, table)
    return even.weight if found is None else found.weight
