"""Cell by cell: which one is wrong, and how to correct it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.cells import is_infinite, is_missing, is_number, repair
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.records import Record, records
from kancli.dataset.text.source import Source
from kancli.errors import DataError


def parse_cell_by_cell(
    source: Source,
    layout: Layout,
    columns: Sequence[int],
    drop_missing: bool,
    encodings: Mapping[int, Encoding] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Finite values (rows, columns), and which rows of the table (a mask) these are: all that miss no value.

    Raises DataError with the first cell or row that is wrong, and how many there are.
    """
    encoded = encodings or {}
    rows: list[list[float]] = []
    complete: list[bool] = []
    bad = 0
    first: DataError | None = None
    for record in records(source.text, layout.separator, layout.first):
        number, cells = source.before + record.line, record.cells
        if len(cells) != len(layout.names):
            bad += 1
            first = first or _wrong_length(source, layout, record)
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
            elif column in encoded and not is_missing(cell):
                known = encoded[column].number(cell, layout.decimal_comma)
                if known is not None:
                    row.append(known)
                    continue
            elif drop_missing and is_missing(cell):
                incomplete = True
                continue
            bad += 1
            first = first or _bad_cell(source, layout, number, column, cell, encoded.get(column))
        complete.append(not incomplete)
        if not incomplete:
            rows.append(row)
    if first is not None:
        more = f" (and {bad - 1} more)" if bad > 1 else ""
        raise DataError(first.message + more, hint=first.hint)
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(columns)), np.array(complete, bool)


def _wrong_length(source: Source, layout: Layout, record: Record) -> DataError:
    cells = len(record.cells)
    expected = (
        f"the header names {len(layout.names)}" if layout.header else f"the first row has {len(layout.names)}"
    )
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", None: "blanks"}
    between = names.get(layout.separator, repr(layout.separator))
    hint = f"read as separated by {between}; --sep chooses another separator"
    if record.last > record.line:
        first, last = source.before + record.line, source.before + record.last
        hint = f"quotes join lines {first} to {last} together: is one missing or too many?"
    return DataError(
        f"{source.label}:{source.before + record.line}: {cells} cell{'s' * (cells != 1)}, but {expected}",
        hint=hint,
    )


def _bad_cell(
    source: Source, layout: Layout, line: int, column: int, cell: str, encoding: Encoding | None = None
) -> DataError:
    if is_missing(cell):
        problem = f"missing value: {cell!r}" if cell else "missing value"
        hint = "--drop-missing leaves such rows out"
    elif is_infinite(cell) or is_number(cell, layout.decimal_comma):
        problem = f"not finite: {cell!r}"
        hint = "leave the row out, or put a # before it"
    elif encoding is not None:
        problem = f"not to be read: {cell[:60]!r}"
        hint = f"the column has {encoding.meaning}"
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
    return f"numeric columns, to be chosen with --inputs and --target: {others}"
