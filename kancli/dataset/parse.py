"""The numbers of some columns: NumPy reads them; only where it stumbles does Python look for the culprit."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.cells import is_infinite, is_missing, is_number, repair, split
from kancli.dataset.layout import Layout
from kancli.dataset.source import Source, lines_of
from kancli.errors import DataError

_COMMENT_LINE = re.compile(r"^[ \t]*#.*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Numbers:
    """Finite values of shape (rows, columns asked for), and how many rows were left out as incomplete."""

    values: NDArray[np.float64]
    dropped: int


def parse_columns(source: Source, layout: Layout, columns: Sequence[int], drop_missing: bool) -> Numbers:
    """Read the columns (from 0), every number to the nearest float64.

    Raises DataError at the first cell that is no finite number, or a row of another length. Rows with a
    missing value in one of these columns are an error too, or left out with `drop_missing`.
    """
    fast = _parse_fast(source, layout, columns, fill=False)
    if fast is None and drop_missing:
        fast = _parse_fast(source, layout, columns, fill=True)
    if fast is not None:
        if np.isfinite(fast).all():
            return Numbers(fast, 0)
        if drop_missing and not np.isinf(fast).any():
            complete = fast[~np.isnan(fast).any(axis=1)]
            return Numbers(complete, len(fast) - len(complete))
    return _parse_slowly(source, layout, columns, drop_missing)


def _parse_fast(
    source: Source, layout: Layout, columns: Sequence[int], fill: bool
) -> NDArray[np.float64] | None:
    """All rows at once, or None where any cell needs a closer look; `fill` reads empty cells as NaN."""
    start = 0
    for _ in range(layout.first - 1):
        start = source.text.index("\n", start) + 1
    body = source.text[start:]
    if "#" in body:
        body = _COMMENT_LINE.sub("", body)
    if layout.decimal_comma:
        body = body.replace(",", ".")
    if fill and layout.separator is not None:
        body = _fill_empty(body, layout.separator)
    width = len(layout.names)
    every = len(set(columns)) == width
    if not every and not _is_rectangular(body, layout.separator, width):
        return None
    try:
        values = np.loadtxt(
            io.TextIOWrapper(io.BytesIO(body.encode()), encoding="utf-8", newline="\n"),
            dtype=np.float64,
            delimiter=layout.separator,
            comments=None,
            quotechar='"',
            usecols=None if every else list(columns),
            ndmin=2,
        )
    except ValueError:
        return None
    if every:
        return values[:, list(columns)] if values.shape[1] == width else None
    return values


def _fill_empty(body: str, separator: str) -> str:
    gap, filled = separator * 2, f"{separator}nan{separator}"
    body = body.replace(gap, filled).replace(gap, filled)  # twice: gaps share their separators
    body = body.replace(f"\n{separator}", f"\nnan{separator}").replace(f"{separator}\n", f"{separator}nan\n")
    if body.startswith(separator):
        body = "nan" + body
    return body + "nan" if body.endswith(separator) else body


def _is_rectangular(body: str, separator: str | None, width: int) -> bool:
    # With some columns only, NumPy does not notice a row with too many cells.
    lines = (line for line in lines_of(body) if line.strip())
    if separator is None or '"' in body:
        return all(len(split(line, separator)) == width for line in lines)
    return all(line.count(separator) == width - 1 for line in lines)


def _parse_slowly(source: Source, layout: Layout, columns: Sequence[int], drop_missing: bool) -> Numbers:
    rows: list[list[float]] = []
    dropped = bad = 0
    first: DataError | None = None
    for number, line in enumerate(lines_of(source.text), start=1):
        stripped = line.strip()
        if number < layout.first or not stripped or stripped.startswith("#"):
            continue
        cells = split(line, layout.separator)
        if len(cells) != len(layout.names):
            bad += 1
            first = first or _wrong_length(source, layout, number, len(cells))
            continue
        row: list[float] = []
        incomplete = False
        for column in columns:
            cell = cells[column]
            if is_number(cell, layout.decimal_comma):
                value = float(cell.replace(",", ".") if layout.decimal_comma else cell)
                if isfinite(value):
                    row.append(value)
                    continue
            elif drop_missing and is_missing(cell):
                incomplete = True
                continue
            bad += 1
            first = first or _bad_cell(source, layout, number, column, cell)
        if incomplete:
            dropped += 1
        else:
            rows.append(row)
    if first is not None:
        more = f" (and {bad - 1} more)" if bad > 1 else ""
        raise DataError(first.message + more, hint=first.hint)
    return Numbers(np.array(rows, dtype=np.float64).reshape(len(rows), len(columns)), dropped)


def _wrong_length(source: Source, layout: Layout, line: int, cells: int) -> DataError:
    expected = (
        f"the header names {len(layout.names)}" if layout.header else f"the first row has {len(layout.names)}"
    )
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", None: "blanks"}
    between = names.get(layout.separator, repr(layout.separator))
    return DataError(
        f"{source.label}:{line}: {cells} cell{'s' * (cells != 1)}, but {expected}",
        hint=f"read as separated by {between}; --sep chooses another separator",
    )


def _bad_cell(source: Source, layout: Layout, line: int, column: int, cell: str) -> DataError:
    if is_missing(cell):
        problem = f"missing value: {cell!r}" if cell else "missing value"
        hint = "--drop-missing leaves such rows out"
    elif is_infinite(cell) or is_number(cell, layout.decimal_comma):
        problem = f"not finite: {cell!r}"
        hint = "leave the row out, or put a # before it"
    else:
        problem = f"not a number: {cell[:60]!r}"
        hint = repair(cell) or _advice(layout, column)
    return DataError(
        f"{source.label}:{line}:{column + 1}: column {layout.names[column]!r}: {problem}", hint=hint
    )


def _advice(layout: Layout, column: int) -> str:
    if column in layout.numeric:
        return "correct the cell, or put a # before the row to leave it out"
    others = ", ".join(layout.names[c] for c in layout.numeric) or "none"
    return f"columns of numbers, to choose from with --inputs and --target: {others}"
