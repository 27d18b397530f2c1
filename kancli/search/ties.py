"""Choices that do not hang on the last bits: what differs by rounding only is equal, and then the order decides.

Another processor, another number of threads or another order of the rows changes the last bits of a sum. Where
two candidates are equally good, such a change must not exchange them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# Shares of a sum of squares below this are rounding: double precision carries 1e-16 per row, and sums run over up
# to 1e4 rows.
ROUNDING = 1e-12
# Digits of a share that the rounding of sums over rows does not reach.
DIGITS = 6
# Description lengths nearer than this, in bits, are equal.
SAME_BITS = 0.01


def ranked(share: float) -> float:
    """The share by which candidates are ranked: all that is rounding ranks equally, and so do shares that agree in
    their first DIGITS digits, as those of two inputs that enter a law in the same way do."""
    return max(float(f"{share:.{DIGITS}g}"), ROUNDING)


def clearly_less(value: float, than: float) -> bool:
    """Whether a sum of squares is less than another by more than rounding."""
    return value < than * (1 - ROUNDING)


def first_shortest(items: Iterable[Item], bits: Callable[[Item], float]) -> Item:
    """The first of the items whose description length is the least, up to SAME_BITS.

    Raises ValueError where there is none.
    """
    measured = [(bits(item), item) for item in items]
    least = min(length for length, _ in measured)
    return next(item for length, item in measured if not length > least + SAME_BITS)


def by_size(values: Sequence[float], share: float = 1e-6) -> list[int]:
    """Positions of the values, the largest in size first; those whose sizes differ by less than about `share` of
    the largest in the order in which they stand."""
    largest = max((abs(v) for v in values), default=0.0) or 1.0
    return sorted(range(len(values)), key=lambda i: (-round(abs(values[i]) / (largest * share)), i))
