"""Columns of a table of any size, some rows at a time: to predict and to evaluate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.columns import find_column
from kancli.dataset.text.blocks import PIECE
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.head import start
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.parse import parse_columns
from kancli.dataset.text.pieces import pieces
from kancli.dataset.text.records import records
from kancli.dataset.text.source import Source, lines_of


@dataclass(frozen=True, eq=False)
class Chunk:
    """Consecutive rows: values (rows, requested columns); `lines()`, each row as in the file; `cells(column)`, the
    text of a column in each row."""

    values: NDArray[np.float64]
    dropped: int
    lines: Callable[[], list[str]]
    cells: Callable[[str], list[str]]


@dataclass(frozen=True, eq=False)
class Chunks:
    """A table being read. `found` names the columns of every chunk, the optional ones only if they are there.

    `columns` are all names of the table, `heading` its header as the file has it (made up where there
    is none), `separator` None for runs of blanks.
    """

    found: tuple[str, ...]
    columns: tuple[str, ...]
    heading: str
    separator: str | None
    decimal_comma: bool
    remarks: tuple[str, ...]
    rows: Iterator[Chunk]


def read_chunks(
    source: str,
    names: Sequence[str],
    *,
    optional: Sequence[str] = (),
    sep: str | None = None,
    drop_missing: bool = False,
    stream: IO[bytes] | None = None,
    size: int = PIECE,
    encodings: Mapping[str, Encoding] | None = None,
) -> Chunks:
    """The named columns, and the existing ones of `optional`, about `size` bytes of the table at a time.

    A file without a header may contain exactly the named columns in this order. Errors as in `read_dataset`,
    raised when their row is reached. `encodings`: how those of the model's columns were read that are no plain
    numbers.
    """
    parts = pieces(source, stream, size)
    first, layout = start(parts, sep)
    usable = [column for column in range(len(layout.names)) if column not in layout.ignored]
    if not layout.header and len(usable) == len(names) and not set(names) <= set(layout.names):
        columns, found = usable, tuple(names)
    else:
        found = (*names, *(name for name in optional if name in layout.names))
        columns = [find_column(layout, name, first.label) for name in found]

    encoded = {
        column: (encodings or {})[name]
        for name, column in zip(found, columns, strict=True)
        if name in (encodings or {})
    }

    def rows() -> Iterator[Chunk]:
        yield _chunk(first, layout, columns, drop_missing, encoded)
        following = replace(layout, first=1)
        for part in parts:
            yield _chunk(part, following, columns, drop_missing, encoded)

    return Chunks(
        found=found,
        columns=layout.names,
        heading=_heading(first, layout),
        separator=layout.separator,
        decimal_comma=layout.decimal_comma,
        remarks=(*first.remarks, *layout.remarks),
        rows=rows(),
    )


def _chunk(
    source: Source,
    layout: Layout,
    columns: Sequence[int],
    drop_missing: bool,
    encodings: Mapping[int, Encoding],
) -> Chunk:
    numbers = parse_columns(source, layout, columns, drop_missing, encodings)

    def lines() -> list[str]:
        text = list(lines_of(source.text))
        rows = records(source.text, layout.separator, layout.first)
        whole = ("\n".join(text[row.line - 1 : row.last]) for row in rows)
        return [line for line, kept in zip(whole, numbers.complete, strict=True) if kept]

    def cells(name: str) -> list[str]:
        column = find_column(layout, name, source.label)
        rows = records(source.text, layout.separator, layout.first)
        return [
            row.cells[column] if column < len(row.cells) else ""
            for row, kept in zip(rows, numbers.complete, strict=True)
            if kept
        ]

    return Chunk(numbers.values, numbers.dropped, lines, cells)


def _heading(source: Source, layout: Layout) -> str:
    if not layout.header:
        return (layout.separator or " ").join(layout.names)
    header = next(records(source.text, layout.separator))
    return "\n".join(list(lines_of(source.text))[header.line - 1 : header.last])
