"""Several files as one table, with a column `file` before the others that says where each row is from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from kancli.dataset.text.cells import has_decimal_comma
from kancli.dataset.text.head import start
from kancli.dataset.text.layout import Layout
from kancli.dataset.text.pieces import pieces
from kancli.dataset.text.records import records, row_lines
from kancli.dataset.text.source import Source
from kancli.errors import DataError

FILE = "file"


def parts_of(paths: Sequence[str], sep: str | None = None) -> Iterator[bytes]:
    """The files as one CSV. Raises DataError where one has other columns than the first."""
    names: tuple[str, ...] | None = None
    for path in paths:
        parts = pieces(path)
        first, layout = start(parts, sep)
        if names is None:
            names = layout.names
            column = FILE
            while column in names:
                column += "_"
            yield line([column, *names]).encode()
        elif sorted(layout.names) != sorted(names):
            other = next(iter({*layout.names} ^ {*names}), "")
            raise DataError(
                f"{path}: has other columns than {paths[0]}: {other!r} is in one of them only",
                "name the files whose columns are the same",
            )
        order = [layout.names.index(name) for name in names]
        yield with_name(first, layout, order, path).encode()
        for part in parts:
            yield with_name(part, layout, order, path, first=1).encode()


def with_name(source: Source, layout: Layout, order: list[int], name: str, first: int | None = None) -> str:
    """The rows of a piece, each after the name of its file."""
    begin = layout.first if first is None else first
    if layout.separator == "," and '"' not in source.text and order == sorted(order):
        before = line([name, ""])[:-1]
        return "".join(f"{before}{row}\n" for row in row_lines(source.text, begin))
    text = []
    for record in records(source.text, layout.separator, begin):
        cells = record.cells
        if layout.decimal_comma:
            cells = [one.replace(",", ".") if has_decimal_comma(one) else one for one in cells]
        if len(cells) == len(order):
            cells = [cells[i] for i in order]
        text.append(line([name, *cells]))
    return "".join(text)


def line(cells: Sequence[str]) -> str:
    """One line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
