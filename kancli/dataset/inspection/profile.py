"""The contents of the columns of a table, without rejecting anything: kinds, ranges, gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Literal

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.text.blocks import PIECE
from kancli.dataset.text.cells import is_missing, is_number
from kancli.dataset.text.head import start
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.pieces import pieces
from kancli.dataset.text.records import records

Kind = Literal["numbers", "whole", "text", "empty"]
# Different texts that are kept per column.
TEXTS = 1000


@dataclass(frozen=True, eq=False)
class Column:
    """One column. `values` (rows,) has nan where there is no number; `lines` (rows,) is where each row stands.

    `texts` counts the cells that are neither number nor missing. `missing` counts the empty ones.
    """

    name: str
    values: NDArray[np.float64]
    lines: NDArray[np.int64]
    missing: int
    texts: Counter[str]
    first_missing: int | None
    first_text: int | None

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The cells that are numbers."""
        return self.values[np.isfinite(self.values)]

    @property
    def kind(self) -> Kind:
        """What the column mostly holds; `whole` where every number is."""
        numbers, texts = len(self.numbers), self.texts.total()
        if not numbers and not texts:
            return "empty"
        if texts > numbers:
            return "text"
        return "whole" if bool((self.numbers == np.round(self.numbers)).all()) else "numbers"

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(np.unique(self.numbers)) + len(self.texts)


@dataclass(frozen=True, eq=False)
class Profile:
    """A table's columns (those set aside left out), its rows, and the lines that have the wrong number of cells."""

    label: str
    layout: Layout
    columns: tuple[Column, ...]
    rows: int
    ragged: tuple[int, ...]
    remarks: tuple[str, ...]


@dataclass
class _Gathered:
    """A column while it is being read."""

    parts: list[NDArray[np.float64]] = field(default_factory=list)
    texts: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    first_missing: int | None = None
    first_text: int | None = None

    def add(self, cells: Sequence[str], lines: Sequence[int], decimal_comma: bool) -> None:
        values = np.empty(len(cells))
        for row, cell in enumerate(cells):
            if is_number(cell, decimal_comma):
                values[row] = float(cell.replace(",", ".") if decimal_comma else cell)
                continue
            values[row] = np.nan
            if is_missing(cell):
                self.missing += 1
                self.first_missing = self.first_missing or lines[row]
            else:
                self.first_text = self.first_text or lines[row]
                if len(self.texts) < TEXTS or cell in self.texts:
                    self.texts[cell] += 1
        self.parts.append(values)


def profile(
    source: str, *, sep: str | None = None, stream: IO[bytes] | None = None, size: int = PIECE
) -> Profile:
    """Read all of a table. Raises DataError only where it is no table at all."""
    parts = pieces(source, stream, size, whole=True)
    first, layout = start(parts, sep)
    width = len(layout.names)
    gathered = [_Gathered() for _ in range(width)]
    lines: list[int] = []
    ragged: list[int] = []
    for part in chain([first], parts):
        rows = []
        begin = len(lines)
        for record in records(part.text, layout.separator, layout.first if part is first else 1):
            line = part.before + record.line
            if len(record.cells) == width:
                rows.append(record.cells)
                lines.append(line)
            else:
                ragged.append(line)
        for column, cells in enumerate(zip(*rows, strict=True)):
            gathered[column].add(cells, lines[begin:], layout.decimal_comma)
    where = np.array(lines, dtype=np.int64)
    columns = tuple(
        Column(
            name,
            np.concatenate(found.parts) if found.parts else np.empty(0),
            where,
            found.missing,
            found.texts,
            found.first_missing,
            found.first_text,
        )
        for index, (name, found) in enumerate(zip(layout.names, gathered, strict=True))
        if index not in layout.ignored
    )
    return Profile(first.label, layout, columns, len(lines), tuple(ragged), (*first.remarks, *layout.remarks))
