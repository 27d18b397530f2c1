"""What symbolify and run print: the formula, its edges, and where it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kancli.cli.render import EDGE_COLUMNS, edge_rows, formula_document, formula_line
from kancli.cli.streams import Streams
from kancli.cli.tables import print_table

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint


def print_formula(streams: Streams, checkpoint: Checkpoint, seconds: float) -> None:
    """Line 1 is the formula; off a terminal the last line is `# checkpoint: PATH`."""
    if streams.json:
        streams.document(formula_document(checkpoint, seconds))
        return
    streams.result(formula_line(checkpoint.metadata))
    print_table(streams, EDGE_COLUMNS, edge_rows(checkpoint.metadata))
    if streams.terminal():
        streams.remark(f"checkpoint: {checkpoint.path}")
    else:
        streams.result(f"# checkpoint: {checkpoint.path}")
