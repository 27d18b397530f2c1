"""What the digits of a table hide of a formula's error."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kancli.dataset import Dataset
from kancli.dataset.digits import steps
from kancli.symbolic.expression import Expression, evaluate

Array = NDArray[np.float64]


def hidden_variance(expression: Expression, table: Dataset) -> Array:
    """The variance (n,) of residuals that is due to rounding: of the target, and of inputs that are no counters.

    A value is anywhere within half a step of what was written: step²/12, and to first order a third of the square of
    what half a step of an input does to the formula.
    """
    of_target, of_inputs = known_steps(table)
    found: Array = of_target**2 / 12
    if not any(one is not None for one in of_inputs):
        return found
    with np.errstate(all="ignore"):
        here = np.broadcast_to(evaluate(expression, table.x), len(table.y))
        for i, step in enumerate(of_inputs):
            if step is not None:
                moved = table.x.copy()
                moved[:, i] += step / 2
                found = found + (np.broadcast_to(evaluate(expression, moved), len(table.y)) - here) ** 2 / 3
    return np.where(np.isfinite(found), found, 0.0)


@lru_cache(maxsize=2)
def known_steps(table: Dataset) -> tuple[Array, tuple[Array | None, ...]]:
    """The steps of the target, and of each input whose digits were rounded; whole numbers are exact as inputs."""
    inputs: list[Array | None] = []
    for column in table.x.T:
        whole = bool((column == np.round(column)).all())
        step = np.zeros(len(column)) if whole else steps(column)
        inputs.append(step if step.any() else None)
    return steps(table.y), tuple(inputs)
