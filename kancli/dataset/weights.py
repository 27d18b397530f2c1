"""How much each row counts: from a column of measurement errors, or of weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.layout import Layout
from kancli.dataset.text.records import records
from kancli.dataset.text.source import Source
from kancli.errors import DataError, UsageError


@dataclass(frozen=True)
class Weighting:
    """Which column has the weights of the rows, and whether it holds errors σ (1/σ²) or the weights themselves."""

    column: str
    errors: bool


def weighting(sigma: str | None, weights: str | None) -> Weighting | None:
    """The requested one, None for equal rows. Raises UsageError where both are given."""
    if sigma is not None and weights is not None:
        raise UsageError(
            "both --sigma and --weights: a row has one weight",
            "--sigma takes errors, --weights takes 1/error²",
        )
    if sigma is not None:
        return Weighting(sigma, errors=True)
    return None if weights is None else Weighting(weights, errors=False)


def row_weights(
    values: NDArray[np.float64], kind: Weighting
) -> tuple[NDArray[np.float64] | None, float | None]:
    """Weights (n,) of mean 1, None where all are equal; and, from errors, the σ of a row of weight 1.

    `values` (n,) are positive.
    """
    # In units of the smallest error or the largest weight no square overflows.
    if kind.errors:
        unit = float(values.min())
        raw = (unit / values) ** 2
    else:
        unit = float(values.max())
        raw = values / unit
    mean = float(raw.mean())
    weight = None if (values == values[0]).all() else raw / mean
    return weight, (unit / mean**0.5 if kind.errors else None)


def require_positive(
    source: Source, layout: Layout, column: int, values: NDArray[np.float64], why: str
) -> None:
    """Raises DataError with file:line:column of the first value that is not above 0; `values` (n,) of the column."""
    bad = int((~(values > 0)).sum())
    if not bad:
        return
    more = f" (and {bad - 1} more)" if bad > 1 else ""
    for record in records(source.text, layout.separator, layout.first):
        cell = record.cells[column] if column < len(record.cells) else ""
        try:
            value = float(cell.replace(",", ".") if layout.decimal_comma else cell)
        except ValueError:  # in a row left out as incomplete
            continue
        if not value > 0:
            where = f"{source.label}:{source.before + record.line}:{column + 1}"
            raise DataError(f"{where}: column {layout.names[column]!r}: {cell} is not positive{more}", why)
    raise DataError(f"{source.label}: column {layout.names[column]!r}: {bad} values are not positive", why)
