"""Tables on standard output: drawn by rich on a terminal, tab-separated anywhere else."""

from __future__ import annotations

from collections.abc import Sequence

from kancli.cli.render import Rows, tsv
from kancli.cli.streams import Streams


def print_table(streams: Streams, columns: Sequence[str], rows: Rows) -> None:
    """A table for whoever reads standard output."""
    if not streams.terminal():
        streams.result(tsv(columns, rows))
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for index, column in enumerate(columns):
        numeric = all(_number(row[index]) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_short(entry) for entry in row))
    streams.console().print(table)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == "-"
    return True


def _short(text: str) -> str:
    """Six digits are enough for the eye, except for an r² whose distance from one is what matters."""
    try:
        value = float(text)
    except ValueError:
        return text
    if text.lstrip("-").isdigit():
        return text
    return f"{value:.6g}" if abs(1 - value) > 1e-4 or value == 1 else f"{value:.12g}"
