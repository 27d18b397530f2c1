"""Tables on standard output: drawn by rich on a terminal, tab-separated anywhere else."""

from __future__ import annotations

from dataclasses import dataclass

from kancli.cli.render import Rows, tsv
from kancli.cli.streams import Streams


@dataclass(frozen=True)
class Table:
    """A table in full, for programs, and rounded to what an eye takes in, for terminals."""

    columns: tuple[str, ...]
    rows: Rows
    short_columns: tuple[str, ...]
    short_rows: Rows


def print_table(streams: Streams, table: Table) -> None:
    """A table for whoever reads standard output."""
    if not streams.terminal():
        streams.result(tsv(table.columns, table.rows))
        return
    from rich.table import Table as Drawn

    drawn = Drawn(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for index, column in enumerate(table.short_columns):
        numeric = all(_number(row[index]) for row in table.short_rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in table.short_rows:
        drawn.add_row(*row)
    streams.console().print(drawn)


def _number(text: str) -> bool:
    return text == "-" or text.lstrip("-")[:1].isdigit()
