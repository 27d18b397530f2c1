"""A sheet of an Excel workbook, by openpyxl."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO, Any

from kancli.dataset.text.foreign.files import needed
from kancli.errors import DataError


def rows(file: IO[bytes], label: str, sheet: str | None) -> Iterator[list[Any]]:
    """The rows of a sheet, by default the first, without empty cells at their ends; formulas as their values."""
    openpyxl = needed("openpyxl", label, "excel")
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{label}: no Excel workbook, or damaged: {error}") from None
    names = book.sheetnames
    if sheet is not None and sheet not in names:
        raise DataError(f"{label}: no sheet {sheet!r}", f"sheets: {', '.join(names)}")
    width: int | None = None
    for row in book[sheet or names[0]].iter_rows(values_only=True):
        cells = list(row)
        while cells and cells[-1] is None:
            cells.pop()
        if width is None and cells:
            width = len(cells)
        if cells and width is not None:
            cells += [None] * (width - len(cells))
        yield cells
