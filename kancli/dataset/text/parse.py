"""The numbers of some columns: pandas reads them, to the nearest float64."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.cells import MISSING
from kancli.dataset.text.culprit import parse_cell_by_cell
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.records import records, row_lines
from kancli.dataset.text.source import Source, lines_of

if TYPE_CHECKING:
    import pandas as pd

_COMMENT_LINE = re.compile(r"^[ \t]*#.*\n?", re.MULTILINE)
_TRUTH_VALUE = re.compile(r"true|false", re.IGNORECASE)
_MISSING = sorted({f(word) for word in MISSING for f in (str, str.upper, str.capitalize)} | {"NaN", "N/a"})


@dataclass(frozen=True)
class Numbers:
    """Finite values of shape (rows, requested columns); `complete` marks these rows among all rows."""

    values: NDArray[np.float64]
    complete: NDArray[np.bool_]

    @property
    def dropped(self) -> int:
        """How many rows were left out as incomplete."""
        return len(self.complete) - len(self.values)


def parse_columns(
    source: Source,
    layout: Layout,
    columns: Sequence[int],
    drop_missing: bool,
    encodings: Mapping[int, Encoding] | None = None,
) -> Numbers:
    """Read the columns (from 0), every number to the nearest float64; those with an encoding as that says.

    Raises DataError at the first cell that is not a finite number, or a row of another length. Rows with a
    missing value in one of these columns are an error too, or left out with `drop_missing`.

    pandas does the work. What it rejects, or reads differently from `cells`, is examined cell by cell: to
    find the cell that is wrong, or because a person would still read it as a table.
    """
    encoded = {column: one for column, one in (encodings or {}).items() if column in columns}
    values = None if encoded else _parse(source, layout, columns, drop_missing)
    if values is None:
        return Numbers(*parse_cell_by_cell(source, layout, columns, drop_missing, encoded))
    complete = np.all(np.isfinite(values), axis=1)
    return Numbers(values if complete.all() else values[complete], complete)


def _parse(
    source: Source, layout: Layout, columns: Sequence[int], drop_missing: bool
) -> NDArray[np.float64] | None:
    """All rows as pandas reads them, NaN where a value is missing; None where that needs a closer look."""
    text, start = source.text, 0
    for _ in range(layout.first - 1):
        start = text.index("\n", start) + 1
    if text.find("#", start) >= 0:
        text, start = _without_comments(source, layout, start), 0
    width = len(layout.names)
    every = len(set(columns)) == width
    try:
        frame = _frame(text, start, layout, None if every else columns)
    except ValueError:  # pandas.errors.ParserError is one
        return None
    values: NDArray[np.float64] = frame[list(columns)].to_numpy(dtype=np.float64, copy=True)
    if np.isinf(values).any() or _has_truth_values(values, text):
        return None
    missing = bool(np.isnan(values).any())
    if missing and not drop_missing:
        return None
    # pandas treats a short row as one with missing values, and ignores the rest of a long one where it reads
    # only some columns. With blanks as separators, unlike here, a cell in quotes can go on in the next line.
    unsure = missing or not every or (layout.separator is None and '"' in text)
    return None if unsure and _rows(source, layout) != len(values) else values


def _frame(text: str, start: int, layout: Layout, columns: Sequence[int] | None) -> pd.DataFrame:
    import pandas as pd

    options: dict[str, Any] = {
        "sep": r"\s+" if layout.separator is None else layout.separator,
        "decimal": "," if layout.decimal_comma else ".",
        "skipinitialspace": True,
        "header": None,
        "names": range(len(layout.names)),
        "usecols": columns,
        "dtype": np.float64,
        "keep_default_na": False,
        "na_values": _MISSING,
        "engine": "c",
        "low_memory": False,  # in pieces, a column of numbers may have a piece of truth values
    }
    if tuple(int(part) for part in pd.__version__.split(".")[:2]) < (3, 1):
        # By default the last bit is often wrong. Since 3.1 it never is, and the option is deprecated.
        options["float_precision"] = "round_trip"
    frame: pd.DataFrame = pd.read_csv(_Rest(text, start), **options)
    if not isinstance(frame.index, pd.RangeIndex):
        raise ValueError(
            "the first row has more cells than there are names: pandas takes the first for an index"
        )
    return frame


def _without_comments(source: Source, layout: Layout, start: int) -> str:
    # Not by pandas' own `comment`, which would also cut a row short at the # of "Mars #3".
    if '"' not in source.text:
        return _COMMENT_LINE.sub("", source.text[start:])
    lines = list(lines_of(source.text))  # one that begins with # may be the middle of a cell in quotes
    rows = records(source.text, layout.separator, layout.first)
    return "\n".join(line for row in rows for line in lines[row.line - 1 : row.last])


class _Rest(io.TextIOBase):
    """The text from `start` on as a file, without the copy (four bytes per character) of io.StringIO."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._position = text, start

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        end = len(self._text) if size is None or size < 0 else self._position + size
        piece = self._text[self._position : end]
        self._position += len(piece)
        return piece


def _has_truth_values(values: NDArray[np.float64], text: str) -> bool:
    # pandas turns a column of only True and False into 1 and 0.
    suspects = ((values == 0) | (values == 1) | np.isnan(values)).all(axis=0)
    return bool(suspects.any()) and _TRUTH_VALUE.search(text) is not None


def _rows(source: Source, layout: Layout) -> int | None:
    """The number of rows; None if they do not all have the right number of cells."""
    width = len(layout.names)
    count = 0
    if layout.separator is not None and '"' not in source.text:
        for line in row_lines(source.text, layout.first):
            if line.count(layout.separator) != width - 1:
                return None
            count += 1
        return count
    for record in records(source.text, layout.separator, layout.first):
        if len(record.cells) != width:
            return None
        count += 1
    return count
