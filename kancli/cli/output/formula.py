"""What symbolify and run print: the formula, its edges, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kancli.cli.output.groups import constants_rows
from kancli.cli.output.render import (
    EDGE_COLUMNS,
    FORM_COLUMNS,
    FRONT_COLUMNS,
    PARAMETER_COLUMNS,
    SHORT_EDGE_COLUMNS,
    edge_rows,
    form_rows,
    formula_document,
    formula_line,
    front_rows,
    parameter_rows,
    short_edge_rows,
    short_front_rows,
    short_parameter_rows,
)
from kancli.cli.output.streams import Streams
from kancli.cli.output.tables import Table, print_table

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint


def edge_table(metadata: Mapping[str, Any]) -> Table:
    """What each edge became."""
    return Table(EDGE_COLUMNS, edge_rows(metadata), SHORT_EDGE_COLUMNS, short_edge_rows(metadata))


def details_table(metadata: Mapping[str, Any]) -> Table:
    """What each edge became; for a given form, its constants; for a law of several groups, those of each group."""
    if metadata.get("groups"):
        columns, full, brief = constants_rows(metadata["groups"])
        return Table(columns, full, columns, brief)
    if metadata.get("parameters") is None:
        return edge_table(metadata)
    return Table(
        PARAMETER_COLUMNS, parameter_rows(metadata), PARAMETER_COLUMNS, short_parameter_rows(metadata)
    )


def front_table(metadata: Mapping[str, Any]) -> Table:
    """The formulas by complexity and error."""
    return Table(FRONT_COLUMNS, front_rows(metadata), FRONT_COLUMNS, short_front_rows(metadata))


def print_formula(streams: Streams, checkpoint: Checkpoint, seconds: float, *, front: bool = False) -> None:
    """Line 1 is the formula; off a terminal the last line is `# checkpoint: PATH`.

    `front` adds the table of the front below that of the edges, after a blank line.
    """
    if streams.json:
        streams.document(formula_document(checkpoint, seconds))
        return
    streams.result(formula_line(checkpoint.metadata))
    from kancli.stages.judging.told import lines

    for name, line in lines(checkpoint.metadata):
        streams.remark(f"{name}: {line}")
    print_table(streams, details_table(checkpoint.metadata))
    if checkpoint.metadata.get("forms"):
        streams.result("")
        rows = form_rows(checkpoint.metadata)
        print_table(streams, Table(FORM_COLUMNS, rows, FORM_COLUMNS, rows))
    if front:
        streams.result("")
        print_table(streams, front_table(checkpoint.metadata))
    if streams.terminal():
        streams.remark(f"checkpoint: {checkpoint.path}")
    else:
        streams.result(f"# checkpoint: {checkpoint.path}")
