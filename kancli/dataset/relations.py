"""What a reader of a formula should know about columns: which are one, or follow from others, or are rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

# Beyond, float64 does not hold every whole number.
WHOLE = 2.0**53
# A column that others leave so little of, relative to its deviation, is one of them but for rounding.
ROUNDING = 1e-11
# Rows that are looked at for a straight line, and columns: the work grows with the cube of their number.
ROWS, COLUMNS = 2000, 40
# A share of a column in another, in units of their deviations, that is none.
NONE = 1e-9


def relations(names: Sequence[str], x: Array, target: str, y: Array) -> list[str]:
    """Remarks on inputs x (n, inputs) and target y (n,), each a sentence without the name of the table."""
    found = list(_rounded([*names, target], [*x.T, y]))
    twins = dict(_identical(names, x))
    found += [f"column {b!r} is {a!r} in every row: a formula may use either" for b, a in twins.items()]
    others = [i for i, name in enumerate(names) if name not in twins]
    for column, sources in _dependent(x[:, others]):
        shown = ", ".join(repr(names[others[i]]) for i in sources)
        found.append(
            f"column {names[others[column]]!r} is a straight line in {shown} in every row: "
            "different formulas have the same values"
        )
    return found


def _rounded(names: Sequence[str], columns: Sequence[Array]) -> Iterator[str]:
    for name, column in zip(names, columns, strict=True):
        lowest, highest = float(column.min()), float(column.max())
        largest, varies = max(-lowest, highest), highest - lowest
        if largest > WHOLE >= varies:
            yield (
                f"column {name!r} has numbers up to {largest:.3g}, which float64 holds only in steps of "
                f"{np.spacing(largest):.0f}: subtract a constant before, so that the differences remain"
            )


def _identical(names: Sequence[str], x: Array) -> Iterator[tuple[str, str]]:
    """(column, an earlier one with the same values in every row)."""
    first: dict[bytes, str] = {}
    for name, column in zip(names, x.T, strict=True):
        before = first.setdefault(np.ascontiguousarray(column + 0.0).tobytes(), name)  # + 0.0: of -0.0, 0.0
        if before != name:
            yield name, before


def _dependent(x: Array) -> Iterator[tuple[int, list[int]]]:
    """(column, earlier ones of which it is a linear combination with a constant): exact but for rounding."""
    rows, count = x.shape
    if count > COLUMNS or rows < count + 2:
        return
    some = x[np.linspace(0, rows - 1, min(rows, ROWS)).astype(np.intp)]
    largest = np.abs(some).max(axis=0)
    scaled = some / np.where(largest > 0, largest, 1.0)
    centred = scaled - scaled.mean(axis=0)
    size = centred.std(axis=0)
    # Of a column that hardly varies, its rounding is all that is left.
    usable = [i for i in range(count) if size[i] > 1e-4]
    unit = centred / np.where(size > 0, size, 1.0)
    independent: list[int] = []
    for i in usable:
        shares = lstsq(unit[:, independent], unit[:, i]) if independent else np.empty(0)
        left = unit[:, i] - unit[:, independent] @ shares
        if independent and float(left.std()) <= ROUNDING:
            sources = [j for j, share in zip(independent, shares, strict=True) if abs(share) > NONE]
            yield i, sources
        else:
            independent.append(i)
