"""Tables on standard output: drawn by rich on a terminal, tab-separated anywhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kancli.cli.output.render import Rows, tsv
from kancli.cli.output.streams import Streams
from kancli.visible import one_line

# A number, also as its distance from one (1-3.1e-10), or several as an edge has them (0,1,0); not 1/x.
NUMBER = re.compile(r"-?[\d.,]+(e[-+]?\d+)?(-[\d.]+e-\d+)?")
# Spaces between columns, and the minimum width of a long cell.
GAP, FOLDED = 2, 14


@dataclass(frozen=True)
class Table:
    """A table in full, for programs, and rounded, for terminals."""

    columns: tuple[str, ...]
    rows: Rows
    short_columns: tuple[str, ...]
    short_rows: Rows


def print_table(streams: Streams, table: Table) -> None:
    """A table for the reader of standard output."""
    if not streams.terminal():
        streams.result(tsv(table.columns, table.rows))
        return
    table = shown(table)
    console = streams.console()
    if table.rows and narrowest(table) > console.width:
        streams.result(stacked(table))
        return
    from rich.table import Table as Drawn

    drawn = Drawn(box=None, header_style="bold", pad_edge=False, padding=(0, GAP, 0, 0))
    for index, column in enumerate(table.short_columns):
        numeric = all(_number(row[index]) for row in table.short_rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in table.short_rows:
        drawn.add_row(*row)
    console.print(drawn)


def shown(table: Table) -> Table:
    """The table with cells that a terminal shows as they are: rich passes on what it is given."""
    columns, short_columns = tuple(map(one_line, table.columns)), tuple(map(one_line, table.short_columns))
    rows, short_rows = ([list(map(one_line, row)) for row in rows] for rows in (table.rows, table.short_rows))
    return Table(columns, rows, short_columns, short_rows)


def narrowest(table: Table) -> int:
    """The width below which a table cannot be read: long cells may be folded, others not."""
    cells = zip(*table.short_rows, strict=True) if table.short_rows else [() for _ in table.short_columns]
    widths = [
        max([len(name), *(min(len(cell), FOLDED) for cell in column)])
        for name, column in zip(table.short_columns, cells, strict=True)
    ]
    return sum(widths) + GAP * (len(widths) - 1)


def stacked(table: Table) -> str:
    """A table for a narrow terminal: one line per cell, rows separated by a blank line."""
    margin = max(map(len, table.short_columns))
    rows = [
        "\n".join(f"{name:<{margin}}  {cell}" for name, cell in zip(table.short_columns, row, strict=True))
        for row in table.short_rows
    ]
    return "\n\n".join(rows)


def _number(text: str) -> bool:
    return text == "-" or NUMBER.fullmatch(text) is not None
