"""The rounding of a column, as its digits show it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

# A column whose values have so many digits was computed, not written down.
COMPUTED = 12
# The share of values that must show the last digit: a trailing zero is lost, but only in one of ten.
SHOW_IT = 0.6
# Values that end in 0 or 5 more often than this were set, and are exact.
SET = 0.4
# A column of integers that spans fewer steps than this is a code or a small count, not a rounded measurement.
LEAST_STEPS = 12
# A value is no multiple of a step from which it is this far away, in steps.
NO_MULTIPLE = 1e-6
# Rows that are looked at.
MOST = 500


def steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The step (n,) to which each value was rounded, 0 where it was not.

    Decimals where most values show the same number of them, else significant digits; never coarser than the digits
    of the value itself.
    """
    some = values[np.linspace(0, len(values) - 1, min(len(values), MOST)).astype(np.intp)]
    shown = [_digits(float(v)) for v in some]
    if max(digits for digits, _ in shown) >= COMPUTED:
        return np.zeros(len(values))
    decimals = np.array([d for _, d in shown])
    if decimals.max() <= 0:
        ends = float(np.mean(np.isin(np.abs(some) % 10, (0, 5))))
        few = float(np.ptp(values)) < LEAST_STEPS
        return np.zeros(len(values)) if few or ends > SET else np.ones(len(values))
    if float(np.mean(decimals == decimals.max())) >= SHOW_IT:
        return np.full(len(values), 10.0 ** -float(decimals.max()))
    digits = np.array([d for d, _ in shown])
    most = int(digits.max())
    while most > 1 and float(np.mean(digits >= most)) < SHOW_IT:
        most -= 1
    size = np.floor(np.log10(np.abs(np.where(values == 0, 1.0, values))))
    found: NDArray[np.float64] = np.where(values == 0, 0.0, 10.0 ** (size - most + 1))
    with np.errstate(all="ignore"):
        away = np.abs(values / found - np.round(values / found))
    for i in np.flatnonzero(away > NO_MULTIPLE):
        found[i] = min(found[i], 10.0 ** -float(_digits(float(values[i]))[1]))
    return found


def rounding_variance(values: NDArray[np.float64]) -> float:
    """The mean square error that rounding has left in a column: step²/12 in each row."""
    return float(np.mean(steps(values) ** 2)) / 12


def _digits(value: float) -> tuple[int, int]:
    """Significant digits of the shortest text of a value, and decimals (negative: zeros before the point)."""
    number = Decimal(repr(value)).normalize()
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return len(number.as_tuple().digits), -exponent
