"""Where the rows of a table stand in its file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.layout import Layout
from kancli.dataset.text.records import records
from kancli.dataset.text.source import Source


def places(source: Source, layout: Layout, complete: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, 2): the number of each row that is used, counted from 1 among all rows, and its line in the file.

    `complete` marks the rows that are used. A row in quotes that fills several lines stands in the first.
    """
    numbers = np.arange(1, len(complete) + 1)
    lines = numbers + layout.first - 1
    text = source.text
    # Without comments, blank lines and line breaks in cells each line is a row: the usual case, and a fast one.
    if "#" in text or text.count("\n") + (not text.endswith("\n")) != layout.first - 1 + len(complete):
        found = [row.line for row in records(text, layout.separator, layout.first)]
        lines = np.array(found, dtype=np.int64) if len(found) == len(complete) else lines
    return np.column_stack([numbers, lines + source.before])[complete].astype(np.int64)
